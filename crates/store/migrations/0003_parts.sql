-- A copy for a unit's own discipline office is a part of its own. Written anew because SQLite cannot change a CHECK in place.
CREATE TABLE ticket_unit_new (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    unit TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('lead', 'assist', 'copy', 'discipline')),
    PRIMARY KEY (jurisdiction, ticket, unit, part),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
INSERT INTO ticket_unit_new (jurisdiction, ticket, unit, part) SELECT jurisdiction, ticket, unit, part FROM ticket_unit;
DROP TABLE ticket_unit;
ALTER TABLE ticket_unit_new RENAME TO ticket_unit;
CREATE INDEX ticket_unit_scope ON ticket_unit (jurisdiction, unit, ticket);
