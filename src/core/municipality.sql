-- role: staff door public

-- name: municipality_of_address
-- address, postal code, own prefecture ('' for none): the municipality with the longest name that the address begins
-- with, a ward before its city. A district (郡) is taken out, because no full name holds it. Where a name without its
-- prefecture belongs to several, the postal code decides, then the own prefecture; else there is no answer.
WITH form AS (
    SELECT app.folded_place($1) AS address
    UNION SELECT regexp_replace(app.folded_place($1), '^(東京都|北海道|京都府|大阪府|.{2,3}県)?.{1,4}?郡', '\1')
), hit AS (
    SELECT n.municipality_code AS code, max(CASE WHEN n.whole THEN 1000 ELSE 0 END + length(n.name)) AS weight
      FROM app.municipality_name n
     WHERE n.name = ANY (ARRAY(SELECT left(form.address, size) FROM form CROSS JOIN generate_series(2, 20) size))
     GROUP BY n.municipality_code
), best AS (
    SELECT hit.code,
           EXISTS (SELECT FROM app.postal_code z WHERE z.code = $2 AND z.municipality_code = hit.code) AS postal,
           left(hit.code, 2) = $3 AS own
      FROM hit WHERE hit.weight = (SELECT max(weight) FROM hit)
)
SELECT code FROM best
 WHERE postal OR (SELECT count(*) FROM best) = 1
    OR (own AND (SELECT count(*) FROM best WHERE own) = 1 AND NOT EXISTS (SELECT FROM best WHERE postal))
 LIMIT 1;

-- name: municipality_of_postal
-- The beginning of the address: town when there is one alone, else municipality, else prefecture; and the municipality
-- where that is certain.
SELECT CASE WHEN count(*) = 1 THEN min(m.full_name || z.town)
            WHEN count(DISTINCT m.code) = 1 THEN min(m.full_name)
            WHEN count(DISTINCT p.code) = 1 THEN min(p.name) END AS address,
       CASE WHEN count(DISTINCT m.code) = 1 THEN min(m.code) END AS municipality
  FROM app.postal_code z
  JOIN app.municipality m ON m.code = z.municipality_code
  JOIN app.prefecture p ON p.code = m.prefecture_code
 WHERE z.code = $1;
