-- role: staff

-- name: press_template_find
-- organisation
SELECT t.title, t.prefix, to_char(t.cutoff, 'HH24:MI') AS cutoff, t.first_no, array_to_string(t.parts, ' ') AS parts,
       array_to_string(t.attributes, ' ') AS attributes, EXISTS (SELECT FROM app.press f WHERE f.organisation_id = $1::bigint) AS has_announced
  FROM app.press_template t WHERE t.organisation_id = $1::bigint;

-- name: press_template_save
-- title, prefix, cut-off, first number, parts, attributes
SELECT app.press_template_save($1, $2, $3::time, $4::integer, $5::text[], $6::text[]);

-- name: press_due
-- the table that is due, and what a press for it stands for
SELECT d.day, to_char(d.from_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS from_at,
       to_char(d.until_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS until_at, d.last_no,
       (SELECT count(*) FROM app.press_new()) AS cases, app.press_levels(d.day) AS levels, app.press_digest() AS digest
  FROM app.press_due() d;

-- name: press_counts
SELECT c.part, c.value, c.count FROM app.press_counts() c;

-- name: press_corrections
SELECT c.case_no, c.day, c.patient_id, c.before, c.after FROM app.press_corrections() c;

-- name: press_new
-- the first 200 of the new cases
SELECT d.last_no + n.place AS case_no, n.patient_id, n.items, n.reported_at < d.from_at AS late
  FROM app.press_due() d CROSS JOIN app.press_new() WITH ORDINALITY n (patient_id, reported_at, items, place)
 ORDER BY n.place LIMIT 200;

-- name: press_fix
-- day, digest: true, or false when it was fixed before
SELECT app.press_fix($1::date, $2) AS fixed;

-- name: press_list
-- organisation: the newest 100
SELECT f.day, f.cases, f.last_no, f.prefix, jsonb_array_length(f.corrections) AS corrections, coalesce(a.holder, '') AS holder,
       to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS fixed
  FROM app.press f LEFT JOIN app.account a ON a.account_id = f.fixed_by
 WHERE f.organisation_id = $1::bigint ORDER BY f.day DESC LIMIT 100;

-- name: press_find
-- organisation, day
SELECT f.day, f.title, f.prefix, to_char(f.from_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS from_at,
       to_char(f.until_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS until_at, f.last_no, f.cases, f.levels,
       array_to_string(f.parts, ' ') AS parts, array_to_string(f.attributes, ' ') AS attributes, coalesce(a.holder, '') AS holder,
       to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS fixed,
       to_char(f.fixed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS+09:00') AS fixed_iso
  FROM app.press f LEFT JOIN app.account a ON a.account_id = f.fixed_by
 WHERE f.organisation_id = $1::bigint AND f.day = $2::date;

-- name: press_find_counts
-- organisation, day: the counts as they were published
SELECT c.part, c.value, c.count
  FROM app.press f CROSS JOIN LATERAL jsonb_to_recordset(f.counts) AS c (part text, value text, count bigint)
 WHERE f.organisation_id = $1::bigint AND f.day = $2::date;

-- name: press_find_corrections
-- organisation, day
SELECT c.case_no, c.day, NULL AS patient_id, c.before, c.after
  FROM app.press f CROSS JOIN LATERAL jsonb_to_recordset(f.corrections) AS c (case_no integer, day date, before jsonb, after jsonb)
 WHERE f.organisation_id = $1::bigint AND f.day = $2::date ORDER BY c.case_no;

-- name: press_find_cases
-- organisation, day, how many: the cases as they were published that day
SELECT k.case_no, NULL AS patient_id, k.published AS items, false AS late
  FROM app.press_case k
 WHERE k.organisation_id = $1::bigint AND k.day = $2::date ORDER BY k.case_no LIMIT $3::integer;
