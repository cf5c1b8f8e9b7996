//! The citizen's portal, page by page, as a browser without scripts sees it.
#![allow(clippy::unwrap_used)]

#[path = "portal/support.rs"]
mod support;

#[path = "portal/files.rs"]
mod files;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use jiesu_domain::{Actor, Role, ticket::Command};
use jiesu_server::app::Appellant;
use serde_json::json;

use support::*;

#[tokio::test]
async fn every_page_opens_without_an_account() {
    let portal = Portal::new().await;
    portal
        .get("/")
        .await
        .has("lang=\"zh-CN\"")
        .has("我要反映")
        .has("查询进度")
        .has("110")
        .has("非紧急、非警务类诉求")
        .has("第十条");
    portal.get("/submit").await.has("举报").has("为我保密").has("派出后10个工作日内办结");
    portal.get("/progress").await.has("查询码");
    let about = portal.get("/about").await;
    about.has("2个工作日").has("15个工作日").has("第十四条").has("工作日怎样计算？").has("节假日安排的通知");
    for path in ["/", "/about"] {
        assert_eq!(portal.get(path).await.headers[header::CACHE_CONTROL], "no-cache", "{path}");
    }
    for path in ["/submit", "/progress", "/rate"] {
        let page = portal.get(path).await;
        assert_eq!(
            (page.status, page.headers[header::CACHE_CONTROL].to_str().unwrap()),
            (StatusCode::OK, "no-store"),
            "{path}"
        );
        let head = portal.send(Request::head(path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""), "{path}");
    }
    for page in [portal.get("/").await, portal.get("/submit").await] {
        page.has_not("<script").has_not("style=").has_not("onclick");
    }
}

#[tokio::test]
async fn the_style_sheet_is_kept_under_its_own_name() {
    let portal = Portal::new().await;
    let home = portal.get("/").await;
    let named =
        home.text.split("href=\"").find_map(|s| s.split('"').next().filter(|a| a.starts_with("/portal.css"))).unwrap();
    assert!(portal.get(named).await.headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
    assert_eq!(portal.get("/portal.css").await.headers[header::CACHE_CONTROL], "no-cache");
}

#[tokio::test]
async fn what_does_not_exist_is_said_in_chinese() {
    let portal = Portal::new().await;
    let page = portal.get("/nothing-here").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.has("没有这个页面").has("12345");
    let page = portal.post("/", &[]).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
    page.has("回到首页");
    let garbage = Request::post("/submit").header(header::CONTENT_TYPE, "text/plain").body(Body::from("x")).unwrap();
    let page = portal.send(garbage).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    page.has("再提交一次");
}

#[tokio::test]
async fn submitting_gives_number_and_code_and_a_double_click_one_ticket() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    let first = portal.post("/submit", &good(&token)).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(first.headers[header::CACHE_CONTROL], "no-store");
    first.has("请记下编号和查询码").has("139****1234").has("30分钟").has("5个工作日").has_not(PHONE).has_not(NAME);
    let (number, code) = (first.field("number"), first.field("code"));
    assert!(number.starts_with("SR-20260430-000001-") && code.len() == 8);

    let (a, b) = (good(&token), good(&token));
    let (again, beside) = tokio::join!(portal.post("/submit", &a), portal.post("/submit", &b));
    for page in [again, beside] {
        assert_eq!(
            (page.status, page.field("number"), page.field("code")),
            (StatusCode::OK, number.clone(), code.clone())
        );
    }
    assert_eq!(portal.tickets().await, 1);
}

#[tokio::test]
async fn going_back_to_the_form_with_another_appeal_shows_nothing_of_the_first() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    let first = portal.post("/submit", &good(&token)).await;
    let mut other = without(good(&token), "content");
    other.push(("content", "另一个人在同一台电脑上写的"));
    let second = portal.post("/submit", &other).await;
    assert_eq!(second.status, StatusCode::CREATED);
    assert_ne!(first.field("code"), second.field("code"));
    assert_eq!(portal.tickets().await, 2);
}

#[tokio::test]
async fn a_form_without_a_token_is_asked_again_and_makes_nothing() {
    let portal = Portal::new().await;
    for token in ["", "1", "12345678"] {
        let page = portal.post("/submit", &good(token)).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.has("再提交一次").has("信州区万寿街南段");
        assert_eq!(page.field("token").len(), 64);
    }
    assert_eq!(portal.tickets().await, 0);
}

