-- Something is due of few tickets at a time. These have an index of their own, with what lists ask of them; the others are listed by their
-- registration, and no list goes through all tickets by due time any more.
DROP INDEX ticket_due;
DROP INDEX ticket_state_due;
DROP INDEX ticket_kind_due;
CREATE INDEX ticket_due ON ticket (jurisdiction, due_order, ticket, registered_at, state, kind, lead, channel, urgent, confidential)
    WHERE due_order < 9223372036854775807;
