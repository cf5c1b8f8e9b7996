//! What people hear of changes to their own accounts: a text message to the phone that stands with the account, put into the queue by the same
//! transaction as the change. It says what happened, when, and whom to tell; never a secret, never a link, never who they are.

use jiesu_domain::{Instant, Rulebook};
use jiesu_store::{Deed, Notice, StoreError};
use jiff::{SignedDuration, tz::TimeZone};
use serde_json::json;

use super::{App, tidy_phone};

/// How often in a day somebody hears that their account was locked: whoever guesses must not be able to ring a phone all night.
const LOCKED_MOST: i64 = 3;
/// For so many days it is known what somebody was told.
const KEPT_DAYS: i64 = 30;

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    PasswordChanged,
    PasswordReset,
    SecondFactorSet,
    SecondFactorTaken,
    Locked,
    SessionsEnded,
    Shut,
    PostChanged,
    PhoneChanged,
    IdentityLinked,
    IdentityUnlinked,
}

impl Told {
    pub const ALL: [Told; 11] = [
        Told::PasswordChanged,
        Told::PasswordReset,
        Told::SecondFactorSet,
        Told::SecondFactorTaken,
        Told::Locked,
        Told::SessionsEnded,
        Told::Shut,
        Told::PostChanged,
        Told::PhoneChanged,
        Told::IdentityLinked,
        Told::IdentityUnlinked,
    ];

    /// The word in the column.
    pub fn code(self) -> &'static str {
        match self {
            Told::PasswordChanged => "password-changed",
            Told::PasswordReset => "password-reset",
            Told::SecondFactorSet => "second-factor-set",
            Told::SecondFactorTaken => "second-factor-taken",
            Told::Locked => "locked",
            Told::SessionsEnded => "sessions-ended",
            Told::Shut => "shut",
            Told::PostChanged => "post-changed",
            Told::PhoneChanged => "phone-changed",
            Told::IdentityLinked => "identity-linked",
            Told::IdentityUnlinked => "identity-unlinked",
        }
    }

    fn of(code: &str) -> Option<Told> {
        Told::ALL.into_iter().find(|told| told.code() == code)
    }

    /// What happened, in half a sentence.
    fn zh(self) -> &'static str {
        match self {
            Told::PasswordChanged => "您的工作账户修改了密码",
            Told::PasswordReset => "您的工作账户被重新设置了密码，已登录的全部退出",
            Told::SecondFactorSet => "您的工作账户设置了新的验证器",
            Told::SecondFactorTaken => "您的工作账户被取消了验证器，已登录的全部退出",
            Told::Locked => "您的工作账户因多次输错密码或验证码被暂时锁定",
            Told::SessionsEnded => "您的工作账户的登录被全部注销",
            Told::Shut => "您的工作账户被停用",
            Told::PostChanged => "您的工作账户的岗位有变动，已登录的全部退出",
            Told::PhoneChanged => "您的工作账户更换或删除了接收通知的手机，本号码不再接收通知",
            Told::IdentityLinked => "您的工作账户关联了统一身份认证的用户",
            Told::IdentityUnlinked => "您的工作账户取消了统一身份认证的关联",
        }
    }

    /// How often in a day.
    fn most(self) -> i64 {
        if self == Told::Locked { LOCKED_MOST } else { i64::MAX }
    }
}

/// A mobile number as it is kept, eleven digits; `None`: nothing can be sent there.
pub fn mobile(typed: &str) -> Option<String> {
    let phone = tidy_phone(typed);
    let national = phone.strip_prefix("+86").or_else(|| phone.strip_prefix("0086")).unwrap_or(&phone);
    let good = national.len() == 11 && national.starts_with('1') && national.bytes().all(|b| b.is_ascii_digit());
    good.then(|| national.to_owned())
}

/// The message itself.
pub fn told_text(book: &Rulebook, notice: &Notice) -> String {
    let place = book.rulebook.place.trim_end_matches('市');
    let what = Told::of(&notice.kind).map_or("您的工作账户有变动", Told::zh);
    let said: serde_json::Value = serde_json::from_str(&notice.payload).unwrap_or_default();
    let at: Option<Instant> = said["at"].as_str().and_then(|at| at.parse().ok());
    let when = at.map_or_else(String::new, |at| {
        at.to_zoned(TimeZone::fixed(jiff::tz::offset(8))).strftime("%-m月%-d日%-H时%-M分，").to_string()
    });
    format!("【{place}12345】{when}{what}。不是您本人要求的，请马上告诉热线中心的安全管理员。")
}

impl App {
    /// Lets the owner of an account hear of what is being done with it, where they have a phone; `false` if not.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tell(&self, deed: &mut Deed, account: &str, told: Told) -> Result<bool, StoreError> {
        let (now, wall) = (self.clock.now(), self.clock.wall());
        let payload = json!({ "at": now }).to_string();
        let since = wall.checked_sub(SignedDuration::from_hours(24)).unwrap_or(wall);
        deed.tell(account, (told.code(), &payload), (wall, now), (told.most(), since)).await
    }

    /// Forgets what people were told long ago.
    pub(crate) async fn forget_notices(&self) -> Result<u64, StoreError> {
        let wall = self.clock.wall();
        let before = wall.checked_sub(SignedDuration::from_hours(24 * KEPT_DAYS)).unwrap_or(wall);
        self.store.notices_purge(&self.jurisdiction, before).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;

    #[test]
    fn a_message_says_what_when_and_whom_to_tell_and_has_no_secret_and_no_link() {
        let law = Law::load(None).unwrap();
        let book = law.in_force("shangrao", jiff::civil::date(2026, 11, 22)).unwrap();
        for told in Told::ALL {
            let payload = json!({ "at": "2026-11-22T13:05:00Z" }).to_string();
            let (id, account, attempts) = (1, "zhang".to_owned(), 0);
            let notice = Notice { id, account, kind: told.code().into(), payload, phone: None, attempts };
            let text = told_text(book, &notice);
            assert!(text.starts_with("【上饶12345】11月22日21时5分，您的工作账户"), "{text}");
            assert!(text.ends_with("请马上告诉热线中心的安全管理员。"), "{text}");
            assert!(!text.contains("http") && !text.contains("zhang") && text.chars().count() <= 90, "{text}");
            assert_eq!(Told::of(told.code()), Some(told));
        }
    }

    #[test]
    fn a_number_is_a_mobile_one_or_none() {
        for typed in ["13900001234", "139 0000 1234", "+8613900001234", "００８６139-0000-1234"] {
            assert_eq!(mobile(typed).as_deref(), Some("13900001234"), "{typed}");
        }
        for typed in ["", "0793-8123456", "1390000123", "139000012345", "23900001234", "1390000123x", "139****1234"] {
            assert_eq!(mobile(typed), None, "{typed}");
        }
    }
}
