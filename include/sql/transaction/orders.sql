-- One row per order.
SELECT
    o.order_id     AS record_key,
    o.customer_ref AS subject_key,
    o.status       AS state,           -- placed, delivered or cancelled
    o.created_at   AS recorded_at
FROM orders AS o
