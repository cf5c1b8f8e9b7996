-- The tally follows the tickets by itself, whoever writes them.
CREATE TRIGGER tally_registered AFTER INSERT ON ticket
BEGIN
    INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
        VALUES (NEW.jurisdiction, (NEW.registered_at + 28800000000) / 86400000000, COALESCE(NEW.lead, ''), NEW.kind, NEW.state, 1)
        ON CONFLICT (jurisdiction, day, unit, kind, state) DO UPDATE SET tickets = tickets + 1;
END;

CREATE TRIGGER tally_changed AFTER UPDATE OF registered_at, lead, kind, state ON ticket
WHEN (NEW.registered_at, NEW.lead, NEW.kind, NEW.state) IS NOT (OLD.registered_at, OLD.lead, OLD.kind, OLD.state)
BEGIN
    INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
        VALUES (NEW.jurisdiction, (NEW.registered_at + 28800000000) / 86400000000, COALESCE(NEW.lead, ''), NEW.kind, NEW.state, 1)
        ON CONFLICT (jurisdiction, day, unit, kind, state) DO UPDATE SET tickets = tickets + 1;
    UPDATE tally SET tickets = tickets - 1
        WHERE jurisdiction = OLD.jurisdiction AND day = (OLD.registered_at + 28800000000) / 86400000000
            AND unit = COALESCE(OLD.lead, '') AND kind = OLD.kind AND state = OLD.state;
    DELETE FROM tally
        WHERE jurisdiction = OLD.jurisdiction AND day = (OLD.registered_at + 28800000000) / 86400000000
            AND unit = COALESCE(OLD.lead, '') AND kind = OLD.kind AND state = OLD.state AND tickets = 0;
END;
