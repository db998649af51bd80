-- role: staff

-- name: link_lock
-- patient, source or NULL
SELECT app.link_lock($1::bigint, $2::bigint);

-- name: link_state
-- patient, entry (0: the newest), source or NULL, its text, certainty
SELECT app.link_state($1::bigint, $2::integer, $3::bigint, $4, $5);

-- name: link_list
-- patient: what contacts and imports say about the source, the newest first; what an entry says is shown with the entry
SELECT l.link_no, l.source_text, l.certainty, l.mark, l.origin, l.withdrawn_at IS NOT NULL AS withdrawn,
       to_char(l.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered, a.holder AS entered_by_name,
       o.name AS organisation, w.holder AS withdrawn_by_name
  FROM app.patient_link l
  LEFT JOIN app.organisation o ON o.organisation_id = l.organisation_id
  LEFT JOIN app.account a ON a.account_id = l.entered_by
  LEFT JOIN app.account w ON w.account_id = l.withdrawn_by
 WHERE l.patient_id = $1::bigint AND l.origin <> 'entry' ORDER BY l.link_no DESC LIMIT 100;

-- name: link_withdraw
-- patient, number of a statement that no entry makes
SELECT app.link_withdraw($1::bigint, $2::integer);

-- name: chain_rows
-- organisation, patient, most people of a chain, last place shown before, rows, action for the trail: a part of the chain in
-- the order of generations, with the labels of the office's list, and where the patient stands (here; NULL: beyond the most);
-- who is shown goes into the trail in the same statement
WITH chain AS MATERIALIZED (SELECT * FROM app.chain($2::bigint, $3::integer + 1)),
part AS MATERIALIZED (
    SELECT c.place, c.patient_id, c.source_place, c.certainty, c.forward, c.generation, a.name, a.diagnosis_date, a.sex,
           a.age_years, a.age_band, a.responsible
      FROM chain c
      LEFT JOIN LATERAL (SELECT x.name, x.diagnosis_date, x.sex, x.age_years, x.age_band, o.name AS responsible
                           FROM app.access x JOIN app.organisation o ON o.organisation_id = x.responsible_id
                          WHERE x.organisation_id = $1::bigint AND x.patient_id = c.patient_id LIMIT 1) a ON true
     WHERE c.place > $4::integer AND c.place <= $3::integer ORDER BY c.place LIMIT $5::integer
), trail AS MATERIALIZED (
    SELECT app.audit_append($6, 'allowed', NULL, array_agg(patient_id), '') FROM part
     WHERE patient_id IS NOT NULL HAVING count(*) > 0
)
SELECT p.*, w.whole, w.generations, w.here, (SELECT count(*) FROM trail) AS noted
  FROM part p
 CROSS JOIN (SELECT count(*) AS whole, max(generation) AS generations,
                    min(place) FILTER (WHERE patient_id = $2::bigint AND place <= $3::integer) AS here FROM chain) w
 ORDER BY p.place;
