//! Files of the knowledge base: uploaded, submitted, reviewed and published with their version; who may take them out; what goes when no
//! version names it.

use std::time::SystemTime;

use axum::{
    body::Body,
    http::{Request, header},
};
use jiesu_server::{
    app::{check_files, verify},
    files::Scanner,
    limits::Limits,
};
use serde_json::{Value, json};

use super::{
    files::{picture, send, sm3},
    harness::{Answer, Centre, PLACE},
    knowledge::lamp,
};

const TIME: &str = "2026-05-11 09:00"; // Monday
const BASE: &str = "/api/v1/knowledge";

/// Sends a file in; its key.
pub async fn sent_in(c: &Centre, who: &str, name: &str, content: &[u8]) -> String {
    let body = json!({ "name": name, "size": content.len() });
    let begun = c.post(who, &format!("{BASE}/files"), body).await.ok();
    assert_eq!(send(c, who, begun["url"].as_str().unwrap(), 0, content).await.status, 204);
    finish(c, who, begun["id"].as_str().unwrap()).await.ok()["file"].as_str().unwrap().to_owned()
}

async fn finish(c: &Centre, who: &str, id: &str) -> Answer {
    c.call(Some(who), "POST", &format!("{BASE}/files/{id}/finish"), None, &[]).await
}

/// An entry with these files, to be submitted.
fn with(files: &[&str], more: Value) -> Value {
    let files: Vec<Value> = files.iter().map(|file| json!({ "file": file })).collect();
    let mut content = json!({ "files": files });
    content.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    lamp(content)
}

async fn told(c: &Centre, who: &str, entry: &str, command: Value) -> Answer {
    c.post(who, &format!("{BASE}/{entry}/commands"), json!({ "command": command })).await
}

async fn got(c: &Centre, who: &str, entry: &str, file: &str) -> Answer {
    c.get(who, &format!("{BASE}/{entry}/files/{file}")).await
}

async fn on_portal(c: &Centre, entry: &str, file: &str) -> u16 {
    c.call(None, "GET", &format!("/questions/{entry}/files/{file}"), None, &[]).await.status.as_u16()
}

fn names(files: &Value) -> Vec<&str> {
    files.as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect()
}

/// Whether the rows fit the journal, and every content is there.
async fn sound(c: &Centre) {
    let report = verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{:?}", report.faults);
    let files = check_files(&c.app.store, PLACE, &c.app.files().unwrap().contents, |_| {}).await.unwrap();
    assert!(files.holds(), "{files:?}");
}

