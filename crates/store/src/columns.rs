//! What each column holds, and so how it is stored and who may see it. A test holds this list against the live schema, another one looks for
//! personal texts in every byte of a filled database.

use crate::schema::{TABLES, Table};

/// The columns of a table. Each stands in exactly one list.
#[cfg_attr(not(test), expect(dead_code, reason = "who reads what is declared is the test below"))]
pub(crate) struct Declared {
    pub(crate) table: &'static str,
    /// May be read by anybody.
    pub(crate) public: &'static [&'static str],
    /// For the work: codes, times, names of staff and units, digests.
    pub(crate) internal: &'static [&'static str],
    /// Tells who somebody is or how to reach them, or is a secret: sealed under the data key.
    pub(crate) personal: &'static [&'static str],
    /// What people wrote about a ticket: sealed under the ticket's key.
    pub(crate) of_ticket: &'static [&'static str],
}

/// By what sealed values are found again: table, column, where its digest stands, and its sort (values of one sort can be compared).
pub(crate) const FOUND: &[(&str, &str, &str, &str)] = &[
    ("person", "phone", "phone_find", PHONE),
    ("person", "contact_phone", "contact_phone_find", PHONE),
    ("person", "id_number", "id_number_find", ID_NUMBER),
];

pub(crate) const PHONE: &str = "phone";
pub(crate) const ID_NUMBER: &str = "id-number";

const NONE: &[&str] = &[];

