-- One row per page seen. The subject is the visit's, repeated on the event.
SELECT
    e.event_id     AS record_key,
    e.customer_ref AS subject_key,
    e.visit_id     AS parent_key,
    'recorded'     AS state,
    e.viewed_at    AS recorded_at
FROM page_events AS e
