//! A message put together: its text and where it goes, only when it is sent or looked at.

use std::collections::BTreeMap;

use jiesu_domain::{Rulebook, ticket::render};
use jiesu_store::{OutboxRow, StoreError};

use crate::{
    app::{App, WHICH},
    login::ONE_TIME,
};

/// A message with its text and where it goes: put together only now.
#[derive(Clone)]
pub struct Letter {
    pub phone: Option<String>,
    pub text: String,
    /// The query code, or the code for one time, in the text, for a viewer to hide.
    pub code: String,
    /// What it is about.
    pub label: String,
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}

/// Puts an outbox entry together with the person it is for.
///
/// # Errors
/// The store failed.
pub async fn letter(app: &App, row: &OutboxRow) -> Result<Letter, StoreError> {
    let mut values: BTreeMap<String, String> = serde_json::from_str(&row.payload).unwrap_or_default();
    let appeals = app.store.appeals(&app.jurisdiction, &row.ticket).await?;
    let appeal = appeals.into_iter().find(|a| Some(&a.appeal) == row.appeal.as_ref());
    let (mut phone, mut code) = (None, String::new());
    if let Some(appeal) = appeal {
        phone = app.store.person(&app.jurisdiction, &appeal.person).await?.and_then(|p| p.phone);
        code = appeal.query_code;
    }
    values.insert("code".into(), code.clone());
    // In the words of the version that holds for the ticket; what it does not have any more, in those in force.
    let own = app.rulebook_of_number(&row.ticket).await?;
    if row.kind == WHICH {
        let text = which(own, &values);
        return Ok(Letter { phone, text, code, label: "询问评价哪一件".into() });
    }
    if row.kind == ONE_TIME {
        let code = values.get("sealed").and_then(|sealed| app.code_in(&row.ticket, sealed)).unwrap_or_default();
        let text = one_time(own, &row.ticket, &code);
        return Ok(Letter { phone, text, code, label: "短信验证码".into() });
    }
    let rule = [own, app.rulebook()].into_iter().find_map(|book| book.message.iter().find(|m| m.id == row.kind));
    let text = rule.map_or_else(String::new, |rule| render(rule, &values));
    let label = rule.map_or_else(|| row.kind.clone(), |rule| rule.on.zh().to_owned());
    Ok(Letter { phone, text, code, label })
}

fn one_time(book: &Rulebook, ticket: &str, code: &str) -> String {
    let place = book.rulebook.place.trim_end_matches('市');
    format!("【{place}12345】验证码{code}，用于撤回诉求{ticket}，5分钟内有效。不是您本人操作的，请不要告诉任何人。")
}

/// Asks which of several tickets a rating was meant for.
fn which(book: &Rulebook, values: &BTreeMap<String, String>) -> String {
    let of = |key: &str| values.get(key).map_or("", String::as_str);
    let place = book.rulebook.place.trim_end_matches('市');
    format!(
        "【{place}12345】您有多件诉求等待评价：{}。请回复编号和数字，如“{} 1”（1满意 2基本满意 3不满意），或凭编号和查询码在网上评价。",
        of("numbers"),
        of("number"),
    )
}