#[tokio::test]
async fn mistakes_keep_what_was_typed_and_name_their_fields() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    let page = portal.post("/submit", &without(good(&token), "content")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("role=\"alert\"").has("href=\"#content\"").has("请填写诉求内容").has("id=\"content-error\"");
    page.has("信州区万寿街南段").has(NAME).has(PHONE).has("万寿街夜间占道经营&#60;script&#62;").has_not("<script>");
    assert_eq!(page.field("token"), token);

    let page = portal.post("/submit", &without(without(good(&token), "phone"), "kind")).await;
    page.has("href=\"#phone\"").has("href=\"#kind\"").has("每天晚上八点以后");
    let mut wrong = without(good(&token), "phone");
    wrong.push(("phone", "一三九"));
    portal.post("/submit", &wrong).await.has("电话号码不对").has("value=\"一三九\"");
    let mut quiet = without(without(good(&token), "phone"), "contact");
    quiet.extend([("contact", "web"), ("phone", "")]);
    assert_eq!(portal.post("/submit", &quiet).await.status, StatusCode::CREATED, "who wants no call needs no number");
    let mut forged = without(good(&token), "kind");
    forged.push(("kind", "harassment"));
    portal.post("/submit", &forged).await.has("请选择诉求类别");
    assert_eq!(portal.tickets().await, 1);
}

#[tokio::test]
async fn the_length_limits_are_those_that_the_form_names() {
    let portal = Portal::new().await;
    for (field, most, said) in
        [("title", 200, "标题过长"), ("content", 20_000, "诉求内容过长"), ("place", 200, "地点过长")]
    {
        let token = portal.get("/submit").await.field("token");
        let (fits, long) = ("字".repeat(most), "字".repeat(most + 1));
        let mut fields = without(good(&token), field);
        fields.push((field, &long));
        let page = portal.post("/submit", &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        page.has(said).has(&format!("href=\"#{field}\"")).has(&long);
        fields.pop();
        fields.push((field, &fits));
        assert_eq!(portal.post("/submit", &fields).await.status, StatusCode::CREATED, "{field}");
    }
}

#[tokio::test]
async fn other_sites_forms_are_turned_away() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    for origin in ["https://evil.example", "null"] {
        let page = portal.post_from("/submit", &good(&token), origin).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{origin}");
        page.has("没有保存");
    }
    assert_eq!(portal.tickets().await, 0);
    // Behind a proxy that hides the name, the browser itself vouches for our own page.
    let own = Request::post("/progress").header(header::ORIGIN, "null").header("sec-fetch-site", "same-origin");
    let own = own
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("number=&code="))
        .unwrap();
    assert_eq!(portal.send(own).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn progress_needs_number_and_code_and_says_the_same_of_either() {
    let portal = Portal::new().await;
    let (number, code) = portal.submitted().await;
    let folded = number.to_lowercase().replace('-', " ");
    portal.progress(&(folded, format!(" {} ", code.replace('1', "１")))).await.has("您的诉求已登记");

    let wrong_code = portal.post("/progress", &[("number", &number), ("code", "00000000")]).await;
    let wrong_number = portal.post("/progress", &[("number", "SR-20260430-000123-9"), ("code", "00000000")]).await;
    let no_number = portal.post("/progress", &[("number", "什么"), ("code", "")]).await;
    for page in [&wrong_code, &wrong_number, &no_number] {
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        page.has("编号或查询码不对");
    }
    let plain = |page: &Page, typed: &str| page.text.replace(typed, "");
    assert_eq!(plain(&wrong_code, &number), plain(&wrong_number, "SR-20260430-000123-9"));
}

#[tokio::test]
async fn guessing_is_shut_even_for_the_right_code() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    for _ in 0..5 {
        portal.post("/progress", &[("number", &key.0), ("code", "00000000")]).await;
    }
    for path in ["/progress", "/rate"] {
        let page = portal.post(path, &[("number", &key.0), ("code", &key.1), ("result", "satisfied")]).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        page.has("分钟后再试");
    }
    let other = portal.submitted().await;
    portal.progress(&other).await.has("您的诉求已登记");
}

