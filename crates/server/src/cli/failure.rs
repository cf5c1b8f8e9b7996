//! What an operator reads when a command fails: the store speaks English, for logs; people read Chinese and what to do next.

use std::error::Error;

use jiesu_store::{KeyError, StoreError};

/// The whole failure in Chinese. Errors of ours are Chinese already; one of the store, however deep it lies, is put into words here.
pub fn in_words(error: &(dyn Error + 'static)) -> String {
    let mut cause = Some(error);
    while let Some(found) = cause {
        if let Some(store) = found.downcast_ref::<StoreError>() {
            return store_in_words(store);
        }
        cause = found.source();
    }
    error.to_string()
}

fn key_in_words(error: &KeyError) -> String {
    match error {
        KeyError::Provider(words) => words.clone(),
        KeyError::OtherMaster { id } => format!(
            "主密钥不对，没有保存任何更改：数据库由主密钥 {id} 保护，现在的主密钥不是它；请换回那一份主密钥文件（key_file）"
        ),
        KeyError::NoMaster | KeyError::NoDataKey { .. } => {
            "没有加密用的密钥，没有保存任何更改；请先运行 jiesu migrate，并检查主密钥文件（key_file）".into()
        }
        KeyError::Damaged => {
            "加密的内容打不开：内容或密钥被改动过，没有保存任何更改；请停止程序，用最近的备份恢复，并查明原因".into()
        }
        KeyError::Erased => "工单的内容已按规定销毁".into(),
    }
}

/// SQLite's words have numbers, PostgreSQL's have five letters or digits, and a connection has none.
fn of_a_file(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|e| e.code()).is_some_and(|code| code.len() < 5 && code.parse::<u32>().is_ok())
}

fn store_in_words(error: &StoreError) -> String {
    let what = match error {
        StoreError::Busy { .. } | StoreError::Aborted { .. } => "数据库正被其他程序占用，没有保存任何更改；请稍后再试",
        StoreError::Unavailable { source, .. } if of_a_file(source) => {
            "数据库文件打不开；请检查数据目录是否存在、磁盘是否只读、文件权限"
        }
        StoreError::Unavailable { .. } => {
            "连不上数据库，没有保存任何更改；请检查数据库是否在运行、地址是否正确，再试一次"
        }
        StoreError::Unsure { .. } => "保存时数据库断开，不能确定是否已保存；数据库恢复后请再运行一次，已保存的不会重复",
        StoreError::ReadOnly { .. } => {
            "数据库不能写入，没有保存任何更改；请检查磁盘是否只读、文件权限、数据库是否为只读副本"
        }
        StoreError::Full { .. } => "磁盘已满，没有保存任何更改；请腾出空间后再试",
        StoreError::Corrupt { .. } => {
            "数据库文件已损坏或不是本系统的数据库；请停止程序，留存这个文件的副本，用最近的备份恢复（见 docs/operating.md）"
        }
        StoreError::Migrate { .. } => "数据库结构与本程序不符，可能由更新的版本建立；请使用不低于它的版本",
        StoreError::NotOwner { .. } => {
            "数据库结构与本程序不是同一版，本程序用的数据库角色不能更改结构；请以属主角色运行 jiesu migrate（见 docs/operating.md）"
        }
        StoreError::Closed { .. } => "数据库已经关闭；请重新启动",
        StoreError::NotFound { .. } | StoreError::Constraint { .. } | StoreError::Invalid { .. } => {
            "数据库拒绝了这一操作，没有保存任何更改；请核对输入"
        }
        StoreError::Key { source, .. } => return key_in_words(source),
        StoreError::Io { .. } | StoreError::Database { .. } => {
            "读写数据库失败，没有保存任何更改；请检查数据目录是否可读写、磁盘是否正常"
        }
    };
    format!("{what}（{error}）")
}
