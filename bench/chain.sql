-- chain.sql - a synthetic chain for bench/chain.js: :people of the generated patients come under one centre, each with a
-- source drawn among those before. Run by the superuser, past the walls.
CREATE TEMPORARY TABLE chain AS
SELECT patient_id, row_number() OVER (ORDER BY patient_id)::integer AS place
  FROM (SELECT patient_id FROM app.access a JOIN app.organisation o USING (organisation_id)
         WHERE o.kind = 'centre' AND a.relations & 2 <> 0 ORDER BY patient_id DESC LIMIT :people) p;
CREATE TEMPORARY TABLE centre AS SELECT organisation_id FROM app.account WHERE login = 'hoken1';
INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id, notification_no, name, kana,
    birth_date, sex, age_years, age_band, category, diagnosis_date, confirmed, status, status_since, deemed, past)
SELECT c.organisation_id, a.patient_id, 4, a.listed_at, a.reporter_id, a.responsible_id, a.notification_no, a.name, a.kana,
       a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.confirmed, a.status, a.status_since, a.deemed, a.past
  FROM chain JOIN app.access a USING (patient_id) CROSS JOIN centre c WHERE a.organisation_id = a.responsible_id
ON CONFLICT DO NOTHING;
INSERT INTO app.patient_link (patient_id, link_no, source_id, source_text, certainty, mark, origin, holds, organisation_id,
                              entered_by, entered_at)
SELECT i.patient_id, 1, s.patient_id, '', (ARRAY['confirmed', 'presumed', 'unknown'])[1 + i.place % 3], '', 'import', true, 0, 0, now()
  FROM chain i JOIN chain s ON s.place = 1 + abs(hashint4(i.place)::bigint) % (i.place - 1)
 WHERE i.place > 1;
SELECT app.links_publish(array_agg(patient_id)) FROM chain;
ANALYZE app.chain_edge;
SELECT max(patient_id) FROM chain;
