-- Short messages from appellants, each once by the gateway's own id. The number it came from is in `person`, where it is kept at all.
CREATE TABLE inbox (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    id TEXT NOT NULL,           -- the gateway's
    at BIGINT NOT NULL,
    ticket TEXT,                -- whose rating it was taken as
    person TEXT,                -- who sent it, where it could not be told what it is about
    text TEXT NOT NULL,
    outcome TEXT NOT NULL,      -- the caller's vocabulary
    PRIMARY KEY (jurisdiction, id),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket),
    FOREIGN KEY (jurisdiction, person) REFERENCES person (jurisdiction, person)
);
CREATE INDEX inbox_outcome ON inbox (jurisdiction, outcome, at);
