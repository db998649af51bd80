-- role: staff

-- name: export_next
-- organisation, filter (as 一括操作 takes it, core/bulk_work.h), behind which patient, how many: the next patients of a file, in the
-- order of their numbers, which nothing changes while the file is made; labels of the list, and behind them the items by their names
WITH f AS MATERIALIZED (
    SELECT x.*, $2::jsonb ?| ARRAY['past', 'ids', 'todo'] AS with_past, $2::jsonb ? 'ids' AS by_ids,
           (x.listed_from::timestamp AT TIME ZONE 'Asia/Tokyo') AS first_listed,
           ((x.listed_to + 1)::timestamp AT TIME ZONE 'Asia/Tokyo') AS end_listed
      FROM jsonb_to_record($2::jsonb) AS x (todo text, status text, confirmed boolean, category text, listed_from date,
           listed_to date, diagnosed_from date, diagnosed_to date, municipality text)
), ids AS MATERIALIZED (
    SELECT i::bigint AS patient_id FROM jsonb_array_elements_text(CASE WHEN $2::jsonb ? 'ids' THEN $2::jsonb -> 'ids' ELSE '[]' END) i
), towns AS MATERIALIZED (
    SELECT m.code FROM f JOIN app.municipality m ON f.municipality IN (m.code, m.parent_code)
), found AS NOT MATERIALIZED ( -- in the order in which it is read: nothing is sorted
    SELECT a.*
      FROM f CROSS JOIN app.access a
     WHERE a.organisation_id = $1::bigint AND a.patient_id > $3::bigint AND NOT a.sealed
       AND (f.with_past OR NOT a.past)
       AND (NOT f.by_ids OR a.patient_id IN (SELECT patient_id FROM ids))
       AND (f.todo IS NULL OR EXISTS (SELECT FROM app.todo t WHERE t.organisation_id = $1::bigint AND t.kind = f.todo
                                                               AND t.patient_id = a.patient_id))
       AND (f.status IS NULL OR coalesce(a.status, 'none') = f.status)
       AND (f.confirmed IS NULL OR a.confirmed = f.confirmed)
       AND (f.category IS NULL OR a.category = f.category)
       AND (f.first_listed IS NULL OR a.listed_at >= f.first_listed)
       AND (f.end_listed IS NULL OR a.listed_at < f.end_listed)
       AND (f.diagnosed_from IS NULL OR a.diagnosis_date >= f.diagnosed_from)
       AND (f.diagnosed_to IS NULL OR a.diagnosis_date <= f.diagnosed_to)
       AND (f.municipality IS NULL OR EXISTS (
            SELECT FROM app.patient p
              LEFT JOIN app.notification_person h ON h.patient_id = p.patient_id AND h.notification_no = a.notification_no
             WHERE p.patient_id = a.patient_id AND coalesce(h.stay_municipality, p.home_municipality) IN (SELECT code FROM towns)))
     ORDER BY a.patient_id LIMIT $4::integer
)
SELECT a.patient_id, a.relations, a.sex, a.age_years AS listed_years, a.age_band AS listed_band, a.status, a.status_since, a.confirmed,
       a.deemed, a.reporter_id AS reporter, a.responsible_id AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       l.*
  FROM found a
 CROSS JOIN LATERAL (SELECT x.* FROM app.export_line x WHERE x.organisation_id = $1::bigint AND x.patient_id = a.patient_id LIMIT 1) l -- looked up
 ORDER BY a.patient_id;

-- name: export_organisations
-- reporters, responsible centres: what these are called (joined to each line they take half as long again)
SELECT o.organisation_id, o.name FROM app.organisation o WHERE o.organisation_id = ANY ($1::bigint[] || $2::bigint[]);

-- name: export_municipalities
-- of homes, of stays: what these are called
SELECT m.code, m.full_name FROM app.municipality m WHERE m.code = ANY ($1::text[] || $2::text[]);

-- name: export_test
-- patients: the tests of their newest report
SELECT t.* FROM app.export_test($1::bigint[]) t ORDER BY t.patient_id, t.test_no;

-- ---- the log ------------------------------------------------------------------------------------------------------------

-- name: export_begin
-- export, kind, format, columns, filter in words, purpose
INSERT INTO app.export (organisation_id, export_id, account_id, at, kind, format, columns, filter, purpose)
VALUES (app.organisation_now(), $1::uuid, app.account_now(), now(), $2, $3, $4::text[], $5, $6);

-- name: export_finish
-- organisation, export, people, replaced characters
UPDATE app.export SET people = $3::bigint, replaced = $4::bigint, finished_at = now()
 WHERE organisation_id = $1::bigint AND export_id = $2::uuid AND account_id = app.account_now() AND finished_at IS NULL;

-- name: export_log
-- before (microseconds): the newest 51 of the offices that this one reads
SELECT e.export_id, e.organisation_id, o.name AS organisation, a.holder, e.kind, e.format, e.columns, e.filter, e.purpose, e.people,
       e.replaced, e.finished_at IS NOT NULL AS finished,
       to_char(e.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, (extract(epoch FROM e.at) * 1000000)::bigint AS cursor
  FROM (SELECT r AS organisation_id FROM app.export_reach() r) mine
 CROSS JOIN LATERAL (
       SELECT * FROM app.export x
        WHERE x.organisation_id = mine.organisation_id
          AND x.at < coalesce(to_timestamp($1::bigint / 1000000.0), 'infinity')
        ORDER BY x.at DESC, x.export_id DESC LIMIT 51) e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.account_id
 ORDER BY e.at DESC, e.export_id DESC LIMIT 51;

-- ---- columns under a name ----------------------------------------------------------------------------------------------

-- name: export_choices
-- organisation: those of the account, and those that are for its whole office
SELECT c.choice_id, c.name, c.shared, c.columns, c.account_id = app.account_now() AS own, coalesce(a.holder, '') AS holder
  FROM app.export_choice c LEFT JOIN app.account a ON a.account_id = c.account_id
 WHERE c.organisation_id = $1::bigint AND (c.shared OR c.account_id = app.account_now()) ORDER BY c.name, c.choice_id LIMIT 100;

-- name: export_choice_save
-- choice, name, shared, columns: a name that the account used before gets these columns
INSERT INTO app.export_choice AS c (organisation_id, choice_id, account_id, shared, name, columns, saved_at)
VALUES (app.organisation_now(), $1::uuid, app.account_now(), $3::boolean, $2, $4::text[], now())
ON CONFLICT (organisation_id, account_id, name) DO UPDATE
   SET shared = EXCLUDED.shared, columns = EXCLUDED.columns, saved_at = EXCLUDED.saved_at;

-- name: export_choice_delete
-- organisation, choice
DELETE FROM app.export_choice WHERE organisation_id = $1::bigint AND account_id = app.account_now() AND choice_id = $2::uuid;
