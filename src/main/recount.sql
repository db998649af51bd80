-- role: jobs

-- plain: recount_one_moment
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;

-- name: recount_turn
-- Nothing is folded until the end of the transaction.
SELECT app.figure_turn();

-- name: recount_series
SELECT series, week_begins FROM app.figure_series;

-- name: recount_areas
SELECT organisation_id, area FROM app.figure_area;

-- plain: recount_cases
COPY (SELECT organisation_id, cell, place, new_on, dead_on, severe, care, released, confirming FROM app.figure_case) TO STDOUT (FORMAT binary);

-- plain: recount_waiting
COPY (SELECT organisation_id, series, day, cell, change FROM app.figure_delta) TO STDOUT (FORMAT binary);

-- plain: recount_days
COPY (SELECT area, series, day, count FROM app.figure_day) TO STDOUT (FORMAT binary);

-- plain: recount_weeks
COPY (SELECT area, series, week, cell, count FROM app.figure_week) TO STDOUT (FORMAT binary);

-- name: recount_mend_days
-- area, series, day, cell (of no meaning), how much more (arrays)
INSERT INTO app.figure_day AS f (area, series, day, count)
SELECT x.area, x.series, x.day, x.off
  FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::bigint[]) x (area, series, day, cell, off)
ON CONFLICT (area, series, day) DO UPDATE SET count = f.count + EXCLUDED.count;

-- name: recount_mend_weeks
-- area, series, first day of the week, cell, how much more (arrays)
INSERT INTO app.figure_week AS f (area, series, week, cell, count)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::text[], $5::bigint[])
ON CONFLICT (area, series, week, cell) DO UPDATE SET count = f.count + EXCLUDED.count;
