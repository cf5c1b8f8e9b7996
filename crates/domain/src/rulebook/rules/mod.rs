//! The rules by the machine that carries them out. Every one is [`Cited`].

mod dispatch;
mod handling;
mod intake;
mod knowledge;
mod limits;
mod outcome;
mod supervision;

pub use dispatch::*;
pub use handling::*;
pub use intake::*;
pub use knowledge::*;
pub use limits::*;
pub use outcome::*;
pub use supervision::*;

use super::Cited;

/// Declares rules: structs of a rulebook's file that know no keys but these, each with its source.
macro_rules! rules {
    ($($(#[$meta:meta])* $name:ident $id:expr => { $($(#[$fmeta:meta])* $field:ident : $type:ty),* $(,)? })+) => { $(
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$fmeta])* pub $field: $type,)*
            /// As the text names it; left out where only readings carry the rule.
            #[serde(default)]
            pub article: Option<String>,
            /// Ids of readings.
            #[serde(default)]
            pub assume: Vec<String>,
        }

        impl $crate::rulebook::Cited for $name {
            fn id(&self) -> &str { let of: fn(&$name) -> &str = $id; of(self) }
            fn article(&self) -> &str { self.article.as_deref().unwrap_or_default() }
            fn readings(&self) -> &[String] { &self.assume }
        }
    )+ };
}
use rules;

/// A rule that people choose from a list: by its id, or by its name as the list shows it.
pub trait Listed {
    fn id(&self) -> &str;
    fn name(&self) -> &str;
}

macro_rules! listed {
    ($($name:ident),+ $(,)?) => { $(impl Listed for $name {
        fn id(&self) -> &str { &self.id }
        fn name(&self) -> &str { &self.name }
    })+ };
}

listed!(
    RefusalClass,
    MaliciousRule,
    ClosureGround,
    RedoGround,
    NoRedoGround,
    ExemptRule,
    SuperviseRule,
    MeasureRule,
    ConductRule,
);

/// The rule that somebody means.
pub fn chosen<'r, R: Listed>(list: &'r [R], said: &str) -> Option<&'r R> {
    let said = said.trim();
    list.iter().find(|r| r.id() == said).or_else(|| list.iter().find(|r| r.name() == said))
}

/// What can be chosen, for a person who chose something else: `done 已办理完毕、…`.
pub fn choices<R: Listed>(list: &[R]) -> String {
    list.iter().map(|r| format!("{} {}", r.id(), r.name())).collect::<Vec<_>>().join("；")
}

impl super::Rulebook {
    /// Every rule with where it stands in the file: what a check, a sheet or a comparison walks over.
    pub fn rules(&self) -> Vec<(Vec<String>, &dyn Cited)> {
        let mut all: Vec<(Vec<String>, &dyn Cited)> = Vec::new();
        macro_rules! single { ($($name:literal $field:ident),+ $(,)?) => { $(all.push((vec![$name.to_owned()], &self.$field));)+ } }
        macro_rules! maybe { ($($name:literal $field:ident),+ $(,)?) => { $(if let Some(rule) = &self.$field { all.push((vec![$name.to_owned()], rule)); })+ } }
        macro_rules! many { ($($name:literal $field:ident),+ $(,)?) => { $(for (i, rule) in self.$field.iter().enumerate() { all.push((vec![$name.to_owned(), i.to_string()], rule)); })+ } }
        single!("accept" accept, "referral" referral, "emergency" emergency, "dispatch" dispatch, "return" returns, "reply" reply,
            "confidential" confidential, "closure" closure, "follow_up" follow_up, "redo" redo, "archive" archive);
        maybe!("withdrawal" withdrawal, "transfer" transfer, "risk" risk, "special_law" special_law, "consultation" consultation,
            "approval" approval, "whistle" whistle, "raise" raise, "longer" longer, "contact" contact, "supplement" supplement,
            "report_up" report_up, "settled" settled, "exclusion" exclusion, "urging" urging, "knowledge" knowledge);
        many!("refusal" refusal, "malicious" malicious, "limit" limit, "copy" copy, "extension" extension, "closure_ground" closure_ground,
            "redo_ground" redo_ground, "no_redo" no_redo, "exempt" exempt, "supervise" supervise, "measure" measure, "conduct" conduct,
            "message" message);
        all
    }
}
