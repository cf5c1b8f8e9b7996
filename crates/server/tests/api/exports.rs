//! What leaves the system: who may take it out, what is in the file, what is written down, and what never goes along.

use std::{collections::BTreeMap, io::Cursor};

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use calamine::{Data, Reader, Xlsx};
use jiesu_domain::{Role, access, access::Right};
use jiesu_store::AuditFilter;
use serde_json::{Value, json};

use super::harness::{Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";

/// A workbook as it is read back: each sheet's cells, and the raw parts of the file by name.
struct Taken {
    id: String,
    sheets: BTreeMap<String, Vec<Vec<String>>>,
    parts: BTreeMap<String, String>,
}

async fn asked(c: &Centre, who: &str, body: &Value) -> (u16, HeaderMap, Vec<u8>) {
    asked_at(c, who, "/api/v1/exports", body).await
}

async fn asked_at(c: &Centre, who: &str, path: &str, body: &Value) -> (u16, HeaderMap, Vec<u8>) {
    let request = Request::post(path).header("cookie", c.cookie(who).await);
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    c.bytes(request).await
}

async fn taken(c: &Centre, who: &str, body: Value) -> Taken {
    taken_at(c, who, "/api/v1/exports", body).await
}

async fn taken_at(c: &Centre, who: &str, path: &str, body: Value) -> Taken {
    let (status, headers, bytes) = asked_at(c, who, path, &body).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let id = headers["x-export-id"].to_str().unwrap().to_owned();
    assert_eq!(headers["content-disposition"], format!("attachment; filename=\"{id}.xlsx\""));
    assert_eq!(headers["cache-control"], "private, no-store");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.clone())).unwrap();
    let text = |cell: &Data| match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.clone(),
        other => panic!("every cell is text: {other:?}"),
    };
    let sheets = book.worksheets().into_iter();
    let sheets = sheets.map(|(name, range)| (name, range.rows().map(|row| row.iter().map(text).collect()).collect()));
    let sheets = sheets.collect();
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).unwrap();
        let mut content = String::new();
        std::io::Read::read_to_string(&mut file, &mut content).unwrap();
        parts.insert(file.name().to_owned(), content);
    }
    Taken { id, sheets, parts }
}

