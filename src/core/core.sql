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

-- role: staff

-- name: audit_look
-- action, organisation, patient, notification (0: any), tab, to write, not what was deleted: who asks to see is judged here,
-- by the second wall, so that the entry never says more than was shown
SELECT app.audit_append($1, CASE WHEN EXISTS (
           SELECT FROM app.access a
            WHERE a.organisation_id = $2::bigint AND a.patient_id = $3::bigint
              AND a.relations & CASE WHEN $6::boolean THEN app.writable($5) ELSE app.readable($5) END <> 0)
       AND ($4::integer = 0 OR EXISTS (
           SELECT FROM app.notification n
            WHERE n.patient_id = $3::bigint AND n.notification_no = $4::integer
              AND (n.deleted_at IS NULL OR NOT $7::boolean)))
       THEN 'allowed' ELSE 'denied' END, $3::bigint, NULL, coalesce(nullif($4::integer, 0)::text, ''));
