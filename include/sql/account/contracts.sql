-- One row per contract. Dates are civil dates as signed; an absent end means that none is agreed.
SELECT
    k.contract_id  AS record_key,
    a.customer_ref AS subject_key,
    k.account_id   AS parent_key,
    CASE
        WHEN k.ends_on IS NULL THEN 'open_ended'
        ELSE 'dated'
    END            AS state,
    k.starts_on    AS contract_start,
    k.ends_on      AS contract_end
FROM contracts AS k
LEFT JOIN accounts AS a ON a.account_id = k.account_id
