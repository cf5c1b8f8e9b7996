//! A damaged database file: the start says in Chinese what is wrong and what to do, ends with a code that is not 0, and leaves the file as
//! it is, for whoever wants to save something from it.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
    process::Command,
};

use jiesu_testkit::Kind;
use serde_json::json;

use crate::{
    client::Client,
    kit::{Centre, told},
};

/// A page of SQLite.
const PAGE: u64 = 4096;

/// A centre with some tickets, shut down in order.
fn centre() -> Centre {
    let centre = Centre::new(Kind::Sqlite);
    let mut server = centre.serve();
    for n in 0..10 {
        let body =
            json!({ "kind": "help", "title": format!("标题{n}"), "content": "内容".repeat(500), "channel": "phone" });
        let key = format!("damaged-{n}");
        assert!(Client::new(true).post(&server.address, "seat", "/api/v1/tickets", &key, &body).unwrap().status < 300);
    }
    server.ask_to_stop();
    server.child.wait().unwrap();
    centre
}

fn overwrite(file: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

/// The start is refused in words, and nothing is touched.
#[track_caller]
fn refused(centre: &Centre, how: &str) {
    let file = centre.db.file();
    let before = fs::read(&file).unwrap();
    for command in [&["serve"][..], &["worker"], &["migrate"]] {
        // Should it start after all, it is not waited for.
        let mut bounded = Command::new("timeout");
        centre.told(&mut bounded).arg("20").arg(env!("CARGO_BIN_EXE_jiesu")).args(command);
        let output = bounded.output().unwrap();
        let said = told(&output);
        assert_eq!(output.status.code(), Some(2), "{how}, {command:?}: {said}");
        assert!(
            said.contains("已损坏") && said.contains("备份") && said.contains("副本"),
            "{how}, {command:?}: {said}"
        );
        assert!(fs::read(&file).unwrap() == before, "{how}, {command:?}: the file was touched");
        assert!(!centre.db.dir().join("jiesu.db-wal").exists(), "{how}, {command:?}: something was written beside it");
    }
}

#[test]
fn its_header() {
    let centre = centre();
    overwrite(&centre.db.file(), 0, &[0xff; 100]);
    refused(&centre, "header");
}

#[test]
fn a_page_in_the_middle() {
    let centre = centre();
    // Every page but the first few, which hold the schema: whichever table it is.
    let pages = fs::metadata(centre.db.file()).unwrap().len() / PAGE;
    for page in pages / 2..pages / 2 + 8 {
        overwrite(&centre.db.file(), page * PAGE, &[0xa5; PAGE as usize]);
    }
    refused(&centre, "middle");
}

#[test]
fn its_end_is_missing() {
    let centre = centre();
    let length = fs::metadata(centre.db.file()).unwrap().len();
    fs::OpenOptions::new().write(true).open(centre.db.file()).unwrap().set_len(length / 2).unwrap();
    refused(&centre, "truncated");
}

#[test]
fn another_file_altogether() {
    let centre = centre();
    fs::write(centre.db.file(), "not a database, ".repeat(1000)).unwrap();
    refused(&centre, "no database");
}
