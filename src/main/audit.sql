-- role: jobs

-- name: audit_range
-- shard, from: links in order, in the text that was hashed, and whether an anchor must hold them by now: `hersys jobs`
-- writes one every minute
SELECT seq, encode(hash, 'hex') AS hash, at < now() - interval '10 minutes' AS due,
       concat_ws('|', shard, seq, (extract(epoch FROM at) * 1000000)::bigint, coalesce(account_id, 0),
                 coalesce(organisation_id, 0), session_tag, action, outcome, coalesce(patient_id, 0),
                 coalesce(array_to_string(patient_ids, ','), ''), coalesce(owner_id, 0), detail) AS link
  FROM app.audit WHERE shard = $1::integer AND seq > $2::bigint ORDER BY seq LIMIT 20000;
