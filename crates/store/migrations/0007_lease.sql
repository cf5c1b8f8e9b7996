-- Work that one process at a time does for a jurisdiction, until it stops saying so.
CREATE TABLE lease (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, name)
);