#[tokio::test]
async fn progress_tells_who_must_do_what_by_when() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.progress(&key).await.has("热线中心正在确定由谁办理，应在4月30日9时30分前派出").has("今天登记");
    portal.clock("2026-04-30T09:10:00+08:00");
    portal.dispatched(&key.0).await;
    // Friday to Tuesday are holidays; Saturday the 9th is worked for them.
    portal.clock("2026-05-09T10:00:00+08:00");
    let page = portal.progress(&key).await;
    page.has("您的诉求已派给城市管理局（4月30日），对方应在5月11日24时前答复您。");
    page.has("已等待 3 个工作日 · 还有 2 个工作日").has("城市管理局还没有签收").has("劳动节放假，不计").has("第十四条");
    page.has("万寿街夜间占道经营&#60;script&#62;")
        .has_not("<script")
        .has_not("张三丰")
        .has_not("内部")
        .has_not(PHONE)
        .has_not(NAME);

    portal.clock("2026-05-12T08:30:00+08:00");
    portal.progress(&key).await.has("<b>已超期</b> 8小时，还没有答复您").has("拨打12345催办").has_not("还有");
}

#[tokio::test]
async fn the_reply_is_shown_and_nothing_of_staff_or_of_others() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.dispatched(&key.0).await;
    let other =
        Appellant { name: Some("邻居老王".into()), phone: Some("13711112222".into()), ..Appellant::default() };
    let attach = command(json!({
        "do": "attach-appeal", "channel": "phone", "follow_up_by": "phone", "note": "老王说他也受不了了",
    }));
    let seat = Actor { id: "张三丰的账号".into(), role: Role::Seat, unit: None };
    let theirs =
        portal.app.execute(&seat, &key.0, &attach, None, None, Some(&other)).await.unwrap().query_code.unwrap();
    portal.handled(&key.0).await;

    let page = portal.progress(&key).await;
    page.has("城市管理局已在4月30日答复您").has("已劝离摊贩，\n恢复人行道通行。").has("城市管理局已签收");
    for private in ["张三丰", "老王", "受不了", "1371111", "李四", "内部", "您的诉求已登记（电话）"]
    {
        page.has_not(private);
    }
    let page = portal.progress(&(key.0.clone(), theirs)).await;
    page.has("与同一事项一并办理").has("老王说他也受不了了").has("已劝离摊贩");
    for private in ["张三丰", "万寿街", "每天晚上", PHONE, NAME, "李四", "内部", "您的诉求已登记（网站）"]
    {
        page.has_not(private);
    }
}

#[tokio::test]
async fn a_return_and_an_extension_are_told_without_the_quarrel() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.dispatched(&key.0).await;
    let lead = Some(CHENGGUAN);
    portal.staff(Role::Handler, lead, &key.0, Command::Sign {}).await;
    let ask = command(json!({ "do": "ask-return", "reason": "明明是公安的事，推来推去", "basis": "三定方案" }));
    portal.staff(Role::Handler, lead, &key.0, ask).await;
    portal.progress(&key).await.has("城市管理局").has_not("推来推去").has_not("三定");
    let review = Command::ReviewReturn { approve: true, note: "同意退回，下不为例".into() };
    portal.staff(Role::Reviewer, None, &key.0, review).await;
    let page = portal.progress(&key).await;
    page.has("原承办单位认为不属其职责，正在重新确定承办单位").has_not("推来推去").has_not("三定").has_not("下不为例");

    portal.dispatched(&key.0).await;
    portal.staff(Role::Handler, lead, &key.0, Command::Sign {}).await;
    let ask = command(json!({ "do": "ask-extension", "days": 2, "reason": "等待施工单位进场" }));
    portal.staff(Role::Handler, lead, &key.0, ask).await;
    let review = Command::ReviewExtension { approve: true, note: "下不为例".into() };
    portal.staff(Role::Reviewer, None, &key.0, review).await;
    let page = portal.progress(&key).await;
    page.has("对方应在5月13日24时前答复您")
        .has("延长2个工作日")
        .has("等待施工单位进场")
        .has("原应在5月11日24时前答复（第十六条）");
    page.has_not("下不为例");
}

