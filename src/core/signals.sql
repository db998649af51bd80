-- role: staff

-- name: signal_list
-- organisation, also those that it has looked at, after (week, area, kind, cell; week NULL: from the first), no older week (NULL: all):
-- the newest 21 of its reach, of each of its areas the newest 21 by the key, so that the length of the history does not matter
SELECT s.area, app.signal_area_name(s.area) AS name, s.week, s.kind, s.cell, s.count, s.mean, s.threshold,
       array_to_string(s.weeks, ' ') AS weeks,
       (SELECT string_agg(o.name || '（' || to_char(n.at AT TIME ZONE 'Asia/Tokyo', 'MM/DD HH24:MI') || '）' || n.note, E'\n' ORDER BY n.at)
          FROM app.signal_seen n JOIN app.organisation o USING (organisation_id)
         WHERE n.area = s.area AND n.week = s.week AND n.kind = s.kind AND n.cell = s.cell) AS seen_by,
       EXISTS (SELECT FROM app.signal_seen n WHERE n.area = s.area AND n.week = s.week AND n.kind = s.kind AND n.cell = s.cell
                  AND n.organisation_id = $1::bigint) AS seen
  FROM app.figure_reach() r
 CROSS JOIN LATERAL (
       SELECT x.* FROM app.signal x
        WHERE x.area = r.area AND ($7::date IS NULL OR x.week >= $7::date)
          AND ($3::date IS NULL OR (x.week <= $3::date AND (x.week, x.area, x.kind, x.cell) < ($3::date, $4, $5, $6)))
          AND ($2::boolean OR NOT EXISTS (
               SELECT FROM app.signal_seen n WHERE n.area = x.area AND n.week = x.week AND n.kind = x.kind AND n.cell = x.cell
                  AND n.organisation_id = $1::bigint))
        ORDER BY x.week DESC, x.kind DESC, x.cell DESC LIMIT 21) s
 ORDER BY s.week DESC, s.area DESC, s.kind DESC, s.cell DESC LIMIT 21;

-- name: signal_see
-- organisation, account, areas, weeks, kinds, cells (arrays of one length), note: looked at, each once for an office. Which of them are
-- there and to be seen; whether that is written now; else who was first, when, and whether the note would have added anything.
WITH wanted AS (
    SELECT s.area, s.week, s.kind, s.cell
      FROM unnest($3::text[], $4::date[], $5::text[], $6::text[]) x (area, week, kind, cell) JOIN app.signal s USING (area, week, kind, cell)
), noted AS (
    INSERT INTO app.signal_seen (area, week, kind, cell, organisation_id, account_id, at, note)
    SELECT w.area, w.week, w.kind, w.cell, $1::bigint, $2::bigint, now(), $7 FROM wanted w
    ON CONFLICT DO NOTHING RETURNING area, week, kind, cell
)
SELECT w.area, n.area IS NOT NULL AS written, a.holder AS first, to_char(e.at AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS first_at,
       $7 = '' OR coalesce(e.note = $7 AND e.account_id = $2::bigint, false) AS nothing_new
  FROM wanted w
  LEFT JOIN noted n USING (area, week, kind, cell)
  LEFT JOIN app.signal_seen e ON e.area = w.area AND e.week = w.week AND e.kind = w.kind AND e.cell = w.cell AND e.organisation_id = $1::bigint
  LEFT JOIN app.account a ON a.account_id = e.account_id;

-- name: signal_areas
-- The areas that this office works with, the widest first.
SELECT r.area, app.signal_area_name(r.area) AS name FROM app.figure_reach() r
 ORDER BY r.area ~ '^o', r.area LIMIT 600;

-- name: signal_daily
-- area, from, to: new cases day by day
SELECT day, count FROM app.figure_daily_seen($1, ARRAY['new'], $2::date, $3::date);