/// A draft's files are for who may see the draft; a published one's for who finds it; citizens take what is open to them. A new version begins
/// with the former's files, and what was said before stays as it was said.
#[tokio::test]
async fn a_file_goes_with_its_version() {
    let c = Centre::at(TIME).await;
    let (form, chart) = (picture(300), picture(200));
    let one = sent_in(&c, "chengguan", "报修登记表.png", &form).await;
    let two = sent_in(&c, "chengguan", "流程图.png", &chart).await;
    let made = c.post("chengguan", BASE, with(&[&one, &two], json!({}))).await.ok();
    let entry = made["entry"].as_str().unwrap().to_owned();
    assert_eq!(names(&made["files"]).len(), 2);
    let submitted = &made["pending"]["content"]["files"];
    assert_eq!(names(submitted), ["报修登记表.png", "流程图.png"]);
    assert_eq!((&submitted[0]["sm3"], &submitted[0]["media"]), (&json!(sm3(&form)), &json!("image/png")));
    // Waiting for review.
    for who in ["chengguan", "reviewer", "knowledge-clerk"] {
        assert_eq!(got(&c, who, &entry, &one).await.status, 200, "{who}");
    }
    for who in ["seat", "gongan", "outsourced-seat"] {
        got(&c, who, &entry, &one).await.problem(404);
    }
    assert_eq!(on_portal(&c, &entry, &one).await, 404);
    told(&c, "reviewer", &entry, json!({ "do": "publish" })).await.ok();
    for who in ["seat", "gongan", "outsourced-seat", "chengguan"] {
        let request = Request::get(format!("{BASE}/{entry}/files/{one}")).header(header::COOKIE, c.cookie(who).await);
        let (status, headers, bytes) = c.bytes(request.body(Body::empty()).unwrap()).await;
        assert_eq!((status, &bytes), (200, &form), "{who}");
        let said = headers["content-disposition"].to_str().unwrap();
        assert!(said.starts_with("attachment; filename=\"file-K-000"), "{said}");
    }
    assert_eq!(on_portal(&c, &entry, &one).await, 200);
    let page = c.call(None, "GET", "/questions", None, &[]).await.text;
    assert!(page.contains("报修登记表.png") && page.contains("300字节"), "{page}");
    assert_eq!(on_portal(&c, &entry, &"0".repeat(32)).await, 404);
    assert_eq!(on_portal(&c, "K-000099", &one).await, 404);
    // A new version with another form: what is said has the old one until it is published.
    let three = sent_in(&c, "chengguan", "报修登记表（新）.png", &picture(310)).await;
    told(&c, "chengguan", &entry, with(&[&three, &two], json!({ "text": "请填写登记表。" }))).await.ok();
    got(&c, "seat", &entry, &three).await.problem(404);
    assert_eq!(on_portal(&c, &entry, &three).await, 404);
    assert_eq!(
        names(&c.get("seat", &format!("{BASE}/{entry}")).await.ok()["current"]["content"]["files"])[0],
        "报修登记表.png"
    );
    sound(&c).await;
    told(&c, "reviewer", &entry, json!({ "do": "publish" })).await.ok();
    got(&c, "seat", &entry, &one).await.problem(404);
    assert_eq!(got(&c, "seat", &entry, &three).await.status, 200);
    assert_eq!((on_portal(&c, &entry, &one).await, on_portal(&c, &entry, &three).await), (404, 200));
    let seen = c.get("seat", &format!("{BASE}/{entry}")).await.ok();
    assert_eq!(names(&seen["files"]).len(), 2, "of a former version a seat hears nothing");
    let before = c.get("chengguan", &format!("{BASE}/{entry}")).await.ok();
    assert_eq!(names(&before["versions"][1]["content"]["files"]), ["报修登记表.png", "流程图.png"]);
    assert_eq!(got(&c, "chengguan", &entry, &one).await.status, 200, "it was published once");
    // Found by the name of a form.
    let hits = c.post("seat", &format!("{BASE}/search"), json!({ "q": "报修登记表" })).await.ok();
    assert_eq!(hits[0]["entry"], entry);
    // Withdrawn, or with a confirmed error, it is nobody's outside.
    told(&c, "seat", &entry, json!({ "do": "report-error", "what": "登记表已经改版" })).await.ok();
    told(&c, "knowledge-clerk", &entry, json!({ "do": "confirm-error", "no": 1 })).await.ok();
    assert_eq!(on_portal(&c, &entry, &three).await, 404);
    told(&c, "reviewer", &entry, json!({ "do": "withdraw", "reason": "不再适用" })).await.ok();
    got(&c, "seat", &entry, &three).await.problem(404);
    sound(&c).await;
}

