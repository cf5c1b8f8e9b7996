//! Attached files: from the first piece to the download, through breaks, and who may know what of them.

use axum::{
    body::Body,
    http::{Request, header},
};
use jiesu_server::{files::Scanner, limits::Limits};
use jiesu_store::AuditFilter;
use serde_json::{Value, json};
use sm3::{Digest, Sm3};

use super::harness::{Answer, Centre, PLACE};

const TIME: &str = "2026-04-30 09:00";

pub fn sm3(content: &[u8]) -> String {
    Sm3::digest(content).iter().map(|b| format!("{b:02x}")).collect()
}

/// A picture of so many bytes.
pub fn picture(size: usize) -> Vec<u8> {
    let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    content.resize(size, 7);
    content
}

async fn begin(c: &Centre, who: &str, number: &str, purpose: &str, name: &str, content: &[u8]) -> Answer {
    let body = json!({ "name": name, "purpose": purpose, "size": content.len(), "sm3": sm3(content) });
    c.post(who, &format!("/api/v1/tickets/{number}/files"), body).await
}

pub async fn send(c: &Centre, who: &str, url: &str, offset: usize, piece: &[u8]) -> Answer {
    let request = Request::patch(url)
        .header(header::COOKIE, c.cookie(who).await)
        .header(header::CONTENT_TYPE, "application/offset+octet-stream")
        .header("upload-offset", offset)
        .body(Body::from(piece.to_vec()));
    c.raw(request.unwrap()).await
}

pub async fn upload(c: &Centre, who: &str, number: &str, purpose: &str, name: &str, content: &[u8]) -> Answer {
    let begun = begin(c, who, number, purpose, name, content).await.ok();
    let url = begun["url"].as_str().unwrap();
    assert_eq!(send(c, who, url, 0, content).await.status, 204);
    c.call(Some(who), "POST", &format!("{url}/finish"), None, &[]).await
}

async fn page(c: &Centre, who: &str, number: &str) -> Value {
    c.get(who, &format!("/api/v1/tickets/{number}")).await.ok()
}

#[tokio::test]
async fn a_file_comes_in_pieces_through_breaks_and_goes_out_whole() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    let content = picture(3000);
    let begun = begin(&c, "seat", &n, "appeal", "C:\\照片\\现场 1.png", &content).await;
    assert_eq!(begun.status, 201);
    let url = begun.ok()["url"].as_str().unwrap().to_owned();
    assert_eq!(send(&c, "seat", &url, 0, &content[..1000]).await.headers["upload-offset"], "1000");
    // The answer to the second piece was lost: the client sends it again from where it thinks that it stands.
    let again = send(&c, "seat", &url, 0, &content[..1000]).await.problem(409);
    assert_eq!((&again["type"], &again["offset"]), (&json!("/problems/upload-elsewhere"), &json!(1000)));
    let stands = c.call(Some("seat"), "HEAD", &url, None, &[]).await;
    assert_eq!(stands.headers["upload-offset"], "1000");
    assert_eq!(stands.headers["upload-length"], "3000");
    let early = c.call(Some("seat"), "POST", &format!("{url}/finish"), None, &[]).await.problem(409);
    assert_eq!(early["offset"], 1000);
    assert_eq!(c.call(Some("centre-manager"), "HEAD", &url, None, &[]).await.status, 404, "somebody else's");
    assert_eq!(send(&c, "seat", &url, 1000, &content[1000..]).await.headers["upload-offset"], "3000");
    let ticket = c.call(Some("seat"), "POST", &format!("{url}/finish"), None, &[]).await.ok();
    let file = &ticket["files"][0];
    assert_eq!((&file["no"], &file["purpose_name"], &file["hidden"]), (&json!(1), &json!("诉求材料"), &json!(false)));
    let known = &file["known"];
    assert_eq!((&known["name"], &known["media"]), (&json!("现场 1.png"), &json!("image/png")));
    assert_eq!((&known["sm3"], &known["check_name"]), (&json!(sm3(&content)), &json!("未查毒")));
    // The answer to the end was lost too.
    let twice = c.call(Some("seat"), "POST", &format!("{url}/finish"), None, &[]).await.ok();
    assert_eq!(twice["files"].as_array().unwrap().len(), 1);
    c.call(Some("centre-manager"), "POST", &format!("{url}/finish"), None, &[]).await.problem(404);

    let cookie = c.cookie("dispatcher").await;
    let get = |range: &str| {
        let path = format!("/api/v1/tickets/{n}/files/1");
        let request = Request::get(path).header(header::COOKIE, &cookie).header(header::ACCEPT_ENCODING, "gzip");
        let request = if range.is_empty() { request } else { request.header(header::RANGE, range) };
        request.body(Body::empty()).unwrap()
    };
    let whole = c.bytes(get("")).await;
    assert_eq!((whole.0, &whole.2), (200, &content));
    let said = |name: &str| whole.1[name].to_str().unwrap().to_owned();
    assert_eq!(said("content-type"), "image/png");
    assert!(said("content-disposition").starts_with("attachment; filename=\"file-1.png\"; filename*=UTF-8''%E7%8E%B0"));
    assert_eq!((said("x-content-type-options"), said("content-length")), ("nosniff".into(), "3000".into()));
    assert_eq!(said("cache-control"), "private, no-store");
    let part = c.bytes(get("bytes=1000-1009")).await;
    assert_eq!((part.0, part.1["content-range"].to_str().unwrap()), (206, "bytes 1000-1009/3000"));
    assert_eq!(part.2, content[1000..1010]);
    assert_eq!(c.bytes(get("bytes=3000-")).await.0, 416);
    let filter = AuditFilter { subject: Some(n), kind: Some("file-read".into()), ..AuditFilter::default() };
    let log = c.app.store.audit(PLACE, &filter, None, 10).await.unwrap().items;
    assert_eq!(
        log.len(),
        2,
        "each look at an appellant's file is written down, and what showed nothing is none: {log:?}"
    );
}

