//! The data keys of a jurisdiction as this process knows them, and the keys of tickets under them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use zeroize::Zeroizing;

use super::cipher::{self, DERIVED, FIND, KEY, of_ticket};
use super::{DataKey, KeyError, MasterKeys, Spot, TicketKey};
use crate::db::{Dialect, On, Row, Tx, query};
use crate::error::{Named, StoreError};
use crate::rows::us;
use crate::store::Store;

/// The sealed key of the ticket that a row of this table is about, as a column `secret`. Empty once the ticket was erased, NULL if it never
/// had one.
pub(crate) fn key_of_ticket(table: &str) -> String {
    format!(
        "(SELECT k.secret FROM ticket k WHERE k.jurisdiction = {table}.jurisdiction AND k.ticket = {table}.ticket) AS secret"
    )
}

/// A new key of a ticket, and how it is stored.
pub(crate) fn fresh_ticket_key(key: &DataKey, jurisdiction: &str, ticket: &str) -> (TicketKey, String) {
    let (fresh, secret) = TicketKey::fresh();
    (fresh, key.seal(&secret_of(jurisdiction, &[ticket]), &secret))
}

fn secret_of<'a>(jurisdiction: &'a str, ticket: &'a [&'a str]) -> Spot<'a> {
    Spot { jurisdiction, table: "ticket", row: ticket, column: "secret" }
}

/// The data keys of one jurisdiction; it has one at least.
pub(crate) struct Ring {
    jurisdiction: String,
    keys: BTreeMap<i64, DataKey>,
    /// Versions by which nothing is found any more: all was sealed anew.
    retired: Vec<i64>,
}

impl Ring {
    /// The one that seals from now on.
    pub(crate) fn newest(&self) -> &DataKey {
        self.keys.last_key_value().map(|(_, key)| key).expect("a ring has a key")
    }

    /// The one that stays what it is while newer ones come: for digests that are compared and not stored.
    pub(crate) fn oldest(&self) -> &DataKey {
        self.keys.first_key_value().map(|(_, key)| key).expect("a ring has a key")
    }

    fn version(&self, version: i64) -> Result<&DataKey, KeyError> {
        self.keys.get(&version).ok_or(KeyError::NoDataKey { version })
    }

    /// What a sealed text says.
    ///
    /// # Errors
    /// It was changed or moved, or its key is not here.
    pub(crate) fn open(&self, spot: &Spot<'_>, sealed: &str) -> Result<String, KeyError> {
        self.version(cipher::version(sealed)?)?.open(spot, sealed)
    }

    /// By what a value may be found: a digest for each version under which rows may stand.
    pub(crate) fn finds(&self, sort: &str, tidy: &str) -> Vec<String> {
        let in_use = self.keys.values().filter(|key| !self.retired.contains(&key.version));
        in_use.map(|key| key.find(sort, tidy)).collect()
    }

    /// A ticket's key as it is stored.
    ///
    /// # Errors
    /// The ticket was erased, or the key does not open.
    pub(crate) fn ticket_key(&self, ticket: &str, secret: &str) -> Result<TicketKey, KeyError> {
        if secret.is_empty() {
            return Err(KeyError::Erased);
        }
        let key = Zeroizing::new(self.open(&secret_of(&self.jurisdiction, &[ticket]), secret)?);
        TicketKey::read(&key)
    }
}

/// Opens what stands under tickets' keys, each key once.
pub(crate) struct TicketKeys<'r> {
    ring: &'r Ring,
    known: HashMap<String, TicketKey>,
}

impl<'r> TicketKeys<'r> {
    pub(crate) fn new(ring: &'r Ring) -> Self {
        Self { ring, known: HashMap::new() }
    }

    /// The text of a column of a row about a ticket; `None` if it was erased with the ticket. `secret` as [`KEY_OF_TICKET`] has it.
    ///
    /// # Errors
    /// It was changed or moved, or the key is not here.
    pub(crate) fn open(
        &mut self,
        (table, row, column): (&str, &[&str], &str),
        ticket: &str,
        secret: Option<&str>,
        stored: &str,
    ) -> Result<Option<String>, KeyError> {
        if !of_ticket(stored) {
            return Ok(Some(stored.to_owned()));
        }
        if !self.known.contains_key(ticket) {
            match self.ring.ticket_key(ticket, secret.ok_or(KeyError::Damaged)?) {
                Err(KeyError::Erased) => return Ok(None),
                key => self.known.insert(ticket.to_owned(), key?),
            };
        }
        let spot = Spot { jurisdiction: &self.ring.jurisdiction, table, row, column };
        self.known.get(ticket).ok_or(KeyError::Damaged)?.open(&spot, stored).map(Some)
    }
}

