-- What is said twice goes, and what lists of units are sorted by is said where they look for it.

-- The clocks of a ticket stand in its body. Nobody read them here but the check that they equal those.
DROP TABLE clock;

-- The hash of the entry before stands in the entry before.
ALTER TABLE journal DROP COLUMN prev;

-- A unit's list is a walk along an index of its own, however many tickets other units have.
CREATE TABLE ticket_part (
    jurisdiction TEXT NOT NULL,
    ticket TEXT NOT NULL,
    unit TEXT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('lead', 'assist', 'copy', 'discipline')),
    state TEXT NOT NULL,            -- these three as in the ticket's row
    due_order BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, ticket, unit, part),
    FOREIGN KEY (jurisdiction, ticket) REFERENCES ticket (jurisdiction, ticket)
);
INSERT INTO ticket_part (jurisdiction, ticket, unit, part, state, due_order, registered_at)
    SELECT u.jurisdiction, u.ticket, u.unit, u.part, t.state, t.due_order, t.registered_at
    FROM ticket_unit u JOIN ticket t ON t.jurisdiction = u.jurisdiction AND t.ticket = u.ticket;
DROP TABLE ticket_unit;
ALTER TABLE ticket_part RENAME TO ticket_unit;
CREATE INDEX ticket_unit_due ON ticket_unit (jurisdiction, unit, due_order, ticket, part);
CREATE INDEX ticket_unit_state ON ticket_unit (jurisdiction, unit, state, due_order, ticket, part);
CREATE INDEX ticket_unit_registered ON ticket_unit (jurisdiction, unit, registered_at, ticket, part, state);

-- Few tickets are overdue or under supervision at a time; their lists and counts need not pass by all others.
CREATE INDEX ticket_overdue ON ticket (jurisdiction, due_order, ticket, state) WHERE overdue = 1;
CREATE INDEX ticket_supervised ON ticket (jurisdiction, due_order, ticket, state) WHERE supervised = 1;

-- A lead unit's list is one of those above.
DROP INDEX ticket_lead_due;
