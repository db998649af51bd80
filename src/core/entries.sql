-- role: staff

-- name: entry_list
-- patient, tab
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, e.withdrawn_at IS NOT NULL AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, l.mark AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
  LEFT JOIN app.patient_link l ON l.patient_id = e.patient_id AND l.entry_no = e.entry_no AND l.origin = 'entry'
        AND l.withdrawn_at IS NULL AND e.tab = 'link'
 WHERE e.patient_id = $1::bigint AND e.tab = $2
 ORDER BY e.since DESC NULLS LAST, e.entry_no DESC LIMIT 200;

-- name: entry_list_all
-- patient: everything that stands, for the time line
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, false AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, NULL AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
 WHERE e.patient_id = $1::bigint AND e.withdrawn_at IS NULL
 ORDER BY e.since DESC NULLS LAST, e.tab, e.entry_no DESC LIMIT 500;

-- name: entry_add
-- patient, tab, since, until, items
INSERT INTO app.entry (patient_id, tab, entry_no, since, until, items, organisation_id, entered_by, entered_at)
SELECT $1::bigint, $2, app.entry_next($1::bigint, $2), $3::date, $4::date, $5::jsonb, app.organisation_now(),
       app.account_now(), now();

-- name: entry_change
-- patient, tab, number, version that the form was made from, since, until, items
WITH changed AS (
UPDATE app.entry SET version = version + 1, since = $5::date, until = $6::date, items = $7::jsonb,
       changed_by = app.account_now(), changed_at = now()
 WHERE patient_id = $1::bigint AND tab = $2 AND entry_no = $3::integer AND version = $4::integer AND withdrawn_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: entry_withdraw
-- patient, tab, number, version
WITH changed AS (
UPDATE app.entry SET version = version + 1, withdrawn_by = app.account_now(), withdrawn_at = now()
 WHERE patient_id = $1::bigint AND tab = $2 AND entry_no = $3::integer AND version = $4::integer AND withdrawn_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;
