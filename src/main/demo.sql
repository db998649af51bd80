-- role: owner

-- name: demo_organisation
-- kind, code, name, prefecture, municipality, address, phone, parent's code, laboratory
INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, address, phone, parent_id, laboratory)
SELECT $1, $2, $3, $4, $5, $6, $7, p.organisation_id, $9::boolean FROM app.organisation p WHERE p.code = $8
ON CONFLICT (code) DO NOTHING;

-- name: demo_account
-- organisation's code, login, holder, personal, role, issuer, email, password hash
INSERT INTO app.account (organisation_id, login, holder, personal, role, issuer, email, password_hash,
                         password_initial, terms_version, terms_agreed_at)
SELECT o.organisation_id, $2, $3, $4::boolean, $5, $6::boolean, $7, $8, false,
       (SELECT value FROM app.setting WHERE name = 'terms_version'), now()
  FROM app.organisation o WHERE o.code = $1
ON CONFLICT (login) DO NOTHING;

-- name: demo_phone
-- login, phone
INSERT INTO app.account_phone (account_id, phone, verified_at)
SELECT account_id, $2, now() FROM app.account WHERE login = $1
ON CONFLICT DO NOTHING;

-- name: demo_exists
SELECT count(*) AS accounts FROM app.account WHERE login = $1;

-- name: demo_clinics
-- beginning of their codes, how many under each centre: clinics that are nowhere, for synthetic patients
INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, address, phone, parent_id)
SELECT 'clinic', $1 || substr(h.code, 2) || '-' || lpad(n::text, 3, '0'),
       regexp_replace(h.name, '保健所$', '') || ' 合成クリニック' || n, h.prefecture_code, h.municipality_code,
       p.name || '（架空）', '0500000' || lpad(n::text, 4, '0'), h.organisation_id
  FROM app.organisation h JOIN app.prefecture p ON p.code = h.prefecture_code
 CROSS JOIN generate_series(1, $2::integer) n
 WHERE h.kind = 'centre' AND NOT h.laboratory
ON CONFLICT (code) DO NOTHING;
