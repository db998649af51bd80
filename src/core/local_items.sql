-- role: staff

-- name: local_items_of
-- patient, tab: the items of the offices above its centre in charge, and those of which a value stands from another time or
-- area; only where the office may see the tab
WITH wanted AS (
    SELECT i.item_id, true AS of_area
      FROM app.access a
      JOIN app.organisation_above u ON u.organisation_id = a.responsible_id
      JOIN app.local_item i ON i.owner_id = u.above_id AND i.tab = $2
     WHERE a.organisation_id = app.organisation_now() AND a.patient_id = $1::bigint
       AND a.relations & app.readable($2) <> 0
    UNION ALL
    SELECT substr(k.name, 7)::bigint, false
      FROM app.access a
      JOIN app.entry e ON e.patient_id = a.patient_id AND e.tab = $2
           AND (e.organisation_id = a.organisation_id OR app.sees_entries_of_all())
     CROSS JOIN LATERAL jsonb_object_keys(e.items) AS k (name)
     WHERE a.organisation_id = app.organisation_now() AND a.patient_id = $1::bigint
       AND a.relations & app.readable($2) <> 0 AND k.name ~ '^local_[0-9]+$'
)
SELECT i.*, w.of_area
  FROM (SELECT item_id, bool_or(of_area) AS of_area FROM wanted GROUP BY item_id) w
  JOIN app.local_item_row i ON i.item_id = w.item_id
 ORDER BY i.rank DESC, i.owner_id, i.place, i.item_id;

-- name: local_items_noted
-- patient: the items that its history names, for whoever may see the history
SELECT i.*, true AS of_area
  FROM (SELECT DISTINCT substr(k.name, 7)::bigint AS item_id
          FROM app.access a
          JOIN app.revision r ON r.patient_id = a.patient_id
         CROSS JOIN LATERAL jsonb_object_keys(r.before || r.after) AS k (name)
         WHERE a.organisation_id = app.organisation_now() AND a.patient_id = $1::bigint AND a.relations & app.readable('history') <> 0
           AND r.subject IN ('local', 'local_shared') AND k.name ~ '^local_[0-9]+$') noted
  JOIN app.local_item_row i ON i.item_id = noted.item_id
 ORDER BY i.item_id;

-- name: local_items_known
-- organisation: its own items and those of the offices above it, also the retired ones
SELECT i.*, true AS of_area
  FROM (SELECT $1::bigint AS owner_id
        UNION SELECT u.above_id FROM app.organisation_above u WHERE u.organisation_id = $1::bigint) mine
  JOIN app.local_item_row i ON i.owner_id = mine.owner_id
 ORDER BY i.rank DESC, i.owner_id, i.tab, i.retired, i.place, i.item_id;

-- name: local_items_named
-- organisation, items: the columns of a file: those items, and what the organisation itself or an office above it asks for now
SELECT i.*, true AS of_area
  FROM app.local_item_row i
 WHERE i.item_id = ANY ($2::bigint[])
    OR NOT i.retired AND (i.owner_id = $1::bigint OR i.owner_id IN (
       SELECT u.above_id FROM app.organisation_above u WHERE u.organisation_id = $1::bigint))
 ORDER BY i.rank DESC, i.owner_id, i.tab, i.place, i.item_id;

-- name: local_item_save
-- item (0: new), version that the form was made from, columns as JSON, how many may be in use
SELECT app.local_item_save($1::bigint, $2::integer, $3::jsonb, $4::integer) AS item_id;

-- name: local_item_retire
-- item, version, retired or back, how many may be in use
SELECT app.local_item_retire($1::bigint, $2::integer, $3::boolean, $4::integer);

-- name: local_values
-- organisation, first and last day of the report, centre in charge (NULL: all), most: what stands for its patients, the latest
-- value of each item, of the tabs that it may see
SELECT a.patient_id, c.name AS centre, v.items
  FROM app.access a
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
  CROSS JOIN LATERAL (
       SELECT jsonb_object_agg(k.key, k.value ORDER BY coalesce(e.changed_at, e.entered_at), e.entry_no) AS items
         FROM app.entry e CROSS JOIN LATERAL jsonb_each(e.items) k
        WHERE e.patient_id = a.patient_id AND e.withdrawn_at IS NULL
          AND (e.tab = 'local' AND a.relations & (SELECT app.readable('local')) <> 0
               OR e.tab = 'local_shared' AND a.relations & (SELECT app.readable('local_shared')) <> 0)
          AND (e.organisation_id = a.organisation_id OR (SELECT app.sees_entries_of_all()))) v
 WHERE a.organisation_id = $1::bigint AND NOT a.sealed AND v.items IS NOT NULL
   AND a.listed_at >= $2::date::timestamp AT TIME ZONE 'Asia/Tokyo'
   AND a.listed_at < ($3::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
   AND ($4::bigint IS NULL OR a.responsible_id = $4::bigint)
 ORDER BY a.listed_at, a.patient_id LIMIT $5::integer;

-- name: local_centres
-- organisation: the centres of its area, for choosing one
SELECT o.organisation_id, o.name
  FROM app.organisation_above u JOIN app.organisation o ON o.organisation_id = u.organisation_id
 WHERE u.above_id = $1::bigint ORDER BY o.code;

-- name: record_local_tabs
-- organisation, patient: the tabs of added items that have something to ask or to show here; of those that it may see
SELECT i.tab
  FROM app.access a
  JOIN app.organisation_above u ON u.organisation_id = a.responsible_id
  JOIN app.local_item i ON i.owner_id = u.above_id AND i.retired_at IS NULL
 WHERE a.organisation_id = $1::bigint AND a.patient_id = $2::bigint AND a.relations & app.readable(i.tab) <> 0
UNION
SELECT e.tab
  FROM app.access a
  JOIN app.entry e ON e.patient_id = a.patient_id AND (e.organisation_id = a.organisation_id OR app.sees_entries_of_all())
 WHERE a.organisation_id = $1::bigint AND a.patient_id = $2::bigint AND e.tab IN ('local', 'local_shared')
   AND a.relations & app.readable(e.tab) <> 0;
