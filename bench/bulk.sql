-- bulk.sql - gives the centre :centre patients of other centres until it has :wanted, all as if they had been reported to it.
-- Their status is that of synthetic patients; who stands above the old centre goes on seeing them.
\set ON_ERROR_STOP on
CREATE TEMPORARY TABLE chosen AS
SELECT p.patient_id, p.responsible_id AS former FROM app.patient p
 WHERE p.responsible_id <> :centre
   AND NOT EXISTS (SELECT FROM app.access a WHERE a.organisation_id = :centre AND a.patient_id = p.patient_id)
   AND NOT EXISTS (SELECT FROM app.access a WHERE a.patient_id = p.patient_id AND a.sealed)
 ORDER BY p.patient_id
 LIMIT :wanted - (SELECT count(*) FROM app.access a WHERE a.organisation_id = :centre AND a.relations & 2 <> 0 AND NOT a.sealed);
UPDATE app.patient p SET responsible_id = :centre FROM chosen c WHERE p.patient_id = c.patient_id;
UPDATE app.access a SET responsible_id = :centre FROM chosen c WHERE a.patient_id = c.patient_id;
UPDATE app.access a SET organisation_id = :centre FROM chosen c WHERE a.patient_id = c.patient_id AND a.organisation_id = c.former;
UPDATE app.search_key s SET organisation_id = :centre FROM chosen c WHERE s.patient_id = c.patient_id AND s.organisation_id = c.former;
UPDATE app.todo t SET organisation_id = :centre FROM chosen c WHERE t.patient_id = c.patient_id AND t.organisation_id = c.former;
