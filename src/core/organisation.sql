-- role: door

-- name: organisation_list
-- issuer's organisation, part of a name or beginning of a code ('' for all), last organisation of the page before or
-- NULL. Own organisation first, then by code.
WITH seen AS (
    SELECT (i.relation <> 'own')::integer AS rank, o.code, o.organisation_id, o.kind, o.laboratory, o.name, o.address,
           o.phone, o.closed_at, i.relation
      FROM app.issuing i JOIN app.organisation o USING (organisation_id)
     WHERE i.issuer_id = $1::bigint
       AND ($2 = '' OR strpos(o.name, $2) > 0 OR starts_with(o.code, upper($2))))
SELECT organisation_id, code, kind, laboratory, name, address, phone, closed_at IS NOT NULL AS closed,
       (SELECT count(*) FROM app.account a
         WHERE a.organisation_id = seen.organisation_id AND a.suspended_at IS NULL
           AND (seen.relation <> 'first' OR a.issuer)) AS accounts,
       (SELECT count(*) FROM seen) AS total
  FROM seen
 WHERE $3::bigint IS NULL OR (rank, code) > (SELECT s.rank, s.code FROM seen s WHERE s.organisation_id = $3::bigint)
 ORDER BY rank, code LIMIT 51;

-- name: organisation_in_area
-- issuer's organisation, organisation: no row when it is outside the area
SELECT o.organisation_id, o.kind, o.laboratory, o.code, o.name, o.postal_code, o.address, o.phone, o.night_phone,
       o.idle_minutes, o.section_accounts, o.closed_at IS NOT NULL AS closed, i.relation,
       up.name AS parent,
       to_char(o.closed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS closed_on
  FROM app.issuing i
  JOIN app.organisation o USING (organisation_id)
  LEFT JOIN app.organisation up ON up.organisation_id = o.parent_id
 WHERE i.issuer_id = $1::bigint AND i.organisation_id = $2::bigint;

-- name: organisation_number
SELECT nextval('app.organisation_organisation_id_seq') AS organisation_id;

-- name: organisation_repeated
-- parent, name, address: the open organisation that the same form has made already
SELECT organisation_id FROM app.organisation
 WHERE parent_id = $1::bigint AND name = $2 AND address = $3 AND closed_at IS NULL
 ORDER BY organisation_id LIMIT 1;

-- name: organisation_insert
-- organisation, parent, kind, laboratory, letter of the code, municipality, name, postal code, address, telephone,
-- night telephone, idle minutes, section accounts.
INSERT INTO app.organisation (organisation_id, parent_id, kind, laboratory, code, prefecture_code, municipality_code, name,
                              postal_code, address, phone, night_phone, idle_minutes, section_accounts)
VALUES ($1::bigint, $2::bigint, $3, $4::boolean, app.next_code($5, $6), left($6, 2), $6, $7, nullif($8, ''), $9, $10, $11,
        $12::integer, $13::boolean);

-- name: organisation_save
-- organisation, municipality (NULL: as it was), name, postal code, address, telephone, night telephone, idle minutes,
-- section accounts
UPDATE app.organisation
   SET municipality_code = coalesce($2, municipality_code), prefecture_code = coalesce(left($2, 2), prefecture_code),
       name = $3, postal_code = nullif($4, ''), address = $5, phone = $6, night_phone = $7, idle_minutes = $8::integer,
       section_accounts = $9::boolean
 WHERE organisation_id = $1::bigint;

-- name: organisation_close
UPDATE app.organisation SET closed_at = now() WHERE organisation_id = $1::bigint AND closed_at IS NULL;

-- name: organisation_reopen
UPDATE app.organisation SET closed_at = NULL WHERE organisation_id = $1::bigint;

-- name: organisation_sessions_end
UPDATE app.session SET ended_at = now() WHERE organisation_id = $1::bigint AND ended_at IS NULL;

-- name: jurisdiction_list
-- organisation that asks, prefecture: every municipality of it, its fallback last
SELECT place.code, place.name, c.name AS centre, j.derived, app.governs($1::bigint, place.code) AS mine
  FROM (SELECT m.code, m.full_name AS name, 0 AS rank FROM app.municipality m WHERE m.prefecture_code = $2
        UNION ALL
        SELECT p.code || '000', p.name || '（市区町村が分からないとき）', 1 FROM app.prefecture p WHERE p.code = $2) place
  LEFT JOIN app.jurisdiction j ON j.municipality_code = place.code
  LEFT JOIN app.organisation c ON c.organisation_id = j.centre_id
 ORDER BY place.rank, place.code;

-- name: jurisdiction_find
-- organisation that asks, municipality: no row when it is not for this organisation to say
SELECT place.code, place.name, j.centre_id, j.derived
  FROM (SELECT m.code, m.full_name AS name FROM app.municipality m
        UNION ALL
        SELECT p.code || '000', p.name || '（市区町村が分からないとき）' FROM app.prefecture p) place
  LEFT JOIN app.jurisdiction j ON j.municipality_code = place.code
 WHERE place.code = $2 AND app.governs($1::bigint, $2);

-- name: jurisdiction_centres
-- organisation that asks, municipality: the centres that it may name
SELECT c.organisation_id, c.name
  FROM app.organisation c
  JOIN app.organisation mine ON mine.organisation_id = $1::bigint
 WHERE c.kind = 'centre' AND NOT c.laboratory AND c.closed_at IS NULL AND c.prefecture_code = left($2, 2)
   AND (mine.kind <> 'city' OR c.parent_id = mine.organisation_id)
 ORDER BY c.code;

-- name: jurisdiction_require
-- municipality, centre
SELECT app.require_jurisdiction($1, $2::bigint);

-- name: jurisdiction_save
-- municipality, centre: from now on it is no guess any more
INSERT INTO app.jurisdiction (municipality_code, centre_id, derived) VALUES ($1, $2::bigint, false)
ON CONFLICT (municipality_code) DO UPDATE SET centre_id = EXCLUDED.centre_id, derived = false;

-- name: prefecture_list
SELECT code, name FROM app.prefecture ORDER BY code;
