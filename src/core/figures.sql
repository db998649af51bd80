-- role: staff

-- name: figure_follow
-- patient: what it counts as follows its record
SELECT app.figure_follow($1::bigint);
