-- role: staff

-- name: observation_rules
SELECT valid_from, days, notice FROM app.observation_rule ORDER BY valid_from DESC;

-- name: contact_list
-- patient, after this number: the contacts that stand
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, false AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, NULL AS link_mark
  FROM app.entry e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
 WHERE e.patient_id = $1::bigint AND e.tab = 'contact' AND e.entry_no > $2::integer AND e.withdrawn_at IS NULL
 ORDER BY e.entry_no LIMIT 51;

-- name: contact_require
-- patient: the right to change its contacts, before their version is looked at
SELECT app.require_write($1::bigint, 'contact');

-- name: contact_publish
SELECT app.contact_publish($1::bigint);

-- name: contact_mark
-- patient, number, version, item, code
WITH old AS (
    SELECT items ->> $4 AS code FROM app.entry
     WHERE patient_id = $1::bigint AND tab = 'contact' AND entry_no = $2::integer),
     changed AS (
    UPDATE app.entry
       SET version = version + 1, items = items || jsonb_build_object($4::text, $5::text), changed_by = app.account_now(),
           changed_at = now()
     WHERE patient_id = $1::bigint AND tab = 'contact' AND entry_no = $2::integer AND version = $3::integer
       AND withdrawn_at IS NULL
    RETURNING 1),
     noted AS (
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT $1::bigint, $3::integer + 1, 'contact', now(), app.account_now(), app.organisation_now(),
           jsonb_build_object($4::text, coalesce(old.code, '')), jsonb_build_object($4::text, $5::text)
      FROM old)
SELECT app.require_one(count(*)) FROM changed;

-- name: contact_promote
-- case, number, the case's HER-SYS ID, new patient, its HER-SYS ID
SELECT app.contact_promote($1::bigint, $2::integer, $3, $4::bigint, $5);

-- name: contact_watch
-- organisation, behind (rank, end, patient, number): the most urgent 51, with the name of their case
SELECT w.rank, nullif(w.until, '-infinity') AS until, w.until AS cursor_until, w.patient_id, w.entry_no, w.version, w.name,
       w.kana, w.phone, w.relation, w.reached, w.close, w.last_on, a.name AS case_name
  FROM (SELECT * FROM app.contact_watch
         WHERE organisation_id = $1::bigint
           AND (rank, until, patient_id, entry_no) > ($2::integer, $3::date, $4::bigint, $5::integer)
         ORDER BY rank, until, patient_id, entry_no LIMIT 51) w
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = w.patient_id
 ORDER BY w.rank, w.until, w.patient_id, w.entry_no;

-- name: contact_counts
-- organisation, today: whom nobody has reached, and whose observation ends today or has ended (not those of whom nothing says
-- when it ends); up to 500 each
SELECT (SELECT count(*) FROM (SELECT 1 FROM app.contact_watch w
                               WHERE w.organisation_id = $1::bigint AND w.rank = 0 LIMIT 500) x) AS unreached,
       (SELECT count(*) FROM (SELECT 1 FROM app.contact_watch w
                               WHERE w.organisation_id = $1::bigint AND w.rank = 1 AND w.until > '-infinity'
                                 AND w.until <= $2::date LIMIT 500) x) AS ending;
