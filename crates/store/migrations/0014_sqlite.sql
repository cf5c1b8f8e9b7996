-- What was done in the system besides acts on tickets, chained like the journal (crates/store/src/chain.rs). It takes the place of
-- `access_log`, whose rows are carried over when this has been applied (crates/store/src/audit.rs); 0019 takes that table away.
CREATE TABLE audit (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    seq BIGINT NOT NULL,        -- 1, 2, 3, … within the jurisdiction
    at BIGINT NOT NULL,
    who TEXT NOT NULL,          -- account; '' for somebody who is not signed in
    role TEXT NOT NULL,         -- at that time; '' where there is none
    kind TEXT NOT NULL,         -- the caller's vocabulary, as are subject and outcome
    subject TEXT NOT NULL,      -- a ticket's number, an account, a setting, an address of the API …
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,       -- '' where none is asked for
    detail TEXT NOT NULL,       -- JSON of codes and counts, without personal data
    origin TEXT NOT NULL,       -- the address it came from; '' for a command
    hash TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, seq)
);
CREATE INDEX audit_at ON audit (jurisdiction, at, seq);
CREATE INDEX audit_who ON audit (jurisdiction, who, seq);
CREATE INDEX audit_kind ON audit (jurisdiction, kind, seq);
CREATE INDEX audit_subject ON audit (jurisdiction, subject, seq);

-- Up to where old entries of the audit journal were written to a file and taken out: the chain goes on from `hash`.
CREATE TABLE audit_pruned (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    seq BIGINT NOT NULL,        -- the last one that was taken out
    at BIGINT NOT NULL,
    hash TEXT NOT NULL,         -- of that entry
    file TEXT NOT NULL,         -- SM3 of the file
    PRIMARY KEY (jurisdiction, seq)
);

-- Every day's signed digest over the heads of both chains (docs/adr/0013).
CREATE TABLE anchor (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    day TEXT NOT NULL,          -- 2026-11-22, by China's one time
    at BIGINT NOT NULL,
    content TEXT NOT NULL,      -- the whole text as outsiders keep it, with its signature
    PRIMARY KEY (jurisdiction, day)
);

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit journal is append only');
END;
-- Only what was written to a file goes, and nothing younger than 180 days by the machine's own clock.
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN OLD.seq > COALESCE((SELECT MAX(p.seq) FROM audit_pruned p WHERE p.jurisdiction = OLD.jurisdiction), 0)
    OR OLD.at > (CAST(strftime('%s', 'now') AS BIGINT) - 180 * 86400) * 1000000
BEGIN
    SELECT RAISE(ABORT, 'the audit journal is append only');
END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit x WHERE x.jurisdiction = NEW.jurisdiction AND x.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'the audit journal is append only');
END;

CREATE TRIGGER audit_pruned_no_update BEFORE UPDATE ON audit_pruned
BEGIN
    SELECT RAISE(ABORT, 'what was pruned stays written down');
END;
CREATE TRIGGER audit_pruned_no_delete BEFORE DELETE ON audit_pruned
BEGIN
    SELECT RAISE(ABORT, 'what was pruned stays written down');
END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER audit_pruned_no_replace BEFORE INSERT ON audit_pruned
WHEN EXISTS (SELECT 1 FROM audit_pruned x WHERE x.jurisdiction = NEW.jurisdiction AND x.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'what was pruned stays written down');
END;

CREATE TRIGGER anchor_no_update BEFORE UPDATE ON anchor
BEGIN
    SELECT RAISE(ABORT, 'anchors are kept');
END;
CREATE TRIGGER anchor_no_delete BEFORE DELETE ON anchor
BEGIN
    SELECT RAISE(ABORT, 'anchors are kept');
END;
-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER anchor_no_replace BEFORE INSERT ON anchor
WHEN EXISTS (SELECT 1 FROM anchor x WHERE x.jurisdiction = NEW.jurisdiction AND x.day = NEW.day)
BEGIN
    SELECT RAISE(ABORT, 'anchors are kept');
END;
