-- role: staff

-- name: signal_list
-- organisation, also those that it has looked at, after (week, area, kind, cell; NULLs: from the first): the newest 21 of its reach
SELECT s.area, app.signal_area_name(s.area) AS name, s.week, s.kind, s.cell, s.count, s.mean, s.threshold,
       array_to_string(s.weeks, ' ') AS weeks,
       (SELECT string_agg(o.name || '（' || to_char(n.at AT TIME ZONE 'Asia/Tokyo', 'MM/DD HH24:MI') || '）' || n.note, E'\n' ORDER BY n.at)
          FROM app.signal_seen n JOIN app.organisation o USING (organisation_id)
         WHERE n.area = s.area AND n.week = s.week AND n.kind = s.kind AND n.cell = s.cell) AS seen_by,
       EXISTS (SELECT FROM app.signal_seen n WHERE n.area = s.area AND n.week = s.week AND n.kind = s.kind AND n.cell = s.cell
                  AND n.organisation_id = $1::bigint) AS seen
  FROM app.signal s
 WHERE ($3::date IS NULL OR (s.week, s.area, s.kind, s.cell) < ($3::date, $4, $5, $6))
   AND ($2::boolean OR NOT EXISTS (
        SELECT FROM app.signal_seen n WHERE n.area = s.area AND n.week = s.week AND n.kind = s.kind AND n.cell = s.cell
           AND n.organisation_id = $1::bigint))
 ORDER BY s.week DESC, s.area DESC, s.kind DESC, s.cell DESC LIMIT 21;

-- name: signal_see
-- area, week, kind, cell, note: looked at; a second time changes nothing. No row for one that is not there, or not to be seen.
WITH one AS (
    SELECT s.area, s.week, s.kind, s.cell FROM app.signal s WHERE s.area = $1 AND s.week = $2::date AND s.kind = $3 AND s.cell = $4
), noted AS (
    INSERT INTO app.signal_seen (area, week, kind, cell, organisation_id, account_id, at, note)
    SELECT o.area, o.week, o.kind, o.cell, app.organisation_now(), app.account_now(), now(), $5 FROM one o
    ON CONFLICT DO NOTHING)
SELECT area FROM one;

-- name: signal_areas
-- The areas that this office works with, the widest first.
SELECT r.area, app.signal_area_name(r.area) AS name FROM app.figure_reach() r
 ORDER BY r.area ~ '^o', r.area LIMIT 600;

-- name: signal_daily
-- area, from, to: new cases day by day
SELECT day, count FROM app.figure_daily_seen($1, ARRAY['new'], $2::date, $3::date);
