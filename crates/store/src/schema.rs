//! Every table and column, as the migrations make them on both databases: what a copy carries over. A test holds this list against the
//! live schema. Numbers end in `#`; all else is text.

/// A table that holds data of a centre.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// How many of the first columns are the primary key.
    pub(crate) key: usize,
    pub(crate) columns: &'static [&'static str],
}

/// Parents before children, as the foreign keys ask.
pub(crate) const TABLES: &[Table] = &[
    Table { name: "jurisdiction", key: 1, columns: &["jurisdiction", "name", "parent"] },
    Table {
        name: "data_key",
        key: 2,
        columns: &["jurisdiction", "version#", "secret", "master", "made_at#", "retired_at#"],
    },
    Table {
        name: "unit",
        key: 2,
        columns: &[
            "jurisdiction",
            "unit",
            "name",
            "kind",
            "parent",
            "active#",
            "office",
            "clerk",
            "duty_phone",
            "division",
        ],
    },
    Table {
        name: "account",
        key: 2,
        columns: &["jurisdiction", "account", "login", "name", "role", "unit", "active#"],
    },
    Table {
        name: "credential",
        key: 2,
        columns: &[
            "jurisdiction",
            "account",
            "password_hash",
            "password_at#",
            "password_once#",
            "totp",
            "totp_new",
            "totp_step#",
        ],
    },
    Table { name: "account_phone", key: 2, columns: &["jurisdiction", "account", "phone"] },
    Table {
        name: "notice",
        key: 2,
        columns: &[
            "jurisdiction",
            "id#",
            "account",
            "kind",
            "payload",
            "phone",
            "made_at#",
            "state",
            "attempts#",
            "next_at#",
            "leased_until#",
            "done_at#",
            "error",
            "result",
        ],
    },
    Table { name: "password_past", key: 3, columns: &["jurisdiction", "account", "at#", "password_hash"] },
    Table { name: "recovery_code", key: 3, columns: &["jurisdiction", "account", "code_hash"] },
    Table {
        name: "post",
        key: 2,
        columns: &[
            "jurisdiction",
            "post#",
            "account",
            "role",
            "unit",
            "seat",
            "from_at#",
            "until_at#",
            "given_by",
            "ended_by",
        ],
    },
    Table {
        name: "handover",
        key: 2,
        columns: &["jurisdiction", "handover#", "unit", "from_account", "to_account", "at#", "given_by", "tickets"],
    },
    Table { name: "roster", key: 4, columns: &["jurisdiction", "day#", "shift", "account"] },
    Table { name: "presence", key: 3, columns: &["jurisdiction", "account", "from_at#", "state", "until_at#"] },
    Table {
        name: "session",
        key: 2,
        columns: &[
            "jurisdiction",
            "token_hash",
            "account",
            "created_at#",
            "seen_at#",
            "expires_at#",
            "stage",
            "idle#",
            "address",
            "device",
        ],
    },
    Table { name: "attempt", key: 2, columns: &["jurisdiction", "key_hash", "failures#", "at#"] },
    Table {
        name: "api_key",
        key: 2,
        columns: &[
            "jurisdiction",
            "key_id",
            "key_hash",
            "name",
            "scopes",
            "rate#",
            "created_at#",
            "created_by",
            "expires_at#",
            "used_at#",
        ],
    },
    Table {
        name: "identity",
        key: 3,
        columns: &["jurisdiction", "issuer", "subject", "account", "linked_at#", "linked_by"],
    },
    Table {
        name: "sent_code",
        key: 2,
        columns: &["jurisdiction", "purpose_hash", "code_hash", "expires_at#", "tries#"],
    },
    Table {
        name: "person",
        key: 2,
        columns: &[
            "jurisdiction",
            "person",
            "name",
            "sex",
            "organisation",
            "phone",
            "contact_phone",
            "email",
            "address",
            "external_id",
            "id_number",
            "phone_find",
            "contact_phone_find",
            "id_number_find",
        ],
    },
    Table {
        name: "journal",
        key: 2,
        columns: &["jurisdiction", "seq#", "ticket", "version#", "at#", "actor", "kind", "payload", "hash"],
    },
    Table {
        name: "ticket",
        key: 2,
        columns: &[
            "jurisdiction",
            "ticket",
            "version#",
            "state",
            "kind",
            "title",
            "channel",
            "urgent#",
            "confidential#",
            "lead",
            "place",
            "registered_at#",
            "next_due#",
            "next_due_clock",
            "next_due_unit",
            "next_due_article",
            "wake_at#",
            "overdue#",
            "supervised#",
            "provisional#",
            "updated_at#",
            "doc#",
            "body",
            "secret",
        ],
    },
    Table {
        name: "ticket_unit",
        key: 4,
        columns: &["jurisdiction", "ticket", "unit", "part", "state", "due_order#", "registered_at#", "kind"],
    },
    Table {
        name: "appeal",
        key: 3,
        columns: &[
            "jurisdiction",
            "ticket",
            "appeal",
            "person",
            "channel",
            "received_at#",
            "query_code",
            "source",
            "source_id",
        ],
    },
    Table {
        name: "attachment",
        key: 3,
        columns: &[
            "jurisdiction",
            "ticket",
            "file#",
            "content",
            "name",
            "media",
            "size#",
            "sm3",
            "account",
            "at#",
            "state",
        ],
    },
    Table {
        name: "outbox",
        key: 2,
        columns: &[
            "jurisdiction",
            "id#",
            "ticket",
            "appeal",
            "kind",
            "payload",
            "state",
            "attempts#",
            "next_at#",
            "leased_until#",
            "done_at#",
            "error",
            "result",
        ],
    },
    Table { name: "inbox", key: 2, columns: &["jurisdiction", "id", "at#", "ticket", "person", "text", "outcome"] },
    Table { name: "idempotency", key: 3, columns: &["jurisdiction", "scope", "key", "ticket", "version#", "at#"] },
    Table { name: "counter", key: 2, columns: &["jurisdiction", "name", "value#"] },
    Table {
        name: "audit",
        key: 2,
        columns: &[
            "jurisdiction",
            "seq#",
            "at#",
            "who",
            "role",
            "kind",
            "subject",
            "outcome",
            "reason",
            "detail",
            "origin",
            "hash",
        ],
    },
    Table { name: "audit_pruned", key: 2, columns: &["jurisdiction", "seq#", "at#", "hash", "file"] },
    Table { name: "anchor", key: 2, columns: &["jurisdiction", "day", "at#", "content"] },
    Table { name: "setting", key: 2, columns: &["jurisdiction", "name", "value"] },
    Table {
        name: "knowledge_journal",
        key: 2,
        columns: &["jurisdiction", "seq#", "entry", "version#", "at#", "actor", "kind", "payload", "hash"],
    },
    Table {
        name: "knowledge",
        key: 2,
        columns: &[
            "jurisdiction",
            "entry",
            "version#",
            "unit",
            "section",
            "state",
            "title",
            "ticket",
            "review#",
            "published_at#",
            "renewed_at#",
            "wake_at#",
            "next_due#",
            "next_due_clock",
            "overdue#",
            "wrong#",
            "reported#",
            "found#",
            "updated_at#",
            "body",
            "said",
        ],
    },
    Table { name: "knowledge_use", key: 4, columns: &["jurisdiction", "entry", "day#", "sort", "uses#"] },
    Table {
        name: "knowledge_sample",
        key: 2,
        columns: &["jurisdiction", "sample#", "at#", "account", "word", "entries#"],
    },
    Table {
        name: "knowledge_mark",
        key: 3,
        columns: &["jurisdiction", "sample#", "entry", "revision#", "correct#", "at#", "account"],
    },
    Table {
        name: "knowledge_file",
        key: 2,
        columns: &[
            "jurisdiction",
            "content",
            "entry",
            "name",
            "media",
            "size#",
            "sm3",
            "account",
            "at#",
            "state",
            "named#",
            "since#",
        ],
    },
    Table { name: "learning", key: 2, columns: &["jurisdiction", "day#", "leased_until#", "done_at#", "result"] },
    Table { name: "learned", key: 3, columns: &["jurisdiction", "field", "part", "version#", "body"] },
    Table {
        name: "proposal_count",
        key: 5,
        columns: &["jurisdiction", "day#", "field", "version#", "outcome", "times#"],
    },
    Table {
        name: "hot_issue",
        key: 3,
        columns: &[
            "jurisdiction",
            "days#",
            "rank#",
            "ticket",
            "heat#",
            "persons#",
            "contacts#",
            "tickets#",
            "from_at#",
            "until_at#",
            "county",
            "street",
            "trend",
        ],
    },
    Table { name: "hot_ticket", key: 4, columns: &["jurisdiction", "days#", "rank#", "ticket"] },
    Table { name: "hot_run", key: 1, columns: &["jurisdiction", "began_at#", "made_at#", "tickets#", "left_out#"] },
    Table { name: "not_one_matter", key: 3, columns: &["jurisdiction", "ticket", "other", "at#", "account"] },
    Table { name: "hint_tally", key: 4, columns: &["jurisdiction", "day#", "kind", "outcome", "replies#"] },
];

