-- role: staff

-- name: draft_save
-- draft, kind, patient, notification, base version, title, body. A draft that was reported is not made again.
INSERT INTO app.draft AS d (draft_id, account_id, organisation_id, kind, patient_id, notification_no, base_version,
                            title, body, saved_at)
SELECT $1::uuid, app.account_now(), app.organisation_now(), $2, $3::bigint, $4::integer, $5::integer, $6, $7, now()
 WHERE NOT EXISTS (SELECT FROM app.receipt r WHERE r.draft_id = $1::uuid)
ON CONFLICT (draft_id) DO UPDATE
   SET title = EXCLUDED.title, body = EXCLUDED.body, saved_at = EXCLUDED.saved_at;

-- name: draft_find
SELECT draft_id, kind, patient_id, notification_no, base_version, title, body FROM app.draft WHERE draft_id = $1::uuid;

-- name: draft_list
-- The account's own half-filled forms, the newest first.
SELECT draft_id, kind, patient_id, notification_no, title,
       to_char(saved_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS saved
  FROM app.draft WHERE account_id = $1::bigint ORDER BY saved_at DESC LIMIT 50;

-- name: draft_delete
DELETE FROM app.draft WHERE draft_id = $1::uuid;

-- name: draft_rescue
-- token hash, draft, kind, patient, notification, base version, title, body
SELECT app.draft_rescue($1, $2::uuid, $3, $4::bigint, $5::integer, $6::integer, $7, $8) AS kept;

-- name: template_save
-- template, name, body: a clinic's own first values (ひな形)
INSERT INTO app.form_template (organisation_id, template_id, name, body, saved_at)
VALUES (app.organisation_now(), $1::uuid, $2, $3, now());

-- name: template_list
SELECT template_id, name FROM app.form_template WHERE organisation_id = $1::bigint ORDER BY name, template_id LIMIT 50;

-- name: template_find
SELECT name, body FROM app.form_template WHERE organisation_id = $1::bigint AND template_id = $2::uuid;

-- name: template_delete
DELETE FROM app.form_template WHERE organisation_id = $1::bigint AND template_id = $2::uuid;
