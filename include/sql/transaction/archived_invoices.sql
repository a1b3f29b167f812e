-- One row per invoice in the intermediate archive. It names no customer reference and belongs to no order.
SELECT
    a.invoice_id AS record_key,
    NULL         AS subject_key,
    a.status     AS state,             -- issued, paid or credited
    a.issued_on  AS document_date
FROM archive.archived_invoices AS a
