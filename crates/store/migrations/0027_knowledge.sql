-- Files of the knowledge base (docs/adr/0015). The content is in the file store under `content`; which version has which file stands in the
-- journal, with its digest. Files are what units give out to everybody, so their names are no more personal than the entries' words.
CREATE TABLE knowledge_file (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    content TEXT NOT NULL,      -- key in the file store
    entry TEXT,                 -- NULL: not submitted yet
    name TEXT NOT NULL,
    media TEXT NOT NULL,        -- by the content, not by the name
    size BIGINT NOT NULL,       -- bytes
    sm3 TEXT NOT NULL,          -- of the content, as in the journal
    account TEXT NOT NULL,      -- who sent it in
    at BIGINT NOT NULL,
    state TEXT NOT NULL,        -- what the virus scan says; the caller's vocabulary
    named BIGINT NOT NULL,      -- -1: being removed; 0: by no version; 1: by what waits for review; 2: by a version that was published
    since BIGINT NOT NULL,      -- since when it is named so
    PRIMARY KEY (jurisdiction, content),
    FOREIGN KEY (jurisdiction, entry) REFERENCES knowledge (jurisdiction, entry)
);
CREATE INDEX knowledge_file_entry ON knowledge_file (jurisdiction, entry) WHERE entry IS NOT NULL;
CREATE INDEX knowledge_file_state ON knowledge_file (jurisdiction, state, at);
CREATE INDEX knowledge_file_loose ON knowledge_file (jurisdiction, since) WHERE named <= 0;

-- What the lists are searched by: everything the entry says, folded by the caller; '' until the centre has opened once.
ALTER TABLE knowledge ADD COLUMN said TEXT NOT NULL DEFAULT '';
