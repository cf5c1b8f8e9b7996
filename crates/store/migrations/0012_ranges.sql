-- The most urgent of the tickets of a month are picked from the index alone.
DROP INDEX ticket_registered;
CREATE INDEX ticket_registered ON ticket (jurisdiction, registered_at, ticket, due_order);
