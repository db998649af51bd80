-- role: jobs

-- name: bulk_lock
-- One bulk write at a time: what was imported before is read first and must not change meanwhile.
SELECT pg_advisory_xact_lock(20200530);

-- name: bulk_numbers
-- how many: fresh patient numbers
SELECT nextval('app.patient_number') AS number FROM generate_series(1, $1::bigint);

-- name: bulk_columns_patient
-- The columns in the order in which the staging tables below have them.
SELECT * FROM app.patient LIMIT 0;

-- name: bulk_columns_notification
SELECT * FROM app.notification LIMIT 0;

-- name: bulk_columns_notification_person
SELECT * FROM app.notification_person LIMIT 0;

-- name: bulk_columns_test
SELECT * FROM app.test_record LIMIT 0;

-- name: bulk_columns_status
SELECT * FROM app.patient_status LIMIT 0;

-- name: bulk_columns_list
-- One row for each patient: the labels, and what becomes of it in every other table.
SELECT a.*, '{}'::text[] AS search_keys, '{}'::text[] AS centre_todo, '{}'::text[] AS reporter_todo,
       0::bigint AS account_id, 0::bigint AS actor_id, now() AS entered_at, '' AS reason, '' AS source,
       '' AS external_no
  FROM app.access a LIMIT 0;

-- ---- staging: no constraint, no index, no row-level security; made once in a transaction and gone with it ----------

-- plain: bulk_stage_patient
CREATE TEMPORARY TABLE bulk_patient ON COMMIT DROP AS SELECT * FROM app.patient WITH NO DATA;

-- plain: bulk_stage_notification
CREATE TEMPORARY TABLE bulk_notification ON COMMIT DROP AS SELECT * FROM app.notification WITH NO DATA;

-- plain: bulk_stage_notification_person
CREATE TEMPORARY TABLE bulk_notification_person ON COMMIT DROP AS SELECT * FROM app.notification_person WITH NO DATA;

-- plain: bulk_stage_test
CREATE TEMPORARY TABLE bulk_test ON COMMIT DROP AS SELECT * FROM app.test_record WITH NO DATA;

-- plain: bulk_stage_status
CREATE TEMPORARY TABLE bulk_status ON COMMIT DROP AS SELECT * FROM app.patient_status WITH NO DATA;

-- plain: bulk_stage_list
CREATE TEMPORARY TABLE bulk_list ON COMMIT DROP AS
SELECT a.*, '{}'::text[] AS search_keys, '{}'::text[] AS centre_todo, '{}'::text[] AS reporter_todo,
       0::bigint AS account_id, 0::bigint AS actor_id, now() AS entered_at, '' AS reason, '' AS source,
       '' AS external_no
  FROM app.access a WITH NO DATA;

-- plain: bulk_stage_reach
-- Who sees the patients of each pair of reporter and responsible centre, and which of their labels.
CREATE TEMPORARY TABLE bulk_reach ON COMMIT DROP AS
SELECT a.reporter_id, a.responsible_id, a.organisation_id, a.relations, false AS person, false AS illness, false AS confirmation,
       false AS status
  FROM app.access a WITH NO DATA;

-- plain: bulk_stage_written
-- All patients of this transaction, for the trail.
CREATE TEMPORARY TABLE bulk_written ON COMMIT DROP AS SELECT patient_id, responsible_id, reason FROM bulk_list WITH NO DATA;

-- plain: bulk_copy_patient
COPY bulk_patient FROM STDIN;

-- plain: bulk_copy_notification
COPY bulk_notification FROM STDIN;

-- plain: bulk_copy_notification_person
COPY bulk_notification_person FROM STDIN;

-- plain: bulk_copy_test
COPY bulk_test FROM STDIN;

-- plain: bulk_copy_status
COPY bulk_status FROM STDIN;

-- plain: bulk_copy_list
COPY bulk_list FROM STDIN;

-- ---- from staging into the real tables ------------------------------------------------------------------------------

-- plain: bulk_fill_patient
INSERT INTO app.patient SELECT * FROM bulk_patient;

-- plain: bulk_fill_notification
INSERT INTO app.notification SELECT * FROM bulk_notification;

-- plain: bulk_fill_notification_person
INSERT INTO app.notification_person SELECT * FROM bulk_notification_person;

-- plain: bulk_fill_test
INSERT INTO app.test_record SELECT * FROM bulk_test;

-- plain: bulk_fill_submission
INSERT INTO app.submission (patient_id, category, submitted_at)
SELECT patient_id, category, reported_at FROM bulk_notification WHERE category IS NOT NULL;

-- plain: bulk_fill_status
INSERT INTO app.patient_status SELECT * FROM bulk_status;

-- plain: bulk_fill_revision
INSERT INTO app.revision (patient_id, version, subject, notification_no, at, account_id, organisation_id, before, after,
                          reason)
SELECT patient_id, 1, 'notification', notification_no, entered_at, account_id, actor_id, '{}', '{}', reason FROM bulk_list;

