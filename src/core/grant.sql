-- role: staff

-- name: grant_list
-- patient: agencies linked with it and emergency views, those that stand first
SELECT g.grant_no, g.relation, g.emergency, g.reason, o.name, o.code, coalesce(a.holder, '') AS granted_by_name,
       to_char(g.granted_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS granted,
       coalesce(to_char(CASE WHEN g.emergency THEN g.until ELSE g.until - interval '1 second' END AT TIME ZONE 'Asia/Tokyo',
                        CASE WHEN g.emergency THEN 'YYYY/MM/DD HH24:MI' ELSE 'YYYY/MM/DD' END), '') AS until,
       g.ended_at IS NULL AND coalesce(g.until > now(), true) AS stands, g.emergency AND g.reviewed_at IS NULL AS unreviewed,
       coalesce(to_char(g.reviewed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI'), '') AS reviewed,
       coalesce(r.holder, '') AS reviewed_by_name
  FROM app.patient_grant g
  JOIN app.organisation o ON o.organisation_id = g.organisation_id
  LEFT JOIN app.account a ON a.account_id = g.granted_by
  LEFT JOIN app.account r ON r.account_id = g.reviewed_by
 WHERE g.patient_id = $1::bigint
 ORDER BY g.ended_at IS NULL DESC, g.grant_no DESC LIMIT 50;

-- name: grant_link
-- patient, organisation's code, relation, until
SELECT app.grant_link($1::bigint, (SELECT organisation_id FROM app.organisation WHERE code = $2), $3::integer, $4::date);

-- name: grant_end
SELECT app.grant_end($1::bigint, $2::integer);

-- name: emergency_review
SELECT app.emergency_review($1::bigint, $2::integer);

-- name: emergency_open
-- patient, reason
SELECT app.emergency_open($1::bigint, $2);

-- name: emergency_hours
SELECT value FROM app.setting WHERE name = 'emergency_hours';
