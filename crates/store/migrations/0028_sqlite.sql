-- Counts over a range of days are one walk: the rows stand in their key. With the key beside the table each of them was looked up by
-- itself, anywhere in the file. The triggers name the table and stay.
CREATE TABLE tally_kept AS SELECT * FROM tally;
DROP TABLE tally;
CREATE TABLE tally (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    day BIGINT NOT NULL,        -- of the registration, in days since 1970-01-01 by China's one time (UTC+8)
    unit TEXT NOT NULL,         -- the lead; '' for none
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tickets BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, day, unit, kind, state)
) WITHOUT ROWID;
INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
    SELECT jurisdiction, day, unit, kind, state, tickets FROM tally_kept ORDER BY 1, 2, 3, 4, 5;
DROP TABLE tally_kept;
