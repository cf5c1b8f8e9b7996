//! Names for codes, from a JSON file beside the table.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::import::map::NamesFile;

/// A map that does not fit its table; in Chinese.
#[derive(Debug, thiserror::Error)]
pub enum ShapeError {
    #[error("对照表中的列{missing}在文件中没有；文件中的列：{have}")]
    Missing { missing: String, have: String },
    #[error("列“{0}”在文件中不止一个，分不清用哪一个")]
    Twice(String),
    #[error("单位名称文件 {file}：{what}")]
    Names { file: String, what: String },
}

#[derive(Debug)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    pub(super) fn load(folder: &Path, rule: &NamesFile) -> Result<Names, ShapeError> {
        let path = folder.join(&rule.file);
        let wrong = |what: String| ShapeError::Names { file: path.display().to_string(), what };
        let text = std::fs::read_to_string(&path).map_err(|e| wrong(format!("读不到（{e}）")))?;
        let list: Vec<Value> =
            serde_json::from_str(&text).map_err(|e| wrong(format!("第{}行起不是 JSON 对象的列表", e.line())))?;
        let plain = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
        let pair = |v: &Value| Some((plain(v.get(&rule.id)?), v.get(&rule.name)?.as_str()?.to_owned()));
        let pairs: Option<BTreeMap<String, String>> = list.iter().map(pair).collect();
        pairs.map(Names).ok_or_else(|| wrong(format!("每一项都要有“{}”和文本“{}”", rule.id, rule.name)))
    }

    pub(super) fn get(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }
}
