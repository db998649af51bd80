-- role: staff

-- name: record_access
-- organisation, patient: what the office has to do with the patient, and the labels of its list
SELECT a.relations, a.sealed, a.notification_no, a.responsible_id, a.sex, a.age_years, a.age_band, a.status, a.confirmed
  FROM app.access a WHERE a.organisation_id = $1::bigint AND a.patient_id = $2::bigint;

-- name: record_patient
SELECT p.*, app.notification_next(p.patient_id) AS next_no, r.name AS responsible_name, r.phone AS responsible_phone, r.night_phone AS responsible_night_phone,
       c.name AS received_by_name
  FROM app.patient p
  JOIN app.organisation r ON r.organisation_id = p.responsible_id
  JOIN app.organisation c ON c.organisation_id = p.received_by_id
 WHERE p.patient_id = $1::bigint;

-- name: record_notifications
-- All notifications of a patient that the office may see, the newest first.
SELECT n.notification_no, n.form_version, n.category, n.diagnosis_date, n.deemed, n.reporter_id, o.name AS reporter_name,
       to_char(n.reported_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       n.confirmed_at IS NOT NULL AS confirmed, n.frozen_at IS NOT NULL AS frozen, n.deleted_at IS NOT NULL AS deleted
  FROM app.notification n JOIN app.organisation o ON o.organisation_id = n.reporter_id
 WHERE n.patient_id = $1::bigint ORDER BY n.notification_no DESC;

-- name: record_notification
-- patient, number; 0 for the newest that is not deleted
SELECT n.*, h.frozen_items, h.age_years, h.age_months, h.stay_postal_code, h.stay_address, h.stay_municipality,
       h.stay_phone, o.name AS reporter_name, e.holder AS entered_by_name, d.holder AS edited_by_name,
       f.holder AS confirmed_by_name, x.holder AS deleted_by_name,
       to_char(n.reported_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       to_char(n.reported_at, 'YYYY-MM-DD"T"HH24:MI:SS.USOF') AS reported_iso,
       to_char(n.confirmed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS confirmed,
       to_char(n.deleted_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS deleted,
       to_char(n.purge_after AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS purge
  FROM app.notification n
  LEFT JOIN app.notification_person h ON h.patient_id = n.patient_id AND h.notification_no = n.notification_no
  JOIN app.organisation o ON o.organisation_id = n.reporter_id
  LEFT JOIN app.account e ON e.account_id = n.entered_by
  LEFT JOIN app.account d ON d.account_id = n.edited_by
  LEFT JOIN app.account f ON f.account_id = n.confirmed_by
  LEFT JOIN app.account x ON x.account_id = n.deleted_by
 WHERE n.patient_id = $1::bigint
   AND n.notification_no = coalesce(nullif($2::integer, 0), (
       SELECT max(m.notification_no) FROM app.notification m WHERE m.patient_id = $1::bigint AND m.deleted_at IS NULL));

-- name: record_tests
SELECT * FROM app.test_record
 WHERE patient_id = $1::bigint
   AND notification_no = coalesce(nullif($2::integer, 0), (
       SELECT max(m.notification_no) FROM app.notification m WHERE m.patient_id = $1::bigint AND m.deleted_at IS NULL))
 ORDER BY test_no;

-- name: record_submissions
SELECT category, to_char(submitted_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS submitted
  FROM app.submission WHERE patient_id = $1::bigint ORDER BY submitted_at;

-- name: record_status
-- The newest entry that was not withdrawn is the current one.
SELECT s.status_no, s.status, s.since, s.death_date, s.death_place, s.death_cause, s.note, a.holder AS entered_by_name,
       to_char(s.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered, s.withdrawn_at IS NOT NULL AS withdrawn
  FROM app.patient_status s LEFT JOIN app.account a ON a.account_id = s.entered_by
 WHERE s.patient_id = $1::bigint ORDER BY s.since DESC, s.status_no DESC;

-- name: record_related
SELECT r.organisation_id, o.name, r.until FROM app.patient_related r JOIN app.organisation o USING (organisation_id)
 WHERE r.patient_id = $1::bigint ORDER BY o.name;

-- name: record_presence
-- Who else has the record open, the latest first; more than five are a crowd.
SELECT a.holder, o.name AS organisation, to_char(p.at AT TIME ZONE 'Asia/Tokyo', 'HH24:MI') AS at
  FROM app.patient_presence($1::bigint) p
  JOIN app.account a ON a.account_id = p.account_id
  JOIN app.organisation o ON o.organisation_id = p.organisation_id
 ORDER BY p.at DESC LIMIT 5;

-- name: record_base_values
-- patient, notification, version: what the items were where they have changed since
SELECT app.base_values($1::bigint, $2::integer, $3::integer) AS values;

-- ---- writing --------------------------------------------------------------------------------------------------------

-- name: patient_numbers
-- A handful of fresh numbers for a worker to keep.
SELECT nextval('app.patient_number') AS number FROM generate_series(1, 16);

-- name: patient_open
-- patient, responsible centre, items
SELECT app.patient_open($1::bigint, $2::bigint, $3::jsonb);

-- name: patient_bump
-- patient, version that the form was made from
SELECT app.patient_bump($1::bigint, $2::integer);

-- name: patient_update
-- patient, changed items: an item that is not mentioned stays as it is
WITH changed AS (
UPDATE app.patient AS p
   SET (family_name, given_name, family_kana, given_kana, sex, birth_date, age_band, occupation, home_postal_code,
        home_address, home_municipality, phone, nationality, passport_number, guardian_name, guardian_address,
        guardian_phone)
     = (SELECT r.family_name, r.given_name, r.family_kana, r.given_kana, r.sex, r.birth_date, r.age_band, r.occupation,
               r.home_postal_code, r.home_address, r.home_municipality, r.phone, r.nationality, r.passport_number,
               r.guardian_name, r.guardian_address, r.guardian_phone
          FROM jsonb_populate_record(p, $2::jsonb) r)
 WHERE p.patient_id = $1::bigint
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: notification_insert
-- patient, number, items with form_version, short_form and deemed: the person's and the illness's have a table each
WITH person AS (
    INSERT INTO app.notification_person
    SELECT * FROM jsonb_populate_record(NULL::app.notification_person, $3::jsonb || jsonb_build_object(
        'patient_id', $1::bigint, 'notification_no', $2::integer)))
INSERT INTO app.notification
SELECT * FROM jsonb_populate_record(NULL::app.notification, $3::jsonb || jsonb_build_object(
    'patient_id', $1::bigint, 'notification_no', $2::integer, 'reporter_id', app.organisation_now(),
    'entered_by', app.account_now(), 'reported_at', now()));

-- name: notification_update
-- patient, number, changed items with form_version and short_form. A confirmation lapses: it was for other values.
WITH person AS (
    UPDATE app.notification_person AS h
       SET (age_years, age_months, stay_postal_code, stay_address, stay_municipality, stay_phone)
         = (SELECT r.age_years, r.age_months, r.stay_postal_code, r.stay_address, r.stay_municipality, r.stay_phone
              FROM jsonb_populate_record(h, $3::jsonb) r)
     WHERE h.patient_id = $1::bigint AND h.notification_no = $2::integer),
     changed AS (
UPDATE app.notification AS n
   SET (form_version, short_form, edited_by, confirmed_at, confirmed_by, category, diagnosis_date, symptoms, symptom_other, spo2, first_visit_date,
        infected_date, onset_date, death_date, route, route_certainty, route_detail, place_kind, place_name, area,
        area_certainty, area_detail, departure_date, entry_date, dose1_given, dose1_age, dose1_product, dose1_date,
        dose2_given, dose2_age, dose2_product, dose2_date, dose3_given, dose3_age, dose3_product, dose3_date, dose_count,
        hospitalised, hospitalised_date, risk, risk_factors, risk_other, immunosuppressed, pregnant, severity,
        needs_hospital, remote_visit, target_reasons, drug_needed, oxygen_needed, remarks, doctor_name, doctor_checked,
        institution_name, institution_address, institution_phone)
     = (SELECT r.form_version, r.short_form, app.account_now(), NULL::timestamptz, NULL::bigint, r.category, r.diagnosis_date, r.symptoms,
               r.symptom_other, r.spo2, r.first_visit_date, r.infected_date, r.onset_date, r.death_date, r.route,
               r.route_certainty, r.route_detail, r.place_kind, r.place_name, r.area, r.area_certainty, r.area_detail,
               r.departure_date, r.entry_date, r.dose1_given, r.dose1_age, r.dose1_product, r.dose1_date, r.dose2_given,
               r.dose2_age, r.dose2_product, r.dose2_date, r.dose3_given, r.dose3_age, r.dose3_product, r.dose3_date,
               r.dose_count, r.hospitalised, r.hospitalised_date, r.risk, r.risk_factors, r.risk_other,
               r.immunosuppressed, r.pregnant, r.severity, r.needs_hospital, r.remote_visit, r.target_reasons,
               r.drug_needed, r.oxygen_needed, r.remarks, r.doctor_name, r.doctor_checked, r.institution_name,
               r.institution_address, r.institution_phone
          FROM jsonb_populate_record(n, $3::jsonb) r)
 WHERE n.patient_id = $1::bigint AND n.notification_no = $2::integer AND n.deleted_at IS NULL AND n.frozen_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: notification_freeze
-- patient, items of the person as they stood: a newer report makes the older ones unchangeable (seed 0 Q3)
WITH person AS (
    UPDATE app.notification_person h SET frozen_items = $2::jsonb
      FROM app.notification n
     WHERE h.patient_id = $1::bigint AND n.patient_id = $1::bigint AND n.notification_no = h.notification_no
       AND n.frozen_at IS NULL AND n.deleted_at IS NULL)
UPDATE app.notification SET frozen_at = now()
 WHERE patient_id = $1::bigint AND frozen_at IS NULL AND deleted_at IS NULL;

-- name: notification_confirm
-- patient, number: 保健所確認済
WITH changed AS (
UPDATE app.notification SET confirmed_at = now(), confirmed_by = app.account_now()
 WHERE patient_id = $1::bigint AND notification_no = $2::integer AND deleted_at IS NULL AND frozen_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: notification_seal
SELECT app.notification_seal($1::bigint, $2::integer, $3);

-- name: notification_restore
-- patient, number, items of the person as they stand: for the reports that are frozen by it, or itself when it is older
SELECT app.notification_restore($1::bigint, $2::integer, $3::jsonb);

-- name: tests_delete
DELETE FROM app.test_record WHERE patient_id = $1::bigint AND notification_no = $2::integer;

-- name: tests_insert
-- patient, number, array of tests with test_no
INSERT INTO app.test_record (patient_id, notification_no, test_no, method, specimen, specimen_other, sampled_on, result)
SELECT $1::bigint, $2::integer, t.test_no, t.method, t.specimen, t.specimen_other, t.sampled_on, t.result
  FROM jsonb_populate_recordset(NULL::app.test_record, $3::jsonb) t;

-- name: submission_fix
-- patient, category: the first 報告 of each 診断分類 fixes 提出日 = 受理日 (seed 0 Q8)
INSERT INTO app.submission (patient_id, category, submitted_at) VALUES ($1::bigint, $2, now())
ON CONFLICT (patient_id, category) DO NOTHING;

-- name: status_insert
-- patient, number, status, since, death date, place, cause, note
INSERT INTO app.patient_status (patient_id, status_no, status, since, death_date, death_place, death_cause, note,
                                entered_by, entered_at)
VALUES ($1::bigint, $2::integer, $3, $4::date, $5::date, $6, $7, $8, app.account_now(), now());

-- name: status_withdraw
WITH changed AS (
UPDATE app.patient_status SET withdrawn_at = now(), withdrawn_by = app.account_now()
 WHERE patient_id = $1::bigint AND status_no = $2::integer AND withdrawn_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: patient_assign
-- patient, responsible, related
SELECT app.patient_assign($1::bigint, $2::bigint, $3::bigint[]);

-- name: related_lasts
-- patient, centre
SELECT app.related_lasts($1::bigint, $2::bigint);

-- name: revision_add
-- patient, version, subject, notification number, before, after, reason
INSERT INTO app.revision (patient_id, version, subject, notification_no, at, account_id, organisation_id, before, after,
                          reason)
VALUES ($1::bigint, $2::integer, $3, $4::integer, now(), app.account_now(), app.organisation_now(), $5::jsonb, $6::jsonb, $7);

-- name: revision_assignment
-- patient, version, responsible and related before, responsible after: as names, for people. Which are related afterwards
-- is read, because a former responsible centre stays on as one.
INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
SELECT $1::bigint, $2::integer, 'assignment', now(), app.account_now(), app.organisation_now(),
       jsonb_build_object('responsible', (SELECT name FROM app.organisation WHERE organisation_id = $3::bigint),
                          'related', (SELECT string_agg(name, '、' ORDER BY name) FROM app.organisation
                                       WHERE organisation_id = ANY ($4::bigint[]))),
       jsonb_build_object('responsible', (SELECT name FROM app.organisation WHERE organisation_id = $5::bigint),
                          'related', (SELECT string_agg(o.name, '、' ORDER BY o.name)
                                        FROM app.patient_related r JOIN app.organisation o USING (organisation_id)
                                       WHERE r.patient_id = $1::bigint));

-- name: patient_publish
-- patient, labels, search keys before and after, what the centre and the reporter have still to do
SELECT app.patient_publish($1::bigint, $2::jsonb, $3::text[], $4::text[], $5::text[], $6::text[]);

-- name: patient_publish_status
-- patient, current status, since, whether a death has its date and place
SELECT app.patient_publish_status($1::bigint, $2, $3::date, $4::boolean);

-- name: receipt_add
-- draft, patient, notification: a second one for the same draft is a duplicate
INSERT INTO app.receipt (draft_id, account_id, patient_id, notification_no, at)
VALUES ($1::uuid, app.account_now(), $2::bigint, $3::integer, now());

-- name: receipt_find
SELECT patient_id, notification_no FROM app.receipt WHERE draft_id = $1::uuid;

-- name: mail_to_centre
-- centre, template, phone entry ID: no name, no illness
INSERT INTO app.outbox (channel, template, to_organisation, phone_id) VALUES ('mail', $2, $1::bigint, $3);

-- name: mail_above_city
-- centre, phone entry ID: when a city's centre is set, its prefecture is told too (seed 0 Q4)
INSERT INTO app.outbox (channel, template, to_organisation, phone_id)
SELECT 'mail', 'assigned_in_city', p.above_id, $2
  FROM app.organisation_above c
  JOIN app.organisation_above p ON p.organisation_id = c.organisation_id AND p.relation = 16
 WHERE c.organisation_id = $1::bigint AND c.relation = 8;

-- ---- what a form needs to know --------------------------------------------------------------------------------------

-- name: form_version
-- prefecture, diagnosis date: the newest version that holds there on that day
SELECT form_version FROM app.form_adoption
 WHERE prefecture_code IN ('00', $1) AND effective_from <= $2::date
 ORDER BY effective_from DESC, form_version DESC LIMIT 1;

-- name: centre_of
-- The centre that is competent for a municipality.
SELECT o.organisation_id, o.name, o.phone, o.night_phone
  FROM app.organisation o WHERE o.organisation_id = app.competent_centre($1);

-- name: organisation_find
SELECT organisation_id, kind, name, address, phone, municipality_code, prefecture_code
  FROM app.organisation WHERE organisation_id = $1::bigint;

-- name: centres_find
-- prefecture: health centres to choose from, its own first
SELECT o.organisation_id, o.name, p.name AS prefecture
  FROM app.organisation o JOIN app.prefecture p ON p.code = o.prefecture_code
 WHERE o.kind = 'centre' AND o.closed_at IS NULL AND NOT o.laboratory
 ORDER BY o.prefecture_code = $1 DESC, o.prefecture_code, o.code;
