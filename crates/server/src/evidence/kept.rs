//! Entries of the audit journal in a signed file: to be kept outside, and before old ones are taken out of the database.
//!
//! ```text
//! jiesu-audit 1 shangrao 1 230 0000…   place, first and last position, hash of the entry before the first
//! {"seq":1,"at":1777510800000000,…}    an entry a line, every column as it is stored
//! key: 04…
//! signature: 3045…                      SM2 over all lines above
//! ```

use std::{fmt::Write as _, io::Write as _, path::Path};

use jiesu_domain::{Instant, audit::ActKind};
use jiesu_store::{AuditEntry, Head, NewAudit, Store, StoreError, chain::GENESIS};
use serde_json::json;

use super::{
    key::{PublicKey, SigningKey},
    text::AnchorText,
};
use crate::app::{Act, Who, digest};

const TITLE: &str = "jiesu-audit 1";
const CHUNK: u32 = 1000;
/// An entry is kept at least so long (网络安全法 requires six months; GB/T 22239-2019).
pub const KEPT_DAYS: i64 = 180;

/// Entries could not be written out or taken out, in words that say what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path}：{source}")]
    Io { path: String, source: std::io::Error },
    #[error("没有可以归档的：须有一份{KEPT_DAYS}天以前的每日存证，归档到它所记的位置为止")]
    NothingOld,
    #[error("审计日志与存证对不上，没有归档；请运行 jiesu verify 查明")]
    Differs,
    #[error("不是审计日志的归档文件，或内容被改动过：{0}")]
    Damaged(String),
}

/// What a file says, once it was found right.
#[derive(Debug, PartialEq)]
pub struct KeptFile {
    pub jurisdiction: String,
    pub first: i64,
    pub last: Head,
    pub key: PublicKey,
}

/// Writes every entry up to a position (`None`: all) into a new file; returns the last one and the SM3 of the file.
///
/// # Errors
/// The file is there already or cannot be written, or the database cannot be read.
pub async fn write_out(
    store: &Store,
    jurisdiction: &str,
    until: Option<i64>,
    key: &SigningKey,
    path: &Path,
) -> Result<(Head, String), KeptError> {
    let base = store.audit_pruned(jurisdiction).await?.unwrap_or(Head { seq: 0, hash: GENESIS.into() });
    let (mut lines, mut last) = (String::new(), base.clone());
    loop {
        let some = store.audit_after(jurisdiction, last.seq, CHUNK).await?;
        let wanted: Vec<AuditEntry> = some.into_iter().filter(|e| until.is_none_or(|until| e.seq <= until)).collect();
        let Some(end) = wanted.last() else { break };
        last = Head { seq: end.seq, hash: end.hash.clone() };
        wanted.iter().for_each(|e| lines += &line(e));
    }
    let mut text = format!("{TITLE} {jurisdiction} {} {} {}\n{lines}", base.seq + 1, last.seq, base.hash);
    let _ = writeln!(text, "key: {}", key.public().point()); // a String takes everything
    let signature = key.sign(&text);
    let _ = writeln!(text, "signature: {signature}");
    let io = |source| KeptError::Io { path: path.display().to_string(), source };
    let mut file = std::fs::File::create_new(path).map_err(io)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
    Ok((last, digest(&text)))
}

fn line(entry: &AuditEntry) -> String {
    let e = &entry.entry;
    let said = json!({
        "seq": entry.seq, "at": e.at.as_microsecond(), "who": e.who, "role": e.role, "kind": e.kind, "subject": e.subject,
        "outcome": e.outcome, "reason": e.reason, "detail": e.detail, "origin": e.origin, "hash": entry.hash,
    });
    format!("{said}\n")
}

