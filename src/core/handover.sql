-- role: staff

-- name: handover_list_of
-- patient: 引継ぎ as asked and answered, the newest first
SELECT h.handover_no, h.state, h.reason, h.answer, h.from_id, h.to_id, f.name AS from_name, t.name AS to_name,
       t.phone AS to_phone, a.holder AS requested_by_name, coalesce(d.holder, '') AS decided_by_name,
       to_char(h.requested_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS requested,
       coalesce(to_char(h.decided_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI'), '') AS decided,
       EXISTS (SELECT FROM app.todo t WHERE t.organisation_id = app.organisation_now() AND t.kind = 'handover_refused'
                  AND t.patient_id = h.patient_id) AS unread
  FROM app.handover h
  JOIN app.organisation f ON f.organisation_id = h.from_id
  JOIN app.organisation t ON t.organisation_id = h.to_id
  LEFT JOIN app.account a ON a.account_id = h.requested_by
  LEFT JOIN app.account d ON d.account_id = h.decided_by
 WHERE h.patient_id = $1::bigint ORDER BY h.handover_no DESC LIMIT 20;

-- name: handover_request
-- patient, to, reason
SELECT app.handover_request($1::bigint, $2::bigint, $3);

-- name: handover_decide
-- patient, number, state, answer
SELECT app.handover_decide($1::bigint, $2::integer, $3, $4);

-- name: mail_to_other_side
-- patient, number, template, phone entry ID: to the other one of the two centres; no name, no illness
INSERT INTO app.outbox (channel, template, to_organisation, phone_id)
SELECT 'mail', $3, CASE app.organisation_now() WHEN h.from_id THEN h.to_id ELSE h.from_id END, $4
  FROM app.handover h WHERE h.patient_id = $1::bigint AND h.handover_no = $2::integer;

-- name: handover_seen
SELECT app.handover_seen($1::bigint);

-- name: handover_moves
-- organisation, outward, before (microseconds, patient): 転出 or 転入, the newest 51; many may have been asked in one batch. A
-- patient whom this office may not see any more stands in the list without a name.
SELECT l.patient_id, l.state, o.name AS other, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band,
       a.patient_id IS NOT NULL AS visible,
       to_char(l.requested_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS requested,
       coalesce(to_char(l.decided_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI'), '') AS decided,
       (extract(epoch FROM l.requested_at) * 1000000)::bigint AS cursor
  FROM app.handover_list l
  JOIN app.organisation o ON o.organisation_id = l.other_id
  LEFT JOIN app.access a ON a.organisation_id = l.organisation_id AND a.patient_id = l.patient_id
 WHERE l.organisation_id = $1::bigint AND l.outward = $2::boolean
   AND (l.requested_at, l.patient_id) < (coalesce(to_timestamp($3::bigint / 1000000.0), 'infinity'), $4::bigint)
 ORDER BY l.requested_at DESC, l.patient_id DESC LIMIT 51;
