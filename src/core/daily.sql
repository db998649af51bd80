-- role: staff

-- name: daily_report_store
-- organisation, day, version, counts, reason
SELECT app.daily_report_store($1::bigint, $2::date, $3::integer, $4::integer[], $5);

-- name: daily_report_own
-- organisation: its reports of the last four weeks, the newest first
SELECT d.day, d.counts::text AS counts, to_char(d.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       app.daily_report_right(d.organisation_id, d.day) IS NOT NULL AS may
  FROM app.daily_report d WHERE d.organisation_id = $1::bigint AND d.day > app.today() - 28 ORDER BY d.day DESC;

-- name: daily_report_find
-- organisation, day: its name, as what this office may enter the report (NULL: not), and the report if there is one
SELECT o.name, o.kind, app.daily_report_right(o.organisation_id, $2::date) AS as_what, coalesce(d.version, 0) AS version,
       d.counts::text AS counts
  FROM app.organisation o LEFT JOIN app.daily_report d ON d.organisation_id = o.organisation_id AND d.day = $2::date
 WHERE o.organisation_id = $1::bigint AND (d.day IS NOT NULL OR app.daily_report_right(o.organisation_id, $2::date) IS NOT NULL);

-- name: daily_report_changes
-- organisation, day: who entered which numbers
SELECT to_char(h.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, o.name AS office, h.counts::text AS counts, h.reason,
       h.at >= ($2::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo' AS late
  FROM app.daily_report_change h JOIN app.organisation o ON o.organisation_id = h.office_id
 WHERE h.organisation_id = $1::bigint AND h.day = $2::date ORDER BY h.version DESC LIMIT 50;

-- name: daily_report_table
-- day
SELECT code, name, followup, band, count, at_cutoff, reporters FROM app.daily_report_table($1::date);

-- name: daily_report_reporters
-- organisation, code of the centre or of the prefecture, day, last reporter shown, whether follow-up centres (NULL: all): who has reported
-- from there
SELECT d.organisation_id, r.name, r.kind, d.counts::text AS counts,
       to_char(d.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       app.daily_report_right(d.organisation_id, d.day) IS NOT NULL AS may
  FROM app.organisation c
  JOIN app.daily_report d ON d.centre_id = c.organisation_id AND d.day = $3::date
  JOIN app.organisation r ON r.organisation_id = d.organisation_id
 WHERE (c.code = $2 OR c.prefecture_code = $2) AND c.kind = 'centre' AND d.organisation_id > $4::bigint
   AND ($5::boolean IS NULL OR (r.kind = 'followup') = $5::boolean)
   AND (c.organisation_id = $1::bigint OR EXISTS (SELECT FROM app.organisation_above u
                                                   WHERE u.organisation_id = c.organisation_id AND u.above_id = $1::bigint))
 ORDER BY d.organisation_id LIMIT 101;
