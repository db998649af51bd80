-- role: public

-- name: open_at_once
-- What stands behind it in its batch sees the figures as they stood at one moment, also when an edition is released meanwhile.
SET transaction_isolation = 'repeatable read';

-- name: open_edition
-- The newest edition that has been released, if there is one.
SELECT e.edition_id, e.through, to_char(e.released_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS released,
       to_char(e.released_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS released_utc
  FROM app.edition e ORDER BY e.edition_id DESC LIMIT 1;

-- name: open_areas
-- The country and the prefectures in the order of their codes, as people read them and as the official files spell them, with their
-- people by date.
SELECT x.code, x.name, x.romaji, u.people
  FROM (SELECT '00' AS code, '全国' AS name, 'ALL' AS romaji UNION ALL SELECT p.code, p.name, p.romaji FROM app.prefecture p) x
  LEFT JOIN app.figure_people u ON u.area = x.code
 ORDER BY 1;

-- name: open_days
-- indicator: everything that it says of the areas
SELECT n.day, n.area, n.cell, n.value FROM app.published_now n WHERE n.indicator = $1::integer ORDER BY n.day, n.area, n.cell;

-- name: open_area
-- indicator, area, from, to: of one area, with what the first edition said that had it
SELECT n.day, n.cell, n.value, n.edition_id <> n.first_edition_id AS corrected,
       (SELECT p.value FROM app.published p WHERE p.indicator = n.indicator AND p.area = n.area AND p.day = n.day AND p.cell = n.cell
          AND p.edition_id = n.first_edition_id) AS first_value
  FROM app.published_now n
 WHERE n.indicator = $1::integer AND n.area = $2 AND n.day BETWEEN $3::date AND $4::date ORDER BY n.day, n.cell;

-- name: open_latest
-- Of the newest edition's last day the country's figures by day, and for the map the new cases of the week before in each prefecture.
WITH newest AS (SELECT e.through FROM app.edition e ORDER BY e.edition_id DESC LIMIT 1)
SELECT n.indicator, n.area, n.day, n.cell, n.value FROM newest JOIN app.published_now n ON n.day = newest.through
 WHERE n.indicator IN (1, 5, 6, 8, 10) AND n.area = '00'
UNION ALL
SELECT n.indicator, n.area, n.day, n.cell, n.value
  FROM newest JOIN app.published_now n ON n.day BETWEEN newest.through - 6 AND newest.through
 WHERE n.indicator = 1 AND n.area <> '00'
 ORDER BY 1, 2, 3, 4;

-- name: open_corrections
-- how many: the newest editions that corrected something, how much, and so many corrections of each at most, the first.
SELECT e.edition_id, to_char(e.released_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS released_utc, e.through, e.corrected AS total,
       c.indicator, CASE c.area WHEN '00' THEN '全国' ELSE f.name END AS area_name, c.day, c.cell, c.value, c.before
  FROM (SELECT x.* FROM app.edition_corrected x WHERE x.corrected > 0 ORDER BY x.edition_id DESC LIMIT 30) e
 CROSS JOIN LATERAL (
       SELECT p.indicator, p.area, p.day, p.cell, p.value, b.value AS before
         FROM app.edition_count k
         JOIN app.published p ON p.edition_id = k.edition_id AND p.indicator = k.indicator AND p.area = k.area
        CROSS JOIN LATERAL (SELECT q.value FROM app.published q
                             WHERE q.indicator = p.indicator AND q.area = p.area AND q.day = p.day AND q.cell = p.cell
                               AND q.edition_id < p.edition_id ORDER BY q.edition_id DESC LIMIT 1) b
        WHERE k.edition_id = e.edition_id AND k.corrected > 0
        ORDER BY k.indicator, k.area, p.day, p.cell LIMIT $1::bigint) c -- area by area, so that few more are read
  LEFT JOIN app.prefecture f ON f.code = c.area
 ORDER BY e.edition_id DESC, c.indicator, c.area, c.day, c.cell;

-- name: open_edition_one
-- edition: when it was released, how much it corrected, and which one came before it; no row for one that is not released
SELECT e.edition_id, e.through, to_char(e.released_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS released, e.corrected,
       (SELECT max(x.edition_id) FROM app.edition x WHERE x.edition_id < e.edition_id AND x.released_at IS NOT NULL) AS before
  FROM app.edition_corrected e WHERE e.edition_id = $1::bigint;

-- name: open_edition_corrections
-- edition, behind (indicator, area, day, cell), how many (NULL: all): what it corrected, with the number of the edition before. Looked at
-- are the indicators and areas of which it corrected something: an edition may have a million new numbers.
SELECT p.indicator, p.area, CASE p.area WHEN '00' THEN '全国' ELSE f.name END AS area_name, p.day, p.cell, p.value, b.value AS before
  FROM app.edition_count k
  JOIN app.published p ON p.edition_id = k.edition_id AND p.indicator = k.indicator AND p.area = k.area
 CROSS JOIN LATERAL (SELECT q.value FROM app.published q
                      WHERE q.indicator = p.indicator AND q.area = p.area AND q.day = p.day AND q.cell = p.cell
                        AND q.edition_id < p.edition_id ORDER BY q.edition_id DESC LIMIT 1) b
  LEFT JOIN app.prefecture f ON f.code = p.area
 WHERE k.edition_id = $1::bigint AND k.corrected > 0 AND (k.indicator, k.area) >= ($2::integer, $3)
   AND (p.indicator, p.area, p.day, p.cell) > ($2::integer, $3, $4::date, $5)
 ORDER BY p.indicator, p.area, p.day, p.cell LIMIT $6::bigint;

-- name: open_deaths
-- Deaths of each day, out of those until then: of days whose day before is published too, so that they say no more than the edition does.
-- Sorted, not joined: a plan made before the statistics know a new edition would compare each row with each.
SELECT n.day, n.area, n.cell, n.value - n.value_before AS value
  FROM (SELECT x.day, x.area, x.cell, x.value, lag(x.value) OVER before AS value_before, lag(x.day) OVER before AS day_before
          FROM app.published_now x WHERE x.indicator = 8 WINDOW before AS (PARTITION BY x.area, x.cell ORDER BY x.day)) n
 WHERE n.day_before = n.day - 1 ORDER BY n.day, n.area, n.cell;

-- name: open_difference
-- area (NULL: all prefectures), from, to: what the prefectures published beside what the edition says
SELECT d.day, d.area, d.published, d.counted FROM app.open_difference($1, $2::date, $3::date) d ORDER BY d.day, d.area;
