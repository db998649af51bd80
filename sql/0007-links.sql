-- 感染リンク (who infected whom), the chains that follow from it, and 集団感染 (clusters).
--
-- app.patient_link keeps every statement; the newest that was not withdrawn holds. app.chain_edge is what an office walks
-- along: for every link that holds, a row for each office that may see either end, so that a whole chain is read from one
-- index range of that office. It is kept in step by app.links_publish, which app.patient_publish calls.

CREATE TABLE app.patient_link (
    patient_id bigint NOT NULL,
    link_no integer NOT NULL,
    source_id bigint,
    source_text text NOT NULL,
    certainty text NOT NULL CHECK (certainty IN ('confirmed', 'presumed', 'unknown')),
    mark text NOT NULL CHECK (mark IN ('', 'self', 'forward', 'unfound')),
    origin text NOT NULL CHECK (origin IN ('entry', 'contact', 'import')),
    entry_no integer,
    holds boolean NOT NULL,
    organisation_id bigint NOT NULL,
    entered_by bigint NOT NULL,
    entered_at timestamptz NOT NULL,
    withdrawn_by bigint,
    withdrawn_at timestamptz,
    PRIMARY KEY (patient_id, link_no),
    CHECK ((source_id IS NULL) = (mark = 'unfound'))
);
COMMENT ON TABLE app.patient_link IS 'by patient_id: who infected this patient, as it was found out; the source by number, or as text when it is not known here';
COMMENT ON COLUMN app.patient_link.mark IS 'self: the patient itself; forward: a source that was reported later than the patient; unfound: no such number, or none that this office may see';
CREATE UNIQUE INDEX patient_link_holds ON app.patient_link (patient_id) WHERE holds;
CREATE INDEX patient_link_source ON app.patient_link (source_id) WHERE holds;
ALTER TABLE app.patient_link ADD FOREIGN KEY (patient_id) REFERENCES app.patient;

CREATE TABLE app.chain_edge (
    organisation_id bigint NOT NULL,
    patient_id bigint NOT NULL,
    source_id bigint NOT NULL,
    certainty text NOT NULL,
    forward boolean NOT NULL,
    PRIMARY KEY (organisation_id, patient_id)
);
COMMENT ON TABLE app.chain_edge IS 'by organisation_id: the links that hold, for each office that may see one of their ends';
CREATE INDEX chain_edge_source ON app.chain_edge (organisation_id, source_id, patient_id);
CREATE INDEX chain_edge_patient ON app.chain_edge (patient_id);

GRANT CREATE ON SCHEMA app TO hersys_guard;

