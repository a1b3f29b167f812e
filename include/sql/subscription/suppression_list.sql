-- One row per fingerprint of an address whose owner objected. It names nobody: only a new import can be compared with it.
SELECT
    l.fingerprint   AS record_key,
    NULL            AS subject_key,
    'suppressed'    AS state,
    l.suppressed_at AS suppressed_at
FROM suppression_list AS l