/// What was sent in is its sender's until it is submitted, and then its entry's; nobody names what is another's.
#[tokio::test]
async fn nobody_names_anothers_file() {
    let c = Centre::at(TIME).await;
    let theirs = sent_in(&c, "gongan", "通告.png", &picture(100)).await;
    let refused = c.post("chengguan", BASE, with(&[&theirs], json!({}))).await.problem(422);
    assert_eq!(refused["field"], "files");
    let same = c.post("chengguan", BASE, with(&[&"0".repeat(32)], json!({}))).await.problem(422);
    assert_eq!(refused["detail"], same["detail"], "as one that is not there");
    let own = sent_in(&c, "chengguan", "表.png", &picture(100)).await;
    let made = c.post("chengguan", BASE, with(&[&own], json!({}))).await.ok();
    let other = lamp(json!({ "title": "井盖丢了找谁？", "files": [{ "file": own }] }));
    c.post("chengguan", BASE, other).await.problem(422);
    // Of an entry that is not to be seen, in the words for one that is not there.
    let entry = made["entry"].as_str().unwrap();
    let hidden = got(&c, "gongan", entry, &own).await.problem(404);
    assert_eq!(hidden["detail"], got(&c, "gongan", "K-000099", &own).await.problem(404)["detail"]);
    got(&c, "chengguan", entry, &theirs).await.problem(404);
    // What the sender says of a file counts for nothing.
    let lie =
        json!([{ "file": own, "name": "别的名字.pdf", "media": "application/pdf", "size": 1, "sm3": "ab".repeat(32) }]);
    let again = sent_in(&c, "chengguan", "表.png", &picture(120)).await;
    told(&c, "reviewer", entry, json!({ "do": "return", "reason": "换一张表" })).await.ok();
    let after = told(&c, "chengguan", entry, lamp(json!({ "files": lie }))).await.ok();
    assert_eq!(after["pending"]["content"]["files"][0]["name"], "表.png");
    told(&c, "reviewer", entry, json!({ "do": "return", "reason": "换一张表" })).await.ok();
    told(&c, "chengguan", entry, with(&[&again, &own], json!({}))).await.problem(422);
    told(&c, "chengguan", entry, with(&[&again, &again], json!({}))).await.problem(422);
    let secret = sent_in(&c, "chengguan", "机密★规程.png", &picture(100)).await;
    let refused = told(&c, "chengguan", entry, with(&[&secret], json!({}))).await.problem(422);
    assert_eq!((&refused["rule"], &refused["article"]), (&json!("marked-secret"), &json!("第十九条")));
    // An upload for one thing does not end as another.
    let n = c.registered(json!({})).await;
    let begun = c.post("chengguan", &format!("{BASE}/files"), json!({ "name": "a.png", "size": 100 })).await.ok();
    let url = begun["url"].as_str().unwrap();
    assert_eq!(send(&c, "chengguan", url, 0, &picture(100)).await.status, 204);
    c.call(Some("chengguan"), "POST", &format!("{url}/finish"), None, &[]).await.problem(404);
    finish(&c, "gongan", begun["id"].as_str().unwrap()).await.problem(404);
    finish(&c, "chengguan", begun["id"].as_str().unwrap()).await.ok();
    let body = json!({ "name": "a.png", "purpose": "appeal", "size": 100 });
    let of_ticket = c.post("seat", &format!("/api/v1/tickets/{n}/files"), body).await.ok();
    finish(&c, "seat", of_ticket["id"].as_str().unwrap()).await.problem(404);
    sound(&c).await;
}

/// What no version names any more goes after the hours of the settings, and not before; what a version was published with stays.
#[tokio::test]
async fn what_no_version_names_is_cleared() {
    let c = Centre::at(TIME).await;
    let kept = |file: &str| c.db.dir().join("attachments").join(&file[..2]).join(file).exists();
    let loose = sent_in(&c, "chengguan", "没有报送.png", &picture(100)).await;
    let published = sent_in(&c, "chengguan", "发布.png", &picture(110)).await;
    let dropped = sent_in(&c, "chengguan", "退回后删去.png", &picture(120)).await;
    let made = c.post("chengguan", BASE, with(&[&published], json!({}))).await.ok();
    let entry = made["entry"].as_str().unwrap();
    told(&c, "reviewer", entry, json!({ "do": "publish" })).await.ok();
    c.app.clock.set(super::harness::instant("2026-05-12 08:00"));
    told(&c, "chengguan", entry, with(&[&dropped], json!({}))).await.ok();
    told(&c, "reviewer", entry, json!({ "do": "return", "reason": "不用这张表" })).await.ok();
    told(&c, "chengguan", entry, with(&[], json!({}))).await.ok();
    c.app.clock.set(super::harness::instant("2026-05-12 08:59"));
    assert_eq!(c.app.clear_knowledge_files().await.unwrap(), 0);
    c.app.clock.set(super::harness::instant("2026-05-12 09:00"));
    assert_eq!(c.app.clear_knowledge_files().await.unwrap(), 1);
    assert!(!kept(&loose) && kept(&dropped) && kept(&published));
    c.app.clock.set(super::harness::instant("2026-05-13 08:00"));
    assert_eq!(c.app.clear_knowledge_files().await.unwrap(), 1);
    assert!(!kept(&dropped) && kept(&published));
    told(&c, "reviewer", entry, json!({ "do": "publish" })).await.ok();
    assert_eq!(c.app.clear_knowledge_files().await.unwrap(), 0);
    assert!(kept(&published), "the first version was published with it");
    assert_eq!(got(&c, "chengguan", entry, &published).await.status, 200);
    told(&c, "chengguan", entry, with(&[&dropped], json!({}))).await.problem(422);
    // Clearing of uploads leaves what was finished alone.
    c.app.clear_uploads(c.app.files().unwrap(), SystemTime::UNIX_EPOCH).await.unwrap();
    sound(&c).await;
    std::fs::remove_file(c.db.dir().join("attachments").join(&published[..2]).join(&published)).unwrap();
    let files = check_files(&c.app.store, PLACE, &c.app.files().unwrap().contents, |_| {}).await.unwrap();
    assert_eq!((files.missing, files.faults.len()), (1, 1), "{files:?}");
}

