-- role: owner

-- name: reference_digest
-- What was loaded last.
SELECT value FROM app.setting WHERE name = 'reference_digest';

-- name: reference_digest_save
INSERT INTO app.setting (name, value, meaning) VALUES ('reference_digest', $1, '取り込み済みの参照表')
ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value;

-- plain: reference_stage
-- One staging table serves every file: up to seven text columns.
CREATE TEMPORARY TABLE reference_stage (c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, c7 text) ON COMMIT DROP;

-- plain: reference_copy_2
COPY reference_stage (c1, c2) FROM STDIN;

-- plain: reference_copy_3
COPY reference_stage (c1, c2, c3) FROM STDIN;

-- plain: reference_copy_4
COPY reference_stage (c1, c2, c3, c4) FROM STDIN;

-- plain: reference_copy_6
COPY reference_stage (c1, c2, c3, c4, c5, c6) FROM STDIN;

-- plain: reference_copy_7
COPY reference_stage (c1, c2, c3, c4, c5, c6, c7) FROM STDIN;

-- plain: reference_prefecture
INSERT INTO app.prefecture (code, name, kana, romaji) SELECT c1, c2, c3, c4 FROM reference_stage
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, kana = EXCLUDED.kana, romaji = EXCLUDED.romaji;

-- plain: reference_municipality
WITH town AS (
    INSERT INTO app.municipality (code, prefecture_code, parent_code, name, full_name, kana)
    SELECT c1, c2, c3, c4, c5, c6 FROM reference_stage
    ON CONFLICT (code) DO UPDATE SET parent_code = EXCLUDED.parent_code, name = EXCLUDED.name,
        full_name = EXCLUDED.full_name, kana = EXCLUDED.kana
    RETURNING code, prefecture_code, full_name
)
INSERT INTO app.municipality_name (name, municipality_code, whole)
SELECT app.folded_place(t.full_name), t.code, true FROM town t
UNION SELECT app.folded_place(substr(t.full_name, length(p.name) + 1)), t.code, false
  FROM town t JOIN app.prefecture p ON p.code = t.prefecture_code
ON CONFLICT DO NOTHING;

-- plain: reference_postal_code
INSERT INTO app.postal_code (code, municipality_code, town) SELECT c1, c2, c3 FROM reference_stage
ON CONFLICT DO NOTHING;

-- plain: reference_holiday
INSERT INTO app.holiday (day, name) SELECT c1::date, c2 FROM reference_stage
ON CONFLICT (day) DO UPDATE SET name = EXCLUDED.name;

-- plain: reference_centre
-- The public offices themselves: ministry, prefectures, cities that run a centre, centres; and who stands above whom.
WITH ministry AS (
    INSERT INTO app.organisation (kind, code, name) VALUES ('ministry', 'M', '厚生労働省')
    ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name RETURNING organisation_id
), prefecture AS (
    INSERT INTO app.organisation (kind, code, name, prefecture_code, parent_id)
    SELECT 'prefecture', 'P' || p.code, p.name || ' 調整本部', p.code, m.organisation_id
      FROM app.prefecture p CROSS JOIN ministry m
    ON CONFLICT (code) DO UPDATE SET parent_id = EXCLUDED.parent_id RETURNING organisation_id, prefecture_code
), city AS (
    INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, parent_id)
    SELECT DISTINCT 'city', 'C' || c6, c7 || ' 本庁', left(c6, 2), c6, m.organisation_id
      FROM reference_stage CROSS JOIN ministry m WHERE length(c6) = 5
    ON CONFLICT (code) DO UPDATE SET parent_id = EXCLUDED.parent_id RETURNING organisation_id, municipality_code
), centre AS (
    INSERT INTO app.organisation AS o (kind, code, name, prefecture_code, municipality_code, address, parent_id)
    SELECT 'centre', c1, c4, c2, c3, c5, coalesce(c.organisation_id, p.organisation_id)
      FROM reference_stage
      LEFT JOIN city c ON c.municipality_code = c6 JOIN prefecture p ON p.prefecture_code = c2
    ON CONFLICT (code) DO UPDATE SET parent_id = EXCLUDED.parent_id RETURNING organisation_id, prefecture_code, parent_id
)
INSERT INTO app.organisation_above (organisation_id, above_id, relation)
SELECT organisation_id, parent_id, 8 FROM centre WHERE parent_id IN (SELECT organisation_id FROM city)
UNION ALL SELECT centre.organisation_id, p.organisation_id, 16 FROM centre JOIN prefecture p USING (prefecture_code)
UNION ALL SELECT centre.organisation_id, m.organisation_id, 32 FROM centre CROSS JOIN ministry m
ON CONFLICT (organisation_id, above_id) DO UPDATE SET relation = EXCLUDED.relation;

-- plain: reference_jurisdiction
-- A row that an administrator has corrected stays.
INSERT INTO app.jurisdiction AS j (municipality_code, centre_id, derived)
SELECT c1, o.organisation_id, true FROM reference_stage JOIN app.organisation o ON o.code = c2
ON CONFLICT (municipality_code) DO UPDATE SET centre_id = EXCLUDED.centre_id WHERE j.derived;
