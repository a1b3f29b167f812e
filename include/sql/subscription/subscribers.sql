-- One row per subscriber. An unclear match outweighs everything else; a subscription of somebody who had objected is one too.
SELECT
    s.subscriber_id   AS record_key,
    s.customer_ref    AS subject_key,
    CASE
        WHEN s.match_status = 'ambiguous' THEN 'ambiguous'
        WHEN s.match_status NOT IN ('matched', 'unmatched') OR s.match_status IS NULL THEN 'unknown'  -- not a declared state
        WHEN s.unsubscribed_at IS NOT NULL THEN 'unsubscribed'
        WHEN l.fingerprint IS NOT NULL THEN 'resubscribed_suppressed'
        ELSE 'subscribed'
    END               AS state,
    s.subscribed_at   AS recorded_at,
    s.unsubscribed_at AS unsubscribed_at,   -- NULL while subscribed
    s.last_contact_at AS last_contact
FROM subscribers AS s
LEFT JOIN suppression_list AS l ON l.fingerprint = s.email_fingerprint