-- Brings the edges of some patients into step with their links and with who may see them. A patient that was deleted
-- (sealed for everybody) has no edges until it is restored.
CREATE FUNCTION app.links_publish(p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    WITH touched AS MATERIALIZED (
        SELECT l.patient_id, l.source_id, l.certainty, l.mark = 'forward' AS forward FROM app.patient_link l
         WHERE l.holds AND l.patient_id = ANY (p_patients)
        UNION
        SELECT l.patient_id, l.source_id, l.certainty, l.mark = 'forward' FROM app.patient_link l
         WHERE l.holds AND l.source_id = ANY (p_patients)
    ), seen AS (
        SELECT t.patient_id, a.organisation_id, a.relations FROM touched t JOIN app.access a ON a.patient_id = t.patient_id
        UNION ALL
        SELECT t.patient_id, a.organisation_id, a.relations FROM touched t JOIN app.access a ON a.patient_id = t.source_id
    ), want AS MATERIALIZED (
        SELECT DISTINCT s.organisation_id, t.patient_id, t.source_id, t.certainty, t.forward
          FROM touched t
          JOIN seen s USING (patient_id)
          JOIN app.organisation o USING (organisation_id)
          JOIN app.tab_right r ON r.kind = o.kind AND r.tab = 'link'
         WHERE t.source_id <> t.patient_id AND s.relations & r.read_mask <> 0
           AND EXISTS (SELECT FROM app.access a WHERE a.patient_id = t.patient_id AND NOT a.sealed)
           AND EXISTS (SELECT FROM app.access a WHERE a.patient_id = t.source_id AND NOT a.sealed)
    ), gone AS (
        DELETE FROM app.chain_edge e
         WHERE (e.patient_id = ANY (p_patients) OR e.patient_id IN (SELECT t.patient_id FROM touched t))
           AND NOT EXISTS (SELECT FROM want w WHERE w.organisation_id = e.organisation_id AND w.patient_id = e.patient_id)
    )
    INSERT INTO app.chain_edge AS e (organisation_id, patient_id, source_id, certainty, forward)
    SELECT organisation_id, patient_id, source_id, certainty, forward FROM want
    ON CONFLICT (organisation_id, patient_id) DO UPDATE
       SET source_id = EXCLUDED.source_id, certainty = EXCLUDED.certainty, forward = EXCLUDED.forward
     WHERE (e.source_id, e.certainty, e.forward) IS DISTINCT FROM (EXCLUDED.source_id, EXCLUDED.certainty, EXCLUDED.forward);
END
$$;

-- When a patient was first reported; NULL for one without a report that stands.
CREATE FUNCTION app.first_reported(p_patient bigint) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT min(reported_at) FROM app.notification WHERE patient_id = p_patient AND deleted_at IS NULL
$$;

-- What an entry of the tab 感染経路 (p_entry; 0: its newest) or a contact (NULL) says about the source of a patient, in place
-- of what it said before; nothing (p_source NULL and no text) withdraws that. A number that does not exist and one that
-- this office may not see are the same: the text is kept. The newest statement that stands holds.
CREATE FUNCTION app.link_state(p_patient bigint, p_entry integer, p_source bigint, p_text text, p_certainty text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    entry integer := p_entry;
    source bigint;
    said app.patient_link;
    certain text := coalesce(nullif(p_certainty, ''), 'unknown');
BEGIN
    PERFORM app.require_write(p_patient, 'link');
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR UPDATE; -- one after another
    IF p_entry = 0 THEN
        SELECT max(e.entry_no) INTO entry FROM app.entry e WHERE e.patient_id = p_patient AND e.tab = 'link';
    END IF;
    SELECT a.patient_id INTO source FROM app.access a
     WHERE a.organisation_id = mine AND a.patient_id = p_source AND a.relations & app.readable('link') <> 0;
    SELECT * INTO said FROM app.patient_link l
     WHERE l.patient_id = p_patient AND l.entry_no IS NOT DISTINCT FROM entry AND l.withdrawn_at IS NULL
       AND l.origin = CASE WHEN entry IS NULL THEN 'contact' ELSE 'entry' END;
    IF said.link_no IS NOT NULL AND said.source_id IS NOT DISTINCT FROM source AND said.source_text = p_text
       AND said.certainty = certain THEN
        RETURN;
    END IF;
    UPDATE app.patient_link SET holds = false WHERE patient_id = p_patient AND holds;
    UPDATE app.patient_link SET withdrawn_by = app.account_now(), withdrawn_at = now()
     WHERE patient_id = p_patient AND link_no = said.link_no;
    IF source IS NOT NULL OR p_text <> '' THEN
        INSERT INTO app.patient_link (patient_id, link_no, source_id, source_text, certainty, mark, origin, entry_no, holds,
                                      organisation_id, entered_by, entered_at)
        SELECT p_patient, coalesce(max(l.link_no), 0) + 1, source, p_text, certain,
               CASE WHEN source IS NULL THEN 'unfound' WHEN source = p_patient THEN 'self'
                    WHEN app.first_reported(source) > app.first_reported(p_patient) THEN 'forward' ELSE '' END,
               CASE WHEN entry IS NULL THEN 'contact' ELSE 'entry' END, entry, false, mine, app.account_now(), now()
          FROM app.patient_link l WHERE l.patient_id = p_patient;
    END IF;
    UPDATE app.patient_link SET holds = true
     WHERE patient_id = p_patient AND link_no = (SELECT max(l.link_no) FROM app.patient_link l
                                                  WHERE l.patient_id = p_patient AND l.withdrawn_at IS NULL);
    PERFORM app.links_publish(ARRAY[p_patient]);
END
$$;

-- The chain that a patient stands in, as far as this office sees it: up to the first known source, then down by generation.
-- Everybody has one source at most, so the way up is a line (or a ring, which is cut where it closes) and nobody is met
-- twice on the way down. A patient that the office may not see has no number here. At most p_limit rows. (LATERAL, so that
-- each step is a look into the index of the key, whatever the planner believes of a table that has just grown.)
CREATE FUNCTION app.chain(p_patient bigint, p_limit integer)
RETURNS TABLE (place integer, patient_id bigint, source_place integer, certainty text, forward boolean, generation integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    mask integer := app.readable('link');
    root bigint := p_patient;
    above bigint;
    climbed bigint[] := '{}';
    level bigint[];
    parents integer[];
    certainties text[];
    forwards boolean[];
    base integer := 0; -- places given before this level
    below integer;     -- places given with it
    depth integer := 1;
BEGIN
    PERFORM FROM app.access a WHERE a.organisation_id = mine AND a.patient_id = p_patient AND a.relations & mask <> 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    LOOP
        SELECT e.source_id INTO above FROM app.chain_edge e WHERE e.organisation_id = mine AND e.patient_id = root;
        EXIT WHEN NOT FOUND OR above = ANY (climbed) OR cardinality(climbed) >= p_limit;
        climbed := climbed || root;
        root := above;
    END LOOP;
    level := ARRAY[root];
    parents := ARRAY[NULL];
    certainties := ARRAY[''];
    forwards := ARRAY[false];
    LOOP
        RETURN QUERY
        SELECT base + u.o::integer, a.patient_id, u.parent, u.certain, u.ahead, depth
          FROM unnest(level, parents, certainties, forwards) WITH ORDINALITY u (id, parent, certain, ahead, o)
          LEFT JOIN LATERAL (SELECT x.patient_id FROM app.access x
                              WHERE x.organisation_id = mine AND x.patient_id = u.id AND x.relations & mask <> 0 LIMIT 1) a ON true
         ORDER BY u.o;
        below := base + cardinality(level);
        SELECT array_agg(n.id), array_agg(n.parent), array_agg(n.certainty), array_agg(n.forward)
          INTO level, parents, certainties, forwards
          FROM (SELECT e.patient_id AS id, base + f.o::integer AS parent, e.certainty, e.forward
                  FROM unnest(level) WITH ORDINALITY f (id, o)
                 CROSS JOIN LATERAL (SELECT x.patient_id, x.certainty, x.forward FROM app.chain_edge x
                                      WHERE x.organisation_id = mine AND x.source_id = f.id AND x.patient_id <> root
                                      ORDER BY x.patient_id) e
                 ORDER BY f.o, e.patient_id LIMIT greatest(p_limit - below, 0)) n;
        EXIT WHEN level IS NULL;
        base := below;
        depth := depth + 1;
    END LOOP;
END
$$;

-- ---- rights --------------------------------------------------------------------------------------------------------

DO $$
DECLARE
    f text;
    t text;
BEGIN
    FOREACH f IN ARRAY ARRAY['links_publish(bigint[])', 'link_state(bigint, integer, bigint, text, text)', 'chain(bigint, integer)']
    LOOP
        EXECUTE format('ALTER FUNCTION app.%s OWNER TO hersys_guard', f);
        EXECUTE format('REVOKE ALL ON FUNCTION app.%s FROM PUBLIC', f);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['patient_link', 'chain_edge']
    LOOP
        EXECUTE format('GRANT ALL ON app.%I TO hersys_guard', t);
        EXECUTE format('GRANT SELECT ON app.%I TO hersys_staff', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO hersys_jobs', t);
        EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY jobs ON app.%I TO hersys_jobs USING (true) WITH CHECK (true)', t);
    END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;
REVOKE ALL ON FUNCTION app.first_reported(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.first_reported(bigint) TO hersys_guard;
GRANT EXECUTE ON FUNCTION app.links_publish(bigint[]) TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.link_state(bigint, integer, bigint, text, text), app.chain(bigint, integer) TO hersys_staff;

-- Links are written by app.link_state alone.
CREATE POLICY tab_read ON app.patient_link FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient_link.patient_id AND a.relations & (SELECT app.readable('link')) <> 0));
CREATE POLICY office ON app.chain_edge FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
