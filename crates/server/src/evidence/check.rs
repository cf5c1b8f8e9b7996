//! Holds anchors against a database: those that it keeps itself, and those that an outsider has kept.

use jiesu_domain::Instant;
use jiesu_store::{Chain, Head, Store, StoreError, chain::GENESIS};

use super::text::AnchorText;
use crate::app::digest;

/// What the anchors of a database itself say about it.
#[derive(Debug, Default)]
pub struct Held {
    pub anchors: u64,
    /// Names of the keys that they were signed with, in order.
    pub keys: Vec<String>,
    pub faults: Vec<String>,
}

/// What one kept anchor says about a database.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// Both chains still pass through the heads that were signed.
    Fits,
    /// The tickets' journal does; the audit journal before this was pruned, and its file has to be looked at for the rest.
    FitsPruned,
    /// They do not; says which and how.
    Differs(String),
}

/// Checks every anchor of a database: signature, order, and that both chains pass through it.
///
/// # Errors
/// The database cannot be read.
pub async fn hold(store: &Store, jurisdiction: &str) -> Result<Held, StoreError> {
    let mut held = Held::default();
    let mut before: Option<String> = None;
    let mut last: Option<(Instant, i64, i64)> = None;
    // Entries go only up to an anchored head: a mark elsewhere was made by somebody else.
    let mut pruned = store.audit_pruned(jurisdiction).await?;
    for anchor in store.anchors(jurisdiction).await? {
        held.anchors += 1;
        let mut fault = |what: &str| held.faults.push(format!("{}的存证：{what}", anchor.day));
        let expected = before.as_deref().map_or_else(|| GENESIS.to_owned(), digest);
        before = Some(anchor.content.clone());
        let said = match AnchorText::read(&anchor.content) {
            Ok(said) => said,
            Err(damaged) => {
                fault(&damaged.to_string());
                continue;
            }
        };
        if (said.jurisdiction.as_str(), &said.day, said.at) != (jurisdiction, &anchor.day, anchor.at) {
            fault("各栏与所签的内容不符");
        }
        if said.before != expected {
            fault("与前一份存证接不上：中间有存证被删去、插入或改动");
        }
        let now = (said.at, said.heads.journal.seq, said.heads.audit.seq);
        if last.is_some_and(|last| last.0 > now.0 || last.1 > now.1 || last.2 > now.2) {
            fault("比前一份存证所记的更早");
        }
        last = Some(now);
        if let Found::Differs(what) = passes(store, &said).await? {
            fault(&what);
        }
        if pruned.as_ref() == Some(&said.heads.audit) {
            pruned = None;
        }
        let key = said.key.name();
        if held.keys.last() != Some(&key) {
            held.keys.push(key);
        }
    }
    if let Some(mark) = pruned {
        held.faults.push(format!("审计日志归档到第{}条，没有存证证明那一条", mark.seq));
    }
    Ok(held)
}

/// Holds one kept anchor against a database. That the chains are whole in themselves is proved apart ([`crate::app::verify`]): both together
/// prove that nothing up to the anchor was changed.
///
/// # Errors
/// The database cannot be read.
pub async fn check(store: &Store, said: &AnchorText, content: &str) -> Result<Found, StoreError> {
    let kept = store.anchor(&said.jurisdiction, Some(&said.day)).await?;
    match kept {
        Some(kept) if kept.content != content => {
            return Ok(Found::Differs("数据库中同一天的存证与您保存的不同".into()));
        }
        None => return Ok(Found::Differs("数据库中没有这一天的存证：它被删去了，或者日志被截去后重建".into())),
        Some(_) => {}
    }
    passes(store, said).await
}

/// Whether both chains pass through the heads that an anchor names.
async fn passes(store: &Store, said: &AnchorText) -> Result<Found, StoreError> {
    let journal = passes_through(store, said, Chain::Journal, &said.heads.journal).await?;
    let audit = passes_through(store, said, Chain::Audit, &said.heads.audit).await?;
    Ok(match (journal, audit) {
        (Some(false), _) => differs("工单日志", &said.heads.journal),
        (_, Some(false)) => differs("审计日志", &said.heads.audit),
        (None, _) => Found::Differs(format!("工单日志不到第{}条：末尾被截去", said.heads.journal.seq)),
        (_, None) if pruned_beyond(store, said).await? => Found::FitsPruned,
        (_, None) => Found::Differs(format!("审计日志不到第{}条：末尾被截去", said.heads.audit.seq)),
        (Some(true), Some(true)) => Found::Fits,
    })
}

fn differs(chain: &str, head: &Head) -> Found {
    Found::Differs(format!("{chain}第{}条与签名时不同：这一条或之前的日志被改动、重新计算过", head.seq))
}

/// `None`: there is no such entry.
async fn passes_through(
    store: &Store,
    said: &AnchorText,
    chain: Chain,
    head: &Head,
) -> Result<Option<bool>, StoreError> {
    let hash = store.hash_at(&said.jurisdiction, chain, head.seq).await?;
    Ok(hash.map(|hash| hash == head.hash))
}

/// Whether the audit entry that an anchor names was pruned since.
async fn pruned_beyond(store: &Store, said: &AnchorText) -> Result<bool, StoreError> {
    Ok(store.audit_pruned(&said.jurisdiction).await?.is_some_and(|pruned| pruned.seq > said.heads.audit.seq))
}
