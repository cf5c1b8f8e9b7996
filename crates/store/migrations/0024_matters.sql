-- The hot issues of the last so many days, as a worker last found them: numbers and counts, no text. Written anew each time.
CREATE TABLE hot_issue (
    jurisdiction TEXT NOT NULL,
    days BIGINT NOT NULL,
    rank BIGINT NOT NULL,       -- from 1
    ticket TEXT NOT NULL,       -- whose title stands for it
    heat BIGINT NOT NULL,       -- in thousandths
    persons BIGINT NOT NULL,
    contacts BIGINT NOT NULL,
    tickets BIGINT NOT NULL,
    from_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    county TEXT,                -- unit that governs the place, where it is known
    street TEXT,
    trend TEXT NOT NULL,        -- contacts of each day, the oldest first, by commas
    PRIMARY KEY (jurisdiction, days, rank)
);

-- The tickets of each.
CREATE TABLE hot_ticket (
    jurisdiction TEXT NOT NULL,
    days BIGINT NOT NULL,
    rank BIGINT NOT NULL,
    ticket TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, days, rank, ticket)
);

-- When they were looked for last, so that of several processes one does.
CREATE TABLE hot_run (
    jurisdiction TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    made_at BIGINT,             -- NULL: not yet
    tickets BIGINT NOT NULL,    -- that were compared
    left_out BIGINT NOT NULL,   -- 1: there were more than are compared
    PRIMARY KEY (jurisdiction)
);

-- Two tickets that somebody looked at and found not to be one matter; `ticket` < `other`.
CREATE TABLE not_one_matter (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    other TEXT NOT NULL,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, ticket, other)
);
CREATE INDEX not_one_matter_other ON not_one_matter (jurisdiction, other);

-- What became of hints on replies, by day and kind.
CREATE TABLE hint_tally (
    jurisdiction TEXT NOT NULL,
    day BIGINT NOT NULL,        -- days since 1970-01-01
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,      -- the caller's vocabulary
    replies BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, day, kind, outcome)
);
