//! The centre's rules for log-ins: a setting of its own, changed by the security administrator, every change in the audit journal. What
//! 等保三级 (GB/T 22239-2019, 8.1.4.1) asks for are the bounds.

use jiesu_domain::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Its name among the settings.
pub const POLICY_SETTING: &str = "log-in-policy";

/// Whom no centre may let in by a password alone: the three administrators, and who decides for the centre on a unit's word.
const ALWAYS_SECOND: [Role; 4] = [Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin, Role::Reviewer];

/// Rules for log-ins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Fewest characters of a password.
    pub password_length: u32,
    /// Of lower-case letters, upper-case letters, digits and all else: how many kinds a password has at least.
    pub password_classes: u32,
    /// A new password is none of so many before it.
    pub password_past: u32,
    /// Days after which a password must be changed.
    pub password_days: u32,
    /// Failures in a row that shut a log-in name.
    pub failures: u32,
    /// For how many minutes.
    pub shut_minutes: u32,
    /// Minutes without use that end a session; holds for sessions begun afterwards.
    pub idle_minutes: u32,
    /// Hours after which a session ends whatever is done.
    pub absolute_hours: u32,
    /// Most sessions of an account at once; the oldest give way.
    pub sessions: u32,
    /// Most days that a key of a platform lives.
    pub key_days: u32,
    /// Roles that log in with a second factor.
    pub second_factor: Vec<Role>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy {
            password_length: 10,
            password_classes: 3,
            password_past: 5,
            password_days: 90,
            failures: 5,
            shut_minutes: 15,
            idle_minutes: 30,
            absolute_hours: 12,
            sessions: 5,
            key_days: 365,
            second_factor: ALWAYS_SECOND.to_vec(),
        }
    }
}

impl Policy {
    /// The demo's: known passwords that do not grow old, no second factor. Never of a centre that serves anybody.
    pub fn of_demo() -> Policy {
        Policy { second_factor: Vec::new(), password_days: 3650, idle_minutes: 240, ..Policy::default() }
    }

    /// Whether this is weaker than a centre may be: then the console says so on every page that shows it.
    pub fn weak(&self) -> bool {
        self.check().is_err()
    }

    /// Whether the role needs a second factor.
    pub fn second(&self, role: Role) -> bool {
        self.second_factor.contains(&role)
    }

    /// # Errors
    /// The field that is out of its bounds, and in Chinese what would do.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        let bounds = [
            ("password_length", self.password_length, 8, 64),
            ("password_classes", self.password_classes, 3, 4),
            ("password_past", self.password_past, 3, 24),
            ("password_days", self.password_days, 1, 180),
            ("failures", self.failures, 3, 10),
            ("shut_minutes", self.shut_minutes, 5, 1440),
            ("idle_minutes", self.idle_minutes, 5, 240),
            ("absolute_hours", self.absolute_hours, 1, 24),
            ("sessions", self.sessions, 1, 20),
            ("key_days", self.key_days, 1, 730),
        ];
        let out = bounds.iter().find(|(_, value, least, most)| value < least || value > most);
        if let Some((field, _, least, most)) = out {
            return Err((field, format!("应为{least}至{most}，请改正后再保存")));
        }
        if let Some(role) = ALWAYS_SECOND.iter().find(|role| !self.second(**role)) {
            return Err(("second_factor", format!("{role}须用双因素登录，请保留")));
        }
        match self.second_factor.iter().find(|role| !role.of_staff()) {
            Some(role) => Err(("second_factor", format!("“{role}”不是工作人员的角色，请去掉"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_holds_at_its_edge_and_not_one_past_it() {
        let base = Policy::default();
        assert_eq!(base.check(), Ok(()));
        let with = |change: fn(&mut Policy, u32), value: u32| {
            let mut policy = base.clone();
            change(&mut policy, value);
            policy.check().map_err(|(field, _)| field)
        };
        type Case = (fn(&mut Policy, u32), u32, u32, &'static str);
        let cases: [Case; 4] = [
            (|p, v| p.password_length = v, 8, 64, "password_length"),
            (|p, v| p.failures = v, 3, 10, "failures"),
            (|p, v| p.idle_minutes = v, 5, 240, "idle_minutes"),
            (|p, v| p.password_days = v, 1, 180, "password_days"),
        ];
        for (change, least, most, field) in cases {
            assert_eq!(with(change, least), Ok(()));
            assert_eq!(with(change, most), Ok(()));
            assert_eq!(with(change, least - 1), Err(field));
            assert_eq!(with(change, most + 1), Err(field));
        }
    }

    #[test]
    fn no_administrator_is_let_in_by_a_password_alone() {
        for role in ALWAYS_SECOND {
            let second_factor = ALWAYS_SECOND.into_iter().filter(|r| *r != role).collect();
            assert_eq!(Policy { second_factor, ..Policy::default() }.check().unwrap_err().0, "second_factor");
        }
        assert!(Policy::of_demo().weak());
        assert!(!Policy::default().weak());
    }
}
