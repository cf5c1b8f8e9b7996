//! Work that one process at a time does for a jurisdiction. A lease saves doing things twice; it does not keep them from being done twice
//! (a process may stand still while its lease runs out), so what is done under it must bear that.

use jiff::Timestamp;

use crate::db::query;
use crate::error::{Named, StoreError};
use crate::rows::us;
use crate::store::Store;

impl Store {
    /// Takes or renews a lease until `until`; `false` if somebody else has it. `now` is the machine's time, not that of a settable clock.
    pub async fn lease(
        &self,
        jurisdiction: &str,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        const OP: &str = "lease";
        let query = query(
            "INSERT INTO lease (jurisdiction, name, holder, leased_until) VALUES ($1, $2, $3, $5) \
             ON CONFLICT (jurisdiction, name) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until \
             WHERE lease.holder = excluded.holder OR lease.leased_until <= $4",
        )
        .bind(jurisdiction)
        .bind(name)
        .bind(holder)
        .bind(us(now))
        .bind(us(until));
        Ok(query.execute(&mut self.write(OP).await?).await.op(OP)? == 1)
    }

    /// Gives a lease back, so that the next one need not wait for its end.
    pub async fn lease_end(&self, jurisdiction: &str, name: &str, holder: &str) -> Result<(), StoreError> {
        const OP: &str = "lease_end";
        let query = query("DELETE FROM lease WHERE jurisdiction = $1 AND name = $2 AND holder = $3")
            .bind(jurisdiction)
            .bind(name)
            .bind(holder);
        query.execute(&mut self.write(OP).await?).await.op(OP).map(drop)
    }
}
