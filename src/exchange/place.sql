-- role: jobs

-- name: place_municipalities
-- Municipalities with the centre that is competent for each.
SELECT m.code, m.prefecture_code, m.name, m.full_name, p.name AS prefecture, app.competent_centre(m.code) AS centre_id
  FROM app.municipality m JOIN app.prefecture p ON p.code = m.prefecture_code ORDER BY m.code;

-- name: place_prefectures
-- Prefectures with the centre that stands in where no municipality is known.
SELECT code, name, app.competent_centre(code || '000') AS centre_id FROM app.prefecture ORDER BY code;

-- name: place_centres
SELECT organisation_id, name, prefecture_code FROM app.organisation
 WHERE kind = 'centre' AND closed_at IS NULL AND NOT laboratory ORDER BY code;

-- name: place_forms
-- From which day which version of the form holds where, the newest first.
SELECT form_version, prefecture_code, effective_from FROM app.form_adoption
 ORDER BY effective_from DESC, form_version DESC;
