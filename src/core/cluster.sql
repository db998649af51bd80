-- role: staff

-- name: cluster_list
-- organisation, cluster behind which to go on (NULL: from the newest): clusters of the office and of those below it
SELECT c.cluster_id, c.name, c.kind, c.place_name, c.first_day, c.ended_on, m.full_name AS municipality, o.name AS organisation,
       (SELECT count(*) FROM app.cluster_member x
         WHERE x.organisation_id = c.organisation_id AND x.cluster_id = c.cluster_id AND x.removed_at IS NULL) AS members
  FROM app.cluster c
  JOIN app.organisation o ON o.organisation_id = c.organisation_id
  LEFT JOIN app.municipality m ON m.code = c.municipality_code
 WHERE (c.organisation_id = $1::bigint OR c.organisation_id IN (
            SELECT u.organisation_id FROM app.organisation_above u WHERE u.above_id = $1::bigint))
   AND ($2::bigint IS NULL OR c.cluster_id < $2::bigint)
 ORDER BY c.cluster_id DESC LIMIT 51;

-- name: cluster_find
SELECT c.organisation_id, c.cluster_id, c.version, c.name, c.kind, c.place_name, c.first_day, c.ended_on, c.note,
       c.municipality_code, coalesce(m.full_name, '') AS municipality, o.name AS organisation, a.holder AS entered_by_name,
       to_char(c.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered
  FROM app.cluster c
  JOIN app.organisation o ON o.organisation_id = c.organisation_id
  LEFT JOIN app.municipality m ON m.code = c.municipality_code
  LEFT JOIN app.account a ON a.account_id = c.entered_by
 WHERE c.cluster_id = $1::bigint;

-- name: cluster_members
-- organisation, cluster, last member shown before: its members with the labels of this office's list, in the order in which
-- they were added; whom the office may not see (any more) has neither number nor label, and whether it was deleted stands only
-- with the office's own. Who is shown, the first 100 of 101, goes into the trail with it.
WITH part AS MATERIALIZED (
    SELECT x.member_no, x.role, to_char(x.added_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS added, a.patient_id, a.name,
           a.sex, a.age_years, a.age_band, a.diagnosis_date, a.status, coalesce(s.sealed, false) AS sealed
      FROM app.cluster_member x
      JOIN app.cluster c ON c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id
      LEFT JOIN app.access s ON s.organisation_id = $1::bigint AND s.patient_id = x.patient_id
                            AND s.relations & app.readable('link') <> 0
      LEFT JOIN app.access a ON a.organisation_id = s.organisation_id AND a.patient_id = s.patient_id AND NOT s.sealed
     WHERE c.cluster_id = $2::bigint AND x.removed_at IS NULL AND x.member_no > $3::integer
     ORDER BY x.member_no LIMIT 101
), trail AS MATERIALIZED (
    SELECT app.audit_append('cluster', 'allowed', NULL, array_agg(shown.patient_id ORDER BY shown.member_no), '')
      FROM (SELECT member_no, patient_id FROM part ORDER BY member_no LIMIT 100) shown
     WHERE shown.patient_id IS NOT NULL HAVING count(*) > 0
)
SELECT p.*, (SELECT count(*) FROM trail) AS noted FROM part p ORDER BY p.member_no;

-- name: cluster_member_find
-- cluster, member: who it is, while it is one
SELECT x.patient_id FROM app.cluster_member x
  JOIN app.cluster c ON c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id
 WHERE c.cluster_id = $1::bigint AND x.member_no = $2::integer AND x.removed_at IS NULL;

-- name: cluster_count
-- organisation, cluster: how many members, and between which days they were diagnosed as far as this office sees them
SELECT count(*) AS members, min(a.diagnosis_date) AS first, max(a.diagnosis_date) AS last
  FROM app.cluster_member x
  JOIN app.cluster c ON c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id
  LEFT JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = x.patient_id
 WHERE c.cluster_id = $2::bigint AND x.removed_at IS NULL;

-- name: cluster_history
-- organisation, cluster: what changed, with the number of whom it was about where this office may see that patient
SELECT to_char(r.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, h.holder, r.change, a.patient_id,
       r.patient_id IS NOT NULL AS about_member
  FROM app.cluster_revision r
  JOIN app.cluster c ON c.organisation_id = r.organisation_id AND c.cluster_id = r.cluster_id
  LEFT JOIN app.account h ON h.account_id = r.account_id
  LEFT JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = r.patient_id
                        AND a.relations & app.readable('link') <> 0
 WHERE c.cluster_id = $2::bigint ORDER BY r.version DESC LIMIT 50;

-- name: cluster_add
-- name, kind, place, municipality, first day, ended on, note; the trail says which one it became
WITH made AS (
    INSERT INTO app.cluster (organisation_id, name, kind, place_name, municipality_code, first_day, ended_on, note,
                             entered_by, entered_at)
    VALUES (app.organisation_now(), $1, $2, $3, $4, $5::date, $6::date, $7, app.account_now(), now())
    RETURNING cluster_id)
SELECT m.cluster_id, app.audit_append('cluster_add', 'allowed', NULL, NULL, 'cluster ' || m.cluster_id) FROM made m;

-- name: cluster_bump
-- cluster, version that the form was made from (NULL: any): every change of a cluster or its members begins with it
WITH changed AS (
UPDATE app.cluster SET version = version + 1
 WHERE organisation_id = app.organisation_now() AND cluster_id = $1::bigint AND version = coalesce($2::integer, version)
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: cluster_save
-- cluster, name, kind, place, municipality, first day, ended on, note
WITH changed AS (
UPDATE app.cluster SET name = $2, kind = $3, place_name = $4, municipality_code = $5, first_day = $6::date,
       ended_on = $7::date, note = $8
 WHERE organisation_id = app.organisation_now() AND cluster_id = $1::bigint
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: cluster_revise
-- cluster, what changed, whom it is about (NULL: nobody)
INSERT INTO app.cluster_revision (organisation_id, cluster_id, version, at, account_id, change, patient_id)
SELECT c.organisation_id, c.cluster_id, c.version, now(), app.account_now(), $2, $3::bigint
  FROM app.cluster c WHERE c.organisation_id = app.organisation_now() AND c.cluster_id = $1::bigint;

-- name: cluster_member_add
-- cluster, patient, role; a second time it is a duplicate
INSERT INTO app.cluster_member (organisation_id, cluster_id, member_no, patient_id, role, added_by, added_at)
SELECT app.organisation_now(), $1::bigint, coalesce(max(x.member_no), 0) + 1, $2::bigint, $3, app.account_now(), now()
  FROM app.cluster_member x WHERE x.organisation_id = app.organisation_now() AND x.cluster_id = $1::bigint;

-- name: cluster_member_remove
-- cluster, member
WITH changed AS (
UPDATE app.cluster_member SET removed_by = app.account_now(), removed_at = now()
 WHERE organisation_id = app.organisation_now() AND cluster_id = $1::bigint AND member_no = $2::integer AND removed_at IS NULL
RETURNING 1)
SELECT app.require_one(count(*)) FROM changed;

-- name: cluster_of_patient
-- patient: the clusters that the office may see and in which the patient is
SELECT c.cluster_id, c.name, c.ended_on, x.role, o.name AS organisation
  FROM app.cluster_member x
  JOIN app.cluster c ON c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id
  JOIN app.organisation o ON o.organisation_id = c.organisation_id
 WHERE x.patient_id = $1::bigint AND x.removed_at IS NULL
 ORDER BY c.cluster_id DESC LIMIT 20;

-- name: cluster_open
-- organisation: its own clusters that have not ended, to choose from
SELECT c.cluster_id, c.name FROM app.cluster c
 WHERE c.organisation_id = $1::bigint AND c.ended_on IS NULL ORDER BY c.cluster_id DESC LIMIT 200;

-- name: cluster_access
-- organisation, cluster, patient: whether the patient is in the cluster; no row when the office may not see its links
SELECT a.patient_id,
       EXISTS (SELECT FROM app.cluster_member x
                WHERE x.organisation_id = $1::bigint AND x.cluster_id = $2::bigint AND x.patient_id = a.patient_id
                  AND x.removed_at IS NULL) AS is_member
  FROM app.access a
 WHERE a.organisation_id = $1::bigint AND a.patient_id = $3::bigint AND a.relations & app.readable('link') <> 0 AND NOT a.sealed;
