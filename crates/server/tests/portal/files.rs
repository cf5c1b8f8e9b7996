//! Files with a form of the portal, as a browser without scripts sends them.

use axum::http::StatusCode;
use jiesu_domain::ticket::FilePurpose;

use super::support::*;

fn picture(size: usize) -> Vec<u8> {
    let mut content = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    content.resize(size, 7);
    content
}

#[tokio::test]
async fn files_come_with_the_form_once_however_often_it_is_sent() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.has("multipart/form-data").has("照片、录音等附件").field("token");
    let (one, two) = (picture(2000), picture(300));
    let files: [(&str, &[u8]); 3] = [("路灯.png", &one), ("远景.png", &two), ("", b"")];
    let page = portal.post_files(&good(&token), &files).await;
    assert_eq!(page.status, StatusCode::CREATED, "{}", page.text);
    page.has("已收到附件2个");
    let number = page.field("number");
    let again = portal.post_files(&good(&token), &files).await;
    assert_eq!((again.status, again.field("number")), (StatusCode::OK, number.clone()));
    let rows = portal.app.store.attachments(PLACE, &number).await.unwrap();
    let names: Vec<_> = rows.iter().map(|r| (r.name.as_deref().unwrap(), r.size, r.account.as_str())).collect();
    assert_eq!(names, [("路灯.png", 2000, "citizen"), ("远景.png", 300, "citizen")]);
    let ticket = portal.app.load(&number, &jiesu_domain::Actor::system()).await.unwrap();
    assert!(ticket.files.iter().all(|f| f.purpose == FilePurpose::Appeal));
    let left = std::fs::read_dir(portal.files().join("incoming")).unwrap().count();
    assert_eq!(left, 0, "nothing is left over");
    // The same text with another file is another appeal.
    let other = portal.post_files(&good(&token), &[("路灯.png", &two)]).await;
    assert_ne!(other.field("number"), number);
}

/// A content that was kept and never attached (killed in between, and the form never sent again) is not kept for ever.
#[tokio::test]
async fn a_content_that_was_never_attached_is_cleared_away() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    portal.break_second_file().await;
    let page = portal.post_files(&good(&token), &[("路灯.png", &picture(300)), ("远景.png", &picture(400))]).await;
    page.has("已收到附件1个").has("有1个附件没有保存成功");
    let kept = || {
        let folders = std::fs::read_dir(portal.files()).unwrap().map(|f| f.unwrap().path());
        folders
            .filter(|f| f.file_name().is_some_and(|n| n.len() == 2))
            .flat_map(|f| std::fs::read_dir(f).unwrap())
            .count()
    };
    assert_eq!(kept(), 2);
    let files = portal.app.files().unwrap();
    let waiting = std::fs::read_dir(portal.files().join("incoming")).unwrap().map(|f| f.unwrap().metadata().unwrap());
    let tomorrow = waiting.map(|m| m.modified().unwrap()).max().unwrap() + std::time::Duration::from_secs(24 * 3600);
    assert_eq!(portal.app.clear_uploads(files, tomorrow).await.unwrap(), 1);
    assert_eq!(kept(), 1, "the one that is attached stays");
    assert_eq!(std::fs::read_dir(portal.files().join("incoming")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_not_taken_is_told_at_its_field_and_nothing_is_registered() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    let too_large = picture(2001);
    let cases: [(&str, &[u8], &str); 4] = [
        ("大图.png", &too_large, "单个文件不能超过2KB"),
        ("程序.exe", b"MZ", "不能上传“.exe”文件"),
        ("假图.png", b"MZ\x90\0\x03\0\0\0", "文件内容不是可以上传的类型"),
        ("空.png", b"", "文件是空的"),
    ];
    for (name, content, why) in cases {
        let page = portal.post_files(&good(&token), &[(name, content)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        page.has(why).has("id=\"files-error\"");
    }
    let picture = picture(100);
    let three: Vec<(&str, &[u8])> = vec![("a.png", &picture); 3];
    let page = portal.post_files(&good(&token), &three).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("一次最多附2个文件");
    // A mistake elsewhere: the browser will not fill the chooser again, so it is said.
    let page = portal.post_files(&without(good(&token), "title"), &[("a.png", &picture)]).await;
    page.has("请填写标题").has("请重新选择要附的文件");
    assert!(
        portal
            .app
            .store
            .tickets(PLACE, &Default::default(), jiesu_store::Sort::Newest, None, 10)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[tokio::test]
async fn a_form_that_is_too_large_is_told_its_limit() {
    let portal = Portal::new().await;
    let token = portal.get("/submit").await.field("token");
    let text = "x".repeat(1024 * 1024 + 1);
    let mut fields = without(good(&token), "content");
    fields.push(("content", &text));
    let page = portal.post_files(&fields, &[]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.has("一次提交不能超过1MB");
    let plain = portal.post("/submit", &fields).await;
    assert_eq!(plain.status, StatusCode::PAYLOAD_TOO_LARGE);
}
