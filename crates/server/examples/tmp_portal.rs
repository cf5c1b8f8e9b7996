use jiesu_domain::{*, rulebook::ClosureGround, ticket::*, words::Contact};
use jiesu_server::{app::*, clock::Clock, config::ClockSetting, law::Law, serve};
use jiesu_store::{Store, StoreOptions};
#[tokio::main]
async fn main() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path().to_str().unwrap(), StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let law = Law::load(None).unwrap();
    App::seed(&store, "shangrao", "上饶市", law.units("shangrao")).await.unwrap();
    let clock = Clock::new(ClockSetting::Fixed("2026-04-30T09:00:00+08:00".parse().unwrap()));
    let app = App::open(store, law, clock, "shangrao").await.unwrap();
    let mut out = vec![];
    let reg = |title: &str| NewTicket { register: Register { kind: Kind::Help, urgent: false, confidential: false, title: title.into(), content: "每天晚上八点以后摊贩占满人行道，行人只能走到机动车道上，\n希望有关部门管一管。".into(), place: Some("信州区万寿街南段".into()), category: None, channel: Channel::Web, follow_up_by: Contact::Phone, earlier: vec![] }, appellant: Appellant::default(), received_at: None, source: None, history: None };
    for t in ["万寿街南段夜间占道经营，行人无法通行", "小区门口路灯不亮已经半个月", "公交站台顶棚漏雨，下雨天没法候车"] {
        let d = app.register(&Actor::citizen(), &reg(t), None).await.unwrap();
        out.push((d.ticket, d.query_code.unwrap()));
    }
    let staff = async |role, unit: Option<&str>, n: &str, c: Command| { let a = Actor { id: "x".into(), role, unit: unit.map(Into::into) }; app.execute(&a, n, &c, None, None, None).await.unwrap(); };
    let set = |s: &str| app.clock.set(s.parse().unwrap());
    set("2026-04-30T09:10:00+08:00");
    for (n, _) in &out { staff(Role::Dispatcher, None, n, Command::Dispatch(Dispatch { lead: "chengguan".into(), assists: vec!["gongan".into()].into_iter().filter(|u: &String| app.units().contains_key(u)).collect(), note: "".into(), special: None, call: None })).await; }
    set("2026-05-06T10:00:00+08:00");
    let l = Some("chengguan");
    for (n, _) in &out { staff(Role::Handler, l, n, Command::Sign {}).await; }
    staff(Role::Handler, l, &out[1].0, Command::AskExtension { days: 3, reason: "等待更换灯头的施工单位进场".into() }).await;
    staff(Role::Reviewer, None, &out[1].0, Command::ReviewExtension { approve: true, note: "同意".into() }).await;
    staff(Role::Handler, l, &out[2].0, Command::RecordContact { by: Contact::Phone, reached: true, explained: false, note: "n".into() }).await;
    let assists = app.load(&out[2].0, &Actor::citizen()).await.unwrap().work().unwrap().assists.len();
    if assists > 0 { staff(Role::Handler, Some("gongan"), &out[2].0, Command::Sign {}).await; staff(Role::Handler, Some("gongan"), &out[2].0, Command::DeliverAssist { text: "ok".into() }).await; }
    staff(Role::Handler, l, &out[2].0, Command::DraftReply { text: "您反映的公交站台顶棚已于5月6日更换，\n请留意。感谢您对城市管理工作的支持。".into() }).await;
    staff(Role::UnitLeader, l, &out[2].0, Command::AuditReply { without_assists: None }).await;
    staff(Role::Handler, l, &out[2].0, Command::AskClosure { ground: ClosureGround::Done, statement: "s".into() }).await;
    staff(Role::Reviewer, None, &out[2].0, Command::ReviewClosure { approve: true, note: "s".into() }).await;
    set("2026-05-12T10:00:00+08:00");
    jiesu_server::worker::advance(&app, "2026-05-12T10:00:00+08:00".parse().unwrap()).await.unwrap();
    println!("{}", serde_json::to_string(&out).unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:18431").await.unwrap();
    axum::serve(listener, serve::router(app)).await.unwrap();
}
