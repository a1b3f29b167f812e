-- One row per invoice. An invoice whose link to order and customer was severed names no subject any more.
SELECT
    i.invoice_id   AS record_key,
    i.customer_ref AS subject_key,
    i.order_id     AS parent_key,
    i.status       AS state,           -- issued, paid or credited
    i.created_at   AS recorded_at,
    i.issued_on    AS document_date
FROM invoices AS i
