//! `jiesu rulebook diff`: what a version changes, and the tickets of a database under it, which stays as it is.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiesu_domain::{
    Actor, Channel, Kind, Role,
    ticket::{Command, Dispatch, Help, HelpKind, Register},
    words::Contact,
};
use jiesu_server::{
    app::{App, Appellant, NewTicket},
    clock::Clock,
    config::ClockSetting,
    law::Law,
    worker,
};
use jiesu_store::{Store, StoreOptions};

use crate::run::{Ran, jiesu, ran};

const PLACE: &str = "shangrao";
/// What nobody may read in the output.
const SECRET: &str = "张三家门前夜间施工";

struct Place(tempfile::TempDir);

impl Place {
    /// A data folder with a second version of the rulebook.
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        place.write("data/rulebooks/shangrao-2.toml", &version(2, "2026-07-01"));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn diff(&self, now: &str, args: &[&str]) -> Ran {
        ran(jiesu(&[&["--clock", now, "rulebook", "diff"], args].concat()).current_dir(self.0.path()))
    }

    #[track_caller]
    fn ok(&self, now: &str, args: &[&str]) -> String {
        self.diff(now, args).ok()
    }

    /// Opens the centre at an instant under the law of a folder.
    async fn centre(&self, law: &str, now: &str) -> Arc<App> {
        let store = Store::open(
            self.path("data").to_str().unwrap(),
            StoreOptions { readers: 1, ..StoreOptions::with_key(jiesu_testkit::MASTER) },
        )
        .await
        .unwrap();
        store.migrate().await.unwrap();
        let law = Law::load(Some(&self.path(law))).unwrap();
        App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
        let clock = Clock::new(ClockSetting::Fixed(now.parse().unwrap()));
        App::open(store, law, clock, PLACE).await.unwrap()
    }
}

fn shipped() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rulebooks/shangrao.toml")).unwrap()
}

/// Complaints in seven working days, and no opinions.
fn version(number: u32, in_force: &str) -> String {
    shipped()
        .replace("version   = 1", &format!("version   = {number}"))
        .replace("in_force  = 2022-01-01", &format!("in_force  = {in_force}"))
        .replace("complaint = \"10 working days\"", "complaint = \"7 working days\"")
        .replace("\"report\", \"suggestion\", \"opinion\"]", "\"report\", \"suggestion\"]")
}

fn actor(role: Role, unit: Option<&str>) -> Actor {
    Actor { id: role.code().into(), role, unit: unit.map(str::to_owned) }
}

async fn registered(app: &Arc<App>, kind: Kind) -> String {
    let register = Register {
        kind,
        urgent: false,
        confidential: false,
        title: SECRET.into(),
        content: SECRET.into(),
        place: None,
        category: None,
        channel: Channel::Phone,
        follow_up_by: Contact::Phone,
        earlier: Vec::new(),
    };
    let new = NewTicket { register, appellant: Appellant::default(), received_at: None, source: None, history: None };
    app.register(&actor(Role::Seat, None), &new, None).await.unwrap().ticket
}

async fn give(app: &App, who: &Actor, number: &str, command: Command) {
    app.execute(who, number, &command, None, None, None).await.unwrap();
}

async fn in_hand(app: &Arc<App>, kind: Kind) -> String {
    let number = registered(app, kind).await;
    let to = Dispatch { lead: "chengguan".into(), ..Dispatch::default() };
    give(app, &actor(Role::Dispatcher, None), &number, Command::Dispatch(to)).await;
    give(app, &actor(Role::Handler, Some("chengguan")), &number, Command::Sign {}).await;
    number
}

/// Monday 11 May 2026: a complaint and a request in hand, an opinion at the desk, and a refused one that is archived by Wednesday.
async fn tickets(place: &Place) -> [String; 3] {
    let app = place.centre("none", "2026-05-11T09:00:00+08:00").await;
    let complaint = in_hand(&app, Kind::Complaint).await;
    let help = in_hand(&app, Kind::Help).await;
    let opinion = registered(&app, Kind::Opinion).await;
    let refused = registered(&app, Kind::Help).await;
    let refuse = Command::Refuse {
        class: "not-our-area".into(),
        explanation: "不属本市".into(),
        help: Help { by: HelpKind::Explained, to: String::new() },
    };
    give(&app, &actor(Role::Dispatcher, None), &refused, refuse).await;
    worker::advance(&app, "2026-05-13T09:00:00+08:00".parse().unwrap()).await.unwrap();
    app.store.close().await.unwrap();
    [complaint, help, opinion]
}