#[tokio::test]
async fn nothing_infected_is_submitted_or_published() {
    let script = "grep -q EICAR && exit 1 || exit 0";
    let scanner = Scanner::Command(["sh", "-c", script].map(str::to_owned).to_vec());
    let c = Centre::with(TIME, Limits::default(), Some(scanner)).await;
    let good = sent_in(&c, "chengguan", "表.png", &picture(100)).await;
    let bad = sent_in(&c, "chengguan", "说明.txt", b"X5O!P EICAR").await;
    let made = c.post("chengguan", BASE, with(&[&good], json!({}))).await.ok();
    let entry = made["entry"].as_str().unwrap();
    assert_eq!((&made["files"][0]["check"], &made["files"][0]["open"]), (&json!("waiting"), &json!(false)));
    let two = c.post("chengguan", BASE, with(&[&bad], json!({ "title": "井盖丢了找谁？" }))).await.ok();
    assert_eq!(told(&c, "reviewer", entry, json!({ "do": "publish" })).await.problem(409)["rule"], "file-waiting");
    got(&c, "chengguan", entry, &good).await.problem(409);
    c.app.scan_files().await.unwrap();
    assert_eq!(got(&c, "chengguan", entry, &good).await.status, 200);
    told(&c, "reviewer", entry, json!({ "do": "publish" })).await.ok();
    let other = two["entry"].as_str().unwrap();
    assert_eq!(told(&c, "reviewer", other, json!({ "do": "publish" })).await.problem(409)["rule"], "file-infected");
    got(&c, "chengguan", other, &bad).await.problem(403);
    told(&c, "reviewer", other, json!({ "do": "return", "reason": "附件有病毒" })).await.ok();
    let refused = told(&c, "chengguan", other, with(&[&bad], json!({}))).await.problem(422);
    assert!(refused["detail"].as_str().unwrap().contains("说明.txt"), "{refused}");
}

#[tokio::test]
async fn every_limit_at_its_number_and_one_past_it() {
    let limits = Limits { file: 200, files: 2, files_size: 300, uploads: 3, ..Limits::default() };
    let c = Centre::with(TIME, limits, None).await;
    let begin = async |who: &str, size: usize| {
        c.post(who, &format!("{BASE}/files"), json!({ "name": "a.png", "size": size })).await
    };
    begin("seat", 10).await.problem(403);
    assert_eq!(begin("chengguan", 201).await.problem(413)["limit"], "file");
    assert_eq!(begin("chengguan", 0).await.problem(422)["field"], "size");
    let name = |name: &str| json!({ "name": name, "size": 10 });
    c.post("chengguan", &format!("{BASE}/files"), name("a.exe")).await.problem(422);
    let program = c.post("chengguan", &format!("{BASE}/files"), name("a.png")).await.ok();
    assert_eq!(send(&c, "chengguan", program["url"].as_str().unwrap(), 0, b"MZ\x90\0\x03\0\0\0ab").await.status, 204);
    assert_eq!(finish(&c, "chengguan", program["id"].as_str().unwrap()).await.problem(422)["limit"], "type");
    let a = sent_in(&c, "chengguan", "a.png", &picture(200)).await;
    let b = sent_in(&c, "chengguan", "b.png", &picture(100)).await;
    assert_eq!(begin("chengguan", 10).await.problem(422)["limit"], "files", "two are not submitted yet");
    let made = c.post("chengguan", BASE, with(&[&a, &b], json!({}))).await.ok();
    let entry = made["entry"].as_str().unwrap();
    told(&c, "reviewer", entry, json!({ "do": "return", "reason": "再加一张" })).await.ok();
    let d = sent_in(&c, "chengguan", "d.png", &picture(101)).await;
    assert_eq!(told(&c, "chengguan", entry, with(&[&a, &b, &d], json!({}))).await.problem(422)["field"], "files");
    assert_eq!(told(&c, "chengguan", entry, with(&[&a, &d], json!({}))).await.problem(422)["field"], "files");
    told(&c, "chengguan", entry, with(&[&b, &d], json!({}))).await.ok();
    for _ in 0..3 {
        begin("chengguan", 10).await.ok();
    }
    assert_eq!(begin("chengguan", 10).await.problem(422)["limit"], "uploads");
}

