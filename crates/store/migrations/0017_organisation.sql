-- What a unit has named besides its people (SR-9, QD-3); `clerk` is an account, `division` a code of the administrative divisions.
ALTER TABLE unit ADD COLUMN office TEXT;
ALTER TABLE unit ADD COLUMN clerk TEXT;
ALTER TABLE unit ADD COLUMN duty_phone TEXT;
ALTER TABLE unit ADD COLUMN division TEXT;

-- Who held which post from when until when. What an account may now stands in its own row; here stands since when, and who gave it.
CREATE TABLE post (
    jurisdiction TEXT NOT NULL,
    post BIGINT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL,
    unit TEXT,
    seat TEXT,                  -- sort of a seat; the caller's vocabulary
    from_at BIGINT NOT NULL,    -- 0: before it was written down
    until_at BIGINT,            -- NULL: still held
    given_by TEXT NOT NULL,
    ended_by TEXT,
    PRIMARY KEY (jurisdiction, post),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);
CREATE UNIQUE INDEX post_held ON post (jurisdiction, account) WHERE until_at IS NULL;
INSERT INTO post (jurisdiction, post, account, role, unit, from_at, given_by)
    SELECT jurisdiction, ROW_NUMBER() OVER (PARTITION BY jurisdiction ORDER BY account), account, role, unit, 0, ''
    FROM account WHERE active = 1;
INSERT INTO counter (jurisdiction, name, value) SELECT jurisdiction, 'post', MAX(post) FROM post GROUP BY jurisdiction;

-- What went over from one to another when a post ended.
CREATE TABLE handover (
    jurisdiction TEXT NOT NULL,
    handover BIGINT NOT NULL,
    unit TEXT NOT NULL,
    from_account TEXT NOT NULL,
    to_account TEXT NOT NULL,
    at BIGINT NOT NULL,
    given_by TEXT NOT NULL,
    tickets TEXT NOT NULL,      -- numbers, as a list in JSON
    PRIMARY KEY (jurisdiction, handover),
    FOREIGN KEY (jurisdiction, unit) REFERENCES unit (jurisdiction, unit)
);
CREATE INDEX handover_unit ON handover (jurisdiction, unit, handover);