/// The rings that this process knows, and the master key that they came from.
#[derive(Clone)]
pub(crate) struct Rings {
    pub(super) master: Option<Arc<dyn MasterKeys>>,
    known: Arc<RwLock<HashMap<String, Arc<Ring>>>>,
}

const LOAD: &str = "SELECT version, secret, master, retired_at FROM data_key WHERE jurisdiction = $1 ORDER BY version";

impl Rings {
    pub(crate) fn new(master: Option<Arc<dyn MasterKeys>>) -> Self {
        Self { master, known: Arc::default() }
    }

    pub(super) fn master(&self) -> Result<&dyn MasterKeys, KeyError> {
        self.master.as_deref().ok_or(KeyError::NoMaster)
    }

    fn known(&self, jurisdiction: &str) -> Option<Arc<Ring>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(jurisdiction).cloned()
    }

    /// The ring, read anew from the database.
    pub(crate) async fn load<'c>(
        &self,
        on: impl Into<On<'c>>,
        op: &'static str,
        jurisdiction: &str,
    ) -> Result<Arc<Ring>, StoreError> {
        let rows = query(LOAD).bind(jurisdiction).fetch_all(on).await.op(op)?;
        let mut ring = Ring { jurisdiction: jurisdiction.to_owned(), keys: BTreeMap::new(), retired: Vec::new() };
        for row in &rows {
            let key = self.unwrapped(op, jurisdiction, row)?;
            if row.get::<Option<i64>>("retired_at").op(op)?.is_some() {
                ring.retired.push(key.version);
            }
            ring.keys.insert(key.version, key);
        }
        if ring.keys.is_empty() {
            return Err(StoreError::Key { op, source: KeyError::NoDataKey { version: 0 } });
        }
        let ring = Arc::new(ring);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(jurisdiction.to_owned(), Arc::clone(&ring));
        Ok(ring)
    }

    fn unwrapped(&self, op: &'static str, jurisdiction: &str, row: &Row) -> Result<DataKey, StoreError> {
        let (version, secret, master): (i64, String, String) =
            (row.get("version").op(op)?, row.get("secret").op(op)?, row.get("master").op(op)?);
        let open = || {
            let secret = self.master()?.unwrap(&master, &wrapped_with(jurisdiction, version), &secret)?;
            DataKey::new(version, &secret)
        };
        open().map_err(|source| StoreError::Key { op, source })
    }

    /// A ring in which this version is: the one known, or read anew.
    pub(crate) async fn at_least<'c>(
        &self,
        on: impl Into<On<'c>>,
        op: &'static str,
        jurisdiction: &str,
        version: i64,
    ) -> Result<Arc<Ring>, StoreError> {
        match self.known(jurisdiction).filter(|ring| ring.keys.contains_key(&version)) {
            Some(ring) => Ok(ring),
            None => self.load(on, op, jurisdiction).await,
        }
    }

    /// The ring for a transaction that writes beside the journal: with the key that is the newest in its eyes, which nobody else replaces
    /// before it ends.
    pub(crate) async fn for_writing(
        &self,
        tx: &mut Tx<'_>,
        op: &'static str,
        jurisdiction: &str,
    ) -> Result<Arc<Ring>, StoreError> {
        if tx.dialect() == Dialect::Postgres {
            // Held until the end of the transaction; who rotates waits for it, and we for them.
            let held = query("SELECT version FROM data_key WHERE jurisdiction = $1 ORDER BY version FOR SHARE");
            held.bind(jurisdiction).fetch_all(&mut *tx).await.op(op)?;
        }
        let newest = query("SELECT COALESCE(MAX(version), 0) FROM data_key WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(&mut *tx)
            .await
            .op(op)?;
        self.at_least(tx, op, jurisdiction, newest).await
    }
}

/// What a data key is wrapped together with.
fn wrapped_with(jurisdiction: &str, version: i64) -> Vec<u8> {
    format!("jiesu data key\n{jurisdiction}\n{version}").into_bytes()
}

