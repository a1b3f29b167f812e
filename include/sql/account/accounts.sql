-- One row per account. Whether the subject is a customer, a trial or a prospect follows from contracts and trials, not from here.
SELECT
    a.account_id      AS record_key,
    a.customer_ref    AS subject_key,
    a.status          AS state,        -- active, dormant or closed
    a.created_at      AS recorded_at,
    a.last_contact_at AS last_contact
FROM accounts AS a
