-- The access record takes its numbers from a counter, as the outbox does: two processes that both ask for the greatest one get the same.
INSERT INTO counter (jurisdiction, name, value)
    SELECT jurisdiction, 'access', MAX(id) FROM access_log GROUP BY jurisdiction;
