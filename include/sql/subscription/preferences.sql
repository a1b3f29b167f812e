-- One row per preference. It lives and ends with its subscriber: state and anchors are the subscriber's.
SELECT
    p.preference_id   AS record_key,
    s.customer_ref    AS subject_key,
    p.subscriber_id   AS parent_key,
    CASE
        WHEN s.match_status = 'ambiguous' THEN 'ambiguous'
        WHEN s.match_status NOT IN ('matched', 'unmatched') OR s.match_status IS NULL THEN 'unknown'  -- not a declared state
        WHEN s.unsubscribed_at IS NOT NULL THEN 'unsubscribed'
        WHEN l.fingerprint IS NOT NULL THEN 'resubscribed_suppressed'
        ELSE 'subscribed'
    END               AS state,
    s.subscribed_at   AS recorded_at,
    s.unsubscribed_at AS unsubscribed_at,
    s.last_contact_at AS last_contact
FROM preferences AS p
LEFT JOIN subscribers AS s ON s.subscriber_id = p.subscriber_id
LEFT JOIN suppression_list AS l ON l.fingerprint = s.email_fingerprint
