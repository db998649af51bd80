-- role: jobs

-- name: cases_known
-- source: which of its cases are there already
SELECT external_no FROM app.import_key WHERE source = $1;
