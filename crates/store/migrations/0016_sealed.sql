-- What is personal is stored sealed (crates/store/src/seal). The keys' own rows:
CREATE TABLE data_key (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    version BIGINT NOT NULL,    -- from 1; the last one seals
    secret TEXT NOT NULL,       -- wrapped by a master key, which is not in the database
    master TEXT NOT NULL,       -- the name of that key
    made_at BIGINT NOT NULL,
    retired_at BIGINT,          -- since then nothing stands under it
    PRIMARY KEY (jurisdiction, version)
);

-- What people wrote about a ticket is sealed under the ticket's own key, in the journal too. To erase the ticket its key is emptied.
-- It is sealed under the data key; '' once the ticket was erased, NULL if the ticket was never written to since tickets have keys.
ALTER TABLE ticket ADD COLUMN secret TEXT;

-- Sealed values are found by a keyed digest.
ALTER TABLE person ADD COLUMN id_number TEXT;
ALTER TABLE person ADD COLUMN phone_find TEXT;
ALTER TABLE person ADD COLUMN contact_phone_find TEXT;
ALTER TABLE person ADD COLUMN id_number_find TEXT;
DROP INDEX person_phone;
DROP INDEX person_contact_phone;
CREATE INDEX person_phone ON person (jurisdiction, phone_find) WHERE phone_find IS NOT NULL;
CREATE INDEX person_contact_phone ON person (jurisdiction, contact_phone_find) WHERE contact_phone_find IS NOT NULL;
CREATE INDEX person_id_number ON person (jurisdiction, id_number_find) WHERE id_number_find IS NOT NULL;
