-- role: jobs

-- name: case_links_insert
-- publisher and No of who was infected; publisher and No of the infector; mark; number of the statement; whether it holds
INSERT INTO app.patient_link (patient_id, link_no, source_id, source_text, certainty, mark, origin, holds, organisation_id,
                              entered_by, entered_at)
SELECT k.patient_id, u.link_no, s.patient_id, u.infector_no, 'presumed', CASE WHEN s.patient_id IS NULL THEN 'unfound' ELSE u.mark END,
       'import', u.holds, 0, 0, now()
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::boolean[])
       AS u (source, external_no, infector_source, infector_no, mark, link_no, holds)
  JOIN app.import_key k ON k.source = u.source AND k.external_no = u.external_no
  LEFT JOIN app.import_key s ON s.source = u.infector_source AND s.external_no = u.infector_no;

-- name: case_links_publish
-- publisher and No of those whose links were written: the chains of every office
SELECT app.links_publish(array_agg(DISTINCT k.patient_id))
  FROM unnest($1::text[], $2::text[]) AS u (source, external_no)
  JOIN app.import_key k ON k.source = u.source AND k.external_no = u.external_no;