/// Reads a file again and proves it: the signature, and the chain from the hash that it begins with.
///
/// # Errors
/// Something in it was changed.
pub fn read_back(text: &str) -> Result<KeptFile, KeptError> {
    let damaged = |what: &str| KeptError::Damaged(what.to_owned());
    let (signed, signature) = text.rsplit_once("signature: ").ok_or_else(|| damaged("没有签名"))?;
    let key_line = signed.lines().last().and_then(|l| l.strip_prefix("key: "));
    let key = key_line.and_then(PublicKey::of_point).ok_or_else(|| damaged("没有公钥"))?;
    if !signature.strip_suffix('\n').is_some_and(|signature| key.signed(signed, signature)) {
        return Err(damaged("签名与内容不符"));
    }
    let mut lines = signed.lines();
    let head: Vec<&str> =
        lines.next().and_then(|l| l.strip_prefix(TITLE)).unwrap_or_default().split_whitespace().collect();
    let [jurisdiction, first, end, before] = head[..] else { return Err(damaged("第一行")) };
    let first: i64 = first.parse().map_err(|_| damaged("第一行"))?;
    let mut last = Head { seq: first - 1, hash: before.to_owned() };
    for line in lines.take_while(|l| !l.starts_with("key: ")) {
        let entry = entry(line).ok_or_else(|| damaged(&format!("第{}条", last.seq + 1)))?;
        if entry.seq != last.seq + 1 || entry.link(jurisdiction, &last.hash).hash() != entry.hash {
            return Err(damaged(&format!("日志链在第{}条断开", last.seq + 1)));
        }
        last = Head { seq: entry.seq, hash: entry.hash };
    }
    if end.parse() != Ok(last.seq) {
        return Err(damaged("末尾不全"));
    }
    Ok(KeptFile { jurisdiction: jurisdiction.to_owned(), first, last, key })
}

fn entry(line: &str) -> Option<AuditEntry> {
    let said: serde_json::Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| said[name].as_str().map(str::to_owned);
    let entry = NewAudit {
        at: Instant::from_microsecond(said["at"].as_i64()?).ok()?,
        who: text("who")?,
        role: text("role")?,
        kind: text("kind")?,
        subject: text("subject")?,
        outcome: text("outcome")?,
        reason: text("reason")?,
        detail: text("detail")?,
        origin: text("origin")?,
    };
    Some(AuditEntry { seq: said["seq"].as_i64()?, entry, hash: text("hash")? })
}

/// Writes entries that are older than [`KEPT_DAYS`] into a signed file and takes them out, up to the head of the newest anchor that is as
/// old. The chain goes on from there. The database itself refuses to give up younger ones.
///
/// # Errors
/// There is nothing so old, the chain does not pass through the anchor, or the file or the database refuses.
pub async fn prune(
    store: &Store,
    jurisdiction: &str,
    now: Instant,
    key: &SigningKey,
    path: &Path,
) -> Result<KeptFile, KeptError> {
    let since = now.as_second() - KEPT_DAYS * 86_400;
    let anchors = store.anchors(jurisdiction).await?;
    let old = anchors.iter().rev().filter_map(|a| AnchorText::read(&a.content).ok()).find(|a| a.at.as_second() < since);
    let until = old.ok_or(KeptError::NothingOld)?.heads.audit;
    let pruned = store.audit_pruned(jurisdiction).await?.map_or(0, |p| p.seq);
    if until.seq <= pruned {
        return Err(KeptError::NothingOld);
    }
    let chain = store.verify_audit(jurisdiction, |_, _| {}).await?;
    let (last, file) = write_out(store, jurisdiction, Some(until.seq), key, path).await?;
    if chain.fault.is_some() || last != until {
        let _ = std::fs::remove_file(path);
        return Err(KeptError::Differs);
    }
    let text =
        std::fs::read_to_string(path).map_err(|source| KeptError::Io { path: path.display().to_string(), source })?;
    let kept = read_back(&text)?;
    let act = Act::done(ActKind::AuditPruned, until.seq.to_string()).with(json!({ "hash": until.hash, "file": file }));
    store.audit_prune(jurisdiction, &until, &file, &act.entry(Who::CommandLine, now)).await?;
    Ok(kept)
}
