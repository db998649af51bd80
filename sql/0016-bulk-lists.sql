-- What follows from a batch (0011-bulk.sql) for the lists of every office, by sets: labels, things to do, access, counts.
-- ("+ 0": the rows of a patient are few, those of an office many, whatever the planner believes.)

-- app.patient_publish_status for many: current status, and what is to be done about it.
CREATE FUNCTION app.bulk_publish_status(p_patients bigint[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH now_is AS MATERIALIZED (
        SELECT p.patient_id, p.responsible_id, s.status, s.since, s.death_date IS NOT NULL AND s.death_place IS NOT NULL AS complete
          FROM unnest(p_patients) c (patient_id)
          JOIN app.patient p ON p.patient_id = c.patient_id
          LEFT JOIN LATERAL (
               SELECT x.* FROM app.patient_status x WHERE x.patient_id = c.patient_id AND x.withdrawn_at IS NULL
                ORDER BY x.since DESC, x.status_no DESC LIMIT 1) s ON true
    ), labelled AS (
        UPDATE app.access a SET status = n.status, status_since = n.since
          FROM now_is n, app.organisation o JOIN app.label_right r ON r.kind = o.kind
         WHERE a.patient_id = n.patient_id AND o.organisation_id = a.organisation_id AND a.relations & r.status <> 0
           AND (a.status, a.status_since) IS DISTINCT FROM (n.status, n.since)
    ), want AS MATERIALIZED (
        SELECT n.patient_id, n.responsible_id, k.kind, a.listed_at
          FROM now_is n
          JOIN app.access a ON a.organisation_id = n.responsible_id AND a.patient_id = n.patient_id
         CROSS JOIN LATERAL (
               SELECT m.category, m.death_date FROM app.notification m
                WHERE m.patient_id = n.patient_id AND m.deleted_at IS NULL ORDER BY m.notification_no DESC LIMIT 1) m
         CROSS JOIN LATERAL (VALUES
               ('status_missing', n.status IS NULL),
               ('death_incomplete', CASE WHEN n.status = 'dead' THEN NOT n.complete
                                         ELSE m.category IN ('body', 'suspected_body') AND m.death_date IS NULL END)) k (kind, open)
         WHERE k.open AND NOT a.sealed
    ), done AS (
        DELETE FROM app.todo t USING now_is n
         WHERE t.organisation_id + 0 = n.responsible_id AND t.patient_id = n.patient_id
           AND t.kind IN ('status_missing', 'death_incomplete')
           AND NOT EXISTS (SELECT FROM want w WHERE w.patient_id = t.patient_id AND w.kind = t.kind)
    )
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT w.responsible_id, w.kind, w.patient_id, w.listed_at FROM want w
    ON CONFLICT DO NOTHING
$$;

-- Whether the newest report is confirmed, in all lists, and whether it has still to be.
CREATE FUNCTION app.bulk_publish_confirmation(p_patients bigint[], p_confirmed boolean) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH labelled AS (
        UPDATE app.access a SET confirmed = p_confirmed
          FROM app.organisation o JOIN app.label_right r ON r.kind = o.kind
         WHERE a.patient_id = ANY (p_patients) AND o.organisation_id = a.organisation_id AND a.relations & r.confirmation <> 0
    ), done AS (
        DELETE FROM app.todo t USING app.patient p
         WHERE p_confirmed AND p.patient_id = ANY (p_patients) AND t.organisation_id + 0 = p.responsible_id
           AND t.kind = 'unconfirmed' AND t.patient_id = p.patient_id
    )
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT a.organisation_id, 'unconfirmed', a.patient_id, a.listed_at
      FROM app.patient p JOIN app.access a ON a.organisation_id = p.responsible_id AND a.patient_id = p.patient_id
     WHERE NOT p_confirmed AND p.patient_id = ANY (p_patients)
    ON CONFLICT DO NOTHING
$$;

-- A centre has become related (関係保健所): access with labels and search keys for it and for whoever stands above it, all out
-- of what the responsible centre has, which may see everything.
CREATE FUNCTION app.bulk_relate(p_patients bigint[], p_centre bigint) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH reader AS MATERIALIZED (
        SELECT w.organisation_id, w.relation, r AS shows, r.person
          FROM (SELECT p_centre AS organisation_id, 4 AS relation
                UNION ALL SELECT u.above_id, u.relation FROM app.organisation_above u WHERE u.organisation_id = p_centre) w
          JOIN app.organisation o ON o.organisation_id = w.organisation_id
          JOIN app.label_right r ON r.kind = o.kind
    ), opened AS (
        INSERT INTO app.access AS a (organisation_id, patient_id, relations, sealed, listed_at, reporter_id, responsible_id,
            notification_no, name, kana, birth_date, sex, age_years, age_band, category, diagnosis_date, confirmed, status,
            status_since, deemed, past)
        SELECT w.organisation_id, x.patient_id, w.relation, x.sealed, x.listed_at, x.reporter_id, x.responsible_id,
               x.notification_no, l.name, l.kana, l.birth_date, x.sex, x.age_years, x.age_band, l.category, l.diagnosis_date,
               l.confirmed, l.status, l.status_since, l.deemed, x.past
          FROM app.patient p
          JOIN app.access x ON x.organisation_id = p.responsible_id AND x.patient_id = p.patient_id
         CROSS JOIN reader w
         CROSS JOIN LATERAL app.access_as_seen(x, w.relation, w.shows) l
         WHERE p.patient_id = ANY (p_patients)
        ON CONFLICT (organisation_id, patient_id) DO UPDATE
           SET relations = a.relations | EXCLUDED.relations, name = coalesce(a.name, EXCLUDED.name),
               kana = coalesce(a.kana, EXCLUDED.kana), birth_date = coalesce(a.birth_date, EXCLUDED.birth_date),
               category = coalesce(a.category, EXCLUDED.category),
               diagnosis_date = coalesce(a.diagnosis_date, EXCLUDED.diagnosis_date),
               confirmed = coalesce(a.confirmed, EXCLUDED.confirmed), status = coalesce(a.status, EXCLUDED.status),
               status_since = coalesce(a.status_since, EXCLUDED.status_since), deemed = coalesce(a.deemed, EXCLUDED.deemed)
         WHERE a.relations | EXCLUDED.relations <> a.relations
    )
    INSERT INTO app.search_key (organisation_id, key, patient_id)
    SELECT w.organisation_id, s.key, s.patient_id
      FROM app.patient p
      JOIN app.search_key s ON s.patient_id = p.patient_id AND s.organisation_id + 0 = p.responsible_id
     CROSS JOIN reader w
     WHERE p.patient_id = ANY (p_patients) AND w.relation & w.person <> 0
    ON CONFLICT DO NOTHING;
    SELECT app.links_publish(p_patients)
$$;

-- app.access_follow (0009) for many: relations shrink, and whoever has none left loses lists and search keys.
CREATE FUNCTION app.bulk_access_follow(p_patients bigint[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH want AS MATERIALIZED (
        SELECT c.patient_id, w.organisation_id, w.relations
          FROM unnest(p_patients) c (patient_id) CROSS JOIN LATERAL app.access_wanted(c.patient_id) w
    ), kept AS (
        UPDATE app.access a SET relations = w.relations FROM want w
         WHERE a.patient_id = w.patient_id AND a.organisation_id = w.organisation_id AND a.relations <> w.relations
    ), dropped AS (
        DELETE FROM app.access a
         WHERE a.patient_id = ANY (p_patients) AND NOT EXISTS (
               SELECT FROM want w WHERE w.patient_id = a.patient_id AND w.organisation_id = a.organisation_id)
        RETURNING a.patient_id, a.organisation_id
    ), unkeyed AS (
        DELETE FROM app.search_key s USING dropped d
         WHERE s.patient_id = d.patient_id AND s.organisation_id + 0 = d.organisation_id
    ), unpaired AS (
        DELETE FROM app.same_pair s USING dropped d
         WHERE d.patient_id = s.patient_id AND s.organisation_id + 0 = d.organisation_id AND s.different_at IS NULL
    ), unpaired_other AS (
        DELETE FROM app.same_pair s USING dropped d
         WHERE d.patient_id = s.other_id AND s.organisation_id + 0 = d.organisation_id AND s.different_at IS NULL
    )
    DELETE FROM app.todo t USING dropped d WHERE t.patient_id = d.patient_id AND t.organisation_id + 0 = d.organisation_id;
    SELECT app.links_publish(p_patients)
$$;

-- What counts (入力状況) and what is proposed to end (0012-completeness.sql) follow a batch too.
CREATE FUNCTION app.bulk_counted(p_action text, p_before text[], p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF p_action = 'status' THEN
        PERFORM app.close_refresh(VARIADIC p_patients);
    END IF;
    PERFORM app.tally_follow(p_before, VARIADIC p_patients);
END
$$;

SELECT app.guard_functions('^bulk_');
