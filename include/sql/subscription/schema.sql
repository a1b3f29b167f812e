-- Subscription store: newsletter subscribers, their preferences, and the fingerprints of those who objected.
-- Instants are UTC text 'YYYY-MM-DD HH:MM:SS'. No foreign key cascades: every row that goes is counted.

CREATE TABLE subscribers (
    subscriber_id     INTEGER PRIMARY KEY,
    customer_ref      VARCHAR(16),            -- NULL where the address belongs to no known customer
    email             VARCHAR(160) NOT NULL,
    email_fingerprint VARCHAR(64)  NOT NULL,  -- keyed, made by the application from the normalised address
    full_name         VARCHAR(120),
    telephone         VARCHAR(32),
    subscribed_at     TIMESTAMP,
    unsubscribed_at   TIMESTAMP,              -- NULL while subscribed
    last_contact_at   TIMESTAMP,
    match_status      VARCHAR(16)             -- matched, unmatched, or ambiguous where several customers have the address
);

CREATE TABLE preferences (
    preference_id INTEGER PRIMARY KEY,
    subscriber_id INTEGER     NOT NULL REFERENCES subscribers (subscriber_id),
    topic         VARCHAR(40) NOT NULL,
    channel       VARCHAR(16) NOT NULL
);

CREATE TABLE suppression_list (
    fingerprint   VARCHAR(64) NOT NULL PRIMARY KEY,
    suppressed_at TIMESTAMP
);

CREATE INDEX ix_subscribers_customer_ref ON subscribers (customer_ref);
CREATE INDEX ix_subscribers_email_fingerprint ON subscribers (email_fingerprint);
CREATE INDEX ix_subscribers_unsubscribed_at ON subscribers (unsubscribed_at);
CREATE INDEX ix_subscribers_last_contact_at ON subscribers (last_contact_at);
CREATE INDEX ix_preferences_subscriber_id ON preferences (subscriber_id);
CREATE INDEX ix_suppression_list_suppressed_at ON suppression_list (suppressed_at);
