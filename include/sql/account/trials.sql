-- One row per free trial, judged one by one: an unconverted second trial of a customer is a trial.
SELECT
    t.trial_id     AS record_key,
    a.customer_ref AS subject_key,
    t.account_id   AS parent_key,
    CASE
        WHEN t.converted = 1 THEN 'converted'
        WHEN t.converted = 0 AND t.ended_at IS NULL THEN 'running'
        WHEN t.converted = 0 THEN 'expired'
        ELSE 'unknown'                 -- a flag nobody defined: not declared as a state, so it is quarantined
    END            AS state,
    t.started_at   AS trial_start,
    t.ended_at     AS trial_end        -- NULL while the trial runs
FROM trials AS t
LEFT JOIN accounts AS a ON a.account_id = t.account_id
