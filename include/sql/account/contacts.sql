-- One row per contact person. The data subject known to the other stores is the account's customer.
SELECT
    c.contact_id      AS record_key,
    a.customer_ref    AS subject_key,
    c.account_id      AS parent_key,
    c.status          AS state,        -- active or left
    c.created_at      AS recorded_at,
    c.last_contact_at AS last_contact
FROM contacts AS c
LEFT JOIN accounts AS a ON a.account_id = c.account_id
