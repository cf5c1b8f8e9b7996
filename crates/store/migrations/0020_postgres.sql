-- The knowledge base (docs/adr/0015). An entry is its journal, chained like the tickets' (crates/store/src/chain.rs; `entry` takes the place
-- of `ticket`); the row is what the journal folds to.
CREATE TABLE knowledge_journal (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    seq BIGINT NOT NULL,        -- 1, 2, 3, … within the jurisdiction
    entry TEXT NOT NULL,
    version BIGINT NOT NULL,    -- 1, 2, 3, … within the entry
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, seq)
);
CREATE UNIQUE INDEX knowledge_journal_entry ON knowledge_journal (jurisdiction, entry, version);

CREATE TABLE knowledge (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    entry TEXT NOT NULL,
    version BIGINT NOT NULL,
    unit TEXT NOT NULL,         -- who answers for it; '': the centre
    section TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    ticket TEXT,                -- whose dispatch asked for it
    review BIGINT NOT NULL,     -- 1: a version waits for its reviewer
    published_at BIGINT,
    renewed_at BIGINT,          -- when the unit last said that it holds
    wake_at BIGINT,
    next_due BIGINT,
    next_due_clock TEXT,
    overdue BIGINT NOT NULL,
    wrong BIGINT NOT NULL,      -- 1: an error was confirmed and is not corrected
    reported BIGINT NOT NULL,   -- 1: a report of an error waits to be looked at
    found BIGINT NOT NULL,      -- how often conduct was found on it
    updated_at BIGINT NOT NULL,
    body TEXT NOT NULL,         -- the folded entry
    PRIMARY KEY (jurisdiction, entry)
);
CREATE INDEX knowledge_updated ON knowledge (jurisdiction, updated_at, entry);
CREATE INDEX knowledge_unit ON knowledge (jurisdiction, unit, updated_at, entry);
CREATE INDEX knowledge_wake ON knowledge (jurisdiction, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX knowledge_due ON knowledge (jurisdiction, next_due, entry) WHERE next_due IS NOT NULL;
CREATE INDEX knowledge_ticket ON knowledge (jurisdiction, ticket) WHERE ticket IS NOT NULL;

-- How often an entry was opened, cited and used for an answer at once, by day.
CREATE TABLE knowledge_use (
    jurisdiction TEXT NOT NULL,
    entry TEXT NOT NULL,
    day BIGINT NOT NULL,        -- days since 1970-01-01 in China
    sort TEXT NOT NULL,         -- the caller's vocabulary
    uses BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, entry, day, sort),
    FOREIGN KEY (jurisdiction, entry) REFERENCES knowledge (jurisdiction, entry)
);

-- Samples by which it is checked how much of it is right; `word` draws the same entries again.
CREATE TABLE knowledge_sample (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    sample BIGINT NOT NULL,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    word TEXT NOT NULL,
    entries BIGINT NOT NULL,    -- how many it was drawn from
    PRIMARY KEY (jurisdiction, sample)
);
CREATE TABLE knowledge_mark (
    jurisdiction TEXT NOT NULL,
    sample BIGINT NOT NULL,
    entry TEXT NOT NULL,
    revision BIGINT NOT NULL,   -- the published version that was drawn
    correct BIGINT,             -- NULL: not looked at yet
    at BIGINT,
    account TEXT,
    PRIMARY KEY (jurisdiction, sample, entry),
    FOREIGN KEY (jurisdiction, sample) REFERENCES knowledge_sample (jurisdiction, sample),
    FOREIGN KEY (jurisdiction, entry) REFERENCES knowledge (jurisdiction, entry)
);

-- How many were answered at once, without walking the journal.
CREATE INDEX journal_answered ON journal (jurisdiction, at) WHERE kind = 'answered-at-once';

CREATE TRIGGER knowledge_journal_no_change BEFORE UPDATE OR DELETE ON knowledge_journal
    FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER knowledge_journal_no_truncate BEFORE TRUNCATE ON knowledge_journal
    FOR EACH STATEMENT EXECUTE FUNCTION is_kept();
