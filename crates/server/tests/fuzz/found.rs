//! What the targets beside this found once: each by its own name, with the smallest input that shows it.

use std::{fs, path::PathBuf};

use jiesu_server::import::Table;
use serde_json::json;

use crate::{
    damage::in_chinese,
    harness::{Centre, PLACE},
    workbook::{changed, quiet},
};

/// A workbook of two rows, with a piece of one of its parts put in place of another.
fn refused(part: &str, piece: &str, by: &str) -> String {
    quiet();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["编号", "标题"]).unwrap();
    sheet.write_row(1, 0, ["1", "路灯不亮"]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("表.xlsx");
    fs::write(&path, changed(&book.save_to_buffer().unwrap(), part, piece, by)).unwrap();
    match Table::open(&path, None) {
        Err(error) => error.to_string(),
        Ok(table) => format!("{} rows", table.length),
    }
}

/// 98 thousand million cells, had they been laid out as a rectangle.
#[test]
fn a_cell_in_the_far_corner_takes_no_memory() {
    assert_eq!(refused("sheet1.xml", "r=\"B2\"", "r=\"XFD1048576\""), "2 rows");
}

#[test]
fn a_cell_outside_of_any_sheet_is_refused() {
    for at in ["ZZZ1", "A1048577", "ZZZZZZZZZZ1", "A99999999999"] {
        let said = refused("sheet1.xml", "r=\"B2\"", &format!("r=\"{at}\""));
        assert!(said.contains("不是可读的 .xlsx 文件"), "{at}: {said}");
    }
}

/// calamine sets aside memory for as many as it is told, and the process would end.
#[test]
fn a_workbook_that_says_it_has_more_strings_than_there_can_be_is_refused() {
    for many in ["4294967295", "99999999999999999999999"] {
        let said = refused("sharedStrings.xml", "uniqueCount=\"4\"", &format!("uniqueCount=\"{many}\""));
        assert!(said.contains("不是可读的 .xlsx 文件"), "{said}");
    }
}

/// A dimension of a sheet that ends before it begins.
#[test]
fn a_sheet_of_a_size_that_cannot_be_is_refused_in_chinese() {
    let said = refused("sheet1.xml", "ref=\"A1:B2\"", "ref=\"B2:A1\"");
    assert!(said == "1 rows" || in_chinese(&said), "{said}");
}

/// The list of messages took any cursor for one of its own, and then it was our fault.
#[tokio::test]
async fn a_cursor_that_is_none_of_ours_is_the_askers_mistake() {
    let c = Centre::at("2026-04-30 09:00").await;
    for list in ["/api/v1/outbox", "/api/v1/tickets"] {
        for cursor in ["%25", "%00", "eyJ9"] {
            c.get("centre-manager", &format!("{list}?cursor={cursor}")).await.problem(400);
        }
    }
}

/// PostgreSQL stores no U+0000, and said so by a server error.
#[tokio::test]
async fn a_character_that_cannot_be_stored_is_the_askers_mistake() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let body = json!({ "kind": "help", "title": "路灯\0不亮", "content": "内\0容", "channel": "phone" });
    let caller = json!({ "phone": "139\u{0}00001234" });
    let note = json!({ "do": "record-contact", "by": "phone", "reached": true, "note": "已\0联系" });
    for answer in [
        c.post("seat", "/api/v1/tickets", body).await,
        c.post("seat", "/api/v1/callers", caller).await,
        c.give("chengguan", &n, note).await,
        c.get("seat", "/api/v1/tickets/%00").await,
        c.get("seat", "/api/v1/tickets?lead=%00").await,
    ] {
        // SQLite takes it as it takes any other.
        assert!(answer.status.as_u16() < 500, "{}", answer.text);
    }
}

/// axum's own words for what is no address, no body, and no method are English and plain text.
#[tokio::test]
async fn what_no_route_takes_gets_a_problem() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.registered(json!({})).await;
    c.get("seat", "/api/v1/tickets/%FF").await.problem(404);
    for no in ["x", "-1", "99999999999999999999"] {
        let path = format!("/api/v1/tickets/{n}/appeals/{no}/reveal");
        c.post("seat", &path, json!({ "field": "phone", "purpose": "verify" })).await.problem(404);
    }
    let answer = c.call(Some("seat"), "DELETE", &format!("/api/v1/tickets/{n}"), None, &[]).await;
    assert_eq!(answer.headers["allow"], "GET,HEAD");
    answer.problem(405);
}

/// Its appellants were hung on the other ticket first, and the key looked at afterwards.
#[tokio::test]
async fn a_joining_under_a_key_that_was_used_elsewhere_takes_nobody_anywhere() {
    let c = Centre::at("2026-04-30 09:00").await;
    let [a, b, other] = [c.registered(json!({})).await, c.registered(json!({})).await, c.registered(json!({})).await];
    let key = [("idempotency-key", "fuzz-key-0001")];
    let command = async |number: &str, command| {
        c.call(Some("dispatcher"), "POST", &format!("/api/v1/tickets/{number}/commands"), Some(command), &key).await
    };
    let joining = |to: &str| json!({ "do": "join-to", "number": to, "reason": "同一盏路灯" });
    command(&other, joining(&a)).await.ok();
    let state = async || (c.app.store.marks(PLACE).await.unwrap().seq, c.app.store.settings(PLACE).await.unwrap());
    let before = state().await;
    assert_eq!(command(&b, joining(&a)).await.problem(422)["field"], "Idempotency-Key");
    assert_eq!(state().await, before, "nobody is taken there, and nothing is begun");
    c.give("dispatcher", &b, joining(&a)).await.ok();
}
