-- role: jobs

-- name: synthetic_towns
-- Where people can live: every postal code with its municipality, prefecture by prefecture.
SELECT m.prefecture_code, m.code AS municipality_code, z.code AS postal_code, m.full_name || z.town AS address
  FROM app.postal_code z JOIN app.municipality m ON m.code = z.municipality_code
 ORDER BY m.prefecture_code, m.code, z.code, z.town;

-- name: synthetic_clinics
-- beginning of the clinics' codes: who can report, centre by centre, with an account to enter for each of both (0 when
-- there is none)
SELECT c.organisation_id, c.name, c.address, c.phone, c.prefecture_code, h.organisation_id AS centre_id,
       coalesce((SELECT min(a.account_id) FROM app.account a WHERE a.organisation_id = c.organisation_id), 0) AS account_id,
       coalesce((SELECT min(a.account_id) FROM app.account a WHERE a.organisation_id = h.organisation_id), 0) AS confirmer_id
  FROM app.organisation c JOIN app.organisation h ON h.organisation_id = c.parent_id AND h.kind = 'centre'
 WHERE c.kind = 'clinic' AND c.closed_at IS NULL AND starts_with(c.code, $1)
 ORDER BY h.code, c.code;
