-- role: staff

-- name: bulk_preview
-- action, choice, filter, relations of wall one, how many at most, organisation, how many to show: how many are found, by why
-- they are left out, beside the labels of the first of those whom it would change; one row without a patient when there is none
WITH s AS MATERIALIZED (
    SELECT * FROM app.bulk_select($1, $2::jsonb, $3::jsonb, $4::integer, $5::integer)
), total AS (
    SELECT count(*) FILTER (WHERE left_out = '') AS chosen, count(*) FILTER (WHERE left_out = 'same') AS left_same,
           count(*) FILTER (WHERE left_out = 'right') AS left_right, count(*) FILTER (WHERE left_out = 'sealed') AS left_sealed,
           count(*) FILTER (WHERE left_out = 'phone') AS left_phone, count(*) FILTER (WHERE left_out = 'unknown') AS left_unknown,
           app.bulk_digest(array_agg(stands ORDER BY patient_id) FILTER (WHERE left_out = '')) AS digest
      FROM s
)
SELECT t.*, a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported
  FROM total t
  LEFT JOIN (SELECT * FROM s WHERE s.left_out = '' ORDER BY s.listed_at DESC, s.patient_id DESC LIMIT $7::integer) f ON true
  LEFT JOIN app.access a ON a.organisation_id = $6::bigint AND a.patient_id = f.patient_id
  LEFT JOIN app.organisation r ON r.organisation_id = a.reporter_id
  LEFT JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY f.listed_at DESC, f.patient_id DESC;

-- name: bulk_apply
-- batch, action, choice, filter, relations of wall one, who was shown, how many at most
SELECT app.bulk_apply($1::uuid, $2, $3::jsonb, $4::jsonb, $5::integer, $6, $7::integer);

-- name: bulk_undo
-- batch, relations of wall one
SELECT app.bulk_undo($1::uuid, $2::integer);

-- name: bulk_places
-- prefecture: its municipalities, to choose from
SELECT code, name FROM app.municipality
 WHERE prefecture_code = $1 AND valid_to IS NULL ORDER BY code;

-- name: bulk_undo_days
SELECT value FROM app.setting WHERE name = 'bulk_undo_days';

-- name: bulk_list
-- organisation, batch or NULL for all, before (microseconds): the newest 51, with what their choices say
SELECT b.bulk_id, b.action, b.patients, b.choice ->> 'status' AS status, b.choice ->> 'since' AS since,
       b.choice ->> 'reason' AS reason, b.choice ->> 'release_on' AS release_on, b.choice ->> 'message' AS message, coalesce(c.name, '') AS centre,
       coalesce(a.holder, '') AS holder, coalesce(u.holder, '') AS undone_by, b.undone_patients,
       to_char(b.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS done,
       to_char(b.undone_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS undone,
       to_char((b.at + make_interval(days => s.value::integer)) AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS undo_until,
       b.undone_at IS NULL AND b.at > now() - make_interval(days => s.value::integer) AS may_undo,
       (extract(epoch FROM b.at) * 1000000)::bigint AS cursor
  FROM app.bulk b
  JOIN app.setting s ON s.name = 'bulk_undo_days'
  LEFT JOIN app.account a ON a.account_id = b.account_id
  LEFT JOIN app.account u ON u.account_id = b.undone_by
  LEFT JOIN app.organisation c ON c.organisation_id = (b.choice ->> 'centre')::bigint
 WHERE b.organisation_id = $1::bigint AND ($2::uuid IS NULL OR b.bulk_id = $2::uuid)
   AND b.at < coalesce(to_timestamp($3::bigint / 1000000.0), 'infinity')
 ORDER BY b.at DESC, b.bulk_id DESC LIMIT 51;

-- name: bulk_patients
-- organisation, batch, before (time, patient): the patients of a batch whom it still holds for and whom the office may see
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       (extract(epoch FROM a.listed_at) * 1000000)::bigint AS cursor
  FROM app.bulk_patient x
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = x.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 WHERE x.bulk_id = $2::uuid AND x.undone_at IS NULL
   AND (a.listed_at, a.patient_id) < (coalesce(to_timestamp($3::bigint / 1000000.0), 'infinity'), $4::bigint)
 ORDER BY a.listed_at DESC, a.patient_id DESC LIMIT 51;