pub(crate) const DECLARED: &[Declared] = &[
    Declared {
        table: "jurisdiction",
        public: &["jurisdiction", "name", "parent"],
        internal: NONE,
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "unit",
        public: &["jurisdiction", "unit", "name", "kind", "parent", "active", "division"],
        internal: &["office", "clerk", "duty_phone"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "account",
        public: NONE,
        internal: &["jurisdiction", "account", "login", "name", "role", "unit", "active"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "session",
        public: NONE,
        internal: &[
            "jurisdiction",
            "token_hash",
            "account",
            "created_at",
            "seen_at",
            "expires_at",
            "stage",
            "idle",
            "address",
            "device",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "credential",
        public: NONE,
        internal: &["jurisdiction", "account", "password_hash", "password_at", "password_once", "totp_step"],
        personal: &["totp", "totp_new"],
        of_ticket: NONE,
    },
    Declared {
        table: "account_phone",
        public: NONE,
        internal: &["jurisdiction", "account"],
        personal: &["phone"],
        of_ticket: NONE,
    },
    Declared {
        table: "notice",
        public: NONE,
        internal: &[
            "jurisdiction",
            "id",
            "account",
            "kind",
            "payload",
            "made_at",
            "state",
            "attempts",
            "next_at",
            "leased_until",
            "done_at",
            "error",
            "result",
        ],
        personal: &["phone"],
        of_ticket: NONE,
    },
    Declared {
        table: "password_past",
        public: NONE,
        internal: &["jurisdiction", "account", "at", "password_hash"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "recovery_code",
        public: NONE,
        internal: &["jurisdiction", "account", "code_hash"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "attempt",
        public: NONE,
        internal: &["jurisdiction", "key_hash", "failures", "at"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "api_key",
        public: NONE,
        internal: &[
            "jurisdiction",
            "key_id",
            "key_hash",
            "name",
            "scopes",
            "rate",
            "created_at",
            "created_by",
            "expires_at",
            "used_at",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "identity",
        public: NONE,
        internal: &["jurisdiction", "issuer", "subject", "account", "linked_at", "linked_by"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "sent_code",
        public: NONE,
        internal: &["jurisdiction", "purpose_hash", "code_hash", "expires_at", "tries"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "post",
        public: NONE,
        internal: &[
            "jurisdiction",
            "post",
            "account",
            "role",
            "unit",
            "seat",
            "from_at",
            "until_at",
            "given_by",
            "ended_by",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "handover",
        public: NONE,
        internal: &["jurisdiction", "handover", "unit", "from_account", "to_account", "at", "given_by", "tickets"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "roster",
        public: NONE,
        internal: &["jurisdiction", "day", "shift", "account"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "presence",
        public: NONE,
        internal: &["jurisdiction", "account", "from_at", "state", "until_at"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "person",
        public: NONE,
        internal: &["jurisdiction", "person", "phone_find", "contact_phone_find", "id_number_find"],
        personal: &[
            "name",
            "sex",
            "organisation",
            "phone",
            "contact_phone",
            "email",
            "address",
            "id_number",
            "external_id",
        ],
        of_ticket: NONE,
    },
    Declared {
        table: "journal",
        public: NONE,
        internal: &["jurisdiction", "seq", "ticket", "version", "at", "actor", "kind", "hash"],
        personal: NONE,
        of_ticket: &["payload"],
    },
    Declared {
        table: "ticket",
        public: NONE,
        internal: &[
            "jurisdiction",
            "ticket",
            "version",
            "state",
            "kind",
            "title", // written by staff for lists, without personal data; goes when the ticket is erased
            "channel",
            "urgent",
            "confidential",
            "lead",
            "place",
            "registered_at",
            "next_due",
            "next_due_clock",
            "next_due_unit",
            "next_due_article",
            "wake_at",
            "overdue",
            "supervised",
            "provisional",
            "updated_at",
            "doc",
            "due_order",
        ],
        personal: &["secret"], // the ticket's key
        of_ticket: &["body"],
    },
    Declared {
        table: "ticket_unit",
        public: NONE,
        internal: &["jurisdiction", "ticket", "unit", "part", "state", "due_order", "registered_at", "kind"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "appeal",
        public: NONE,
        internal: &["jurisdiction", "ticket", "appeal", "person", "channel", "received_at", "source", "source_id"],
        personal: &["query_code"],
        of_ticket: NONE,
    },
    Declared {
        table: "attachment",
        public: NONE,
        internal: &["jurisdiction", "ticket", "file", "content", "media", "size", "sm3", "account", "at", "state"],
        personal: &["name"],
        of_ticket: NONE,
    },
    Declared {
        table: "outbox",
        public: NONE,
        internal: &[
            "jurisdiction",
            "id",
            "ticket",
            "appeal",
            "kind",
            "state",
            "attempts",
            "next_at",
            "leased_until",
            "done_at",
            "error",
            "result",
        ],
        personal: NONE,
        of_ticket: &["payload"],
    },
    Declared {
        table: "inbox",
        public: NONE,
        internal: &["jurisdiction", "id", "at", "ticket", "person", "outcome"],
        personal: &["text"],
        of_ticket: NONE,
    },
    Declared {
        table: "idempotency",
        public: NONE,
        internal: &["jurisdiction", "scope", "key", "ticket", "version", "at"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "counter",
        public: NONE,
        internal: &["jurisdiction", "name", "value"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "audit",
        public: NONE,
        internal: &[
            "jurisdiction",
            "seq",
            "at",
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
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "audit_pruned",
        public: NONE,
        internal: &["jurisdiction", "seq", "at", "hash", "file"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "anchor",
        public: &["jurisdiction", "day", "at", "content"],
        internal: NONE,
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "setting",
        public: NONE,
        internal: &["jurisdiction", "name", "value"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "data_key",
        public: NONE,
        internal: &["jurisdiction", "version", "secret", "master", "made_at", "retired_at"], // wrapped by the master key
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "tally",
        public: NONE,
        internal: &["jurisdiction", "day", "unit", "kind", "state", "tickets"],
        personal: NONE,
        of_ticket: NONE,
    },
    // What units provide for everybody to be told, and names of staff.
    Declared {
        table: "knowledge_journal",
        public: NONE,
        internal: &["jurisdiction", "seq", "entry", "version", "at", "actor", "kind", "payload", "hash"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "knowledge",
        public: NONE,
        internal: &[
            "jurisdiction",
            "entry",
            "version",
            "unit",
            "section",
            "state",
            "title",
            "ticket",
            "review",
            "published_at",
            "renewed_at",
            "wake_at",
            "next_due",
            "next_due_clock",
            "overdue",
            "wrong",
            "reported",
            "found",
            "updated_at",
            "body",
            "said",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "knowledge_use",
        public: NONE,
        internal: &["jurisdiction", "entry", "day", "sort", "uses"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "knowledge_sample",
        public: NONE,
        internal: &["jurisdiction", "sample", "at", "account", "word", "entries"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "knowledge_mark",
        public: NONE,
        internal: &["jurisdiction", "sample", "entry", "revision", "correct", "at", "account"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "knowledge_file",
        public: NONE,
        internal: &[
            "jurisdiction",
            "content",
            "entry",
            "name",
            "media",
            "size",
            "sm3",
            "account",
            "at",
            "state",
            "named",
            "since",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "learning",
        public: NONE,
        internal: &["jurisdiction", "day", "leased_until", "done_at", "result"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "learned",
        public: NONE,
        internal: &["jurisdiction", "field", "part", "version"],
        // Pieces of what people wrote about many tickets.
        personal: &["body"],
        of_ticket: NONE,
    },
    Declared {
        table: "proposal_count",
        public: NONE,
        internal: &["jurisdiction", "day", "field", "version", "outcome", "times"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "hot_issue",
        public: NONE,
        internal: &[
            "jurisdiction",
            "days",
            "rank",
            "ticket",
            "heat",
            "persons",
            "contacts",
            "tickets",
            "from_at",
            "until_at",
            "county",
            "street",
            "trend",
        ],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "hot_ticket",
        public: NONE,
        internal: &["jurisdiction", "days", "rank", "ticket"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "hot_run",
        public: NONE,
        internal: &["jurisdiction", "began_at", "made_at", "tickets", "left_out"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "not_one_matter",
        public: NONE,
        internal: &["jurisdiction", "ticket", "other", "at", "account"],
        personal: NONE,
        of_ticket: NONE,
    },
    Declared {
        table: "hint_tally",
        public: NONE,
        internal: &["jurisdiction", "day", "kind", "outcome", "replies"],
        personal: NONE,
        of_ticket: NONE,
    },
];

/// Tables with columns that are sealed under data keys.
pub(crate) fn sealed() -> impl Iterator<Item = (&'static Table, &'static Declared)> {
    DECLARED
        .iter()
        .filter(|declared| !declared.personal.is_empty())
        .filter_map(|declared| Some((TABLES.iter().find(|t| t.name == declared.table)?, declared)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use jiesu_testkit::{Kind, TestDb, on_both};

    use super::*;
    use crate::{Store, StoreOptions};

    const COLUMNS: [&str; 2] = [
        "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table' \
         AND m.name NOT LIKE 'ticket_terms%' AND m.name NOT LIKE '%sqlx%' AND m.name NOT LIKE 'sqlite%'",
        "SELECT c.table_name || '.' || c.column_name FROM information_schema.columns c \
         WHERE c.table_schema = current_schema() AND c.table_name <> 'ticket_terms' AND c.table_name NOT LIKE '%sqlx%'",
    ];

    async fn every_column_of_the_live_schema_is_declared_once(kind: Kind) {
        let db = TestDb::new(kind).await;
        Store::open(db.location(), StoreOptions::with_key(jiesu_testkit::MASTER))
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
        let there: Vec<String> = db.rows(COLUMNS[kind as usize]).await;
        let mut declared = Vec::new();
        for d in DECLARED {
            let columns = [d.public, d.internal, d.personal, d.of_ticket].concat();
            declared.extend(columns.iter().map(|c| format!("{}.{c}", d.table)));
        }
        let set: BTreeSet<&String> = declared.iter().collect();
        assert_eq!(set.len(), declared.len(), "none twice");
        assert_eq!(there.iter().collect::<BTreeSet<_>>(), set);
    }

    on_both! { every_column_of_the_live_schema_is_declared_once }

    #[test]
    fn what_is_found_by_a_digest_is_sealed() {
        for (table, column, digest, _) in FOUND {
            let declared = DECLARED.iter().find(|d| d.table == *table).unwrap();
            assert!(declared.personal.contains(column) && declared.internal.contains(digest), "{table}.{column}");
        }
    }

    #[test]
    fn every_sealed_table_can_be_walked() {
        let walked: Vec<_> = sealed().map(|(table, _)| table.name).collect();
        let declared: Vec<_> = DECLARED.iter().filter(|d| !d.personal.is_empty()).map(|d| d.table).collect();
        assert_eq!(walked, declared);
        for (table, declared) in sealed() {
            assert!(declared.personal.iter().all(|c| table.place(c).is_some_and(|p| p >= table.key)), "{}", table.name);
        }
    }
}
