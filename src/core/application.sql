-- role: public

-- name: application_submit
-- id, institution, postal code, municipality, address, telephone, doctor, e-mail: gives the competent centre's name;
-- the same id again changes nothing
SELECT app.application_submit($1::uuid, $2, $3, $4, $5, $6, $7, $8) AS centre;

-- role: door

-- name: application_open
-- organisation that decides: what waits with its centre, or with the centres below it; the oldest first
SELECT ap.application_id, upper(left(ap.application_id::text, 8)) AS receipt, ap.institution, ap.postal_code, ap.address,
       ap.phone, ap.doctor, ap.email, c.name AS centre,
       to_char(ap.applied_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS applied,
       (SELECT o.name FROM app.organisation o
         WHERE o.parent_id = ap.centre_id AND o.kind = 'clinic' AND o.closed_at IS NULL
           AND (o.phone = ap.phone OR o.name = ap.institution)
         ORDER BY o.organisation_id LIMIT 1) AS alike,
       count(*) OVER () AS total
  FROM app.application ap JOIN app.organisation c ON c.organisation_id = ap.centre_id
 WHERE ap.decided_at IS NULL AND $1::bigint IN (c.organisation_id, c.parent_id)
 ORDER BY ap.applied_at, ap.application_id LIMIT 100;

-- name: application_decided
-- organisation that decides: what it or another has decided, the newest first
SELECT upper(left(ap.application_id::text, 8)) AS receipt, ap.institution, ap.approved, ap.organisation_id, a.holder,
       c.name AS centre, to_char(ap.decided_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS decided
  FROM app.application ap
  JOIN app.organisation c ON c.organisation_id = ap.centre_id
  LEFT JOIN app.account a ON a.account_id = ap.decided_by
 WHERE ap.decided_at IS NOT NULL AND $1::bigint IN (c.organisation_id, c.parent_id)
 ORDER BY ap.decided_at DESC, ap.application_id LIMIT 50;

-- name: application_find
-- organisation that decides, application: no row when it is outside the area
SELECT ap.decided_at IS NOT NULL AS decided, ap.approved,
       (SELECT min(a.account_id) FROM app.account a WHERE a.organisation_id = ap.organisation_id) AS account_id
  FROM app.application ap JOIN app.organisation c ON c.organisation_id = ap.centre_id
 WHERE ap.application_id = $2::uuid AND $1::bigint IN (c.organisation_id, c.parent_id);

-- name: application_decide
-- organisation that decides, application, account that decides, approved, the clinic's number or NULL: once
UPDATE app.application ap
   SET decided_at = now(), decided_by = $3::bigint, approved = $4::boolean, organisation_id = $5::bigint
  FROM app.organisation c
 WHERE ap.application_id = $2::uuid AND ap.decided_at IS NULL AND c.organisation_id = ap.centre_id
   AND $1::bigint IN (c.organisation_id, c.parent_id);

-- name: application_clinic
-- application: its clinic, under the centre that is competent
INSERT INTO app.organisation (organisation_id, parent_id, kind, code, prefecture_code, municipality_code, name, postal_code,
                              address, phone)
SELECT ap.organisation_id, ap.centre_id, 'clinic', app.next_code('K', ap.municipality_code),
       left(ap.municipality_code, 2), ap.municipality_code, ap.institution, ap.postal_code, ap.address, ap.phone
  FROM app.application ap WHERE ap.application_id = $1::uuid;

-- name: application_account
-- application, account, password hash, account that issues: the clinic's first account, a doctor who issues the others
INSERT INTO app.account (account_id, organisation_id, login, holder, personal, role, issuer, email, password_hash,
                         password_initial, password_until, created_by)
SELECT $2::bigint, o.organisation_id, app.next_login(o.code), ap.doctor, true, 'doctor', true, ap.email, $3, true,
       now() + make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'letter_days')), $4::bigint
  FROM app.application ap JOIN app.organisation o USING (organisation_id)
 WHERE ap.application_id = $1::uuid;
