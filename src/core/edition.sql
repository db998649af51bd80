-- role: jobs

-- name: edition_isolation
-- All statements of the edition see the figures as they stand at one moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: edition_turn
-- One edition at a time; before its transaction, so that whoever waits sees what the one before has published.
SELECT pg_advisory_lock(20210409);

-- name: edition_turn_kept
-- The same lock inside the transaction: false when the connection was made anew in between, and another edition has the turn.
SELECT pg_try_advisory_xact_lock(20210409) AS kept;

-- name: edition_turn_over
SELECT pg_advisory_unlock(20210409);

-- name: edition_area_name
-- code of a prefecture
SELECT p.name FROM app.prefecture p WHERE p.code = $1;

-- name: edition_extent
-- last day ('': yesterday); the first day, and the last day that is published
SELECT app.edition_first() AS first, coalesce(nullif($1, '')::date, app.today() - 1) AS through,
       (SELECT max(e.through) FROM app.edition e WHERE e.released_at IS NOT NULL) AS published;

-- name: edition_weeks
-- series, its indicator by sex and age, first day: the first week, the newest that is published, and whether weeks began on another day then
SELECT coalesce(w.first, app.figure_week_of($3::date, s.week_begins)) AS first, w.published,
       coalesce(w.first <> app.figure_week_of(w.first, s.week_begins), false) AS weeks_moved
  FROM app.figure_series s
 CROSS JOIN (SELECT min(n.day) AS first, max(n.day) AS published FROM app.published_now n WHERE n.indicator = $2::integer) w
 WHERE s.series = $1;

-- name: edition_figures
-- series, from, to: what is counted of each prefecture
SELECT a.area, w.week, w.cell, w.count, w.level
  FROM app.edition_area a CROSS JOIN LATERAL app.figure_weekly(a.area, $1, $2::date, $3::date) w
 WHERE a.area <> '00' AND (w.count <> 0 OR w.level <> 0);

-- name: edition_base
-- series
SELECT b.area, b.week, b.cell, b.value, b.least, b.owed, b.owed_sum FROM app.edition_base b WHERE b.series = $1;

-- name: edition_hidden
-- indicator
SELECT n.area, n.day AS week, n.cell FROM app.published_now n WHERE n.indicator = $1::integer AND n.value IS NULL;

-- name: edition_released
-- through, rows that wait
INSERT INTO app.edition (made_at, through, released_at, withheld) VALUES (now(), $1::date, now(), $2::bigint) RETURNING edition_id;

-- name: edition_held
-- through, reason
INSERT INTO app.edition (made_at, through, reason) VALUES (now(), $1::date, $2) RETURNING edition_id;

-- name: edition_totals
-- edition, through, then arrays of the rows by sex and age that wait: series, area, week
SELECT app.edition_write_totals($1::bigint, $2::date, $3::text[], $4::text[], $5::date[]) AS moved;

-- name: edition_places
-- edition, through, how many columns, pairs of column and kind
SELECT app.edition_write_places($1::bigint, $2::date, $3::integer, $4::integer[], $5::text[]) AS moved;

-- name: edition_cells
-- edition, indicator, then arrays: area, week, cell, value ("": hidden)
SELECT app.edition_write($1::bigint, array_agg($2::integer), array_agg(f.area), array_agg(f.day), array_agg(f.cell),
                         array_agg(nullif(f.value, '')::bigint)) AS moved
  FROM unnest($3::text[], $4::date[], $5::text[], $6::text[]) f (area, day, cell, value);

-- name: edition_keep
-- series, then arrays: area, week, cell, value, least, owed, owed of the sum
INSERT INTO app.edition_base (series, area, week, cell, value, least, owed, owed_sum)
SELECT $1, f.* FROM unnest($2::text[], $3::date[], $4::text[], $5::bigint[], $6::bigint[], $7::smallint[], $8::smallint[])
                    f (area, week, cell, value, least, owed, owed_sum)
ON CONFLICT (series, area, week, cell) DO UPDATE
   SET value = EXCLUDED.value, least = EXCLUDED.least, owed = EXCLUDED.owed, owed_sum = EXCLUDED.owed_sum;

-- name: edition_count
-- edition: how many of its numbers are new, corrected, hidden, by indicator and area
INSERT INTO app.edition_count (edition_id, indicator, area, fresh, corrected, hidden)
SELECT n.edition_id, n.indicator, n.area, count(*) FILTER (WHERE n.first_edition_id = n.edition_id),
       count(*) FILTER (WHERE n.first_edition_id <> n.edition_id), count(*) FILTER (WHERE n.value IS NULL)
  FROM app.published_now n
 WHERE n.edition_id = $1::bigint
 GROUP BY n.edition_id, n.indicator, n.area;

-- name: edition_ordered
-- The newest order that waits; NULL: none.
SELECT max(o.ordered_at) AS ordered_at FROM app.edition_order o WHERE o.done_at IS NULL;

-- name: edition_order_done
-- the newest order that is done with, outcome: ends those that waited
UPDATE app.edition_order SET done_at = now(), outcome = $2 WHERE done_at IS NULL AND ordered_at <= $1::timestamptz;

-- name: edition_due
SELECT app.edition_due() AS due;
