-- role: staff

-- name: close_refresh
-- patient
SELECT app.close_refresh($1::bigint);

-- name: close_list
-- organisation, how many: whose 療養期間 has passed, the longest first, with the centre's labels
SELECT c.patient_id, c.reason, c.until, a.name, a.kana, a.status, a.status_since
  FROM app.close_proposal c
  JOIN app.access a ON a.organisation_id = c.organisation_id AND a.patient_id = c.patient_id
 WHERE c.organisation_id = $1::bigint
 ORDER BY c.until, c.patient_id LIMIT $2::integer;

-- name: close_batches
-- organisation: the presses that can still be undone
SELECT b.batch_id, b.people, a.holder, to_char(b.closed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at
  FROM app.close_batch b JOIN app.account a ON a.account_id = b.closed_by
 WHERE b.organisation_id = $1::bigint AND b.undone_at IS NULL AND b.closed_at > now() - interval '7 days'
 ORDER BY b.closed_at DESC, b.batch_id;

-- name: close_do
-- batch, patients
SELECT app.close_do($1::uuid, $2::bigint[]);

-- name: close_undo
-- batch
SELECT app.close_undo($1::uuid);
