-- role: owner

-- name: migration_list
-- What has been applied, to be compared with what this executable carries.
SELECT name, digest FROM public.hersys_migration;

-- name: tab_right_save
-- kind, tab, read mask, write mask
INSERT INTO app.tab_right (kind, tab, read_mask, write_mask) VALUES ($1, $2, $3::integer, $4::integer)
ON CONFLICT (kind, tab) DO UPDATE SET read_mask = EXCLUDED.read_mask, write_mask = EXCLUDED.write_mask;

-- name: paper_kind_save
-- kind, whether only for accepted cases
INSERT INTO app.paper_kind (kind, accepted) VALUES ($1, $2::boolean)
ON CONFLICT (kind) DO UPDATE SET accepted = EXCLUDED.accepted;

-- name: form_adoption_save
-- version, from: the day for the whole country; prefectures that began earlier are entered by hand
INSERT INTO app.form_adoption (form_version, prefecture_code, effective_from) VALUES ($1, '00', $2::date)
ON CONFLICT (form_version, prefecture_code) DO UPDATE SET effective_from = EXCLUDED.effective_from;

-- name: installation_create
-- The key is made once and never changed: the public numbers hang on it.
INSERT INTO app.installation (installation_id, permutation_key) VALUES (1, decode($1, 'hex'))
ON CONFLICT (installation_id) DO NOTHING;

-- name: message_kind_save
-- template, label, urgent, waits at night, valid minutes or NULL, expires quietly, holds a code
INSERT INTO app.message_kind (template, label, urgent, waits_at_night, valid_minutes, expires_quietly, holds_code)
VALUES ($1, $2, $3::boolean, $4::boolean, $5::integer, $6::boolean, $7::boolean)
ON CONFLICT (template) DO UPDATE
   SET label = EXCLUDED.label, urgent = EXCLUDED.urgent, waits_at_night = EXCLUDED.waits_at_night,
       valid_minutes = EXCLUDED.valid_minutes, expires_quietly = EXCLUDED.expires_quietly,
       holds_code = EXCLUDED.holds_code;
