-- The tally follows the tickets by itself, whoever writes them: once for each statement, however many tickets it changes.
CREATE FUNCTION tally_registered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
        SELECT jurisdiction, (registered_at + 28800000000) / 86400000000, COALESCE(lead, ''), kind, state, COUNT(*)
        FROM now_is GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (jurisdiction, day, unit, kind, state) DO UPDATE SET tickets = tally.tickets + excluded.tickets;
    RETURN NULL;
END
$$;

CREATE FUNCTION tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tally (jurisdiction, day, unit, kind, state, tickets)
        SELECT jurisdiction, (registered_at + 28800000000) / 86400000000, COALESCE(lead, ''), kind, state, SUM(by)
        FROM (
            SELECT jurisdiction, registered_at, lead, kind, state, 1 AS by FROM now_is
            UNION ALL SELECT jurisdiction, registered_at, lead, kind, state, -1 FROM was
        ) AS x GROUP BY 1, 2, 3, 4, 5 HAVING SUM(by) <> 0
        ON CONFLICT (jurisdiction, day, unit, kind, state) DO UPDATE SET tickets = tally.tickets + excluded.tickets;
    DELETE FROM tally USING was
        WHERE tally.jurisdiction = was.jurisdiction AND tally.day = (was.registered_at + 28800000000) / 86400000000
            AND tally.unit = COALESCE(was.lead, '') AND tally.kind = was.kind AND tally.state = was.state AND tally.tickets = 0;
    RETURN NULL;
END
$$;

CREATE TRIGGER tally_registered AFTER INSERT ON ticket
    REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION tally_registered();
CREATE TRIGGER tally_changed AFTER UPDATE ON ticket
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION tally_changed();

-- A list reads the narrow columns of a ticket and not its body: that is kept apart, and pressed by the faster of the two methods where
-- the server has it.
ALTER TABLE ticket SET (toast_tuple_target = 256);
DO $$
BEGIN
    ALTER TABLE ticket ALTER COLUMN body SET COMPRESSION lz4;
    ALTER TABLE journal ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
