-- role: staff

-- name: close_refresh
-- patient
SELECT app.close_refresh($1::bigint);

-- name: close_refresh_all
-- patients
SELECT app.close_refresh(VARIADIC $1::bigint[]);

-- name: close_list
-- organisation, how many: whose 療養期間 has passed, the longest first, with the centre's labels and the version that they are of. Who
-- is shown goes into the trail with it.
WITH shown AS MATERIALIZED (
    SELECT c.patient_id, p.version, c.reason, c.until, a.name, a.kana, a.status, a.status_since
      FROM app.close_proposal c
      JOIN app.access a ON a.organisation_id = c.organisation_id AND a.patient_id = c.patient_id
      JOIN app.patient p ON p.patient_id = c.patient_id
     WHERE c.organisation_id = $1::bigint
     ORDER BY c.until, c.patient_id LIMIT $2::integer
), trail AS MATERIALIZED (
    SELECT app.audit_append('list', 'allowed', NULL, array_agg(patient_id), '') FROM shown HAVING count(*) > 0
)
SELECT s.*, (SELECT count(*) FROM trail) AS noted FROM shown s ORDER BY s.until, s.patient_id;

-- name: close_batches
-- organisation: the presses that can still be undone
SELECT b.batch_id, b.people, a.holder, to_char(b.closed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at
  FROM app.close_batch b JOIN app.account a ON a.account_id = b.closed_by
 WHERE b.organisation_id = $1::bigint AND b.undone_at IS NULL AND b.closed_at > now() - interval '7 days'
 ORDER BY b.closed_at DESC, b.batch_id;

-- name: close_do
-- batch, patients, the version of each and the end of its period as they were shown
SELECT app.close_do($1::uuid, $2::bigint[], $3::integer[], $4::date[]);

-- name: close_undo
-- batch
SELECT app.close_undo($1::uuid);