fn wanted(more: Value) -> Value {
    let mut body = json!({ "purpose": "analysis", "note": "季度分析" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_list_leaves_marked_and_written_down() {
    let c = Centre::at(TIME).await;
    let open = c.in_hand(json!({ "title": "=1+1" })).await;
    let n = c.registered(json!({ "kind": "complaint", "title": "+垃圾没人清" })).await;
    let took = taken(&c, "analyst", wanted(json!({ "filter": { "kind": "help", "q": "" } }))).await;
    let rows = &took.sheets["工单"];
    assert_eq!(rows.len(), 3, "mark, head and the one ticket that the filter finds: {rows:?}");
    assert_eq!((rows[1][0].as_str(), rows[2][0].as_str(), rows[2][4].as_str()), ("编号", open.as_str(), "'=1+1"));
    assert!(!rows.concat().contains(&n) && !rows[1].contains(&"电话".to_owned()));
    let first = &took.sheets["导出说明"];
    let said: BTreeMap<&str, &str> = first[1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!((said["导出编号"], said["件数"], said["范围"]), (took.id.as_str(), "1", "类别：求助"));
    assert_eq!(
        (said["理由"], said["含诉求人信息"], said["导出时间"]),
        ("分析研判：季度分析", "否", "2026-04-30 09:00")
    );

    // The mark: above each table, on each printed page, in the file's properties.
    let name = c.app.store.account(PLACE, "analyst").await.unwrap().unwrap().name;
    let mark = format!("上饶市12345 {name}（analyst） 2026-04-30 09:00 {}", took.id);
    assert!(first[0][0] == mark && rows[0][0] == mark, "{:?}", first[0]);
    for sheet in ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"] {
        let xml = &took.parts[sheet];
        for edge in ["oddHeader", "oddFooter"] {
            let begins = xml.find(&format!("<{edge}>")).unwrap_or_else(|| panic!("no {edge} in {sheet}"));
            assert!(xml[begins..].contains(&mark), "{edge} of {sheet}");
        }
        assert!(!xml.contains("<f>"), "no formula");
    }
    assert!(took.parts["docProps/custom.xml"].contains(&took.id));

    let filter = AuditFilter { kind: Some("exported".into()), ..AuditFilter::default() };
    let found = c.app.store.audit(PLACE, &filter, None, 10).await.unwrap().items;
    assert_eq!((found.len(), format!("DC{:06}", found[0].seq)), (1, took.id.clone()));
    let entry = &found[0].entry;
    assert_eq!(
        (entry.who.as_str(), entry.subject.as_str(), entry.reason.as_str()),
        ("analyst", "tickets", "分析研判：季度分析")
    );
    assert_eq!(
        serde_json::from_str::<Value>(&entry.detail).unwrap(),
        json!({ "tickets": 1, "personal": false, "purpose": "analysis", "filter": { "kind": "help" } })
    );
    for who in ["audit-admin", "security-admin"] {
        let listed = c.get(who, "/api/v1/exports").await.ok();
        assert_eq!(listed["items"][0]["id"], json!(took.id));
        assert_eq!((&listed["items"][0]["what"], &listed["items"][0]["rows"]), (&json!("工单列表"), &json!(1)));
    }
    c.get("centre-manager", "/api/v1/exports").await.problem(403);
}

/// What somebody looked for may be a name: the file says it to who took it, the journal does not keep it.
#[tokio::test]
async fn words_that_were_looked_for_stay_out_of_the_journal() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({ "title": "张三家停水" })).await;
    let took =
        taken(&c, "analyst", wanted(json!({ "filter": { "q": "张三" }, "note": "找张三先生13900001234" }))).await;
    assert_eq!(took.sheets["工单"][2][0], n);
    assert!(took.sheets["导出说明"].concat().contains(&"查找：张三".to_owned()));
    let found = c.app.store.audit(PLACE, &AuditFilter::default(), None, 100).await.unwrap().items;
    let all = format!("{found:?}");
    assert!(all.contains("words") && !all.contains("张三") && !all.contains("13900001234"), "{all}");
    let one = taken(&c, "analyst", wanted(json!({ "filter": { "q": n } }))).await;
    assert_eq!(one.sheets["工单"][2][0], n, "a number finds its ticket");
}

#[tokio::test]
async fn who_appeals_goes_along_for_the_manager_alone_and_never_of_a_confidential_ticket() {
    let c = Centre::at(TIME).await;
    let open = c.in_hand(json!({})).await;
    let hidden =
        c.in_hand(json!({ "confidential": true, "appellant": { "name": "保密的人", "phone": "013900004321" } })).await;
    let took = taken(&c, "centre-manager", wanted(json!({ "personal": true }))).await;
    let rows = &took.sheets["工单"];
    let of = |number: &str| rows.iter().find(|row| row[0] == number).unwrap()[14..].to_vec();
    assert_eq!(rows[1][14..], ["诉求人", "电话", "地址"]);
    assert_eq!(of(&open), ["测试诉求人", "13900001234", "信州区测试路1号"]);
    assert_eq!(of(&hidden), ["（保密）"; 3]);
    assert!(took.parts.values().all(|xml| !xml.contains("保密的人") && !xml.contains("013900004321")));
    // Without asking for them nobody gets any.
    let took = taken(&c, "centre-manager", wanted(json!({}))).await;
    assert!(took.parts.values().all(|xml| !xml.contains("13900001234") && !xml.contains("测试诉求人")));
    for who in ["analyst", "supervisor", "chengguan-leader"] {
        let (status, ..) = asked(&c, who, &wanted(json!({ "personal": true }))).await;
        assert_eq!(status, 403, "{who}");
    }
    for role in Role::ALL.iter().filter(|role| access::has(**role, Right::ExportPersonal)) {
        assert!(!role.of_unit() && access::has(*role, Right::Reveal), "{role}");
    }
}

/// A unit takes out what it sees, and reads nothing in the file that it does not read on the screen.
#[tokio::test]
async fn a_unit_takes_out_its_own_tickets_masked_as_it_sees_them() {
    let c = Centre::at(TIME).await;
    let own = c.in_hand(json!({ "title": "我叫马超，电话13900001234", "confidential": true })).await;
    let foreign = c.registered(json!({})).await;
    let took = taken(&c, "chengguan-leader", wanted(json!({}))).await;
    let numbers: Vec<&str> = took.sheets["工单"][2..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(numbers, [own.as_str()]);
    assert_eq!(took.sheets["工单"][2][4], "我叫[姓名]，电话[电话]");
    assert!(took.parts.values().all(|xml| !xml.contains(&foreign) && !xml.contains("马超")));
    let none = taken(&c, "chengguan-leader", wanted(json!({ "filter": { "q": foreign } }))).await;
    assert_eq!(none.sheets["工单"].len(), 2, "not even by its number");
}

#[tokio::test]
async fn without_right_or_reason_nothing_leaves() {
    let c = Centre::at(TIME).await;
    c.registered(json!({})).await;
    for who in ["seat", "dispatcher", "chengguan", "audit-admin", "security-admin", "system-admin", "leader"] {
        c.post(who, "/api/v1/exports", wanted(json!({}))).await.problem(403);
    }
    for wrong in [
        json!({ "note": " " }),
        json!({ "note": "查" }),
        json!({ "note": "长".repeat(201) }),
        json!({ "purpose": "curiosity" }),
        json!({ "filter": { "nonsense": "1" } }),
    ] {
        c.post("analyst", "/api/v1/exports", wanted(wrong)).await.problem(422);
    }
    c.post("analyst", "/api/v1/exports", wanted(json!({ "filter": { "from": "gestern" } }))).await.problem(400);
    let filter = AuditFilter { kind: Some("exported".into()), ..AuditFilter::default() };
    assert!(c.app.store.audit(PLACE, &filter, None, 1).await.unwrap().items.is_empty());
}

/// As many as a file with appellants may hold, and one more.
#[tokio::test]
async fn a_file_holds_as_many_as_it_may_and_not_one_more() {
    let c = Centre::at(TIME).await;
    let most = jiesu_server::api::exports::MOST_PERSONAL;
    let one = c.registered(json!({})).await;
    copies(&c, &one, most - 1).await;
    let took = taken(&c, "centre-manager", wanted(json!({ "personal": true }))).await;
    assert_eq!(took.sheets["工单"].len(), most + 2);
    c.registered(json!({})).await;
    let problem = c.post("centre-manager", "/api/v1/exports", wanted(json!({ "personal": true }))).await.problem(422);
    assert_eq!(problem["limit"], "export");
    assert!(problem["detail"].as_str().unwrap().contains("符合条件的有1001件"), "{problem}");
    let took = taken(&c, "centre-manager", wanted(json!({}))).await;
    assert_eq!(took.sheets["工单"].len(), most + 3, "without them more may go");
}

/// More tickets like one: rows alone, as a list reads nothing else.
async fn copies(c: &Centre, one: &str, many: usize) {
    for n in 0..many {
        let key = format!("copy-{n:08}");
        let body =
            json!({ "kind": "help", "title": "路灯不亮", "content": "路灯不亮", "channel": "phone", "appellant": {} });
        let answer =
            c.call(Some("centre-manager"), "POST", "/api/v1/tickets", Some(body), &[("idempotency-key", &key)]).await;
        assert_ne!(answer.ok()["number"], json!(one));
    }
}

/// Hot issues leave like tickets do: marked, numbered, written down first, with the tickets of each and nobody's name.
#[tokio::test]
async fn hot_issues_leave_marked_and_written_down() {
    let c = Centre::at(TIME).await;
    let said = [
        ("翠竹园小区楼下烧烤店油烟太大", "翠竹园小区楼下的烧烤店每天晚上油烟直排，家里不敢开窗，噪音到凌晨"),
        ("投诉翠竹园烧烤店油烟扰民", "翠竹园小区楼下烧烤店油烟直排，家里不敢开窗，噪音到凌晨，请尽快处理"),
    ];
    let mut numbers = Vec::new();
    for (n, (title, content)) in said.iter().enumerate() {
        let appellant = json!({ "name": "测试诉求人", "phone": format!("1390000{n:04}") });
        let place = "信州区东市街道翠竹园小区";
        numbers.push(
            c.registered(json!({ "title": title, "content": content, "place": place, "appellant": appellant })).await,
        );
    }
    c.registered(json!({ "title": "碧水湾小区电梯坏", "content": "碧水湾五栋电梯经常困人" })).await;
    assert!(c.app.look_for_hot(c.app.clock.now()).await.unwrap());
    let path = "/api/v1/hot/export";
    let took = taken_at(&c, "analyst", path, wanted(json!({ "days": 7 }))).await;
    let (issues, tickets) = (&took.sheets["热点问题"], &took.sheets["涉及工单"]);
    assert_eq!((issues.len(), issues[1][2].as_str(), tickets.len()), (3, "问题", 4), "{issues:?}");
    assert_eq!((issues[2][0].as_str(), issues[2][1].as_str(), issues[2][3].as_str()), ("1", "2.0", "2"));
    let mut listed: Vec<&str> = tickets[2..].iter().map(|row| row[1].as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, numbers);
    let first: BTreeMap<&str, &str> =
        took.sheets["导出说明"][1..].iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!((first["导出编号"], first["范围"], first["工单数"]), (took.id.as_str(), "近7天", "2"));
    for sheet in ["导出说明", "热点问题", "涉及工单"] {
        assert!(took.sheets[sheet][0][0].contains(&took.id), "the mark stands above {sheet}");
    }
    let whole: String = took.parts.values().cloned().collect();
    assert!(!whole.contains("测试诉求人") && !whole.contains("1390000"), "nobody's name or number");
    let entry = &c
        .app
        .store
        .audit(PLACE, &AuditFilter { kind: Some("exported".into()), ..AuditFilter::default() }, None, 9)
        .await
        .unwrap()
        .items[0]
        .entry;
    assert_eq!((entry.who.as_str(), entry.subject.as_str()), ("analyst", "hot"));
    let listed = c.get("audit-admin", "/api/v1/exports").await.ok();
    assert_eq!((&listed["items"][0]["what"], &listed["items"][0]["rows"]), (&json!("热点问题"), &json!(2)));
    // Of another place, as the page is narrowed.
    let none = taken_at(&c, "analyst", path, wanted(json!({ "days": 7, "county": "none" }))).await;
    assert_eq!(none.sheets["热点问题"].len(), 2);
    let before = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap().len();
    for (who, body, status) in [
        ("analyst", json!({ "purpose": "analysis", "note": "" }), 422),
        ("analyst", wanted(json!({ "days": 8 })), 400),
        ("seat", wanted(json!({})), 403),
        ("leader", wanted(json!({})), 403),
    ] {
        assert_eq!(asked_at(&c, who, path, &body).await.0, status, "{who} {body}");
    }
    c.app.audit_settled().await;
    let after = c.app.store.audit_after(PLACE, 0, 1000).await.unwrap();
    assert!(after[before..].iter().all(|e| e.entry.kind != "exported"), "nothing was given out");
}
