-- role: staff

-- name: same_find
-- patient, probe, weights, least score
SELECT app.same_find($1::bigint, $2::jsonb, $3::integer[], $4::integer);

-- name: same_look
-- organisation, probe, weights, least score: who of this office's patients may be the person that is being written. Each
-- is looked up by its key (LIMIT 1), whatever the planner thinks of the size of a list.
SELECT m.patient_id, m.score, m.reasons, a.relations, a.notification_no, a.name, a.kana, a.birth_date, a.diagnosis_date,
       r.name AS reporter, to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS reported
  FROM app.same_look($2::jsonb, $3::integer[], $4::integer) m
 CROSS JOIN LATERAL (SELECT * FROM app.access x WHERE x.organisation_id = $1::bigint AND x.patient_id = m.patient_id LIMIT 1) a
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
 ORDER BY m.score DESC, m.patient_id DESC;

-- name: same_queue
-- organisation, behind (score, patient, other), how many pairs: a row for each of the two, side by side. The labels stand
-- in the office's own row; what else is compared is read from the record.
SELECT q.place, q.score, q.reasons, p.patient_id, p.version, a.relations, p.responsible_id, p.family_name, p.given_name,
       p.family_kana, p.given_kana, p.birth_date, p.sex, p.phone, p.home_address, a.diagnosis_date, a.category,
       a.status, r.name AS reporter, c.name AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported, q.patient_id AS first_id,
       q.other_id AS second_id,
       -- of the newest report, as record_notification reads it: it decides whose ID stays in a merge
       coalesce((SELECT to_char(n.reported_at, 'YYYY-MM-DD"T"HH24:MI:SS.USOF') FROM app.notification n
                  WHERE n.patient_id = p.patient_id AND n.deleted_at IS NULL ORDER BY n.notification_no DESC LIMIT 1), '') AS reported_iso
  FROM (SELECT row_number() OVER (ORDER BY s.score DESC, s.patient_id, s.other_id) AS place, s.score, s.reasons,
               s.patient_id, s.other_id
          FROM (SELECT * FROM app.same_pair x
                 WHERE x.organisation_id = $1::bigint AND x.different_at IS NULL
                   -- whom this office does not see any more makes no pair, and must not cut the page short
                   AND EXISTS (SELECT FROM app.patient v WHERE v.patient_id = x.patient_id)
                   AND EXISTS (SELECT FROM app.patient v WHERE v.patient_id = x.other_id)
                   AND (-x.score, x.patient_id, x.other_id) > (-$2::integer, $3::bigint, $4::bigint)
                 ORDER BY x.score DESC, x.patient_id, x.other_id LIMIT $5::integer) s) q
 CROSS JOIN LATERAL (VALUES (1, q.patient_id), (2, q.other_id)) side (no, patient_id)
 CROSS JOIN LATERAL (SELECT * FROM app.access x WHERE x.organisation_id = $1::bigint AND x.patient_id = side.patient_id LIMIT 1) a
  JOIN app.patient p ON p.patient_id = side.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY q.place, side.no;

-- name: same_links
-- organisation, patient: the other IDs of the same person that the office may see
SELECT l.other_id, a.relations, a.diagnosis_date, r.name AS reporter,
       to_char(l.linked_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS linked
  FROM app.same_link l
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = l.other_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
 WHERE l.patient_id = $2::bigint ORDER BY a.diagnosis_date DESC NULLS LAST, l.other_id LIMIT 50;

-- name: same_merges
-- patient: which IDs were emptied into it
SELECT m.patient_id, m.merge_no, m.first_no, m.last_no, m.first_status, m.last_status, m.persons, h.holder,
       m.undo_until > now() AS undoable,
       to_char(m.merged_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS merged,
       to_char(m.undo_until AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS until
  FROM app.same_merge m LEFT JOIN app.account h ON h.account_id = m.merged_by
 WHERE m.into_id = $1::bigint AND m.undone_at IS NULL ORDER BY m.merged_at DESC, m.patient_id LIMIT 50;

-- name: same_merge_days
SELECT value FROM app.setting WHERE name = 'merge_days';

-- name: same_waits
-- two patients: whether one of them waits for the answer of another centre (引継ぎ)
SELECT EXISTS (SELECT FROM app.handover h WHERE h.patient_id IN ($1::bigint, $2::bigint) AND h.state = 'requested') AS waits;

-- name: same_survivor
SELECT app.same_survivor($1::bigint) AS patient_id;

-- name: same_frozen
-- patient: the persons that stand in its frozen reports
SELECT h.notification_no, h.frozen_items FROM app.notification_person h
 WHERE h.patient_id = $1::bigint AND h.frozen_items IS NOT NULL ORDER BY h.notification_no;

-- name: same_decide
-- patient, other, same_link, same_unlink or same_different
SELECT app.same_decide($1::bigint, $2::bigint, $3);

-- name: same_declare
-- patient just reported, others: who reported it says that these are other people
SELECT app.same_declare($1::bigint, $2::bigint[]);

-- name: same_merge_do
-- emptied ID, its version, surviving ID, its version, both persons before, items taken over, frozen persons, the person
-- that freezes, reason
SELECT app.same_merge_do($1::bigint, $2::integer, $3::bigint, $4::integer, $5::jsonb, $6::jsonb, $7::jsonb, $8::jsonb, $9);

-- name: same_merge_undo
-- emptied ID, surviving ID, its version, report that stays, report that returns, items of the person, reason
SELECT app.same_merge_undo($1::bigint, $2::bigint, $3::integer, $4::integer, $5::integer, $6::jsonb, $7);

-- role: jobs

-- name: same_refresh
-- source, external number, probe, weights, least score: the pairs of a patient that was written in bulk
SELECT app.same_refresh(k.patient_id, $3::jsonb, $4::integer[], $5::integer)
  FROM app.import_key k WHERE k.source = $1 AND k.external_no = $2;
