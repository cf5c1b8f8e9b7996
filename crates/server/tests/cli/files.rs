//! What `verify`, `copy` and `restore` say of attached files: their rows are in the database, their contents beside it.

use std::path::Path;

use jiesu_domain::{Actor, Channel, Kind as AppealKind, ticket::FilePurpose, ticket::Register, words::Contact};
use jiesu_server::{
    app::{App, Appellant, Content, NewTicket},
    clock::Clock,
    config::ClockSetting,
    files::{Files, kind_of},
    law::Law,
};
use jiesu_store::{ArchiveOptions, Store, StoreOptions};
use sm3::{Digest, Sm3};

use crate::run::{jiesu, ran};

const PLACE: &str = "shangrao";

/// On a data folder: its exit code, and all that it said.
fn on(data: &Path, args: &[&str]) -> (i32, String) {
    let ran = ran(jiesu(args).env("JIESU_DATA", data).current_dir(data.parent().unwrap()));
    (ran.code, ran.said())
}

fn register() -> NewTicket {
    NewTicket {
        register: Register {
            kind: AppealKind::Help,
            urgent: false,
            confidential: false,
            title: "路灯不亮".into(),
            content: "解放路路灯不亮一周".into(),
            place: None,
            category: None,
            channel: Channel::Web,
            follow_up_by: Contact::Web,
            earlier: Vec::new(),
        },
        appellant: Appellant::default(),
        received_at: None,
        source: None,
        history: None,
    }
}

/// A centre in this folder whose one ticket has three files.
async fn centre(data: &Path) {
    let options = StoreOptions { archived: true, ..StoreOptions::with_key(jiesu_testkit::MASTER) };
    let store = Store::open(&data.to_string_lossy(), options).await.unwrap();
    store.migrate().await.unwrap();
    store.archive(ArchiveOptions::new(data.join("backup"))).await.unwrap();
    let law = Law::load(None).unwrap();
    App::seed(&store, PLACE, "上饶市", law.units(PLACE)).await.unwrap();
    let clock = Clock::new(ClockSetting::Fixed("2026-04-30T09:00:00+08:00".parse().unwrap()));
    let app = App::open(store, law, clock, PLACE).await.unwrap();
    app.keep_files(Files::in_folder(&data.join("attachments"), None).unwrap());
    let number = app.register(&Actor::citizen(), &register(), None).await.unwrap().ticket;
    for n in 1..=3 {
        let text = format!("说明{n}");
        let path = data.join(format!("{n}.txt"));
        std::fs::write(&path, &text).unwrap();
        let sm3: String = Sm3::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        let content = Content {
            key: &format!("{n}").repeat(32),
            path: &path,
            name: "说明.txt",
            purpose: FilePurpose::Appeal,
            kind: kind_of(&path, "说明.txt").unwrap(),
            size: text.len() as u64,
            sm3: &sm3,
        };
        app.attach_at_once(&Actor::citizen(), &number, content).await.unwrap();
    }
    app.store.close().await.unwrap();
}

fn kept(data: &Path, n: u32) -> std::path::PathBuf {
    let key = format!("{n}").repeat(32);
    data.join("attachments").join(&key[..2]).join(key)
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_reads_every_file_and_says_which_are_missing_or_changed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    std::fs::create_dir(&data).unwrap();
    centre(&data).await;
    let (code, said) = on(&data, &["verify"]);
    assert!(code == 0 && said.contains("附件3个都在"), "{said}");

    std::fs::remove_file(kept(&data, 1)).unwrap();
    std::fs::remove_file(kept(&data, 2)).unwrap();
    std::fs::write(kept(&data, 2), "别的内容").unwrap();
    let (code, said) = on(&data, &["verify"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("附件3个，其中内容缺失1个、与上传时不同1个"), "{said}");
    assert!(said.contains("附件1：内容不在") && said.contains("附件2：内容与上传时"), "{said}");
    assert!(!said.contains("说明"), "names are personal");
    let (code, said) = on(&data, &["verify", "--no-files"]);
    assert!(code == 0 && !said.contains("附件"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_has_the_rows_and_says_where_the_files_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let (data, copy) = (dir.path().join("data"), dir.path().join("copy"));
    std::fs::create_dir(&data).unwrap();
    centre(&data).await;
    let (code, said) = on(&data, &["copy", "--to", copy.to_str().unwrap()]);
    assert!(code == 0 && said.contains("附件记录3个"), "{said}");
    let (code, said) = on(&copy, &["verify"]);
    assert!(code == 1 && said.contains("内容缺失3个"), "{said}");
    // As the message asks: the folder is copied beside it.
    std::fs::rename(data.join("attachments"), copy.join("attachments")).unwrap();
    let (code, said) = on(&copy, &["verify"]);
    assert!(code == 0 && said.contains("附件3个都在"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_database_is_without_its_files_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (data, restored) = (dir.path().join("data"), dir.path().join("restored"));
    std::fs::create_dir(&data).unwrap();
    centre(&data).await;
    let (code, said) = on(&restored, &["restore", "--from", data.join("backup").to_str().unwrap()]);
    assert!(code == 0 && said.contains("核对无误"), "{said}");
    assert!(said.contains("内容缺失3个") && said.contains("附件不在数据库备份里"), "{said}");
    std::fs::rename(data.join("attachments"), restored.join("attachments")).unwrap();
    let (code, said) = on(&restored, &["verify"]);
    assert!(code == 0 && said.contains("附件3个都在"), "{said}");
}
