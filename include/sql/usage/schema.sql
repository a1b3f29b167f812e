-- Usage store: visits of the site and the pages seen in them.
-- Instants are UTC text 'YYYY-MM-DD HH:MM:SS'. No foreign key cascades: every row that goes is counted.

CREATE TABLE visits (
    visit_id         INTEGER PRIMARY KEY,
    customer_ref     VARCHAR(16),   -- NULL where the visitor did not sign in, and once anonymised
    visitor_id       VARCHAR(24),   -- identifier in the browser, NULL once anonymised
    visited_at       TIMESTAMP,     -- the first instant of its month once anonymised
    ip_address       VARCHAR(45),
    country          VARCHAR(2),
    city             VARCHAR(60),
    location         VARCHAR(32),   -- latitude and longitude
    browser          VARCHAR(24),
    browser_version  VARCHAR(16),
    operating_system VARCHAR(24),
    referral_source  VARCHAR(120),
    duration_seconds INTEGER,
    interests        VARCHAR(120)
);

CREATE TABLE page_events (
    event_id      INTEGER PRIMARY KEY,
    visit_id      INTEGER      NOT NULL REFERENCES visits (visit_id),
    customer_ref  VARCHAR(16),      -- the visit's, repeated here so that no join is needed
    viewed_at     TIMESTAMP,
    path          VARCHAR(200) NOT NULL,
    previous_path VARCHAR(200),
    seconds       INTEGER
);

CREATE INDEX ix_visits_customer_ref ON visits (customer_ref);
CREATE INDEX ix_visits_visitor_id ON visits (visitor_id);
CREATE INDEX ix_visits_visited_at ON visits (visited_at);
CREATE INDEX ix_page_events_visit_id ON page_events (visit_id);
CREATE INDEX ix_page_events_customer_ref ON page_events (customer_ref);
CREATE INDEX ix_page_events_viewed_at ON page_events (viewed_at);
