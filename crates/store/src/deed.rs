//! Something that is done, and the entry of the audit journal that tells of it: both or neither.

use crate::audit::{self, NewAudit};
use crate::db::Tx;
use crate::error::{Named, StoreError};
use crate::model::{Account, PersonRow, Unit};
use crate::seal::Rings;
use crate::store::Store;
use crate::{ApiKey, Credential, Ended, HeldPost, Identity, Session, UnitDuties};

/// One transaction. What its methods write stands once [`Deed::done`] has written the entry; one that is dropped has done nothing.
///
/// On SQLite it has the one connection that writes: between its calls wait for nothing but the database, and never write by the [`Store`].
pub struct Deed {
    tx: Tx<'static>,
    jurisdiction: String,
    pub(crate) rings: Rings,
}

impl std::fmt::Debug for Deed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deed").field("jurisdiction", &self.jurisdiction).finish_non_exhaustive()
    }
}

impl Store {
    /// Begins something that is done in a jurisdiction.
    pub async fn deed(&self, jurisdiction: &str) -> Result<Deed, StoreError> {
        let tx = self.held("deed").await?;
        Ok(Deed { tx, jurisdiction: jurisdiction.to_owned(), rings: self.rings().clone() })
    }
}

impl Deed {
    /// Where its statements run, and for whom.
    pub(crate) fn at(&mut self) -> (&mut Tx<'static>, &str) {
        (&mut self.tx, &self.jurisdiction)
    }

    /// It is done: writes the entry that says so, as the last thing of all, and commits. The entry's position.
    pub async fn done(mut self, entry: &NewAudit) -> Result<i64, StoreError> {
        const OP: &str = "done";
        let (tx, jurisdiction) = self.at();
        let seq = audit::append(tx, jurisdiction, std::slice::from_ref(entry)).await.op(OP)?;
        self.commit().await?;
        Ok(seq)
    }

    /// Commits without an entry: for what is written down elsewhere.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.tx.commit().await.op("commit")
    }
}

/// Deeds of one step that nobody has to be told of: at log-ins, of tools and tests, of a centre that is being made.
macro_rules! alone {
    ($(fn $name:ident($($given:ident: $kind:ty),*) -> $done:ty;)*) => {
        impl Store {$(
            #[doc = concat!("[`Deed::", stringify!($name), "`] in a transaction of its own, without an entry.")]
            #[allow(clippy::too_many_arguments, reason = "as many as the deed has")]
            pub async fn $name(&self, jurisdiction: &str, $($given: $kind),*) -> Result<$done, StoreError> {
                let mut deed = self.deed(jurisdiction).await?;
                let done = deed.$name($($given),*).await?;
                deed.commit().await?;
                Ok(done)
            }
        )*}
    };
}

alone! {
    fn account_put(account: &Account) -> ();
    fn account_new(login: &str, name: &str) -> bool;
    fn account_change(account: &str, name: &str, active: bool, keep: &str) -> Ended;
    fn api_key_put(key: &ApiKey) -> ();
    fn api_key_end(key_id: &str, at: jiff::Timestamp) -> bool;
    fn attempt_forget(key_hash: &str, all: bool) -> bool;
    fn identity_put(link: &Identity, at: jiff::Timestamp, by: &str) -> ();
    fn identity_delete(account: &str) -> bool;
    fn password_put(account: &str, hash: &str, at: jiff::Timestamp, once: bool, past: u32) -> ();
    fn person_put(person: &PersonRow) -> ();
    fn phone_put(account: &str, phone: Option<&str>) -> bool;
    fn post_give(post: &HeldPost) -> bool;
    fn post_known(post: &HeldPost) -> ();
    fn post_end(account: &str, at: jiff::Timestamp, by: &str, keep: &str) -> Ended;
    fn presence_put(account: &str, state: &str, at: jiff::Timestamp) -> bool;
    fn roster_put(day: i32, shift: &str, accounts: &[String]) -> ();
    fn session_put(session: &Session, most: u32) -> ();
    fn session_delete(token_hash: &str) -> bool;
    fn session_revoke(account: &str, handle: &str) -> bool;
    fn sessions_end(account: &str) -> u64;
    fn setting_put(name: &str, value: &str) -> ();
    fn totp_clear(account: &str) -> bool;
    fn totp_confirm(account: &str, seen: &Credential, step: i64, recovery: &[String]) -> bool;
    fn units_named(units: &[(Unit, UnitDuties)]) -> ();
}
