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

CREATE FUNCTION is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append only', TG_TABLE_NAME;
END
$$;

-- Only what was written to a file goes, and nothing younger than 180 days by the server's own clock.
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq > COALESCE((SELECT MAX(p.seq) FROM audit_pruned p WHERE p.jurisdiction = OLD.jurisdiction), 0)
        OR OLD.at > (EXTRACT(EPOCH FROM now())::BIGINT - 180 * 86400) * 1000000
    THEN
        RAISE EXCEPTION 'audit is append only';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION is_kept();
CREATE TRIGGER audit_pruned_no_change BEFORE UPDATE OR DELETE ON audit_pruned
    FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER audit_pruned_no_truncate BEFORE TRUNCATE ON audit_pruned
    FOR EACH STATEMENT EXECUTE FUNCTION is_kept();
CREATE TRIGGER anchor_no_change BEFORE UPDATE OR DELETE ON anchor
    FOR EACH ROW EXECUTE FUNCTION is_kept();
CREATE TRIGGER anchor_no_truncate BEFORE TRUNCATE ON anchor
    FOR EACH STATEMENT EXECUTE FUNCTION is_kept();
