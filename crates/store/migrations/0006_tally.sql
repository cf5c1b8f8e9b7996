-- How many tickets there are of each day, lead unit, kind and state, kept with every commit. Cells with none are not kept.
CREATE TABLE tally (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    day BIGINT NOT NULL,        -- of the registration, in days since 1970-01-01 by China's one time (UTC+8)
    unit TEXT NOT NULL,         -- the lead; '' for none
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tickets BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, day, unit, kind, state)
);
INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
    SELECT jurisdiction, (registered_at + 28800000000) / 86400000000, COALESCE(lead, ''), kind, state, COUNT(*)
    FROM ticket GROUP BY 1, 2, 3, 4, 5;
