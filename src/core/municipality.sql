-- role: door public

-- name: municipality_of_address
-- address, postal code: the municipality with the longest name that the address begins with, when it is one alone.
-- Blanks, ヶ and a few old glyphs make no difference; the district (郡) is taken out, because no full name holds it.
WITH typed AS (
    SELECT translate($1, 'ヶヵ條澤嶋檜 　', 'ケカ条沢島桧') AS address
), form AS (
    SELECT address FROM typed
    UNION SELECT regexp_replace(address, '^(東京都|北海道|京都府|大阪府|.{2,3}県)?.{1,4}?郡', '\1') FROM typed
), known AS (
    SELECT m.code, translate(m.full_name, 'ヶヵ條澤嶋檜', 'ケカ条沢島桧') AS full_name,
           translate(substr(m.full_name, length(p.name) + 1), 'ヶヵ條澤嶋檜', 'ケカ条沢島桧') AS short_name
      FROM app.municipality m JOIN app.prefecture p ON p.code = m.prefecture_code
), hit AS (
    SELECT known.code, max(CASE WHEN starts_with(form.address, known.full_name) THEN 1000 ELSE 0 END
                           + length(known.short_name)) AS weight
      FROM form JOIN known ON starts_with(form.address, known.full_name) OR starts_with(form.address, known.short_name)
     GROUP BY known.code
), best AS (
    SELECT code, EXISTS (SELECT FROM app.postal_code z WHERE z.code = $2 AND z.municipality_code = hit.code) AS postal
      FROM hit WHERE weight = (SELECT max(weight) FROM hit)
)
SELECT code FROM best WHERE postal OR (SELECT count(*) FROM best) = 1;

-- name: municipality_of_postal
-- The beginning of the address: town when there is one alone, else municipality, else prefecture.
SELECT CASE WHEN count(*) = 1 THEN min(m.full_name || z.town)
            WHEN count(DISTINCT m.code) = 1 THEN min(m.full_name)
            WHEN count(DISTINCT p.code) = 1 THEN min(p.name) END AS address
  FROM app.postal_code z
  JOIN app.municipality m ON m.code = z.municipality_code
  JOIN app.prefecture p ON p.code = m.prefecture_code
 WHERE z.code = $1;
