-- What the centre's own closed tickets teach every night (ADR 0017); `day` counts from 1970-01-01.
CREATE TABLE learning (
    jurisdiction TEXT NOT NULL,
    day BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,   -- microseconds: until then nobody else begins
    done_at BIGINT,                 -- NULL: under way, or broken off
    result TEXT,                    -- the caller's: figures, never a text
    PRIMARY KEY (jurisdiction, day)
);

-- The models in use. A model keeps runs of characters of the tickets it was learnt from, so it is sealed like what is personal.
CREATE TABLE learned (
    jurisdiction TEXT NOT NULL,
    field TEXT NOT NULL,
    part TEXT NOT NULL,             -- the label that it is learnt inside of; empty: the first level
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, field, part)
);

-- What was proposed and what people then did: counts, no texts and no tickets.
CREATE TABLE proposal_count (
    jurisdiction TEXT NOT NULL,
    day BIGINT NOT NULL,
    field TEXT NOT NULL,
    version BIGINT NOT NULL,        -- 0: by words or by the catalogue
    outcome TEXT NOT NULL,          -- the caller's vocabulary
    times BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, day, field, version, outcome)
);
