-- role: staff door public jobs

-- name: context_set
-- The session for which the transaction speaks: the first statement of every batch that has one.
SELECT set_config('app.session', $1, true);

-- role: staff door

-- name: session_enter
-- The live session behind a token hash; no row when there is none.
SELECT * FROM app.session_enter($1);

-- role: staff door jobs

-- name: installation_key
-- The key of the public numbers, in hex.
SELECT encode(permutation_key, 'hex') AS key FROM app.installation;

-- role: staff door

-- name: audit_append
-- action, outcome, patient, patients shown, detail (ids only)
SELECT app.audit_append($1, $2, $3::bigint, $4::bigint[], $5);
