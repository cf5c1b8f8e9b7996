//! Proving who one is: passwords, second factors, keys of platforms, and what is done against guessing. What a person may do then is
//! decided in the domain; that a request comes from them is looked at in `api::auth`.
//!
//! Everything here lives by the wall clock: moving a demo's clock signs nobody out and opens nothing.

mod device;
mod keys;
mod lockout;
mod oidc;
mod password;
mod policy;
mod seal;
mod sent_code;
mod stage;
mod totp;

pub use device::device;
pub use keys::{KEY_PREFIX, NewKey, key_shown};
pub use lockout::{BY_ADDRESS, BY_NUMBER, Key};
pub use oidc::{Flow, Oidc, OidcError, OidcSettings};
pub use password::{Hashing, PASSWORD_MOST, Secret, fits, hash as hash_password, initial_password, strength};
pub use policy::{POLICY_SETTING, Policy};
pub use seal::Seal;
pub use sent_code::ONE_TIME;
pub use stage::Stage;
pub use totp::{Offer, RECOVERY_CODES, code as totp_code, matching_step, offer, recovery_code, tidy_recovery};

use jiesu_store::StoreError;

use crate::app::App;

impl App {
    /// The centre's rules for log-ins as they stand now, whichever process changed them.
    ///
    /// # Errors
    /// The store failed.
    pub async fn log_in_policy(&self) -> Result<Policy, StoreError> {
        let set = self.store.setting(&self.jurisdiction, POLICY_SETTING).await?;
        Ok(set.map_or_else(Policy::default, |text| {
            serde_json::from_str(&text).unwrap_or_else(|error| {
                // Stricter than anything that could stand there.
                tracing::error!(%error, "the log-in policy is unreadable; the default holds");
                Policy::default()
            })
        }))
    }

    /// Forgets sessions that are over and failures that count no more.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget_log_ins(&self) -> Result<(), StoreError> {
        let (now, j) = (self.clock.wall(), &self.jurisdiction);
        self.store.sessions_purge(j, now).await?;
        self.store.sent_codes_purge(j, now).await?;
        // Nothing is shut for longer than a day.
        let before = now.checked_sub(jiff::SignedDuration::from_hours(24)).unwrap_or(now);
        self.store.attempts_purge(j, before).await?;
        self.forget_notices().await?;
        Ok(())
    }

    /// Changes them, without an entry in the audit journal: where a centre is made.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_log_in_policy(&self, policy: &Policy) -> Result<(), StoreError> {
        self.store.setting_put(&self.jurisdiction, POLICY_SETTING, &policy.text()).await
    }
}
