-- Account store: who the customers and prospects are, their trials and their contracts.
-- Instants are UTC text 'YYYY-MM-DD HH:MM:SS', dates are 'YYYY-MM-DD'. No foreign key cascades: every row that goes is counted.

CREATE TABLE accounts (
    account_id       INTEGER PRIMARY KEY,
    customer_ref     VARCHAR(16)  NOT NULL,  -- opaque; not unique: a merge may have left two accounts under one reference
    company_name     VARCHAR(120) NOT NULL,
    business_address VARCHAR(200),
    email            VARCHAR(160),
    telephone        VARCHAR(32),
    segment          VARCHAR(32),
    created_at       TIMESTAMP,
    last_contact_at  TIMESTAMP,
    status           VARCHAR(16)
);

CREATE TABLE contacts (
    contact_id      INTEGER PRIMARY KEY,
    account_id      INTEGER      NOT NULL REFERENCES accounts (account_id),
    full_name       VARCHAR(120) NOT NULL,
    email           VARCHAR(160),
    mobile          VARCHAR(32),
    created_at      TIMESTAMP,
    last_contact_at TIMESTAMP,
    status          VARCHAR(16)
);

CREATE TABLE trials (
    trial_id   INTEGER PRIMARY KEY,
    account_id INTEGER     NOT NULL REFERENCES accounts (account_id),
    offer      VARCHAR(40) NOT NULL,
    credits    INTEGER     NOT NULL,
    started_at TIMESTAMP,
    ended_at   TIMESTAMP,            -- NULL while the trial runs
    converted  INTEGER     NOT NULL  -- 1 once a contract was made of it, else 0
);

CREATE TABLE contracts (
    contract_id INTEGER PRIMARY KEY,
    account_id  INTEGER     NOT NULL REFERENCES accounts (account_id),
    reference   VARCHAR(24) NOT NULL,
    plan        VARCHAR(40) NOT NULL,
    starts_on   DATE,
    ends_on     DATE                 -- NULL while no end is agreed
);

CREATE INDEX ix_accounts_customer_ref ON accounts (customer_ref);
CREATE INDEX ix_accounts_last_contact_at ON accounts (last_contact_at);
CREATE INDEX ix_contacts_account_id ON contacts (account_id);
CREATE INDEX ix_contacts_last_contact_at ON contacts (last_contact_at);
CREATE INDEX ix_trials_account_id ON trials (account_id);
CREATE INDEX ix_trials_started_at ON trials (started_at);
CREATE INDEX ix_trials_ended_at ON trials (ended_at);
CREATE INDEX ix_contracts_account_id ON contracts (account_id);
CREATE INDEX ix_contracts_starts_on ON contracts (starts_on);
CREATE INDEX ix_contracts_ends_on ON contracts (ends_on);
