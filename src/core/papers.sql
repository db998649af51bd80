-- role: staff

-- name: paper_office
-- organisation, kind, day: who issues, and the text of its head office that holds there; NULL without one
SELECT o.name, o.address, o.phone, t.office_id, t.version, t.title, t.body
  FROM app.organisation o
  LEFT JOIN LATERAL app.paper_text($1::bigint, $2, $3::date) t ON true
 WHERE o.organisation_id = $1::bigint;

-- name: paper_people
-- organisation, patients: what the places of a text are filled from. Of the tabs the latest entry; of 居所 the latest stay in
-- an accommodation.
SELECT a.patient_id, a.relations, a.sealed, p.version, p.family_name, p.given_name, p.birth_date, p.home_address,
       p.guardian_name, c.name AS responsible, n.category, n.diagnosis_date, n.onset_date, n.deemed,
       n.confirmed_at IS NOT NULL AS confirmed, coalesce(e.items, '{}') AS items
  FROM app.access a
  JOIN app.patient p ON p.patient_id = a.patient_id
  JOIN app.organisation c ON c.organisation_id = p.responsible_id
  LEFT JOIN LATERAL (SELECT * FROM app.notification x
                      WHERE x.patient_id = p.patient_id AND x.deleted_at IS NULL
                      ORDER BY x.notification_no DESC LIMIT 1) n ON true
  LEFT JOIN LATERAL (SELECT jsonb_object_agg(i.key, i.value) AS items
                       FROM (SELECT DISTINCT ON (x.tab) x.items FROM app.entry x
                              WHERE x.patient_id = p.patient_id AND x.withdrawn_at IS NULL
                                AND (x.tab IN ('care', 'release')
                                     OR x.tab = 'residence' AND x.items ->> 'residence_kind' = 'hotel')
                              ORDER BY x.tab, x.since DESC NULLS LAST, x.entry_no DESC) latest
                      CROSS JOIN LATERAL jsonb_each(latest.items) i) e ON true
 WHERE a.organisation_id = $1::bigint AND a.patient_id = ANY ($2::bigint[])
 ORDER BY array_position($2::bigint[], a.patient_id);

-- name: paper_contact
-- patients, the number of a contact of each (two arrays side by side): as entries_from_row takes them
SELECT e.patient_id, e.tab, e.entry_no, e.version, e.since, e.until, e.items, e.withdrawn_at IS NOT NULL AS withdrawn,
       '' AS entered, '' AS entered_by_name, '' AS organisation, NULL AS link_mark
  FROM unnest($1::bigint[], $2::integer[]) asked (patient_id, entry_no)
  JOIN app.entry e ON e.patient_id = asked.patient_id AND e.entry_no = asked.entry_no
 WHERE e.tab = 'contact' AND e.withdrawn_at IS NULL;

-- name: paper_contacts
-- patient: the contacts to whom a notice may go
SELECT e.entry_no, coalesce(nullif(e.items ->> 'contact_name', ''), '（氏名未入力）') AS name
  FROM app.entry e
 WHERE e.patient_id = $1::bigint AND e.tab = 'contact' AND e.withdrawn_at IS NULL
 ORDER BY e.entry_no DESC LIMIT 200;

-- name: paper_log
-- patient: what was given out, the newest first, also under an ID that was merged into this one
SELECT i.paper_id, i.kind, i.number, i.recipient, i.reprint_of IS NOT NULL AS reprint, a.holder, o.name AS organisation,
       coalesce(i.reprint_of, i.paper_id) AS first_id, coalesce(i.sealed_text, f.sealed_text) AS sealed_text,
       coalesce(i.template_version, 0) AS template_version, coalesce(t.name, '') AS template_office,
       to_char(i.issued_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS issued
  FROM app.paper_issued i
  LEFT JOIN app.paper_issued f ON f.paper_id = i.reprint_of AND f.reprint_of IS NULL
        AND (f.patient_id = i.patient_id
             OR f.patient_id IN (SELECT m.patient_id FROM app.same_merge m
                                  WHERE m.into_id = i.patient_id AND m.undone_at IS NULL))
  JOIN app.organisation o ON o.organisation_id = i.organisation_id
  LEFT JOIN app.organisation t ON t.organisation_id = i.template_office
  LEFT JOIN app.account a ON a.account_id = i.issued_by
 WHERE i.patient_id = $1::bigint
    OR i.patient_id IN (SELECT m.patient_id FROM app.same_merge m WHERE m.into_id = $1::bigint AND m.undone_at IS NULL)
 ORDER BY i.issued_at DESC, i.number DESC LIMIT 100;

-- name: paper_issue
-- kind, its label, office and version of the text (NULL: the built-in one), day, papers as JSON
SELECT number FROM app.paper_issue($1, $2, $3::bigint, $4::integer, $5::date, $6::jsonb);

-- name: paper_kept
-- patient, document: what was given out, also under an ID that was merged into this one
SELECT i.kind, i.number, i.issued_on, i.sealed_text
  FROM app.paper_issued i
 WHERE i.paper_id = $2::uuid AND i.reprint_of IS NULL
   AND (i.patient_id = $1::bigint
        OR i.patient_id IN (SELECT m.patient_id FROM app.same_merge m WHERE m.into_id = $1::bigint AND m.undone_at IS NULL));

-- name: paper_reprint
-- patient, document, its reprint
SELECT app.paper_reprint($1::bigint, $2::uuid, $3::uuid);

-- name: paper_list
-- organisation, before (microseconds, document): what this centre has given out, the newest 51. A patient whom it may not see
-- any more stands there without a name.
SELECT l.patient_id, l.paper_id, l.kind, l.number, l.recipient, l.reprint, h.holder, a.name,
       a.patient_id IS NOT NULL AS visible,
       to_char(l.issued_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS issued,
       (extract(epoch FROM l.issued_at) * 1000000)::bigint AS cursor
  FROM app.paper_list l
  LEFT JOIN app.access a ON a.organisation_id = l.organisation_id AND a.patient_id = l.patient_id
  LEFT JOIN app.account h ON h.account_id = l.issued_by
 WHERE l.organisation_id = $1::bigint
   AND (l.issued_at, l.paper_id) < (coalesce(to_timestamp($2::bigint / 1000000.0), 'infinity'), $3::uuid)
 ORDER BY l.issued_at DESC, l.paper_id DESC LIMIT 51;

-- name: paper_todo_ids
-- organisation, kind: the oldest 200 of a list of things to do
SELECT t.patient_id FROM app.todo t
 WHERE t.organisation_id = $1::bigint AND t.kind = $2 ORDER BY t.since, t.patient_id LIMIT 200;

-- name: paper_templates
-- office: every version of its texts, the newest first
SELECT t.kind, t.version, t.title, t.body, t.valid_from, a.holder,
       to_char(t.saved_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS saved
  FROM app.paper_template t LEFT JOIN app.account a ON a.account_id = t.saved_by
 WHERE t.office_id = $1::bigint AND ($2::text IS NULL OR t.kind = $2)
 ORDER BY t.kind, t.version DESC;

-- name: paper_template_save
-- kind, version that it was made from, title, body, first day
SELECT app.paper_template_save($1, $2::integer, $3, $4, $5::date);