#[tokio::test]
async fn rating_takes_one_form_and_counts_once() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    let rate = |result: &'static str| {
        vec![
            ("number", key.0.clone()),
            ("code", key.1.clone()),
            ("result", result.to_owned()),
            ("solved", "no".into()),
            ("comment", "还是<b>有</b>摊贩".into()),
        ]
    };
    let post = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        portal.post("/rate", &fields).await
    };
    post(rate("satisfied")).await.has("现在不能评价").has("办结后才能");
    portal.dispatched(&key.0).await;
    portal.handled(&key.0).await;
    portal.progress(&key).await.has_not("action=\"/rate\"").has("办结后您可以在这里评价");
    portal.closed(&key.0).await;
    portal.progress(&key).await.has("action=\"/rate\"").has("非常不满意").has_not("内部");

    let page = post(rate("")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("请先选择一项评价").has("href=\"#result\"").has("还是&#60;b&#62;有&#60;/b&#62;摊贩");
    let page = post(rate("unsatisfied")).await;
    assert_eq!(page.status, StatusCode::OK);
    page.has("您的评价已记录：不满意").has("在3个工作日内核实").has_not("action=\"/rate\"").has_not("<b>有");
    let ratings = portal.app.load(&key.0, &Actor::citizen()).await.unwrap().ratings;
    assert_eq!((ratings.len(), ratings[0].solved), (1, Some(false)));

    let page = post(rate("satisfied")).await;
    page.has("您已经评价过，评价为“不满意”");
    assert_eq!(portal.app.load(&key.0, &Actor::citizen()).await.unwrap().ratings.len(), 1);
    let page = portal.post("/rate", &[("number", &key.0), ("code", "00000000"), ("result", "satisfied")]).await;
    page.has("编号或查询码不对");
}

/// Two neighbours on one ticket: each is asked, rates and reads for themselves.
#[tokio::test]
async fn several_appellants_each_rate_on_their_own() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.dispatched(&key.0).await;
    let theirs = (key.0.clone(), portal.attached(&key.0).await);
    portal.handled(&key.0).await;
    portal.closed(&key.0).await;
    for who in [&key, &theirs] {
        portal.progress(who).await.has("action=\"/rate\"").has("请您评价办理结果");
    }
    let rate = |who: &(String, String), result: &str| {
        [
            ("number", who.0.clone()),
            ("code", who.1.clone()),
            ("result", result.to_owned()),
            ("comment", "摊贩又来了".into()),
        ]
    };
    let post = async |fields: [(&'static str, String); 4]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        portal.post("/rate", &fields).await
    };
    post(rate(&theirs, "unsatisfied")).await.has("您的评价已记录：不满意").has("您对办理结果不满意，热线中心正在核实");
    let mine = portal.progress(&key).await;
    mine.has("action=\"/rate\"").has("请您评价办理结果");
    for others in ["不满意，热线中心正在核实", "摊贩又来了", "收到了"] {
        mine.has_not(others);
    }
    post(rate(&key, "satisfied")).await.has("您的评价：满意");
    let ratings = portal.app.load(&key.0, &Actor::citizen()).await.unwrap().ratings;
    assert_eq!(ratings.iter().map(|r| r.appeal).collect::<Vec<_>>(), [2, 1]);
    portal.progress(&theirs).await.has("您对办理结果不满意").has_not("您的评价：满意");
    post(rate(&theirs, "satisfied")).await.has("您已经评价过，评价为“不满意”");
}

