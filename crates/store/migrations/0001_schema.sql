-- The whole schema in SQL that SQLite and PostgreSQL 15 both take. What only SQLite takes is in 0002.
--
-- * Every primary, unique and foreign key begins with `jurisdiction`, so that PostgreSQL can be sharded by it (Citus).
-- * Times (`at`, `…_at`, `…_due`, `due`, `…_until`) are BIGINT microseconds since 1970-01-01T00:00:00Z.
-- * Flags are BIGINT 0 or 1; numbers are BIGINT, so that one Rust type (i64) reads them from both databases.
-- * Personal data lives in `person` and nowhere else: not in journal payloads, ticket bodies, outbox payloads or terms.

CREATE TABLE jurisdiction (
    jurisdiction TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    parent TEXT                 -- not a foreign key: it would not begin with its own jurisdiction
);

CREATE TABLE unit (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    unit TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent TEXT,                -- a unit of the same jurisdiction; may arrive before its parent does
    active BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    PRIMARY KEY (jurisdiction, unit)
);

CREATE TABLE account (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    account TEXT NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    unit TEXT,
    password_hash TEXT NOT NULL,
    active BIGINT NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    PRIMARY KEY (jurisdiction, account),
    UNIQUE (jurisdiction, login)
);

CREATE TABLE session (
    jurisdiction TEXT NOT NULL,
    token_hash TEXT NOT NULL,   -- never the token itself
    account TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, token_hash),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);
CREATE INDEX session_account ON session (jurisdiction, account);
CREATE INDEX session_expiry ON session (jurisdiction, expires_at);

-- Personal data. Every column but the key may be NULL: erasing a person keeps the row that appeals point at.
CREATE TABLE person (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    person TEXT NOT NULL,
    name TEXT,
    sex TEXT,
    organisation TEXT,
    phone TEXT,                 -- the number that called or was given first
    contact_phone TEXT,         -- where to reach the person if that differs
    email TEXT,
    address TEXT,
    external_id TEXT,           -- e.g. the WeChat openid
    PRIMARY KEY (jurisdiction, person)
);
CREATE INDEX person_phone ON person (jurisdiction, phone) WHERE phone IS NOT NULL;
CREATE INDEX person_contact_phone ON person (jurisdiction, contact_phone) WHERE contact_phone IS NOT NULL;

-- Append only (0002 refuses UPDATE and DELETE). The chain is specified in crates/store/src/chain.rs.
CREATE TABLE journal (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    seq BIGINT NOT NULL,        -- 1, 2, 3, … within the jurisdiction
    ticket TEXT NOT NULL,
    version BIGINT NOT NULL,    -- 1, 2, 3, … within the ticket
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,      -- JSON
    prev TEXT NOT NULL,         -- hash of the entry before, 64 lower-case hex digits
    hash TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, seq),
    UNIQUE (jurisdiction, ticket, version)
);

CREATE TABLE ticket (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    ticket TEXT NOT NULL,
    version BIGINT NOT NULL,    -- version of the last journal entry folded into this row
    state TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    channel TEXT NOT NULL,
    urgent BIGINT NOT NULL CHECK (urgent IN (0, 1)),
    confidential BIGINT NOT NULL CHECK (confidential IN (0, 1)),
    lead TEXT,
    place TEXT,
    registered_at BIGINT NOT NULL,
    next_due BIGINT,
    next_due_clock TEXT,
    next_due_unit TEXT,         -- NULL: the centre's duty
    next_due_article TEXT,
    wake_at BIGINT,
    overdue BIGINT NOT NULL CHECK (overdue IN (0, 1)),
    supervised BIGINT NOT NULL CHECK (supervised IN (0, 1)),
    provisional BIGINT NOT NULL CHECK (provisional IN (0, 1)),
    updated_at BIGINT NOT NULL,
    doc BIGINT NOT NULL,        -- rowid in the full-text index, unique over the database
    body TEXT NOT NULL,         -- JSON, the folded aggregate
    -- "NULL last" as a plain column: row-value keyset comparisons cannot hold a NULL, and an index can serve them.
    due_order BIGINT NOT NULL GENERATED ALWAYS AS (COALESCE(next_due, 9223372036854775807)) STORED,
    PRIMARY KEY (jurisdiction, ticket),
    UNIQUE (jurisdiction, doc)
);
CREATE INDEX ticket_due ON ticket (jurisdiction, due_order, ticket);
CREATE INDEX ticket_state_due ON ticket (jurisdiction, state, due_order, ticket);
CREATE INDEX ticket_kind_due ON ticket (jurisdiction, kind, due_order, ticket);
CREATE INDEX ticket_lead_due ON ticket (jurisdiction, lead, due_order, ticket);
CREATE INDEX ticket_registered ON ticket (jurisdiction, registered_at, ticket);
CREATE INDEX ticket_state_registered ON ticket (jurisdiction, state, registered_at, ticket);
CREATE INDEX ticket_wake ON ticket (jurisdiction, wake_at, ticket) WHERE wake_at IS NOT NULL;

CREATE TABLE ticket_unit (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    unit TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('lead', 'assist', 'copy')),
    PRIMARY KEY (jurisdiction, ticket, unit, part),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
CREATE INDEX ticket_unit_scope ON ticket_unit (jurisdiction, unit, ticket);

CREATE TABLE clock (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    clock_id TEXT NOT NULL,
    clock TEXT NOT NULL,
    unit TEXT,
    due BIGINT,
    status TEXT NOT NULL,
    provisional BIGINT NOT NULL CHECK (provisional IN (0, 1)),
    PRIMARY KEY (jurisdiction, ticket, clock_id),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);

CREATE TABLE appeal (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    appeal TEXT NOT NULL,
    person TEXT NOT NULL,
    channel TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    query_code TEXT NOT NULL,
    source TEXT,                -- the platform it came from
    source_id TEXT,             -- its number there
    PRIMARY KEY (jurisdiction, ticket, appeal),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket),
    FOREIGN KEY (jurisdiction, person) REFERENCES person (jurisdiction, person)
);
CREATE INDEX appeal_person ON appeal (jurisdiction, person);
CREATE INDEX appeal_source ON appeal (jurisdiction, source, source_id) WHERE source IS NOT NULL;

CREATE TABLE outbox (
    jurisdiction TEXT NOT NULL,
    id BIGINT NOT NULL,
    ticket TEXT NOT NULL,
    appeal TEXT,
    kind TEXT NOT NULL,         -- message template
    payload TEXT NOT NULL,      -- JSON without personal data: the address is looked up when the message is sent
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    leased_until BIGINT,
    done_at BIGINT,
    error TEXT,
    result TEXT,
    PRIMARY KEY (jurisdiction, id),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
CREATE INDEX outbox_due ON outbox (jurisdiction, next_at, id) WHERE state = 'pending';
CREATE INDEX outbox_ticket ON outbox (jurisdiction, ticket, id);

CREATE TABLE idempotency (
    jurisdiction TEXT NOT NULL,
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    ticket TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, scope, key)
);

-- Gap-free numbers. The counter of full-text rows is database-wide and kept under the jurisdiction '' (hence no foreign key).
CREATE TABLE counter (
    jurisdiction TEXT NOT NULL,
    name TEXT NOT NULL,
    value BIGINT NOT NULL,      -- the last number given out
    PRIMARY KEY (jurisdiction, name)
);

CREATE TABLE access_log (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    ticket TEXT,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, id)
);
CREATE INDEX access_log_ticket ON access_log (jurisdiction, ticket, id);
CREATE INDEX access_log_account ON access_log (jurisdiction, account, id);

CREATE TABLE setting (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, name)
);
