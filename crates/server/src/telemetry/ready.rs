//! Whether this process should be given work.

use std::time::Duration;

use jiesu_store::Store;

use crate::app::App;

/// A database that takes longer does not answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// Why it should not, in words; `None` if it should. A database that is newer than the program is fine: migrations only add, so that the
/// old program goes on beside the new one.
pub async fn not_ready(app: &App) -> Option<String> {
    if *app.live.ended().borrow() {
        return Some("正在停止，不再接受新的请求".into());
    }
    match tokio::time::timeout(PATIENCE, app.store.schema_version()).await {
        Ok(Ok(version)) if version >= Store::SCHEMA => None,
        Ok(Ok(version)) => Some(format!(
            "数据库结构是第{version}版，本程序需要第{}版；请运行 jiesu migrate，或检查是否连错了数据库",
            Store::SCHEMA
        )),
        Ok(Err(_)) | Err(_) => Some("数据库没有应答；请检查数据库是否在运行、磁盘是否正常".into()),
    }
}
