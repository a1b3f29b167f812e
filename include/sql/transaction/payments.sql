-- One row per payment.
SELECT
    p.payment_id   AS record_key,
    p.customer_ref AS subject_key,
    p.invoice_id   AS parent_key,
    p.status       AS state,           -- settled or refunded
    p.created_at   AS recorded_at,
    p.debited_at   AS debited_at
FROM payments AS p
