-- How people and platforms prove who they are. No secret stands here as it is: passwords as argon2id, second factors sealed, tokens, keys
-- and codes as digests.

-- Beside the account, so that whoever changes a name or a role never has a secret in hand.
CREATE TABLE credential (
    jurisdiction TEXT NOT NULL,
    account TEXT NOT NULL,
    password_hash TEXT NOT NULL,            -- a PHC string
    password_at BIGINT NOT NULL,            -- when it was set
    password_once BIGINT NOT NULL CHECK (password_once IN (0, 1)),  -- somebody else knows it: to be changed at the next log-in
    totp TEXT,                              -- sealed secret of the second factor
    totp_new TEXT,                          -- sealed secret that was shown and not confirmed yet
    totp_step BIGINT NOT NULL DEFAULT 0,    -- the last step of time whose code was used
    PRIMARY KEY (jurisdiction, account),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);
-- How old they are nobody knows.
INSERT INTO credential (jurisdiction, account, password_hash, password_at, password_once)
    SELECT jurisdiction, account, password_hash, 0, 0 FROM account;
ALTER TABLE account DROP COLUMN password_hash;

CREATE TABLE password_past (
    jurisdiction TEXT NOT NULL,
    account TEXT NOT NULL,
    at BIGINT NOT NULL,                     -- when it was given up
    password_hash TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, account, at),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);

-- Each opens the second step once, where the device is lost; a used one is gone.
CREATE TABLE recovery_code (
    jurisdiction TEXT NOT NULL,
    account TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, account, code_hash),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);

ALTER TABLE session ADD COLUMN stage TEXT NOT NULL DEFAULT 'open';  -- what is still to be done before it opens anything
ALTER TABLE session ADD COLUMN idle BIGINT NOT NULL DEFAULT 1800000000;  -- microseconds without use that end it
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';      -- in words, never the header itself

-- Failures by whom or what they were about, for all processes. The key is a digest: people type passwords where names belong.
CREATE TABLE attempt (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    key_hash TEXT NOT NULL,
    failures BIGINT NOT NULL,
    at BIGINT NOT NULL,                     -- the last one that counted
    PRIMARY KEY (jurisdiction, key_hash)
);
CREATE INDEX attempt_at ON attempt (jurisdiction, at);

-- What platforms and gateways show instead of a session.
CREATE TABLE api_key (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    key_id TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    name TEXT NOT NULL,                     -- of the platform; a key that replaces another bears the same
    scopes TEXT NOT NULL,                   -- codes of actions, separated by blanks
    rate BIGINT NOT NULL,                   -- requests a minute
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (jurisdiction, key_id),
    UNIQUE (jurisdiction, key_hash)
);

-- Whom a province's identity service knows as which account.
CREATE TABLE identity (
    jurisdiction TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    account TEXT NOT NULL,
    linked_at BIGINT NOT NULL,
    linked_by TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, issuer, subject),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);

-- A code that was sent to a phone.
CREATE TABLE sent_code (
    jurisdiction TEXT NOT NULL REFERENCES jurisdiction (jurisdiction),
    purpose_hash TEXT NOT NULL,             -- what it is good for
    code_hash TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    PRIMARY KEY (jurisdiction, purpose_hash)
);