/// The lists are searched in the query: what an entry says or is asked, under review too, reports of errors, its number; nothing of others.
#[tokio::test]
async fn a_list_is_searched() {
    let c = Centre::at(TIME).await;
    let listed = async |who: &str, query: &str| {
        let page = c.get(who, &format!("{BASE}?{query}")).await.ok();
        let found: Vec<String> =
            page["items"].as_array().unwrap().iter().map(|l| l["entry"].as_str().unwrap().to_owned()).collect();
        assert_eq!(page["total"], found.len());
        found
    };
    let q = |words: &str| {
        let mut encoded = String::from("list=all&q=");
        words.bytes().for_each(|b| encoded += &format!("%{b:02X}"));
        encoded
    };
    let lamp_entry =
        c.post("chengguan", BASE, lamp(json!({ "words": ["灯杆"] }))).await.ok()["entry"].as_str().unwrap().to_owned();
    let asked = json!({ "do": "ask", "unit": "gongan", "question": "电动自行车ＡＢＣ上牌要带什么" });
    let asked = c.post("knowledge-clerk", BASE, asked).await.ok()["entry"].as_str().unwrap().to_owned();
    for (words, wanted) in [
        ("杆编", vec![&lamp_entry]),
        ("維修 路燈", vec![&lamp_entry]),
        ("灯杆", vec![&lamp_entry]),
        ("路灯 上牌", vec![]),
        ("abc", vec![&asked]),
        (lamp_entry.as_str(), vec![&lamp_entry]),
        ("%", vec![&asked, &lamp_entry]),
    ] {
        let mut found = listed("reviewer", &q(words)).await;
        found.retain(|entry| *entry == lamp_entry || *entry == asked);
        assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{words}");
    }
    assert!(listed("chengguan", &q("上牌")).await.is_empty(), "another unit's");
    assert!(listed("reviewer", &q("上牌").replace("list=all", "list=review")).await.is_empty());
    told(&c, "reviewer", &lamp_entry, json!({ "do": "publish" })).await.ok();
    told(&c, "seat", &lamp_entry, json!({ "do": "report-error", "what": "照明中心已改电话" })).await.ok();
    let reported = q("改电话").replace("list=all", "list=reported");
    assert_eq!(listed("knowledge-clerk", &reported).await, std::slice::from_ref(&lamp_entry));
    let long = c.get("reviewer", &format!("{BASE}?{}", q(&"灯".repeat(101)))).await.problem(422);
    assert_eq!(long["limit"], "q");
    assert!(listed("reviewer", &q(&"灯".repeat(100))).await.is_empty());
    // What an earlier program wrote is searched too, once the centre has opened.
    c.db.run("UPDATE knowledge SET said = ''").await.unwrap();
    assert!(verify(&c.app.store, PLACE, |_, _| {}).await.unwrap().holds());
    let c = c.reopened(jiesu_server::law::Law::load(None).unwrap()).await;
    let page = c.get("reviewer", &format!("{BASE}?{}", q("灯杆"))).await.ok();
    assert_eq!(page["items"][0]["entry"], lamp_entry);
}