/// Makes the data key of a version and keeps it; nothing if somebody else has just made it.
pub(super) async fn make(
    rings: &Rings,
    tx: &mut Tx<'_>,
    op: &'static str,
    jurisdiction: &str,
    version: i64,
) -> Result<(), StoreError> {
    let key = |source| StoreError::Key { op, source };
    let secret = cipher::random_key::<{ KEY + FIND }>();
    let master = rings.master().map_err(key)?;
    let (id, wrapped) = master.wrap(&wrapped_with(jurisdiction, version), &secret[..]).map_err(key)?;
    #[expect(clippy::disallowed_methods, reason = "keys live by the wall clock")]
    let now = us(Timestamp::now());
    let made = query(
        "INSERT INTO data_key (jurisdiction, version, secret, master, made_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (jurisdiction, version) DO NOTHING",
    );
    made.bind(jurisdiction).bind(version).bind(wrapped).bind(id).bind(now).execute(tx).await.op(op)?;
    Ok(())
}

/// The same secret under the current master key; `None` if it is under it already.
pub(super) fn rewrapped(
    master: &dyn MasterKeys,
    jurisdiction: &str,
    version: i64,
    (id, wrapped): (&str, &str),
) -> Result<Option<(String, String)>, KeyError> {
    if master.current()? == id {
        return Ok(None);
    }
    let with = wrapped_with(jurisdiction, version);
    master.wrap(&with, &master.unwrap(id, &with, wrapped)?).map(Some)
}

impl Store {
    /// What `read` makes of sealed rows. A key that this process does not know yet is looked for once: another one may have made it.
    pub(crate) async fn opening<T>(
        &self,
        op: &'static str,
        jurisdiction: &str,
        read: impl Fn(&Ring) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let ring = self.ring(op, jurisdiction).await?;
        match read(&ring) {
            Err(StoreError::Key { source: KeyError::NoDataKey { .. }, .. }) => {
                read(&*self.rings().load(self.read(), op, jurisdiction).await?)
            }
            read => read,
        }
    }

    async fn ring(&self, op: &'static str, jurisdiction: &str) -> Result<Arc<Ring>, StoreError> {
        match self.rings().known(jurisdiction) {
            Some(ring) => Ok(ring),
            None => self.rings().load(self.read(), op, jurisdiction).await,
        }
    }

    /// The ring to find something by: every version under which another process may have written.
    pub(crate) async fn fresh_ring(&self, op: &'static str, jurisdiction: &str) -> Result<Arc<Ring>, StoreError> {
        let newest = query("SELECT COALESCE(MAX(version), 0) FROM data_key WHERE jurisdiction = $1")
            .bind(jurisdiction)
            .scalar(self.read())
            .await
            .op(op)?;
        self.rings().at_least(self.read(), op, jurisdiction, newest).await
    }

    /// Seals a value for a place of its own: the column of a table, in the row with this key after the jurisdiction. The table's column must
    /// be declared personal (`columns.rs`), so that it is sealed anew when keys are rotated.
    ///
    /// # Errors
    /// There is no key.
    pub async fn seal(
        &self,
        jurisdiction: &str,
        (table, row, column): (&str, &[&str], &str),
        plain: &str,
    ) -> Result<String, StoreError> {
        const OP: &str = "seal";
        let ring = self.fresh_ring(OP, jurisdiction).await?;
        Ok(ring.newest().seal(&Spot { jurisdiction, table, row, column }, plain))
    }

    /// A key for one purpose outside the store, the same for every process and after every rotation: it comes from the first data key,
    /// which is kept as long as the jurisdiction. For what is short-lived or compared only; what is kept goes through [`Store::seal`].
    ///
    /// # Errors
    /// There is no key.
    pub async fn derived_key(
        &self,
        jurisdiction: &str,
        purpose: &str,
    ) -> Result<Box<Zeroizing<[u8; DERIVED]>>, StoreError> {
        Ok(self.ring("derived_key", jurisdiction).await?.oldest().derived(purpose))
    }

    /// What [`Store::seal`] sealed for the same place.
    ///
    /// # Errors
    /// It was changed or moved, or its key is not here.
    pub async fn unseal(
        &self,
        jurisdiction: &str,
        (table, row, column): (&str, &[&str], &str),
        sealed: &str,
    ) -> Result<String, StoreError> {
        const OP: &str = "unseal";
        let spot = Spot { jurisdiction, table, row, column };
        let open = |ring: &Ring| ring.open(&spot, sealed).map_err(|source| StoreError::Key { op: OP, source });
        self.opening(OP, jurisdiction, open).await
    }
}
