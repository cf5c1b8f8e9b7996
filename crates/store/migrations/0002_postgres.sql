-- What only PostgreSQL takes: the lexemes of a ticket, and triggers in PL/pgSQL. SQLite has its own 0002.

-- Beside the ticket and not a column of it: a ticket changes a dozen times and its words once, and a new version of a row goes into all
-- indexes of its table. The caller has already cut the text; the lexemes are taken as they are.
CREATE TABLE ticket_terms (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    terms TSVECTOR NOT NULL,
    PRIMARY KEY (jurisdiction, ticket),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
CREATE INDEX ticket_terms_terms ON ticket_terms USING GIN (terms);

CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append only';
END
$$;

CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
