//! The forms of the commands: what a person may choose is what the ticket's own law and standing say.

use serde_json::{Value, json};

use super::harness::{Centre, changed_law};

fn codes(forms: &Value, key: &str) -> Vec<String> {
    let list = forms["choices"][key].as_array().unwrap_or_else(|| panic!("no {key}"));
    list.iter().map(|c| c["code"].as_str().unwrap().to_owned()).collect()
}

fn field<'v>(forms: &'v Value, command: &str, name: &str) -> &'v Value {
    let command = forms["commands"].as_array().unwrap().iter().find(|c| c["name"] == command).unwrap();
    command["fields"].as_array().unwrap().iter().find(|f| f["name"] == name).unwrap()
}

#[tokio::test]
async fn forms_say_what_is_needed_and_what_can_be_chosen() {
    let c = Centre::at("2026-04-30 09:00").await;
    let forms = c.get("seat", "/api/v1/commands").await.ok();
    assert_eq!((forms["rulebook"].clone(), forms["rulebook_version"].clone()), (json!("shangrao"), json!(1)));
    let ground = field(&forms, "ask-closure", "ground");
    assert_eq!(
        *ground,
        json!({
            "name": "ground", "label": "办结理由", "required": true, "input": "choice", "choices": "closure-grounds",
        })
    );
    let book = c.app.rulebook();
    assert_eq!(codes(&forms, "closure-grounds"), book.closure_ground.iter().map(|g| g.id.clone()).collect::<Vec<_>>());
    assert_eq!(codes(&forms, "measures"), book.measure.iter().map(|g| g.id.clone()).collect::<Vec<_>>());
    assert!(codes(&forms, "leads").contains(&"chengguan".to_owned()) && !codes(&forms, "entries").is_empty());
    let call = field(&forms, "dispatch", "call");
    assert_eq!((call["input"].clone(), call["required"].clone()), (json!("group"), json!(false)));
    assert_eq!(call["fields"][0]["label"], "通话对象");
    assert!(codes(&forms, "ledger").is_empty(), "without a ticket");
}

#[tokio::test]
async fn of_a_ticket_they_are_its_own() {
    let c = Centre::at("2026-04-30 09:00").await;
    let n = c.in_hand(json!({})).await;
    let second = |text: String| {
        text.replace("version   = 1", "version   = 2")
            .replace("in_force  = 2022-01-01", "in_force  = 2026-05-01")
            .replace("id      = \"done\"", "id      = \"finished\"")
    };
    let c = c.reopened(changed_law(second)).await;
    c.until("2026-05-20 08:00").await;
    let path = format!("/api/v1/commands?ticket={}", n.to_lowercase());
    let (own, general) = (c.get("supervisor", &path).await.ok(), c.get("supervisor", "/api/v1/commands").await.ok());
    assert_eq!((own["rulebook_version"].clone(), general["rulebook_version"].clone()), (json!(1), json!(2)));
    assert!(codes(&own, "closure-grounds").contains(&"done".to_owned()));
    assert!(!codes(&general, "closure-grounds").contains(&"done".to_owned()));
    assert_eq!(codes(&own, "appeals"), ["1"]);
    assert_eq!(codes(&own, "ticket-units"), ["chengguan"]);
    // It ran over its limit: that is what can be put into the ledger now, by its number.
    assert_eq!(codes(&own, "ledger"), ["1"]);
    assert_eq!(field(&own, "open-supervision", "no")["number"], true);
    let nothing = c.get("renshe", &path).await;
    nothing.problem(404);
    c.get("seat", "/api/v1/commands?place=1").await.problem(400);
}
