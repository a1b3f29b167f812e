-- Transaction store: orders, invoices (live and archived) and payments. Money is in integer cents.
-- Instants are UTC text 'YYYY-MM-DD HH:MM:SS', dates are 'YYYY-MM-DD'. No foreign key cascades: every row that goes is counted.
-- `archive` is the intermediate archive: a schema, a database or a file of its own. Its indexes are written as servers do.
-- There is no column for a card number or a verification code, and there must never be one.

CREATE TABLE orders (
    order_id         INTEGER PRIMARY KEY,
    customer_ref     VARCHAR(16) NOT NULL,
    product          VARCHAR(60) NOT NULL,
    quantity         INTEGER     NOT NULL,
    amount_cents     INTEGER     NOT NULL,
    delivery_contact VARCHAR(160),
    created_at       TIMESTAMP,
    status           VARCHAR(16)
);

CREATE TABLE invoices (
    invoice_id       INTEGER PRIMARY KEY,
    order_id         INTEGER REFERENCES orders (order_id),  -- NULL once severed, or where no order preceded
    customer_ref     VARCHAR(16),                           -- NULL once severed
    invoice_number   VARCHAR(20)  NOT NULL,
    issued_on        DATE,
    customer_name    VARCHAR(120) NOT NULL,                 -- as the law requires on an invoice
    customer_address VARCHAR(200) NOT NULL,
    contact_name     VARCHAR(120) NOT NULL,                 -- whom to call about it: empty once minimised
    contact_email    VARCHAR(160),
    contact_phone    VARCHAR(32),
    net_cents        INTEGER      NOT NULL,
    vat_cents        INTEGER      NOT NULL,
    total_cents      INTEGER      NOT NULL,
    created_at       TIMESTAMP,
    status           VARCHAR(16)
);

-- The intermediate archive: what the law requires to be kept of an invoice, apart, with an access of its own.
CREATE TABLE archive.archived_invoices (
    invoice_id       INTEGER PRIMARY KEY,
    invoice_number   VARCHAR(20)  NOT NULL,
    issued_on        DATE,
    customer_name    VARCHAR(120) NOT NULL,
    customer_address VARCHAR(200) NOT NULL,
    net_cents        INTEGER      NOT NULL,
    vat_cents        INTEGER      NOT NULL,
    total_cents      INTEGER      NOT NULL,
    created_at       TIMESTAMP,
    status           VARCHAR(16)
);

CREATE TABLE payments (
    payment_id   INTEGER PRIMARY KEY,
    invoice_id   INTEGER     NOT NULL REFERENCES invoices (invoice_id),
    customer_ref VARCHAR(16) NOT NULL,
    method       VARCHAR(16) NOT NULL,
    amount_cents INTEGER     NOT NULL,
    card_brand   VARCHAR(20),
    card_last4   VARCHAR(4),
    card_expiry  VARCHAR(7),
    debited_at   TIMESTAMP,
    created_at   TIMESTAMP,
    status       VARCHAR(16)
);

CREATE INDEX ix_orders_customer_ref ON orders (customer_ref);
CREATE INDEX ix_orders_created_at ON orders (created_at);
CREATE INDEX ix_invoices_order_id ON invoices (order_id);
CREATE INDEX ix_invoices_customer_ref ON invoices (customer_ref);
CREATE INDEX ix_invoices_issued_on ON invoices (issued_on);
CREATE INDEX ix_invoices_created_at ON invoices (created_at);
CREATE INDEX ix_archived_invoices_issued_on ON archive.archived_invoices (issued_on);
CREATE INDEX ix_payments_invoice_id ON payments (invoice_id);
CREATE INDEX ix_payments_customer_ref ON payments (customer_ref);
CREATE INDEX ix_payments_debited_at ON payments (debited_at);
CREATE INDEX ix_payments_created_at ON payments (created_at);
