-- role: staff

-- name: press_template_find
-- organisation
SELECT t.title, t.prefix, to_char(t.cutoff, 'HH24:MI') AS cutoff, t.first_no, array_to_string(t.parts, ' ') AS parts,
       array_to_string(t.attributes, ' ') AS attributes, t.version,
       EXISTS (SELECT FROM app.press f WHERE f.organisation_id = t.organisation_id) AS has_announced
  FROM app.press_template t WHERE t.organisation_id = $1::bigint;

-- name: press_template_save
-- version that was shown, title, prefix, cut-off, first number (NULL: as it is), parts, attributes
SELECT app.press_template_save($1::integer, $2, $3, $4::time, $5::integer, $6::text[], $7::text[]);

-- name: press_due
-- organisation: its template and the table that is due, with the first 200 of its cases; without a day when nothing is due
SELECT d.day, t.title, t.prefix, to_char(d.from_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS from_at,
       to_char(d.until_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS until_at, d.last_no, d.cases, d.levels,
       app.press_last_day(d.until_at) AS last_day, array_to_string(t.parts, ' ') AS parts,
       array_to_string(t.attributes, ' ') AS attributes, d.counts, d.corrections, d.list, d.digest,
       ARRAY(SELECT p.patient_id FROM jsonb_to_recordset(d.list || d.corrections) AS p (patient_id bigint)) AS patients
  FROM app.press_template t LEFT JOIN app.press_table(200, NULL) d ON true
 WHERE t.organisation_id = $1::bigint;

-- name: press_fix
-- day, digest and levels as they were shown: true, or false when it was fixed before
SELECT app.press_fix($1::date, $2, $3) AS fixed;

-- name: press_list
-- organisation: the newest 100
SELECT f.day, f.cases, f.last_no, f.prefix, jsonb_array_length(f.corrections) AS corrections, coalesce(a.holder, '') AS holder,
       to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS fixed
  FROM app.press f LEFT JOIN app.account a ON a.account_id = f.fixed_by
 WHERE f.organisation_id = $1::bigint ORDER BY f.day DESC LIMIT 100;

-- name: press_find
-- organisation, day, how many of its cases: the table as it was published
SELECT f.day, f.title, f.prefix, to_char(f.from_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS from_at,
       to_char(f.until_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS until_at, f.last_no, f.cases, f.levels,
       array_to_string(f.parts, ' ') AS parts, array_to_string(f.attributes, ' ') AS attributes, f.counts, f.corrections,
       (SELECT jsonb_agg(jsonb_build_object('case_no', k.case_no, 'items', k.published) ORDER BY k.case_no)
          FROM (SELECT x.case_no, x.published FROM app.press_case x
                 WHERE x.organisation_id = f.organisation_id AND x.day = f.day ORDER BY x.case_no LIMIT $3::integer) k) AS list,
       coalesce(a.holder, '') AS holder, to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS fixed,
       to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS+09:00') AS fixed_iso
  FROM app.press f LEFT JOIN app.account a ON a.account_id = f.fixed_by
 WHERE f.organisation_id = $1::bigint AND f.day = $2::date;

-- name: press_cases
-- organisation, day, part and key of a value (NULL: of all), after (case): 51 of the new cases of the table of a day, with this office's labels,
-- how many they are, how many of them it does not see, and the value; one row of these alone when there is nobody to list
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible, f.case_no || '例目' AS reported, f.case_no AS cursor,
       f.people, f.unseen, f.value,
       EXISTS (SELECT FROM app.press p WHERE p.organisation_id = $1::bigint AND p.day = $2::date) AS fixed
  FROM app.press_cases($2::date, $3, $4, $5::bigint) f
  LEFT JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = f.patient_id
  LEFT JOIN app.organisation r ON r.organisation_id = a.reporter_id
  LEFT JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY f.case_no;