impl Table {
    /// The columns' names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|c| c.trim_end_matches('#'))
    }

    /// Whether a column, by its place, holds numbers.
    pub(crate) fn is_number(&self, place: usize) -> bool {
        self.columns[place].ends_with('#')
    }

    /// The place of a column.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.names().position(|n| n == name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use jiesu_testkit::{Kind, TestDb};

    use super::*;
    use crate::{Store, StoreOptions};

    const COLUMNS: [&str; 2] = [
        "SELECT m.name || '.' || c.name || CASE c.type WHEN 'TEXT' THEN '' WHEN 'BIGINT' THEN '#' ELSE c.type END \
         FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'ticket_terms%' \
         AND m.name NOT LIKE '%sqlx%' AND m.name NOT LIKE 'sqlite%'",
        "SELECT c.table_name || '.' || c.column_name || CASE c.data_type WHEN 'text' THEN '' WHEN 'bigint' THEN '#' \
         ELSE c.data_type END FROM information_schema.columns c WHERE c.table_schema = current_schema() \
         AND c.is_generated = 'NEVER' AND c.table_name <> 'ticket_terms' AND c.table_name NOT LIKE '%sqlx%'",
    ];

    async fn the_list_is_the_live_schema(kind: Kind) {
        let db = TestDb::new(kind).await;
        Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER))
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
        let there: BTreeSet<String> = db.rows(COLUMNS[kind as usize]).await.into_iter().collect();
        let listed = TABLES.iter().flat_map(|t| t.columns.iter().map(|c| format!("{}.{c}", t.name)));
        // What triggers count of the tickets is counted again there.
        let kept: BTreeSet<String> = there.into_iter().filter(|column| !column.starts_with("tally.")).collect();
        assert_eq!(kept, listed.collect());
    }

    #[tokio::test]
    async fn of_sqlite() {
        the_list_is_the_live_schema(Kind::Sqlite).await;
    }

    #[tokio::test]
    async fn of_postgres() {
        the_list_is_the_live_schema(Kind::Postgres).await;
    }
}
