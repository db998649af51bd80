-- role: staff

-- name: worklist
-- organisation, before (time, patient), with past information (過去情報), how many: the newest; a page asks for one more
-- than it shows, so that it knows of a next one. What lies in the past and what does not are read apart, each from where
-- it begins in the index: what is not shown costs nothing.
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       (extract(epoch FROM a.listed_at) * 1000000)::bigint AS cursor
  FROM (SELECT false AS past UNION SELECT $4::boolean) half
 CROSS JOIN LATERAL (
       SELECT * FROM app.access x
        WHERE x.organisation_id = $1::bigint AND x.past = half.past AND NOT x.sealed
          AND (x.listed_at, x.patient_id) < (coalesce(to_timestamp($2::bigint / 1000000.0), 'infinity'), $3::bigint)
        ORDER BY x.listed_at DESC, x.patient_id DESC LIMIT $5::integer) a
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY a.listed_at DESC, a.patient_id DESC LIMIT $5::integer;

-- name: todo_counts
-- organisation, kinds: how many there are of each, up to 500, and since when the oldest waits. Pairs that may be one
-- person (似た方) are counted as pairs.
WITH open AS (
    SELECT k.kind, k.place, x.since
      FROM unnest($2::text[]) WITH ORDINALITY k (kind, place)
     CROSS JOIN LATERAL (SELECT t.since FROM app.todo t
                          WHERE t.organisation_id = $1::bigint AND t.kind = k.kind ORDER BY t.since LIMIT 500) x
    UNION ALL
    SELECT k.kind, k.place, x.found_at
      FROM unnest($2::text[]) WITH ORDINALITY k (kind, place)
     CROSS JOIN LATERAL (SELECT p.found_at FROM app.same_pair p
                          WHERE p.organisation_id = $1::bigint AND p.different_at IS NULL LIMIT 500) x
     WHERE k.kind = 'same'
)
SELECT k.kind, count(o.since) AS count, to_char(min(o.since) AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS oldest
  FROM unnest($2::text[]) WITH ORDINALITY k (kind, place) LEFT JOIN open o ON o.kind = k.kind
 GROUP BY k.kind, k.place ORDER BY k.place;

-- name: todo_list
-- organisation, kind, after (time, patient): the oldest 51. 過去情報off keeps old reports out of searches (seed 3
-- Q24-25), never out of what is still to be done.
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(t.since AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported,
       (extract(epoch FROM t.since) * 1000000)::bigint AS cursor
  FROM app.todo t
  JOIN app.access a ON a.organisation_id = t.organisation_id AND a.patient_id = t.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 WHERE t.organisation_id = $1::bigint AND t.kind = $2
   AND (t.since, t.patient_id) > (coalesce(to_timestamp($3::bigint / 1000000.0), '-infinity'), $4::bigint)
 ORDER BY t.since, t.patient_id LIMIT 51;

-- name: search
-- organisation, two ranges of keys (from, to), birth date or NULL, with past information. A range is a prefix: it is
-- found in the index whatever plan is used (database.md 4). With a birth date those born on that day come first, and the
-- ranges only choose among them: a day has few patients, a name may have many.
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible,
       to_char(a.listed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS reported, 0 AS cursor
  FROM (SELECT patient_id FROM (SELECT s.patient_id FROM app.search_key s
                                  JOIN app.access x ON x.organisation_id = $1::bigint AND x.patient_id = s.patient_id
                                 WHERE $6::text IS NULL AND s.organisation_id = $1::bigint AND s.key >= $2 AND s.key < $3
                                   AND ($7::boolean OR NOT x.past)
                                 ORDER BY s.key, s.patient_id LIMIT 100) first
        UNION
        SELECT patient_id FROM (SELECT s.patient_id FROM app.search_key s
                                  JOIN app.access x ON x.organisation_id = $1::bigint AND x.patient_id = s.patient_id
                                 WHERE $6::text IS NULL AND s.organisation_id = $1::bigint AND s.key >= $4 AND s.key < $5
                                   AND ($7::boolean OR NOT x.past)
                                 ORDER BY s.key, s.patient_id LIMIT 100) second
        UNION
        SELECT b.patient_id FROM app.search_key b
         WHERE b.organisation_id = $1::bigint AND b.key = 'b' || $6::text
           AND EXISTS (SELECT FROM app.search_key s
                        WHERE s.patient_id = b.patient_id AND s.organisation_id = $1::bigint
                          AND (s.key >= $2 AND s.key < $3 OR s.key >= $4 AND s.key < $5))) hit
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = hit.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 WHERE NOT a.sealed AND ($7::boolean OR NOT a.past)
 ORDER BY a.kana, a.name, a.patient_id LIMIT 51;

-- name: past_until
SELECT value FROM app.setting WHERE name = 'past_until';

-- name: sealed_days
SELECT value FROM app.setting WHERE name = 'sealed_days';

-- name: history
-- The changes of a patient's record, and of those that were merged into it, the newest first.
SELECT v.subject, v.notification_no, v.before, v.after, v.reason, a.holder, o.name AS organisation,
       to_char(v.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at
  FROM app.revision v
  JOIN app.account a ON a.account_id = v.account_id
  JOIN app.organisation o ON o.organisation_id = v.organisation_id
 WHERE v.patient_id = $1::bigint
    OR v.patient_id IN (SELECT m.patient_id FROM app.same_merge m WHERE m.into_id = $1::bigint AND m.undone_at IS NULL)
 ORDER BY v.at DESC, v.revision_no DESC LIMIT 200;

-- name: viewers_of_patient
SELECT to_char(v.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI:SS') AS at, v.action, v.outcome, v.in_list,
       coalesce(a.holder, '') AS holder, coalesce(o.name, '') AS organisation
  FROM app.patient_viewers($1::bigint) v
  LEFT JOIN app.account a ON a.account_id = v.account_id
  LEFT JOIN app.organisation o ON o.organisation_id = v.organisation_id
 ORDER BY v.at DESC;

-- name: viewers_of_office
-- organisation, others only, before (microseconds): who looked at the patients of this centre
SELECT to_char(u.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI:SS') AS at, u.action, u.outcome, u.patient_id,
       coalesce(array_length(u.patient_ids, 1), 0) AS listed, coalesce(a.holder, '') AS holder,
       coalesce(o.name, '') AS organisation, (extract(epoch FROM u.at) * 1000000)::bigint AS cursor
  FROM app.audit u
  LEFT JOIN app.account a ON a.account_id = u.account_id
  LEFT JOIN app.organisation o ON o.organisation_id = u.organisation_id
 WHERE u.owner_id = $1::bigint AND (NOT $2::boolean OR u.organisation_id IS DISTINCT FROM $1::bigint)
   AND u.at < coalesce(to_timestamp($3::bigint / 1000000.0), 'infinity')
 ORDER BY u.at DESC LIMIT 51;
