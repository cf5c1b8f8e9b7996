//! What a centre has switched off for everybody: kinds of proposals, kinds of hints. Each list is a setting.

use std::{collections::BTreeSet, net::IpAddr};

use jiesu_domain::{Actor, audit::ActKind};
use jiesu_store::StoreError;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Act, App, ExecuteError};

impl App {
    /// What is switched off by this setting; `None`: nobody has decided yet. What this program does not know is passed over.
    pub(super) async fn off<T: DeserializeOwned + Ord>(
        &self,
        setting: &str,
    ) -> Result<Option<BTreeSet<T>>, StoreError> {
        let kept = self.store.setting(&self.jurisdiction, setting).await?;
        let codes = kept.and_then(|kept| serde_json::from_str::<Vec<Value>>(&kept).ok());
        Ok(codes.map(|codes| codes.into_iter().filter_map(|code| serde_json::from_value(code).ok()).collect()))
    }

    /// Switches something on or off, given all that is off now. A change stands in the audit journal. Whether there was one.
    pub(super) async fn switch<T: Serialize + Ord + Copy>(
        &self,
        (actor, origin): (&Actor, Option<IpAddr>),
        setting: &str,
        mut off: BTreeSet<T>,
        (what, on): (T, bool),
    ) -> Result<bool, ExecuteError> {
        let changed = if on { off.remove(&what) } else { off.insert(what) };
        if changed {
            let detail = json!({ "what": what, "on": on });
            let mut deed = self.deed().await?;
            deed.setting_put(setting, &json!(off).to_string()).await?;
            self.done(deed, actor, Act::done(ActKind::SettingChanged, setting).with(detail).from(origin)).await?;
        }
        Ok(changed)
    }
}