#[tokio::test(flavor = "multi_thread")]
async fn open_tickets_are_rehearsed_and_nothing_is_written() {
    let place = Place::new();
    let [complaint, help, opinion] = tickets(&place).await;
    let file = || fs::read(place.path("data/jiesu.db")).unwrap();
    let before = file();

    let out = place.ok("2026-05-13T10:00:00+08:00", &["shangrao", "1", "2", "--data", "data"]);
    let told = "办法 shangrao：第1版（2022-01-01起施行）→ 第2版（2026-07-01起施行）\n新增0处，删除0处，变更5处\n  \
                版本由第1版改为第2版\n  施行日期由2022年1月1日改为2026年7月1日\n  受理范围：类别删去意见（第十条）\n  \
                办理时限（投诉）由10个工作日改为7个工作日（第十四条）\n  协办时限（投诉）由10个工作日改为7个工作日（第十四条）\n";
    assert!(out.starts_with(told), "{out}");
    for wanted in [
        "改按第2版（2026年5月13日 10:00，数据库只读）\n在办工单仍按派发时的版本办理，以下只是演练\n",
        "未归档3件：有变化2件，没有变化1件\n",
        "  时限：提前1处，推后0处，变为超期0处，不再超期0处，不再计时0处\n",
        "  新版不能表达：1件\n",
        &format!("\n  {complaint}  办理时限5月25日24时→5月20日24时（提前）\n"),
        &format!("\n  {opinion}  新版不受理意见类诉求\n"),
    ] {
        assert!(out.contains(wanted), "{wanted}\n{out}");
    }
    assert!(!out.contains(&help) && !out.contains("张三") && !out.contains("施工"), "{out}");

    let late = place.ok(
        "2026-05-21T00:00:00+08:00",
        &["shangrao", "data/rulebooks/shangrao-2.toml", "--data", "data", "--limit", "1"],
    );
    assert!(late.contains("没有变动"), "the newest version is the second: {late}");
    place.write("first.toml", &shipped());
    let files = ["first.toml", "data/rulebooks/shangrao-2.toml", "--data", "data", "--limit", "1"];
    let late = place.ok("2026-05-21T00:00:00+08:00", &files);
    assert!(late.contains("提前0处，推后0处，变为超期1处，不再超期0处"), "{late}");
    assert!(late.contains("（变为超期）；") && late.contains("不能“申请延期”（承办人、分管领导；第十六条）"), "{late}");
    assert!(late.contains("另有1件有变化，没有列出") && !late.contains(&opinion), "{late}");
    let second = place.ok("2026-05-20T23:59:59+08:00", &files);
    assert!(second.contains("提前1处，推后0处，变为超期0处"), "{second}");

    assert!(before == file(), "the database is as it was");
    let log = place.path("data/jiesu.db-wal");
    assert_eq!(fs::metadata(log).map_or(0, |m| m.len()), 0, "and so is its log");
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_a_version_that_is_gone_are_counted_apart() {
    let place = Place::new();
    place.write("other/rulebooks/shangrao-3.toml", &version(3, "2026-01-01"));
    let app = place.centre("other", "2026-05-11T09:00:00+08:00").await;
    in_hand(&app, Kind::Complaint).await;
    app.store.close().await.unwrap();
    let out = place.ok("2026-05-12T09:00:00+08:00", &["shangrao", "1", "2", "--data", "data"]);
    assert!(out.contains("派发时的版本（shangrao 第3版）已不在数据目录的 rulebooks/ 中，没有演练：1件"), "{out}");
    assert!(out.contains("未归档1件：有变化0件，没有变化0件"), "{out}");
    place.write("first.toml", &shipped());
    // With the other folder's law it is known; the third says the same of it as the second.
    let url = format!("sqlite:{}", place.path("data/jiesu.db").display());
    let out = place.ok(
        "2026-05-12T09:00:00+08:00",
        &["first.toml", "data/rulebooks/shangrao-2.toml", "--data", "other", "--database", &url],
    );
    assert!(out.contains("未归档1件：有变化0件，没有变化1件"), "{out}");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let place = Place::new();
    let now = "2026-05-12T09:00:00+08:00";
    let out = place.ok(now, &["shangrao", "1", "2", "--data", "data"]);
    assert!(out.contains("data 中没有数据库，没有演练在办工单"), "{out}");
    assert!(!place.path("data/jiesu.db").exists(), "looking makes nothing");
    place.write("same.toml", &shipped().replace("attempts = 3", "attempts = 4"));
    place.write("first.toml", &shipped());
    let out = place.ok(now, &["first.toml", "same.toml"]);
    assert!(out.contains("提示：内容有变动而版号没有增加；施行前请将 version 改为2以上"), "{out}");
    place.write("broken.toml", &shipped().replace("attempts = 3", "attempt = 3"));
    for (args, why) in [
        (&["beijing", "zhongshan"][..], "不是同一部办法：beijing、zhongshan"),
        (&["first.toml", "broken.toml"], "不认识的键“attempt”"),
        (&["first.toml", "gone.toml"], "gone.toml：文件不存在"),
        (&["shangrao", "1", "9", "--data", "data"], "没有第9版；现有：1、2"),
        (&["shangrao", "一", "2"], "“一”不是版号"),
        (&["shangrao", "nowhere"], "没有办法“nowhere”"),
        (&["first.toml", "same.toml", "--database", "mysql://x/y"], "数据库地址应为"),
        (&["first.toml", "same.toml", "--limit", "x"], "须为整数"),
    ] {
        let ran = place.diff(now, args);
        assert!(ran.code == 2 && ran.err.contains(why), "{args:?}\n{}{}", ran.out, ran.err);
    }
}
