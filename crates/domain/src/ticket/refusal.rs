//! No, and why: a typed value that names the rule and its article, so that a screen can say it.

use serde::Serialize;

use crate::{
    Basis,
    rulebook::{Cited, Rulebook},
};

/// What sort of no it is; the API turns it into a status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// This role may not.
    Forbidden,
    /// Not in this state of the ticket.
    NotNow,
    /// A rule of the rulebook forbids it.
    Rule,
    /// The input is incomplete or wrong.
    Input,
}

/// A command that was not carried out. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub kind: RefusalKind,
    /// Stable code, e.g. `longer-than-original-limit`; scenarios name it.
    pub rule: &'static str,
    /// In Chinese, saying what to do next where there is something to do.
    pub message: String,
    /// The field of the input that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Box<Basis>>,
}

impl Refusal {
    pub fn forbidden(message: impl Into<String>) -> Self {
        Refusal {
            kind: RefusalKind::Forbidden,
            rule: "not-permitted",
            message: message.into(),
            field: None,
            basis: None,
        }
    }

    pub fn not_now(rule: &'static str, message: impl Into<String>) -> Self {
        Refusal { kind: RefusalKind::NotNow, rule, message: message.into(), field: None, basis: None }
    }

    pub fn input(field: &'static str, message: impl Into<String>) -> Self {
        Refusal {
            kind: RefusalKind::Input,
            rule: "bad-input",
            message: message.into(),
            field: Some(field),
            basis: None,
        }
    }

    /// Refused by a rule of the rulebook, cited.
    pub fn rule(rule: &'static str, message: impl Into<String>, book: &Rulebook, cited: &impl Cited) -> Self {
        let basis = Some(Box::new(book.basis(cited)));
        Refusal { kind: RefusalKind::Rule, rule, message: message.into(), field: None, basis }
    }

    /// The article, if a rule refused.
    pub fn article(&self) -> Option<&str> {
        self.basis.as_ref().map(|b| b.article.as_str()).filter(|a| !a.is_empty())
    }
}
