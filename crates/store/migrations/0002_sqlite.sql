-- What only SQLite takes: the full-text table and the triggers' RAISE. PostgreSQL gets its own 0002
-- (a tsvector column with GIN on `ticket`, and triggers in PL/pgSQL).

-- Contentless: the words are not stored a second time. rowid = ticket.doc. The caller has already cut the text into
-- tokens separated by spaces; unicode61 only splits at those spaces (and at anything that is not a letter or a digit).
CREATE VIRTUAL TABLE ticket_terms USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'unicode61');

CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append only');
END;

CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is append only');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal
WHEN EXISTS (SELECT 1 FROM journal j WHERE j.jurisdiction = NEW.jurisdiction AND j.seq = NEW.seq)
    OR EXISTS (
        SELECT 1 FROM journal j
        WHERE j.jurisdiction = NEW.jurisdiction AND j.ticket = NEW.ticket AND j.version = NEW.version
    )
BEGIN
    SELECT RAISE(ABORT, 'the journal is append only');
END;
