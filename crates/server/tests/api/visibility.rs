//! What of a ticket is shown to whom. That lists show what can be opened is in `scope`.

use serde_json::{Value, json};

use super::harness::Centre;

/// Every dispatch goes in copy to the lead's superior and to its discipline office; reports to the discipline office only.
pub const COPIES: &str = r#"
[[copy]]
id      = "copy-superior"
name    = "同时送达上级单位"
to      = "superior"
leads   = ["town"]
article = "第十条"

[[copy]]
id      = "copy-discipline"
name    = "抄送单位纪检"
to      = "discipline"
kinds   = ["report"]
article = "第十条"
"#;

#[tokio::test]
async fn a_discipline_office_sees_its_copies_and_nothing_else() {
    let c = Centre::under("2026-04-30 09:00", COPIES).await;
    let report = c.registered(json!({ "kind": "report" })).await;
    let help = c.registered(json!({})).await;
    for n in [&report, &help] {
        c.give("dispatcher", n, json!({ "do": "dispatch", "lead": "chengguan" })).await.ok();
    }
    let list = c.get("discipline-office", "/api/v1/tickets").await.ok();
    let numbers: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|t| &t["number"]).collect();
    assert_eq!(numbers, [&json!(report)]);
    c.get("discipline-office", &format!("/api/v1/tickets/{help}")).await.problem(404);
    let page = c.get("discipline-office", &format!("/api/v1/tickets/{report}")).await.ok();
    assert!(page["appeals"][0].get("appellant").is_none(), "it need not know who reports");
    assert_eq!(page["copies"][0]["to"], "discipline");
    let urge = json!({ "do": "urge", "note": "请按期办结" });
    let page = c.give("discipline-office", &report, urge.clone()).await.ok();
    assert_eq!(page["urgings"][0]["unit"], "chengguan");
    c.give("discipline-office", &help, urge).await.problem(404);
    c.post("discipline-office", &format!("/api/v1/tickets/{report}/appeals/1/reveal"), json!({ "reason": "想知道" }))
        .await
        .problem(403);
}

/// What is between the centre and one unit is not shown to another; what is the centre's own is shown to no unit.
#[tokio::test]
async fn the_centres_own_notes_are_not_the_units() {
    let more = r#"
[[malicious]]
id      = "harassing"
name    = "反复骚扰"
refer   = true
article = "第十条"

[risk]
to      = ["市政府"]
article = "第十条"
"#;
    let c = Centre::under("2026-04-30 09:00", more).await;
    let n = c.registered(json!({})).await;
    c.give("dispatcher", &n, json!({ "do": "dispatch", "lead": "chengguan", "assists": ["gongan"] })).await.ok();
    let rulebook = c.app.rulebook();
    let conduct = rulebook.conduct[0].id.clone();
    let give = async |who: &str, command: Value| c.give(who, &n, command).await.ok();
    give(
        "supervisor",
        json!({ "do": "record-conduct", "conduct": conduct, "unit": "gongan", "evidence": "城里都知道" }),
    )
    .await;
    give(
        "centre-manager",
        json!({ "do": "record-malicious", "conduct": "harassing", "note": "一天打二十次", "evidence": ["录音"] }),
    )
    .await;
    give("supervisor", json!({ "do": "report-risk", "to": "市政府", "text": "可能聚集" })).await;
    give("supervisor", json!({ "do": "urge", "unit": "gongan", "note": "请公安局加快" })).await;
    give("centre-manager", json!({ "do": "hold", "reason": "有诉讼" })).await;

    let path = format!("/api/v1/tickets/{n}");
    let centre = c.get("dispatcher", &path).await;
    for told in ["城里都知道", "一天打二十次", "可能聚集", "请公安局加快", "有诉讼"] {
        assert!(centre.text.contains(told), "{told}");
    }
    let why = centre.body["conducts"][0]["why"].as_str().unwrap();
    assert!(why.starts_with("公安局“") && why.contains("”，城里都知道，已记录；依据"), "{why}");
    assert!(why.ends_with("是否追究责任由有权机关决定"), "{why}");
    let lead = c.get("chengguan", &path).await;
    for told in ["城里都知道", "一天打二十次", "可能聚集", "请公安局加快", "有诉讼"] {
        assert!(!lead.text.contains(told), "{told}");
    }
    let theirs = c.get("gongan", &path).await;
    for (told, seen) in
        [("城里都知道", true), ("一天打二十次", false), ("可能聚集", false), ("请公安局加快", true), ("有诉讼", false)]
    {
        assert_eq!(theirs.text.contains(told), seen, "{told}");
    }
}
