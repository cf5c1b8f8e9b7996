-- A unit's tickets of one kind are picked from its indices alone, and so are the newest of a kind.
ALTER TABLE ticket_unit ADD COLUMN kind TEXT NOT NULL DEFAULT '';
UPDATE ticket_unit SET kind = (
    SELECT t.kind FROM ticket t WHERE t.jurisdiction = ticket_unit.jurisdiction AND t.ticket = ticket_unit.ticket
);
DROP INDEX ticket_unit_due;
CREATE INDEX ticket_unit_due ON ticket_unit (jurisdiction, unit, due_order, ticket, part, state, kind);
DROP INDEX ticket_unit_state;
CREATE INDEX ticket_unit_state ON ticket_unit (jurisdiction, unit, state, due_order, ticket, part, kind);
DROP INDEX ticket_unit_registered;
CREATE INDEX ticket_unit_registered ON ticket_unit (jurisdiction, unit, registered_at, ticket, part, state, kind);
CREATE INDEX ticket_kind_registered ON ticket (jurisdiction, kind, registered_at, ticket);