/// The name may be personal, so it stands in one row and not in the journal; the digest stands in the journal.
#[tokio::test]
async fn the_journal_has_the_digest_and_not_the_name() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    let content = picture(100);
    upload(&c, "seat", &n, "appeal", "张三身份证.png", &content).await.ok();
    let journal = c.app.store.journal(PLACE, &n).await.unwrap();
    let entry = journal.iter().find(|e| e.kind == "file-attached").unwrap();
    let payload = entry.payload.as_ref().unwrap();
    assert!(payload.contains(&sm3(&content)), "{payload}");
    let body = c.app.store.ticket(PLACE, &n).await.unwrap().unwrap().body;
    assert!(!journal.iter().any(|e| e.payload.as_ref().unwrap().contains("张三")) && !body.contains("张三"));
    let report = jiesu_server::app::verify(&c.app.store, PLACE, |_, _| {}).await.unwrap();
    assert!(report.holds(), "{:?}", report.faults);
}

#[tokio::test]
async fn a_wrong_content_is_thrown_away() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    let content = picture(100);
    let begun = begin(&c, "seat", &n, "appeal", "a.png", &content).await.ok();
    let url = begun["url"].as_str().unwrap();
    let finish = format!("{url}/finish");
    send(&c, "seat", url, 0, &[content.clone(), vec![0]].concat()).await.problem(413);
    assert_eq!(send(&c, "seat", url, 0, &[b'x'; 100]).await.status, 204);
    assert_eq!(c.call(Some("seat"), "POST", &finish, None, &[]).await.problem(422)["field"], "sm3");
    // From the beginning, and then it is well; the same without a digest that was told.
    assert_eq!(send(&c, "seat", url, 0, &content).await.status, 204);
    c.call(Some("seat"), "POST", &finish, None, &[]).await.ok();

    let body = json!({ "name": "b.png", "purpose": "appeal", "size": 100 });
    let begun = c.post("seat", &format!("/api/v1/tickets/{n}/files"), body).await.ok();
    let url = begun["url"].as_str().unwrap();
    assert_eq!(send(&c, "seat", url, 0, &content).await.status, 204);
    let ticket = c.call(Some("seat"), "POST", &format!("{url}/finish"), None, &[]).await.ok();
    assert_eq!(ticket["files"][1]["known"]["sm3"], sm3(&content));

    let program = b"MZ\x90\0\x03\0\0\0".to_vec();
    let refused = upload(&c, "seat", &n, "appeal", "a.png", &program).await.problem(422);
    assert_eq!(refused["limit"], "type");
    let differs = upload(&c, "seat", &n, "appeal", "a.jpg", &content).await.problem(422);
    assert!(differs["detail"].as_str().unwrap().contains("与扩展名"), "{differs}");
    for name in ["a.exe", "a.html", "无扩展名"] {
        begin(&c, "seat", &n, "appeal", name, &content).await.problem(422);
    }
    assert_eq!(page(&c, "seat", &n).await["files"].as_array().unwrap().len(), 2);
    let left = std::fs::read_dir(c.db.dir().join("attachments/incoming")).unwrap().count();
    assert_eq!(left, 0, "nothing is left of what was refused");
}