-- plain: bulk_fill_key
INSERT INTO app.import_key (source, external_no, patient_id)
SELECT source, external_no, patient_id FROM bulk_list WHERE source IS NOT NULL;

-- plain: bulk_fill_reach
-- The rule of app.patient_publish, asked once for each pair instead of once for each patient.
INSERT INTO bulk_reach
WITH pair AS (
    SELECT DISTINCT reporter_id, responsible_id FROM bulk_list
), fact (reporter_id, responsible_id, organisation_id, bit) AS (
    SELECT reporter_id, responsible_id, reporter_id, 1 FROM pair
    UNION ALL SELECT reporter_id, responsible_id, responsible_id, 2 FROM pair
    UNION ALL SELECT p.reporter_id, p.responsible_id, u.above_id, u.relation
                FROM pair p JOIN app.organisation_above u ON u.organisation_id = p.responsible_id
), want AS (
    SELECT reporter_id, responsible_id, organisation_id, bit_or(bit) AS relations FROM fact GROUP BY 1, 2, 3
)
SELECT w.*, w.relations & r.person <> 0, w.relations & r.illness <> 0, w.relations & r.confirmation <> 0,
       w.relations & r.status <> 0
  FROM want w JOIN app.organisation o USING (organisation_id) LEFT JOIN app.label_right r ON r.kind = o.kind;

-- plain: bulk_fill_access
-- A label that an organisation may not see is NULL, as app.patient_publish leaves it.
INSERT INTO app.access (organisation_id, patient_id, relations, sealed, listed_at, reporter_id, responsible_id,
    notification_no, name, kana, birth_date, sex, age_years, age_band, category, diagnosis_date, confirmed, status,
    status_since, deemed, past)
SELECT r.organisation_id, l.patient_id, r.relations, false, l.listed_at, l.reporter_id, l.responsible_id,
       l.notification_no, CASE WHEN r.person THEN l.name END, CASE WHEN r.person THEN l.kana END,
       CASE WHEN r.person THEN l.birth_date END, l.sex, l.age_years, l.age_band, CASE WHEN r.illness THEN l.category END,
       CASE WHEN r.illness THEN l.diagnosis_date END, CASE WHEN r.confirmation THEN l.confirmed END,
       CASE WHEN r.status THEN l.status END, CASE WHEN r.status THEN l.status_since END, CASE WHEN r.illness THEN l.deemed END,
       coalesce(l.diagnosis_date <= s.value::date, false)
  FROM bulk_list l JOIN bulk_reach r USING (reporter_id, responsible_id)
  JOIN app.setting s ON s.name = 'past_until';

-- plain: bulk_fill_search_key
INSERT INTO app.search_key (organisation_id, key, patient_id)
SELECT r.organisation_id, k, l.patient_id
  FROM bulk_list l JOIN bulk_reach r USING (reporter_id, responsible_id) CROSS JOIN unnest(l.search_keys) k
 WHERE r.person;

-- plain: bulk_fill_todo
INSERT INTO app.todo (organisation_id, kind, patient_id, since)
SELECT l.responsible_id, kind, l.patient_id, l.listed_at FROM bulk_list l CROSS JOIN unnest(l.centre_todo) kind
UNION ALL
SELECT l.reporter_id, kind, l.patient_id, l.listed_at FROM bulk_list l CROSS JOIN unnest(l.reporter_todo) kind
 WHERE l.reporter_id <> l.responsible_id;

-- plain: bulk_fill_tally
-- What app.tally_follow appends for one patient, for all of them: a row for each centre and kind.
INSERT INTO app.tally_delta (organisation_id, kind, change)
SELECT l.responsible_id, 'patients', count(*) FROM bulk_list l GROUP BY l.responsible_id
UNION ALL
SELECT l.responsible_id, k.kind, count(*)
  FROM bulk_list l CROSS JOIN unnest(l.centre_todo) todo JOIN app.tally_kind k ON k.kind = todo
 GROUP BY l.responsible_id, k.kind;

-- plain: bulk_fill_figure
-- What each of them counts as in the figures.
SELECT app.figure_follow(VARIADIC array_agg(patient_id)) FROM bulk_list;

-- plain: bulk_fill_written
INSERT INTO bulk_written SELECT patient_id, responsible_id, reason FROM bulk_list;

-- plain: bulk_clear
TRUNCATE bulk_patient, bulk_notification, bulk_notification_person, bulk_test, bulk_status, bulk_list, bulk_reach;

-- plain: bulk_audit
-- Into the trail, to be found from each patient and by the centre in charge: entries of some thousand patients of one
-- centre each. How they are spread over the entries is no matter, only that none is missing.
SELECT app.audit_link(0, 0, 'bulk', 'import', 'allowed', NULL, patients, responsible_id, reason)
  FROM (SELECT responsible_id, reason, array_agg(patient_id ORDER BY patient_id) AS patients
          FROM bulk_written GROUP BY responsible_id, reason, patient_id / 5000 ORDER BY 1, min(patient_id)) entry;