#[tokio::test]
async fn an_appeal_is_taken_back_with_a_reason_and_a_confirmation() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.dispatched(&key.0).await;
    let theirs = (key.0.clone(), portal.attached(&key.0).await);
    let post = async |who: &(String, String), more: &[(&str, &str)]| {
        let mut fields = vec![("number", who.0.as_str()), ("code", who.1.as_str())];
        fields.extend(more);
        portal.post("/withdraw", &fields).await
    };
    portal.progress(&key).await.has("我要撤回诉求").has("action=\"/withdraw\"");
    post(&key, &[]).await.has("为什么撤回").has("不能恢复").has_not("确认撤回");
    let page = post(&key, &[("reason", "  ")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("href=\"#reason\"").has("请填写撤回的理由");
    let page = post(&key, &[("reason", "已经<b>自己</b>解决")]).await;
    page.has("请确认撤回").has("已经&#60;b&#62;自己&#60;/b&#62;解决").has("短信验证码").has_not(PHONE);
    assert_eq!(page.field("confirmed"), "yes");
    assert!(
        !portal.app.load(&key.0, &Actor::citizen()).await.unwrap().appeals[0].withdrawn,
        "not before it is confirmed"
    );
    let wrong = (key.0.clone(), "00000000".to_owned());
    post(&wrong, &[("reason", "解决了"), ("confirmed", "yes")]).await.has("编号或查询码不对");

    let sms = portal.sent_code().await;
    let sure = [("reason", "已经自己解决"), ("confirmed", "yes"), ("sms", sms.as_str())];
    let page = post(&key, &sure[..2]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("验证码不对或已过期");
    let page = post(&key, &sure).await;
    page.has("您已撤回诉求").has("不再就此联系您").has("已经自己解决").has_not("我要撤回诉求");
    post(&key, &sure).await.has("您已撤回诉求");
    // The neighbour's goes on, and they learn nothing of it.
    let page = portal.progress(&theirs).await;
    page.has("已派给城市管理局").has_not("撤回了").has_not("已经自己解决");
    portal.handled(&key.0).await;
    portal.progress(&key).await.has_not("已劝离摊贩").has_not("答复了您");
    portal.progress(&theirs).await.has("已劝离摊贩");
    portal.closed(&key.0).await;
    post(&theirs, &sure).await.has("现在不能撤回").has("已办结");
}

/// The code is good for five tries, is sent once a minute, and stands nowhere as it is.
#[tokio::test]
async fn a_code_by_text_message_cannot_be_guessed_or_read() {
    let portal = Portal::new().await;
    let key = portal.submitted().await;
    portal.dispatched(&key.0).await;
    let post = async |sms: Option<&str>| {
        let mut fields = vec![("number", key.0.as_str()), ("code", key.1.as_str()), ("reason", "已经自己解决")];
        fields.extend(sms.iter().flat_map(|sms| [("confirmed", "yes"), ("sms", sms)]));
        portal.post("/withdraw", &fields).await
    };
    post(None).await.has("请确认撤回");
    let page = post(None).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    page.has("验证码发送过于频繁").has("name=\"sms\"");
    let code = portal.sent_code().await;
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
    for table in ["outbox", "sent_code", "journal", "ticket", "audit"] {
        let rows = portal.dump(table).await;
        assert!(!rows.contains(&code), "{table}: {rows}");
    }
    let wrong = if code == "000000" { "111111" } else { "000000" };
    for _ in 0..5 {
        post(Some(wrong)).await.has("验证码不对或已过期");
    }
    post(Some(&code)).await.has("验证码不对或已过期");
    assert!(!portal.app.load(&key.0, &Actor::citizen()).await.unwrap().appeals[0].withdrawn);
}

/// Number and code of a ticket that was joined to another go on working, for its appellant's own progress.
#[tokio::test]
async fn a_joined_tickets_number_and_code_go_on_working() {
    let portal = Portal::new().await;
    let first = portal.submitted().await;
    portal.dispatched(&first.0).await;
    portal.clock("2026-05-06T09:00:00+08:00");
    let mine = portal.submitted_as("路灯下面全是摊子", "13722223333").await;
    let join = command(json!({ "do": "join-to", "number": first.0, "reason": "同一条街" }));
    portal.staff(Role::Dispatcher, None, &mine.0, join).await;

    let page = portal.progress(&mine).await;
    page.has("路灯下面全是摊子").has(&mine.0).has(&format!("与编号{}并在一起办理", first.0));
    page.has("您的诉求已派给城市管理局").has("今天登记");
    for private in ["万寿街", "每天晚上", PHONE, NAME, "内部"] {
        page.has_not(private);
    }
    portal.progress(&first).await.has_not("路灯下面").has_not(&mine.0).has_not("并在一起");
    portal.handled(&first.0).await;
    portal.closed(&first.0).await;
    portal.progress(&mine).await.has("已劝离摊贩").has("action=\"/rate\"");
    let page = portal
        .post("/rate", &[("number", &mine.0), ("code", &mine.1), ("result", "satisfied"), ("comment", "谢谢")])
        .await;
    page.has("您的评价已记录：满意");
    let ratings = portal.app.load(&first.0, &Actor::citizen()).await.unwrap().ratings;
    assert_eq!((ratings.len(), ratings[0].appeal), (1, 2));
    portal.progress(&first).await.has("action=\"/rate\"").has_not("谢谢");
}
