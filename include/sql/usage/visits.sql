-- One row per visit. A visit that kept neither visitor, address nor customer was anonymised before.
SELECT
    v.visit_id     AS record_key,
    v.customer_ref AS subject_key,
    CASE
        WHEN v.visitor_id IS NULL AND v.ip_address IS NULL AND v.customer_ref IS NULL THEN 'anonymised'
        ELSE 'recorded'
    END            AS state,
    v.visited_at   AS recorded_at
FROM visits AS v