#[tokio::test]
async fn an_upload_is_its_accounts_own_and_can_be_given_up() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    let content = picture(100);
    let begun = begin(&c, "seat", &n, "appeal", "a.png", &content).await.ok();
    let url = begun["url"].as_str().unwrap();
    send(&c, "dispatcher", url, 0, &content).await.problem(404);
    c.call(Some("dispatcher"), "DELETE", url, None, &[]).await.problem(404);
    assert_eq!(c.call(Some("seat"), "DELETE", url, None, &[]).await.status, 204);
    send(&c, "seat", url, 0, &content).await.problem(404);
    for id in ["..%2F..%2Fjiesu", "x", &"0".repeat(32)] {
        send(&c, "seat", &format!("/api/v1/uploads/{id}"), 0, &content).await.problem(404);
    }
}

/// A file shows who appeals as surely as a name does: a unit on a confidential ticket learns that there is one, and nothing else.
#[tokio::test]
async fn a_unit_learns_nothing_of_an_appellants_file_on_a_confidential_ticket() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({ "confidential": true })).await;
    upload(&c, "seat", &n, "appeal", "张三身份证.png", &picture(100)).await.ok();
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    c.give("chengguan", &n, json!({ "do": "sign" })).await.ok();
    upload(&c, "seat", &n, "redacted", "现场（已遮挡）.png", &picture(200)).await.ok();

    let answer = c.get("chengguan", &format!("/api/v1/tickets/{n}")).await;
    assert!(!answer.text.contains("张三") && !answer.text.contains(&sm3(&picture(100))), "{}", answer.text);
    let files = answer.ok()["files"].clone();
    assert_eq!((&files[0]["hidden"], &files[0]["known"]), (&json!(true), &Value::Null));
    assert_eq!(files[1]["known"]["name"], "现场（已遮挡）.png");
    c.get("chengguan", &format!("/api/v1/tickets/{n}/files/1")).await.problem(404);
    assert_eq!(c.get("chengguan", &format!("/api/v1/tickets/{n}/files/2")).await.status, 200);
    c.get("renshe", &format!("/api/v1/tickets/{n}/files/2")).await.problem(404);
    // Nor does a role of the centre that may not open who appeals.
    assert_eq!(page(&c, "supervisor", &n).await["files"][0]["hidden"], true);

    let open = c.in_hand(json!({})).await;
    upload(&c, "seat", &open, "appeal", "路灯.png", &picture(100)).await.ok();
    assert_eq!(page(&c, "chengguan", &open).await["files"][0]["known"]["name"], "路灯.png");
}

