-- role: staff

-- name: published_save
-- series, days, counts (arrays of one length): how many figures are new or changed
SELECT app.published_save($1::text[], $2::date[], $3::bigint[]) AS saved;

-- name: published_days
-- area, from, to: what it has published
SELECT series, day, count, corrected FROM app.published_seen($1, $2::date, $3::date);

-- name: published_below
-- from, to, behind (place; NULL: from the first): the areas of the office's reach that have published, the country's own order; 51
SELECT place, area, name, series, days, differing, published, counted FROM app.published_below($1::date, $2::date, $3);

-- name: published_missing
-- organisation, area, series, day, after (centre, patient): 51 of those of whom something is missing for the figure, with this office's labels
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       CASE m.missing WHEN 'uncounted' THEN '数えていない届出' WHEN 'severity' THEN '重症度'
                      WHEN 'death_incomplete' THEN '死亡年月日・場所' ELSE 'ステータス' END AS reported,
       m.organisation_id AS cursor
  FROM app.figure_missing($2, $3, $4::date, $5::bigint, $6::bigint) m
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = m.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY m.organisation_id, m.patient_id;

-- name: inquiry_ask
-- area, series, day, question
SELECT app.figure_ask($1, $2, $3::date, $4) AS inquiry_id;

-- name: inquiry_answer
-- inquiry, answer
SELECT app.figure_answer($1::bigint, $2);

-- name: inquiry_read
-- inquiry
SELECT app.figure_answer_read($1::bigint);

-- name: inquiry_list
-- area (NULL: all of the office's reach), behind (waiting, microseconds, inquiry; microseconds NULL: from the first): 51
SELECT inquiry_id, area, series, day, published, counted, question, asker, office, answer, to_answer, to_read, to_answer OR to_read AS waiting,
       to_char(asked_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS asked,
       to_char(answered_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS answered,
       (extract(epoch FROM asked_at) * 1000000)::bigint AS asked_us
  FROM app.figure_inquiries($1, $2::boolean, 'epoch'::timestamptz + $3::bigint * interval '1 microsecond', $4::bigint);

-- name: inquiry_counts
SELECT to_answer, to_read FROM app.figure_inquiry_counts();
