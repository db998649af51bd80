-- role: staff

-- name: figure_follow
-- patient: what it counts as follows its record
SELECT app.figure_follow($1::bigint);

-- name: figures_areas
-- area, whether only its prefecture's places are wanted: what the office may choose, the country and the prefectures first; `within`:
-- it works there, and sees more than the totals of a day. No people: not known.
SELECT x.area, x.name, x.code, u.people, r.area IS NOT NULL AS within, x.place
  FROM (SELECT '00' AS area, '全国' AS name, '00' AS code, false AS place, '' AS sorted
        UNION ALL
        SELECT p.code, p.name, p.code, false, p.code FROM app.prefecture p
        UNION ALL
        SELECT 'o' || o.organisation_id, o.name, o.code, true, o.prefecture_code || CASE o.kind WHEN 'city' THEN o.code ELSE 'Z' || o.code END
          FROM app.organisation o
         WHERE o.kind IN ('city', 'centre') AND NOT o.laboratory
           AND (NOT $2::boolean OR o.prefecture_code = CASE WHEN $1 ~ '^o' THEN (SELECT y.prefecture_code FROM app.organisation y
                                                                                  WHERE 'o' || y.organisation_id = $1) ELSE $1 END)) x
  LEFT JOIN app.figure_reach() r ON r.area = x.area
  LEFT JOIN app.figure_people u ON u.area = x.area
 WHERE r.area IS NOT NULL OR NOT x.place
 ORDER BY x.place, x.sorted;

-- role: staff public

-- name: figures_people
-- area: its people, the newest number first, for people to read
SELECT to_char(p.since, 'YYYY/FMMM/FMDD') AS since, to_char(p.people, 'FM999,999,999') AS people, p.source
  FROM app.figure_population p WHERE p.area = $1 ORDER BY p.since DESC;

-- role: staff

-- name: figures_daily_seen
-- area, series (array), from, to
SELECT series, day, count, level, first_count, first_level FROM app.figure_daily_seen($1, $2::text[], $3::date, $4::date);

-- name: figures_weekly_seen
-- area, series, from, to
SELECT week, cell, count, level FROM app.figure_weekly_seen($1, $2, $3::date, $4::date) ORDER BY week DESC, cell;

-- name: figures_clusters_seen
-- area, from, to
SELECT week, kind, count FROM app.figure_clusters_seen($1, $2::date, $3::date) ORDER BY week DESC, kind;

-- name: figures_list
-- organisation, area, series, from (NULL: from the first), to, cell (NULL: all), after (centre and day in one number, patient), whether
-- of the days that the area has published alone: 51 of those whom a figure counts, with this office's labels
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible, to_char(f.new_on, 'YYYY/FMMM/FMDD') AS reported,
       f.organisation_id * 100000 + (f.new_on - date '1970-01-01') AS cursor
  FROM app.figure_list($2, $3, coalesce($4::date, '-infinity'), $5::date, $6, $7::bigint / 100000,
                       date '1970-01-01' + ($7::bigint % 100000)::integer, $8::bigint,
                       CASE WHEN $9::boolean
                            THEN ARRAY(SELECT p.day FROM app.published_seen($2, $4::date, $5::date) p WHERE p.series = $3) END) f
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = f.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY f.organisation_id, f.new_on DESC, f.patient_id DESC;

-- name: figures_unseen
-- area, series, from (NULL: from the first), to, cell (NULL: all), how many are looked at, whether of published days alone
SELECT app.figure_unseen($1, $2, coalesce($3::date, '-infinity'), $4::date, $5, $6::integer,
                         CASE WHEN $7::boolean
                              THEN ARRAY(SELECT p.day FROM app.published_seen($1, $3::date, $4::date) p WHERE p.series = $2) END) AS unseen;

-- name: figures_cluster_list
-- area, week, kinds of place (array; '': none), last one shown (NULL: none): 51 of the clusters that are counted in it
SELECT c.cluster_id, c.name, c.kind, c.place_name, c.first_day, c.ended_on, m.full_name AS municipality, o.name AS organisation,
       (SELECT count(*) FROM app.cluster_member x
         WHERE x.organisation_id = c.organisation_id AND x.cluster_id = c.cluster_id AND x.removed_at IS NULL) AS members
  FROM app.figure_area a
  JOIN app.cluster c ON c.organisation_id = a.organisation_id
  JOIN app.organisation o ON o.organisation_id = c.organisation_id
  LEFT JOIN app.municipality m ON m.code = c.municipality_code
 WHERE a.area = $1 AND app.figure_readable($1, false)
   AND c.entered_at >= $2::date::timestamp AT TIME ZONE 'Asia/Tokyo' AND c.entered_at < ($2::date + 7)::timestamp AT TIME ZONE 'Asia/Tokyo'
   AND coalesce(c.kind, '') = ANY ($3::text[]) AND ($4::bigint IS NULL OR c.cluster_id < $4::bigint)
 ORDER BY c.cluster_id DESC LIMIT 51;