#[tokio::test]
async fn a_unit_attaches_what_its_handling_rests_on_and_nothing_else() {
    let c = Centre::at(TIME).await;
    let n = c.in_hand(json!({})).await;
    let rules = page(&c, "chengguan", &n).await["file_rules"].clone();
    let purposes: Vec<&str> =
        rules["purposes"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(purposes, ["答复材料", "办结证明", "退单依据", "延期依据", "其他佐证"]);
    upload(&c, "chengguan", &n, "proof", "办结.png", &picture(100)).await.ok();
    assert_eq!(begin(&c, "chengguan", &n, "appeal", "a.png", &picture(100)).await.problem(422)["field"], "purpose");
    begin(&c, "renshe", &n, "proof", "a.png", &picture(100)).await.problem(404);
    begin(&c, "supervisor", &n, "proof", "a.png", &picture(100)).await.problem(403);
    c.give("seat", &n, json!({ "do": "attach-file", "purpose": "appeal", "media": "a/b", "size": 1, "sm3": sm3(b"") }))
        .await
        .problem(400);
    let seen = page(&c, "reviewer", &n).await;
    assert_eq!(
        (&seen["files"][0]["known"]["name"], &seen["files"][0]["known"]["unit_name"]),
        (&json!("办结.png"), &json!("城市管理局"))
    );
    let told: Vec<_> = seen["timeline"].as_array().unwrap().iter().filter(|m| m["label"] == "上传附件").collect();
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn nothing_is_given_out_before_it_is_clean() {
    let script = "grep -q EICAR && exit 1 || exit 0";
    let scanner = Scanner::Command(["sh", "-c", script].map(str::to_owned).to_vec());
    let c = Centre::with(TIME, Limits::default(), Some(scanner)).await;
    let n = c.registered(json!({})).await;
    upload(&c, "seat", &n, "appeal", "a.png", &picture(100)).await.ok();
    upload(&c, "seat", &n, "appeal", "b.txt", b"X5O!P EICAR").await.ok();
    let get = async |no: u32| c.get("seat", &format!("/api/v1/tickets/{n}/files/{no}")).await;
    assert!(get(1).await.problem(409)["detail"].as_str().unwrap().contains("正在查毒"));
    c.app.scan_files().await.unwrap();
    assert_eq!(get(1).await.status, 200);
    assert!(get(2).await.problem(403)["detail"].as_str().unwrap().contains("病毒"));
    let files = page(&c, "seat", &n).await["files"].clone();
    assert_eq!(
        (&files[0]["known"]["check_name"], &files[1]["known"]["check_name"]),
        (&json!("已查毒"), &json!("发现病毒"))
    );
    assert_eq!((&files[0]["known"]["open"], &files[1]["known"]["open"]), (&json!(true), &json!(false)));
}

/// While the scan cannot be asked everything stays shut, and what it cannot say of one file holds up no other.
#[tokio::test]
async fn without_a_verdict_a_file_stays_shut() {
    let dir = tempfile::tempdir().unwrap();
    let there = dir.path().join("there");
    let script = format!("test -e {} || exit 2; grep -q STUBBORN && exit 2 || exit 0", there.display());
    let scanner = Scanner::Command(["sh", "-c", &script].map(str::to_owned).to_vec());
    let c = Centre::with(TIME, Limits::default(), Some(scanner)).await;
    let n = c.registered(json!({})).await;
    // More than are read from the store at once.
    for _ in 0..21 {
        upload(&c, "seat", &n, "appeal", "b.txt", b"STUBBORN").await.ok();
    }
    upload(&c, "seat", &n, "appeal", "a.txt", b"plain").await.ok();
    let get = async |no: u32| c.get("seat", &format!("/api/v1/tickets/{n}/files/{no}")).await;
    assert_eq!(c.app.scan_files().await.unwrap(), 22, "it does not run");
    let detail = get(22).await.problem(409)["detail"].clone();
    assert!(detail.as_str().unwrap().contains("联系系统管理员查看查毒服务"), "{detail}");
    std::fs::write(&there, "").unwrap();
    assert_eq!(c.app.scan_files().await.unwrap(), 21);
    assert_eq!(get(22).await.status, 200);
    get(1).await.problem(409);
    // Started without a scan, by mistake or beside a process that has one: nothing is opened by that.
    let c = c.reopened(jiesu_server::law::Law::load(None).unwrap()).await;
    assert_eq!(c.app.scan_files().await.unwrap(), 0);
    c.get("seat", &format!("/api/v1/tickets/{n}/files/1")).await.problem(409);
}

#[tokio::test]
async fn what_nobody_finishes_is_cleared_and_what_is_attached_stays() {
    let c = Centre::at(TIME).await;
    let n = c.registered(json!({})).await;
    upload(&c, "seat", &n, "appeal", "a.png", &picture(100)).await.ok();
    let begun = begin(&c, "seat", &n, "appeal", "b.png", &picture(100)).await.ok();
    let files = c.app.files().unwrap();
    // Killed between keeping the content and the entry in the journal.
    let id = begun["id"].as_str().unwrap();
    files.contents.put(id, &c.db.dir().join(format!("attachments/incoming/{id}.part"))).await.unwrap();
    let incoming = c.db.dir().join(format!("attachments/incoming/{id}.part"));
    let made = std::fs::metadata(incoming).unwrap().modified().unwrap();
    let hours = |n: u64| std::time::Duration::from_secs(n * 3600);
    assert_eq!(c.app.clear_uploads(files, made + hours(23)).await.unwrap(), 0);
    assert_eq!(c.app.clear_uploads(files, made + hours(24)).await.unwrap(), 1);
    assert!(files.contents.read(id, 0, 1).await.is_err(), "the content without an entry is gone too");
    assert_eq!(c.call(Some("seat"), "HEAD", begun["url"].as_str().unwrap(), None, &[]).await.status, 404);
    assert_eq!(c.get("seat", &format!("/api/v1/tickets/{n}/files/1")).await.status, 200);
}

#[tokio::test]
async fn each_limit_at_its_number_and_one_past_it() {
    let limits = Limits { file: 1000, files: 2, files_size: 1500, uploads: 2, piece: 64 * 1024, ..Limits::default() };
    let c = Centre::with(TIME, limits, None).await;
    let n = c.registered(json!({})).await;
    let met = |p: Value| (p["limit"].clone(), p["detail"].as_str().unwrap().to_owned());
    let (limit, detail) = met(begin(&c, "seat", &n, "appeal", "a.png", &picture(1001)).await.problem(413));
    assert_eq!(limit, "file");
    assert!(detail.contains("1000字节"), "{detail}");
    upload(&c, "seat", &n, "appeal", "a.png", &picture(1000)).await.ok();
    let (limit, _) = met(begin(&c, "seat", &n, "appeal", "b.png", &picture(501)).await.problem(413));
    assert_eq!(limit, "files_size");

    // The first fills the ticket to its limits. Two that together are too many: begun side by side, the second is refused at its end.
    let both = [picture(500), picture(100)];
    let mut urls = Vec::new();
    for content in &both {
        let begun = begin(&c, "seat", &n, "appeal", "b.png", content).await.ok();
        urls.push(begun["url"].as_str().unwrap().to_owned());
    }
    let (limit, _) = met(begin(&c, "seat", &n, "appeal", "c.png", &picture(100)).await.problem(422));
    assert_eq!(limit, "uploads");
    for (url, content) in urls.iter().zip(&both) {
        assert_eq!(send(&c, "seat", url, 0, content).await.status, 204);
    }
    c.call(Some("seat"), "POST", &format!("{}/finish", urls[0]), None, &[]).await.ok();
    let (limit, _) = met(c.call(Some("seat"), "POST", &format!("{}/finish", urls[1]), None, &[]).await.problem(422));
    assert_eq!(limit, "files");
}

#[tokio::test]
async fn a_piece_at_its_limit_and_one_past_it() {
    let limits = Limits { piece: 64 * 1024, ..Limits::default() };
    let c = Centre::with(TIME, limits, None).await;
    let n = c.registered(json!({})).await;
    let content = picture(200_000);
    let begun = begin(&c, "seat", &n, "appeal", "a.png", &content).await.ok();
    assert_eq!(begun["piece"], 64 * 1024);
    let url = begun["url"].as_str().unwrap();
    let most = 64 * 1024;
    assert_eq!(send(&c, "seat", url, 0, &content[..=most]).await.problem(413)["limit"], "piece");
    assert_eq!(send(&c, "seat", url, 0, &content[..most]).await.status, 204);
}
