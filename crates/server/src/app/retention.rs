//! How long each sort of data is kept here: as long as the law says at least, longer where the centre wants it.

use std::net::IpAddr;

use jiesu_domain::{Actor, audit::ActKind};
use jiesu_store::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{Act, App};
use crate::evidence::KEPT_DAYS;

/// Where it stands.
const RETENTION_SETTING: &str = "retention";
/// Nobody keeps anything longer.
const YEARS_MOST: u32 = 100;
const DAYS_MOST: u32 = 3_650;

/// How long the centre keeps what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Tickets with their recordings, files and appellants: years after they were archived.
    pub ticket_years: u32,
    /// Entries of the audit journal, before they may leave into a signed file.
    pub audit_days: u32,
}

impl Retention {
    /// What the law says at least; `years` is the rulebook's.
    pub fn least(years: u32) -> Retention {
        Retention { ticket_years: years, audit_days: KEPT_DAYS as u32 }
    }

    /// # Errors
    /// The field that is out of its bounds, and in Chinese what would do.
    pub fn check(&self, years: u32) -> Result<(), (&'static str, String)> {
        let least = Retention::least(years);
        let bounds = [
            ("ticket_years", self.ticket_years, least.ticket_years, YEARS_MOST, "年"),
            ("audit_days", self.audit_days, least.audit_days, DAYS_MOST, "天"),
        ];
        match bounds.iter().find(|(_, value, least, most, _)| value < least || value > most) {
            Some((field, _, least, most, unit)) => {
                Err((field, format!("应为{least}至{most}{unit}：不能短于规定的最低期限，请改正后再保存")))
            }
            None => Ok(()),
        }
    }
}

impl App {
    /// How long this centre keeps what; never shorter than the rulebook in force and the law say.
    ///
    /// # Errors
    /// The store failed.
    pub async fn retention(&self) -> Result<Retention, StoreError> {
        let least = Retention::least(self.rulebook().archive.recordings_years);
        let set = self.store.setting(&self.jurisdiction, RETENTION_SETTING).await?;
        let set: Option<Retention> = set.and_then(|text| serde_json::from_str(&text).ok());
        Ok(set.map_or(least, |set| Retention {
            ticket_years: set.ticket_years.max(least.ticket_years),
            audit_days: set.audit_days.max(least.audit_days),
        }))
    }

    /// Changes it, and says who did.
    ///
    /// # Errors
    /// The store failed.
    pub async fn set_retention(&self, by: &Actor, from: Option<IpAddr>, new: &Retention) -> Result<(), StoreError> {
        let before = self.retention().await?;
        let detail = json!({
            "ticket_years": [before.ticket_years, new.ticket_years], "audit_days": [before.audit_days, new.audit_days],
        });
        let mut deed = self.deed().await?;
        deed.setting_put(RETENTION_SETTING, &serde_json::to_string(new).unwrap_or_default()).await?;
        self.done(deed, by, Act::done(ActKind::SettingChanged, RETENTION_SETTING).with(detail).from(from))
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_shorter_than_the_law_says() {
        let wrong =
            |ticket_years, audit_days| Retention { ticket_years, audit_days }.check(3).map_err(|(field, _)| field);
        assert_eq!((wrong(3, 180), wrong(100, 3_650)), (Ok(()), Ok(())));
        assert_eq!((wrong(2, 180), wrong(101, 180)), (Err("ticket_years"), Err("ticket_years")));
        assert_eq!((wrong(3, 179), wrong(3, 3_651)), (Err("audit_days"), Err("audit_days")));
    }
}
