//! Keys of platforms and gateways: `jk_` with the key's name and its secret. Only a digest is kept; the key is shown once.

use jiesu_domain::{Actor, Instant, Role, access, ticket::Action};
use jiesu_store::{ApiKey, Deed, StoreError};
use jiff::SignedDuration;

use crate::app::{App, digest, hex, random_bytes};

/// How every key begins, so that a scanner of source code or logs finds one that was left there.
pub const KEY_PREFIX: &str = "jk_";

/// What a key is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The platform's name.
    pub name: String,
    pub scopes: Vec<Action>,
    /// Requests a minute.
    pub rate: u32,
    pub expires_at: Instant,
}

impl NewKey {
    /// Actions that a key can be good for.
    pub fn possible() -> Vec<Action> {
        Action::ALL.iter().copied().filter(|action| access::may(Role::Platform, *action)).collect()
    }
}

/// The name of a key out of the key itself.
pub fn key_shown(key: &str) -> Option<&str> {
    key.strip_prefix(KEY_PREFIX)?.split_once('_').map(|(id, _)| id)
}

impl App {
    /// Makes a key by itself, where a centre is made; the key, which nobody can be told again, and what is kept of it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn make_key(&self, new: &NewKey, by: &Actor) -> Result<(String, ApiKey), StoreError> {
        let mut deed = self.deed().await?;
        let made = self.make_key_in(&mut deed, new, by).await?;
        deed.commit().await?;
        Ok(made)
    }

    /// Makes a key; the key, which nobody can be told again, and what is kept of it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn make_key_in(&self, deed: &mut Deed, new: &NewKey, by: &Actor) -> Result<(String, ApiKey), StoreError> {
        let (id, secret) = (hex(&random_bytes::<4>()), hex(&random_bytes::<24>()));
        let shown = format!("{KEY_PREFIX}{id}_{secret}");
        let key = ApiKey {
            key_id: id,
            key_hash: digest(&shown),
            name: new.name.clone(),
            scopes: new.scopes.iter().map(|action| action.code().to_owned()).collect(),
            rate: new.rate,
            created_at: self.clock.wall(),
            created_by: by.id.clone(),
            expires_at: new.expires_at,
            used_at: None,
        };
        deed.api_key_put(&key).await?;
        Ok((shown, key))
    }

    /// A key that replaces another, which ends after `overlap`: until then both are good.
    ///
    /// # Errors
    /// The store failed.
    pub async fn rotate_key(
        &self,
        deed: &mut Deed,
        old: &ApiKey,
        expires_at: Instant,
        overlap: SignedDuration,
        by: &Actor,
    ) -> Result<(String, ApiKey), StoreError> {
        let scopes = old.scopes.iter().filter_map(|code| code.parse().ok()).collect();
        let new = NewKey { name: old.name.clone(), scopes, rate: old.rate, expires_at };
        let made = self.make_key_in(deed, &new, by).await?;
        let now = self.clock.wall();
        let ends = now.checked_add(overlap).unwrap_or(now);
        deed.api_key_end(&old.key_id, ends).await?;
        Ok(made)
    }
}
