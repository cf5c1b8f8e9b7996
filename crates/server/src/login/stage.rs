//! How far somebody has come who logs in. A session that is not open opens nothing but the next step.

use jiesu_domain::Instant;
use jiesu_store::Credential;
use serde::Serialize;
use utoipa::ToSchema;

use super::policy::Policy;

/// What is still to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Show the second factor.
    SecondFactor,
    /// Choose another password: this one was given by somebody else, or is too old.
    Password,
    /// Set up a second factor, which the role needs.
    Enrol,
    /// Nothing: the session is open.
    Open,
}

impl Stage {
    pub const fn code(self) -> &'static str {
        match self {
            Stage::SecondFactor => "second-factor",
            Stage::Password => "password",
            Stage::Enrol => "enrol",
            Stage::Open => "open",
        }
    }

    /// As stored; `None`: a word of a newer program.
    pub fn of(code: &str) -> Option<Stage> {
        [Stage::SecondFactor, Stage::Password, Stage::Enrol, Stage::Open].into_iter().find(|s| s.code() == code)
    }

    /// What comes next for somebody who has shown the password, and the second factor if `second`.
    pub fn next(credential: &Credential, needs_second: bool, second: bool, policy: &Policy, now: Instant) -> Stage {
        let days = (now.as_second() - credential.password_at.as_second()) / 86_400;
        if credential.totp.is_some() && !second {
            Stage::SecondFactor
        } else if credential.password_once || days >= i64::from(policy.password_days) {
            Stage::Password
        } else if needs_second && credential.totp.is_none() {
            Stage::Enrol
        } else {
            Stage::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_after_the_other() {
        let at = |day: i64| Instant::from_second(day * 86_400).unwrap();
        let credential = |once, totp: bool| Credential {
            password_hash: String::new(),
            password_at: at(100),
            password_once: once,
            totp: totp.then(String::new),
            totp_new: None,
        };
        let policy = Policy::default();
        let next =
            |once, totp, needs, second, day| Stage::next(&credential(once, totp), needs, second, &policy, at(day));
        assert_eq!(next(false, false, false, false, 100), Stage::Open);
        assert_eq!(next(true, true, true, false, 100), Stage::SecondFactor);
        assert_eq!(next(true, true, true, true, 100), Stage::Password);
        assert_eq!(next(true, false, true, false, 100), Stage::Password);
        assert_eq!(next(false, false, true, false, 100), Stage::Enrol);
        assert_eq!(next(false, true, false, false, 100), Stage::SecondFactor, "set up of one's own will");
        assert_eq!(next(false, false, false, false, 189), Stage::Open, "on the 89th day");
        assert_eq!(next(false, false, false, false, 190), Stage::Password, "on the 90th day");
        for stage in [Stage::SecondFactor, Stage::Password, Stage::Enrol, Stage::Open] {
            assert_eq!(Stage::of(stage.code()), Some(stage));
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.code());
        }
    }
}
