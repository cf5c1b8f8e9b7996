//! Figures for whoever watches the process: what the writer did, what waits, how busy the connections are. Numbers only.

use std::sync::LazyLock;

use jiff::Timestamp;
use prometheus_client::metrics::{
    counter::Counter,
    histogram::{Histogram, exponential_buckets},
};

use crate::db::query;
use crate::error::{Named, StoreError};
use crate::rows::{time_opt, us};
use crate::store::Store;

/// What this process has written since it began, over all its stores.
#[derive(Debug)]
pub struct Written {
    /// Jobs of each group that was committed.
    pub jobs: Histogram,
    /// Seconds that each group took, from the begin of its transaction until it was on disk.
    pub seconds: Histogram,
    /// Groups of which nothing, or not certainly all, was written.
    pub failed: Counter,
    /// Times that commits could not be brought into the archive.
    pub unarchived: Counter,
}

/// The one of this process.
pub static WRITTEN: LazyLock<Written> = LazyLock::new(|| Written {
    jobs: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
    seconds: Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]),
    failed: Counter::default(),
    unarchived: Counter::default(),
});

/// What waits for the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Messages to be sent, now or later.
    pub messages: i64,
    /// When the first of them is or was to be sent.
    pub first_message: Option<Timestamp>,
    /// Tickets whose time to be looked at has come.
    pub timers: i64,
    /// When the first of them was to be looked at.
    pub first_timer: Option<Timestamp>,
}

/// Connections that read (on PostgreSQL also write).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub open: u32,
    pub idle: u32,
    pub most: u32,
}

impl Store {
    /// What waits at `now`, by the centre's clock. Answered from indexes over what waits.
    pub async fn waiting(&self, jurisdiction: &str, now: Timestamp) -> Result<Waiting, StoreError> {
        const OP: &str = "waiting";
        let row = query(
            "SELECT m.messages, m.first_message, t.timers, t.first_timer FROM \
             (SELECT COUNT(*) AS messages, MIN(w.next_at) AS first_message FROM \
              (SELECT next_at FROM outbox WHERE jurisdiction = $1 AND state = 'pending' UNION ALL \
               SELECT next_at FROM notice WHERE jurisdiction = $1 AND state = 'pending') w) m, \
             (SELECT COUNT(*) AS timers, MIN(wake_at) AS first_timer FROM ticket \
              WHERE jurisdiction = $1 AND wake_at <= $2) t",
        )
        .bind(jurisdiction)
        .bind(us(now))
        .fetch_optional(self.read())
        .await
        .op(OP)?
        .ok_or_else(|| StoreError::not_found(OP, "row"))?;
        Ok(Waiting {
            messages: row.get("messages").op(OP)?,
            first_message: time_opt(&row, "first_message").op(OP)?,
            timers: row.get("timers").op(OP)?,
            first_timer: time_opt(&row, "first_timer").op(OP)?,
        })
    }

    /// How busy the connections are at this moment.
    pub fn connections(&self) -> Connections {
        self.read().connections()
    }
}
