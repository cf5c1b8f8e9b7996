//! The demo's sample tickets, as data in `demo/stories.toml`.

use jiesu_domain::{
    rulebook::{RulebookError, parse_toml},
    ticket::{Command, Register},
};
use serde::Deserialize;

use crate::app::Appellant;

/// A ticket's life until now.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// When it was registered: working days back and time of day (`-5 09:30`), or minutes ago (`~20`).
    pub at: String,
    /// Demo log-in that registers.
    pub who: String,
    pub register: Register,
    #[serde(default)]
    pub appellant: Appellant,
    #[serde(default)]
    pub step: Vec<Step>,
}

/// A command in a ticket's life.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub at: String,
    pub who: String,
    pub command: Command,
    /// Of a further appeal.
    #[serde(default)]
    pub appellant: Option<Appellant>,
}

/// A moment of a story.
#[derive(Debug)]
pub enum Told<'a> {
    Registration { at: &'a str, who: &'a str },
    Step(&'a Step),
}

impl Told<'_> {
    pub fn when(&self) -> &str {
        match self {
            Told::Registration { at, .. } => at,
            Told::Step(step) => step.when(),
        }
    }
}

impl Story {
    pub fn told(&self) -> impl Iterator<Item = Told<'_>> {
        std::iter::once(Told::Registration { at: &self.at, who: &self.who }).chain(self.step.iter().map(Told::Step))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    story: Vec<Story>,
}

pub fn load() -> Result<Vec<Story>, RulebookError> {
    parse_toml::<File>("demo/stories.toml", include_str!("../../demo/stories.toml")).map(|f| f.story)
}
