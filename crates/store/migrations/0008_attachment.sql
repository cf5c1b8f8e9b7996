-- Files of a ticket. The content is in the file store under `content`; here stands what is known of it.
-- `name` may hold personal data, as people name files after themselves; NULL once it is erased.
CREATE TABLE attachment (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    file BIGINT NOT NULL,       -- from 1 within the ticket, as in the journal
    content TEXT NOT NULL,      -- key in the file store
    name TEXT,
    media TEXT NOT NULL,        -- by the content, not by the name
    size BIGINT NOT NULL,       -- bytes
    sm3 TEXT NOT NULL,          -- of the content, as in the journal
    account TEXT NOT NULL,      -- who sent it in
    at BIGINT NOT NULL,
    state TEXT NOT NULL,        -- what the virus scan says; the caller's vocabulary
    PRIMARY KEY (jurisdiction, ticket, file),
    UNIQUE (jurisdiction, content),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
CREATE INDEX attachment_state ON attachment (jurisdiction, state, at);
