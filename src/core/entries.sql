-- role: staff

-- name: entry_list
-- patient, tab, number of the last entry shown before (0: none): the latest 200, and one more to know of a next page
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, e.withdrawn_at IS NOT NULL AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, l.mark AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
  LEFT JOIN app.patient_link l ON l.patient_id = e.patient_id AND l.entry_no = e.entry_no AND l.origin = 'entry'
        AND l.withdrawn_at IS NULL AND e.tab = 'link'
 WHERE e.patient_id = $1::bigint AND e.tab = $2
   AND ($3::integer = 0
        OR (coalesce(e.since, '-infinity'), e.entry_no) < (
            SELECT coalesce(x.since, '-infinity'), x.entry_no FROM app.entry x
             WHERE x.patient_id = $1::bigint AND x.tab = $2 AND x.entry_no = $3::integer))
 ORDER BY coalesce(e.since, '-infinity') DESC, e.entry_no DESC LIMIT 201;

-- name: entry_some
-- patient, tab, numbers
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, e.withdrawn_at IS NOT NULL AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, NULL AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
 WHERE e.patient_id = $1::bigint AND e.tab = $2 AND e.entry_no = ANY ($3::integer[])
 ORDER BY e.entry_no;

-- name: entry_list_all
-- patient: what stands, for the time line: the latest 500, and one more to know of others
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, false AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, NULL AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
 WHERE e.patient_id = $1::bigint AND e.withdrawn_at IS NULL
 ORDER BY e.since DESC NULLS LAST, e.tab, e.entry_no DESC LIMIT 501;

-- name: entry_add
-- patient, tab, since, until, items. Entered when the lock of entry_next is there, as app.observation_store does it.
WITH fresh AS MATERIALIZED (SELECT app.entry_next($1::bigint, $2) AS number)
INSERT INTO app.entry (patient_id, tab, entry_no, since, until, items, organisation_id, entered_by, entered_at)
SELECT $1::bigint, $2, f.number, $3::date, $4::date, $5::jsonb, app.organisation_now(), app.account_now(), clock_timestamp()
  FROM fresh f;

-- name: entry_only
-- patient, tab: that a tab of one entry has no other that stands. Behind the lock of entry_next and in a statement of its own,
-- so that it sees what whoever was faster has entered.
SELECT app.require_one(count(*)) FROM app.entry
 WHERE patient_id = $1::bigint AND tab = $2 AND withdrawn_at IS NULL;

-- name: entry_change
-- patient, tab, number, version that the form was made from, since, until, items. Behind the lock of entry_next, as all that write
-- entries of a patient: one after another, and none waits for the other's lock.
WITH turn AS MATERIALIZED (SELECT app.entry_next($1::bigint, $2)), changed AS (
UPDATE app.entry SET version = version + 1, since = $5::date, until = $6::date, items = $7::jsonb,
       changed_by = app.account_now(), changed_at = now()
  FROM turn
 WHERE patient_id = $1::bigint AND tab = $2 AND entry_no = $3::integer AND version = $4::integer AND withdrawn_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: entry_add_all
-- patient, tab, array of {since, until, items, before, after}: several at once, with their revisions
WITH fresh AS (
    SELECT r.*, row_number() OVER () AS place
      FROM jsonb_to_recordset($3::jsonb) AS r (since date, until date, items jsonb, before jsonb, after jsonb)),
     noted AS (
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT $1::bigint, 1, $2, now(), app.account_now(), app.organisation_now(), f.before, f.after FROM fresh f
     ORDER BY f.place)
INSERT INTO app.entry (patient_id, tab, entry_no, since, until, items, organisation_id, entered_by, entered_at)
SELECT $1::bigint, $2, n.first + f.place - 1, f.since, f.until, f.items, app.organisation_now(), app.account_now(), now()
  FROM (SELECT app.entry_next($1::bigint, $2) AS first) n CROSS JOIN fresh f;

-- name: entry_change_all
-- patient, tab, array of {entry_no, version, since, until, items, before, after}: all of them, or nothing. Behind the same lock.
WITH turn AS MATERIALIZED (SELECT app.entry_next($1::bigint, $2)), wanted AS (
    SELECT * FROM jsonb_to_recordset($3::jsonb)
               AS r (entry_no integer, version integer, since date, until date, items jsonb, before jsonb, after jsonb)),
     changed AS (
    UPDATE app.entry e
       SET version = e.version + 1, since = w.since, until = w.until, items = w.items, changed_by = app.account_now(),
           changed_at = now()
      FROM turn CROSS JOIN wanted w
     WHERE e.patient_id = $1::bigint AND e.tab = $2 AND e.entry_no = w.entry_no AND e.version = w.version
       AND e.withdrawn_at IS NULL
    RETURNING 1),
     noted AS (
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT $1::bigint, w.version + 1, $2, now(), app.account_now(), app.organisation_now(), w.before, w.after FROM wanted w)
SELECT app.require_one(1 + (SELECT count(*) FROM wanted) - (SELECT count(*) FROM changed));

-- name: entry_withdraw
-- patient, tab, number, version. Behind the same lock.
WITH turn AS MATERIALIZED (SELECT app.entry_next($1::bigint, $2)), changed AS (
UPDATE app.entry SET version = version + 1, withdrawn_by = app.account_now(), withdrawn_at = now()
  FROM turn
 WHERE patient_id = $1::bigint AND tab = $2 AND entry_no = $3::integer AND version = $4::integer AND withdrawn_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;
