-- Who is down for a shift of a day (SR-2); `day` counts from 1970-01-01, the shifts themselves are a setting.
CREATE TABLE roster (
    jurisdiction TEXT NOT NULL,
    day BIGINT NOT NULL,
    shift TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, day, shift, account),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);

-- What people on duty said of themselves, from when until when (QD-0).
CREATE TABLE presence (
    jurisdiction TEXT NOT NULL,
    account TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    state TEXT NOT NULL,        -- the caller's vocabulary
    until_at BIGINT,            -- NULL: still
    PRIMARY KEY (jurisdiction, account, from_at),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);
CREATE UNIQUE INDEX presence_now ON presence (jurisdiction, account) WHERE until_at IS NULL;
CREATE INDEX presence_from ON presence (jurisdiction, from_at);
