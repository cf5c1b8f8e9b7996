-- Where somebody hears of changes to their own account, sealed. Apart from the account, whose row is read with every request.
CREATE TABLE account_phone (
    jurisdiction TEXT NOT NULL,
    account TEXT NOT NULL,
    phone TEXT NOT NULL,
    PRIMARY KEY (jurisdiction, account),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);

-- What people are told of their own accounts: messages like those of the outbox, and none of a ticket. They take their numbers from its counter, so
-- that a gateway never sees one twice.
CREATE TABLE notice (
    jurisdiction TEXT NOT NULL,
    id BIGINT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,         -- what happened, in the caller's vocabulary
    payload TEXT NOT NULL,      -- JSON without personal data and without a secret
    phone TEXT,                 -- the number that stood when it happened, sealed; NULL once it was sent
    made_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'failed')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    leased_until BIGINT,
    done_at BIGINT,
    error TEXT,
    result TEXT,
    PRIMARY KEY (jurisdiction, id),
    FOREIGN KEY (jurisdiction, account) REFERENCES account (jurisdiction, account)
);
CREATE INDEX notice_due ON notice (jurisdiction, next_at, id) WHERE state = 'pending';
CREATE INDEX notice_account ON notice (jurisdiction, account, made_at);
