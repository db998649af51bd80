-- role: jobs

-- name: figures_fold
-- how many at most
SELECT app.figure_fold($1::integer) AS folded;

-- name: figures_keep
-- Yesterday, in Japan, as it stands, and the days since the last that was kept, on which nobody was there to keep them.
SELECT app.figure_keep(app.today() - n)
  FROM generate_series(coalesce(app.today() - 1 - (SELECT max(f.day) FROM app.figure_first f WHERE f.area = '00' AND f.series = 'new'), 1), 1, -1) n;

-- name: figures_signals
-- The two latest weeks that are over: the newest, and the one before as it has changed.
SELECT sum(app.signal_find(w.week)) AS found
  FROM (SELECT app.figure_week_of(app.today(), i.week_begins) - 7 * back AS week
          FROM app.figure_series i CROSS JOIN generate_series(1, 2) back WHERE i.series = 'new') w;

-- name: figures_verify
-- last number done, how many
SELECT last, differs, cardinality(differs) AS count, array_to_string(differs[1:20], ' ') AS some FROM app.figure_verify($1::bigint, $2::integer);

-- name: figures_checked
-- how many patients differ, how many figures
INSERT INTO app.figure_check (patients, figures) VALUES ($1::bigint, $2::bigint);

-- name: figures_mend
-- patients (array): what they count as follows their records
SELECT app.figure_follow(VARIADIC $1::bigint[]);

-- name: figures_area
-- code: '00', a prefecture, or the code of a city or a centre; its key, its name, its people by date (NULL: not known)
SELECT x.area, x.name, p.people
  FROM (SELECT '00' AS area, 'ALL' AS name WHERE $1 = '00'
        UNION ALL
        SELECT p.code, p.romaji FROM app.prefecture p WHERE p.code = $1
        UNION ALL
        SELECT 'o' || o.organisation_id, o.name FROM app.organisation o WHERE o.code = $1 AND o.kind IN ('city', 'centre')) x
  LEFT JOIN app.figure_people p ON p.area = x.area;

-- name: figures_daily
-- area, series (array), from, to
SELECT series, day, count, level FROM app.figure_daily($1, $2::text[], $3::date, $4::date);

-- name: figures_weekly
-- area, series, from, to
SELECT week, cell, count, level FROM app.figure_weekly($1, $2, $3::date, $4::date);

-- name: figures_clusters
-- area, from, to
SELECT week, kind, count FROM app.figure_clusters($1, $2::date, $3::date) ORDER BY week, kind;
