-- role: staff

-- name: editions_list
-- from (NULL: the newest): 21 editions, that one the first
SELECT e.edition_id, to_char(e.made_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS made, e.through, e.released, e.reason, e.withheld,
       e.fresh, e.corrected, e.hidden
  FROM app.edition_list($1::bigint) e;

-- name: edition_one
-- edition: as above
SELECT e.edition_id, to_char(e.made_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS made, e.through, e.released, e.reason, e.withheld,
       e.fresh, e.corrected, e.hidden
  FROM app.edition_list($1::bigint) e WHERE e.edition_id = $1::bigint;

-- name: editions_now
-- What would be published now (up to yesterday), what is, the time of the day, and the newest order.
SELECT app.today() - 1 AS through, s.value AS publish_at,
       (SELECT max(e.through) FROM app.edition e WHERE e.released_at IS NOT NULL) AS published,
       o.through AS ordered, to_char(o.ordered_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS ordered_at, o.holder,
       coalesce(o.outcome, '') AS outcome
  FROM app.setting s LEFT JOIN app.edition_ordered() o ON true
 WHERE s.name = 'publish_at';

-- name: edition_checked
-- The newest comparison of the figures with the records: when (NULL: never yet), and how many patients and figures differed.
SELECT to_char(k.checked_at AT TIME ZONE 'Asia/Tokyo', 'FMYYYY/FMMM/FMDD HH24:MI') AS checked, coalesce(k.patients, 0) AS patients,
       coalesce(k.figures, 0) AS figures, coalesce(k.patients + k.figures, 0) AS differing
  FROM (SELECT) one LEFT JOIN app.edition_checked() k ON true;

-- name: edition_order
-- the last day that the page has named
SELECT app.edition_order_now($1::date);

-- name: edition_time
-- the time that the page has shown, the new one
SELECT app.edition_time_set($1, $2);

-- name: edition_summary
-- edition: how much of each area and indicator it corrected
SELECT c.area, coalesce(p.name, '全国') AS name, c.indicator, c.corrected
  FROM app.edition_counts($1::bigint) c LEFT JOIN app.prefecture p ON p.code = c.area
 WHERE c.corrected > 0 ORDER BY c.area, c.indicator;

-- name: edition_corrections
-- edition, indicator, area, after (day, cell): 101 corrections, with the number of the edition before
SELECT p.day, p.cell, p.value, b.value AS before
  FROM app.published p
 CROSS JOIN LATERAL (SELECT q.value FROM app.published q
                      WHERE q.indicator = p.indicator AND q.area = p.area AND q.day = p.day AND q.cell = p.cell
                        AND q.edition_id < p.edition_id ORDER BY q.edition_id DESC LIMIT 1) b
 WHERE p.edition_id = $1::bigint AND p.indicator = $2::integer AND p.area = $3 AND (p.day, p.cell) > ($4::date, $5)
 ORDER BY p.day, p.cell LIMIT 101;
