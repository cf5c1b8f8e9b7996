-- The words are cut anew when the centre opens (the setting `cut`): emoji and characters of every plane are tokens now, which unicode61 would
-- split at. The caller has already cut the text into tokens separated by spaces; to `ascii` all that is not ASCII belongs to a token. Where in
-- a text a word stands is not asked of the index: only the tickets' numbers are kept.
DROP TABLE ticket_terms;
CREATE VIRTUAL TABLE ticket_terms USING fts5 (terms, content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'none');
