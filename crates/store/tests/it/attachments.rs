//! Files of tickets: written with their command or not at all, moved from state to state once.

use jiesu_store::{AttachmentRow, Commit, StoreError};
use jiesu_testkit::{Kind, on_both};

use crate::fixture::{BJ, at, fixture, next_job, number};

fn row(file: i64, content: &str) -> AttachmentRow {
    AttachmentRow {
        file,
        content: content.into(),
        name: Some("现场照片.jpg".into()),
        media: "image/jpeg".into(),
        size: 3,
        sm3: "ab".repeat(32),
        account: "seat-1".into(),
        at: at(file),
        state: "waiting".into(),
    }
}

async fn a_file_is_written_with_its_command(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|_| {}).await;
    let n = number(1);
    let with = |files: Vec<AttachmentRow>| move |c: &mut Commit| c.attachments = files;
    f.next(&n, 1, with(vec![row(1, "a"), row(2, "b")])).await;
    assert_eq!(f.store.attachments(BJ, &n).await.unwrap(), [row(1, "a"), row(2, "b")]);
    assert_eq!(f.store.attachment_by_content(BJ, "b").await.unwrap(), Some((n.clone(), row(2, "b"))));
    assert_eq!(f.store.attachment_by_content("sh", "b").await.unwrap(), None, "of another place");

    let same_content = f.store.append(next_job(&n, 2, with(vec![row(3, "a")]))).await;
    assert!(matches!(same_content, Err(StoreError::Constraint { .. })), "{same_content:?}");
    assert_eq!(f.store.attachments(BJ, &n).await.unwrap().len(), 2);
    assert_eq!(f.store.journal(BJ, &n).await.unwrap().len(), 2, "neither the row nor the entry");
}

async fn a_state_moves_once(kind: Kind) {
    let f = fixture(kind).await;
    f.new_ticket(|c| c.attachments = vec![row(1, "a"), row(2, "b")]).await;
    let waiting = async |after: Option<&_>, limit| f.store.attachments_in(BJ, "waiting", after, limit).await.unwrap();
    let numbers = |rows: &[(String, AttachmentRow)]| rows.iter().map(|(_, a)| a.file).collect::<Vec<_>>();
    let first = waiting(None, 1).await;
    assert_eq!(numbers(&first), [1], "oldest first");
    assert_eq!(numbers(&waiting(first.first(), 10).await), [2]);
    let all = f.store.attachments_stream(BJ, None, 1).await.unwrap();
    assert_eq!(all, [(number(1), row(1, "a"))]);
    assert_eq!(numbers(&f.store.attachments_stream(BJ, all.first(), 10).await.unwrap()), [2]);
    assert!(f.store.attachment_state(BJ, "a", "waiting", "clean").await.unwrap());
    assert!(!f.store.attachment_state(BJ, "a", "waiting", "infected").await.unwrap(), "it is not waiting any more");
    assert_eq!(numbers(&waiting(None, 10).await), [2]);
    assert_eq!(f.store.attachments(BJ, &number(1)).await.unwrap()[0].state, "clean");
}

on_both! {
    a_file_is_written_with_its_command,
    a_state_moves_once,
}
