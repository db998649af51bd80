-- observe.sql - makes :people of the generated patients ill since yesterday and cared for at home, so that they are observed, and opens
-- My HER-SYS for each of them on a telephone whose token is known: SHA-256 of "observe" and a number. Run by the superuser.
\set ON_ERROR_STOP on
CREATE TEMPORARY TABLE chosen AS
SELECT a.patient_id, row_number() OVER (ORDER BY a.patient_id) AS place
  FROM app.access a JOIN app.organisation o ON o.organisation_id = a.organisation_id
 WHERE o.kind = 'centre' AND a.relations & 2 <> 0 AND NOT a.sealed ORDER BY a.patient_id LIMIT :people;
UPDATE app.notification n SET onset_date = app.today() - 1, diagnosis_date = app.today() FROM chosen c WHERE n.patient_id = c.patient_id;
UPDATE app.access a SET status = 'home' FROM chosen c WHERE a.patient_id = c.patient_id;
SELECT app.follow_refresh(VARIADIC array_agg(c.patient_id)) FROM chosen c;
UPDATE app.setting SET value = '1000000000' WHERE name = 'my_most'; -- everybody answers again and again
INSERT INTO app.my_session (token_hash, started_at)
SELECT encode(sha256(encode(sha256(('observe' || c.place)::bytea), 'hex')::bytea), 'hex'), now() FROM chosen c;
INSERT INTO app.my_person (token_hash, person_no, patient_id, contact_no, added_at)
SELECT encode(sha256(encode(sha256(('observe' || c.place)::bytea), 'hex')::bytea), 'hex'), 1, c.patient_id, 0, now()
  FROM chosen c JOIN app.follow f ON f.patient_id = c.patient_id AND f.contact_no = 0;
ANALYZE;
SELECT count(*) FROM app.my_person;
