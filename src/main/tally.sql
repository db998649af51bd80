-- role: jobs

-- name: tally_unfolded
-- The next centres with unfolded differences.
SELECT DISTINCT organisation_id FROM app.tally_delta ORDER BY organisation_id LIMIT 100;

-- name: tally_fold
-- centre: its differences become part of the figures, in one statement, so that a reader finds each in one place
WITH folded AS (DELETE FROM app.tally_delta WHERE organisation_id = $1::bigint RETURNING kind, change)
INSERT INTO app.tally AS t (organisation_id, kind, count)
SELECT $1::bigint, kind, sum(change) FROM folded GROUP BY kind
ON CONFLICT (organisation_id, kind) DO UPDATE SET count = t.count + EXCLUDED.count;

-- name: tally_keep_week
-- How all stand this week, once.
SELECT app.tally_keep_week(app.week_of(now()));

-- name: tally_centres
-- last centre done: the next two, since nothing is sent while their patients are counted
SELECT DISTINCT organisation_id FROM app.tally WHERE organisation_id > $1::bigint ORDER BY organisation_id LIMIT 2;

-- name: tally_compare
-- centre: where its figures differ from a count of its patients
SELECT kind, kept, counted FROM app.tally_differences($1::bigint);

-- name: close_step
-- last patient done, how many
SELECT app.close_step($1::bigint, $2::integer) AS last;

-- name: digest_due
SELECT organisation_id, week FROM app.digest_due(now()) ORDER BY organisation_id, week LIMIT 100;

-- name: digest_send
-- centre, week
SELECT app.digest_send($1::bigint, $2::date);
