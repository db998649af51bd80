-- role: owner

-- name: population_places
-- The codes by which a file may name an area (prefectures by their own and by that of their office), and the area's key.
SELECT p.code, p.code AS area FROM app.prefecture p
UNION ALL
SELECT o.code, CASE o.kind WHEN 'prefecture' THEN o.prefecture_code ELSE 'o' || o.organisation_id END
  FROM app.organisation o WHERE o.kind IN ('prefecture', 'city', 'centre') AND NOT o.laboratory;

-- name: population_save
-- areas, since, people, sources (arrays, a row of each): what is there with the same numbers stays as it is
INSERT INTO app.population AS p (area, since, people, source)
SELECT n.area, n.since, n.people, n.source FROM unnest($1::text[], $2::date[], $3::integer[], $4::text[]) n (area, since, people, source)
ON CONFLICT (area, since) DO UPDATE SET people = EXCLUDED.people, source = EXCLUDED.source
 WHERE (p.people, p.source) <> (EXCLUDED.people, EXCLUDED.source);

-- name: population_show
SELECT coalesce(o.code, p.area) AS code, p.since, p.people, p.source
  FROM app.population p LEFT JOIN app.organisation o ON p.area = 'o' || o.organisation_id
 ORDER BY 1, 2;
