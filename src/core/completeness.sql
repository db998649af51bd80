-- role: staff

-- name: completeness_centre
-- centre: its figures, for itself and whoever stands above it; no row for anybody else
SELECT o.name, t.*
  FROM app.organisation o
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(x.count) FILTER (WHERE x.kind = 'patients'), 0) AS patients,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'unconfirmed'), 0) AS unconfirmed,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'status_missing'), 0) AS status_missing,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'place_missing'), 0) AS place_missing,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'passport_missing'), 0) AS passport_missing,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'death_incomplete'), 0) AS death_incomplete,
              coalesce(sum(x.count) FILTER (WHERE x.kind = 'items_missing'), 0) AS items_missing
         FROM app.tally_of($1::bigint) x) t
 WHERE o.organisation_id = $1::bigint AND o.kind = 'centre' AND NOT o.laboratory AND app.oversees($1::bigint);

-- name: completeness_below
-- organisation, prefecture (NULL: all): the figures of the centres below it, folded and unfolded together. One that is closed
-- stays as long as it has patients: nobody else has entered anything for them.
SELECT c.organisation_id, c.name, c.prefecture_code, p.name AS prefecture, c.closed_at IS NOT NULL AS closed,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'patients'), 0) AS patients,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'unconfirmed'), 0) AS unconfirmed,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'status_missing'), 0) AS status_missing,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'place_missing'), 0) AS place_missing,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'passport_missing'), 0) AS passport_missing,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'death_incomplete'), 0) AS death_incomplete,
       coalesce(sum(x.count) FILTER (WHERE x.kind = 'items_missing'), 0) AS items_missing
  FROM app.organisation_above u
  JOIN app.organisation c ON c.organisation_id = u.organisation_id AND c.kind = 'centre' AND NOT c.laboratory
  JOIN app.prefecture p ON p.code = c.prefecture_code
  LEFT JOIN (SELECT t.organisation_id, t.kind, t.count FROM app.tally t
             UNION ALL SELECT d.organisation_id, d.kind, d.change FROM app.tally_delta d) x
         ON x.organisation_id = u.organisation_id
 WHERE u.above_id = $1::bigint AND ($2::text IS NULL OR c.prefecture_code = $2)
 GROUP BY c.organisation_id, c.name, p.name, c.prefecture_code, c.code, c.closed_at
HAVING c.closed_at IS NULL OR sum(x.count) FILTER (WHERE x.kind = 'patients') > 0
 ORDER BY c.prefecture_code, c.code;

-- name: completeness_weeks_below
-- organisation, prefecture (NULL: all), first Monday: the centres below it together
SELECT w.week, w.kind, sum(w.count)::bigint AS count
  FROM app.organisation_above u
  JOIN app.organisation c ON c.organisation_id = u.organisation_id AND c.kind = 'centre' AND NOT c.laboratory
  JOIN app.tally_week w ON w.organisation_id = u.organisation_id AND w.week >= $3::date
 WHERE u.above_id = $1::bigint AND ($2::text IS NULL OR c.prefecture_code = $2)
 GROUP BY w.week, w.kind ORDER BY w.week, w.kind;

-- name: completeness_weeks
-- centre, first Monday
SELECT w.week, w.kind, w.count FROM app.tally_week w
 WHERE w.organisation_id = $1::bigint AND w.week >= $2::date ORDER BY w.week, w.kind;

-- name: completeness_list
-- organisation, centre, kind, after (time, patient): of whom the centre lacks it, the oldest 51, with this office's labels
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(t.since AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       (extract(epoch FROM t.since) * 1000000)::bigint AS cursor
  FROM app.tally_list($2::bigint, $3, coalesce(to_timestamp($4::bigint / 1000000.0), '-infinity'), $5::bigint) t
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = t.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY t.since, t.patient_id;

-- name: digest_find
-- organisation: the weekday of its mail, 0 for never
SELECT coalesce((SELECT d.weekday FROM app.digest d WHERE d.organisation_id = $1::bigint), 1) AS weekday;

-- name: digest_save
-- organisation, weekday
INSERT INTO app.digest (organisation_id, weekday) VALUES ($1::bigint, $2::integer)
ON CONFLICT (organisation_id) DO UPDATE SET weekday = EXCLUDED.weekday;
