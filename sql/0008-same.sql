-- The same person (同一人物, seed 0 Q7): pairs that look alike, what was decided about them, and merging with its undoing.
--
-- An office learns of nobody to whom it has no access: its pairs are found among its own search keys. A pair belongs to
-- every office that may see both persons and may change the items of one (tab basic); 別の方 is an office's own
-- decision, a link holds for everybody who may see both, and merging is for the centre that is responsible for both.

CREATE TABLE app.same_pair (
    organisation_id bigint NOT NULL,
    patient_id bigint NOT NULL,
    other_id bigint NOT NULL CHECK (other_id > patient_id),
    score integer NOT NULL,
    reasons integer NOT NULL,
    found_at timestamptz NOT NULL,
    checked_at timestamptz NOT NULL,
    different_at timestamptz,
    different_by bigint,
    PRIMARY KEY (organisation_id, patient_id, other_id)
);
COMMENT ON TABLE app.same_pair IS 'by organisation_id: 似た方, two patients who may be one person; reasons as bits of src/core/same.h; different_at: 別の方, never asked again';
CREATE INDEX same_pair_best ON app.same_pair (organisation_id, score DESC, patient_id, other_id) WHERE different_at IS NULL;
CREATE INDEX same_pair_patient ON app.same_pair (patient_id);
CREATE INDEX same_pair_other ON app.same_pair (other_id);

CREATE TABLE app.same_link (
    patient_id bigint NOT NULL,
    other_id bigint NOT NULL CHECK (other_id <> patient_id),
    linked_at timestamptz NOT NULL,
    linked_by bigint NOT NULL,
    organisation_id bigint NOT NULL,
    PRIMARY KEY (patient_id, other_id)
);
COMMENT ON TABLE app.same_link IS 'by patient_id: 同一人物, each keeps its ID (再感染); a row for each of the two';
CREATE INDEX same_link_other ON app.same_link (other_id);

CREATE TABLE app.same_merge (
    patient_id bigint NOT NULL,
    merge_no integer NOT NULL,
    into_id bigint NOT NULL,
    merged_at timestamptz NOT NULL,
    merged_by bigint NOT NULL,
    organisation_id bigint NOT NULL,
    undo_until timestamptz NOT NULL,
    undone_at timestamptz,
    undone_by bigint,
    first_no integer NOT NULL,
    last_no integer NOT NULL,
    first_status integer NOT NULL,
    last_status integer NOT NULL,
    persons jsonb NOT NULL,
    before jsonb NOT NULL,
    PRIMARY KEY (patient_id, merge_no)
);
COMMENT ON TABLE app.same_merge IS 'by patient_id: an emptied ID and where it leads; which notifications and statuses came over, and, while it can be undone, both persons as they were and what the undoing needs besides';
CREATE INDEX same_merge_into ON app.same_merge (into_id);
CREATE INDEX same_merge_kept ON app.same_merge (undo_until) WHERE persons <> '{}';

INSERT INTO app.setting (name, value, meaning) VALUES ('merge_days', '30', '統合を取り消せる日数');

-- ---- who looks alike ------------------------------------------------------------------------------------------------

-- One letter more, less or another. (Neither this nor the next has a search_path of its own: that would cost more than they do.)
CREATE FUNCTION app.one_apart(a text, b text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT a <> b AND abs(length(a) - length(b)) <= 1 AND EXISTS (
        SELECT FROM generate_series(0, greatest(length(a), length(b)) - 1) i
         WHERE left(a, i) = left(b, i)
           AND substr(a, i + 1 + (length(a) >= length(b))::integer) = substr(b, i + 1 + (length(b) >= length(a))::integer))
$$;

-- Widths, dashes, blanks and old glyphs make no difference in an address.
CREATE FUNCTION app.folded_address(p_address text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(p_address, 'ヶヵ條澤嶋檜０１２３４５６７８９－−‐―ー 　', 'ケカ条沢島桧0123456789-----')
$$;

-- Among the patients of an office: who may be the person of `p_probe` (same_probe in src/core/same.h), other than
-- p_patient. Each of the probe's keys is looked up by itself and gives at most its 20 newest patients, so that the work is
-- bounded whatever a name's frequency. Without any likeness of the name nobody is a candidate: families and twins share
-- telephone, address and birth date. A kana that is merely near is no help without a birth date, so it is compared only then.
-- Each step is made once and kept (MATERIALIZED), or its expressions would be computed again for each weight. No sequential
-- scan: a plan that a connection made while the tables were small must not become one; "+ 0" keeps the keys of a candidate
-- from being sought among all keys of the office for the same reason.
CREATE FUNCTION app.same_match(p_organisation bigint, p_patient bigint, p_probe jsonb, p_weights integer[], p_least integer)
RETURNS TABLE (patient_id bigint, reasons integer, score integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 5 SET search_path = '' SET enable_seqscan = off AS $$
DECLARE
    v_kana text := p_probe ->> 'kana';
    v_given text[] := ARRAY(SELECT jsonb_array_elements_text(p_probe -> 'given'));
    v_name text := p_probe ->> 'name';
    v_birth text := p_probe ->> 'birth';
    v_swapped text := p_probe ->> 'swapped';
    v_phones text[] := ARRAY(SELECT jsonb_array_elements_text(p_probe -> 'phones'));
    v_address text := nullif(app.folded_address(p_probe ->> 'address'), '');
    v_municipality text := p_probe ->> 'municipality';
BEGIN
    RETURN QUERY
    WITH hit AS (
        SELECT DISTINCT h.patient_id
          FROM unnest(v_phones || ARRAY[v_kana, v_name, v_birth, v_swapped]) k (key)
         CROSS JOIN LATERAL (
               SELECT s.patient_id FROM app.search_key s
                WHERE s.organisation_id = p_organisation AND s.key = k.key
                ORDER BY s.patient_id DESC LIMIT 20) h
         WHERE h.patient_id <> p_patient
    ), known AS MATERIALIZED (
        SELECT h.patient_id, s.keys, p.home_municipality, app.folded_address(p.home_address) AS address
          FROM hit h JOIN app.patient p ON p.patient_id = h.patient_id
         CROSS JOIN LATERAL (SELECT array_agg(x.key) AS keys FROM app.search_key x
                              WHERE x.patient_id = h.patient_id AND x.organisation_id + 0 = p_organisation) s
    ), fact AS (
        SELECT n.patient_id, n.keys, coalesce(v_kana = ANY (n.keys), false) AS kana,
               coalesce(v_given && n.keys, false) AS given, coalesce(v_name = ANY (n.keys), false) AS name,
               coalesce(v_birth = ANY (n.keys), false) AS birth, coalesce(v_swapped = ANY (n.keys), false) AS swapped,
               coalesce(v_phones && n.keys, false) AS phone, coalesce(v_address = n.address, false) AS address,
               coalesce(v_municipality = n.home_municipality, false) AS municipality
          FROM known n
    ), judged AS MATERIALIZED (
        SELECT f.patient_id,
               f.kana::integer
               | ((NOT f.kana AND (f.birth OR f.swapped)
                   AND EXISTS (SELECT FROM unnest(f.keys) k WHERE starts_with(k, 'k') AND app.one_apart(v_kana, k)))::integer << 1)
               | ((f.given AND NOT f.kana AND NOT f.name)::integer << 2) | (f.name::integer << 3) | (f.birth::integer << 4)
               | ((f.swapped AND NOT f.birth)::integer << 5) | (f.phone::integer << 6) | (f.address::integer << 7)
               | ((f.municipality AND NOT f.address)::integer << 8) AS reasons
          FROM fact f
         WHERE f.kana OR f.name OR f.birth OR f.swapped OR (f.given AND f.phone)
    ), scored AS MATERIALIZED (
        SELECT j.patient_id, j.reasons,
               least(100, (SELECT sum(w.weight)::integer FROM unnest(p_weights) WITH ORDINALITY w (weight, place)
                            WHERE j.reasons >> (w.place::integer - 1) & 1 = 1)) AS score
          FROM judged j WHERE j.reasons & 15 <> 0
    )
    SELECT s.patient_id, s.reasons, s.score FROM scored s WHERE s.score >= p_least
     ORDER BY s.score DESC, s.patient_id DESC LIMIT 5;
END
$$;

-- For a form that is being typed: candidates among the patients of the session's office, for which there may be a further
-- report (追加登録). Whoever is shown stands in the trail.
CREATE FUNCTION app.same_look(p_probe jsonb, p_weights integer[], p_least integer)
RETURNS TABLE (patient_id bigint, reasons integer, score integer)
LANGUAGE plpgsql SECURITY DEFINER ROWS 5 SET search_path = '' AS $$
DECLARE
    found record;
    shown bigint[] := '{}';
BEGIN
    IF app.organisation_now() IS NULL OR app.writable('notification') = 0 THEN
        RETURN;
    END IF;
    FOR found IN SELECT * FROM app.same_match(app.organisation_now(), 0, p_probe, p_weights, p_least) LOOP
        patient_id := found.patient_id;
        reasons := found.reasons;
        score := found.score;
        shown := shown || found.patient_id;
        RETURN NEXT;
    END LOOP;
    IF shown <> '{}' THEN
        PERFORM app.audit_append('same_look', 'allowed', NULL, shown, '');
    END IF;
END
$$;

-- Takes away the pairs of a patient that were not found again in this transaction: two statements, each by its index. They
-- are planned each time: a plan made while the table was empty would read all of it later.
CREATE FUNCTION app.same_forget(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = 'force_custom_plan' AS $$
BEGIN
    DELETE FROM app.same_pair WHERE patient_id = p_patient AND different_at IS NULL AND checked_at < now();
    DELETE FROM app.same_pair WHERE other_id = p_patient AND different_at IS NULL AND checked_at < now();
END
$$;

-- Brings the pairs of a patient into step with its record, for every office that may change one of the two and see both.
-- (LIMIT 1: each is looked up by its key, whatever the planner thinks of the size of a list.)
CREATE FUNCTION app.same_refresh(p_patient bigint, p_probe jsonb, p_weights integer[], p_least integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET enable_seqscan = off AS $$
BEGIN
    WITH office AS (
        SELECT a.organisation_id, a.relations, r.read_mask, r.write_mask
          FROM app.access a JOIN app.organisation o USING (organisation_id)
          JOIN app.tab_right r ON r.kind = o.kind AND r.tab = 'basic' AND r.write_mask <> 0
         WHERE a.patient_id = p_patient AND NOT a.sealed AND a.relations & r.read_mask <> 0
    ), found AS (
        SELECT o.organisation_id, least(p_patient, m.patient_id) AS patient_id, greatest(p_patient, m.patient_id) AS other_id,
               m.score, m.reasons
          FROM office o
         CROSS JOIN LATERAL app.same_match(o.organisation_id, p_patient, p_probe, p_weights, p_least) m
         CROSS JOIN LATERAL (SELECT a.relations FROM app.access a
                              WHERE a.organisation_id = o.organisation_id AND a.patient_id = m.patient_id LIMIT 1) c
         WHERE (o.relations | c.relations) & o.write_mask <> 0 AND c.relations & o.read_mask <> 0
           AND NOT EXISTS (SELECT FROM app.same_link l WHERE l.patient_id = p_patient AND l.other_id = m.patient_id)
    )
    INSERT INTO app.same_pair AS s (organisation_id, patient_id, other_id, score, reasons, found_at, checked_at)
    SELECT f.organisation_id, f.patient_id, f.other_id, f.score, f.reasons, now(), now() FROM found f
    ON CONFLICT (organisation_id, patient_id, other_id) DO UPDATE
       SET score = EXCLUDED.score, reasons = EXCLUDED.reasons, checked_at = EXCLUDED.checked_at;
    PERFORM app.same_forget(p_patient);
END
$$;

-- The same in the transaction that saves the record, behind app.patient_publish. Who has just handed a patient over, or
-- deleted the report, may write it no more by then: what they did stands in the history of this very transaction.
CREATE FUNCTION app.same_find(p_patient bigint, p_probe jsonb, p_weights integer[], p_least integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.revision r
                    WHERE r.patient_id = p_patient AND r.at = now() AND r.account_id = app.account_now()) THEN
        PERFORM app.require_write(p_patient, 'notification', 'basic', 'record', 'assignment', 'deletion', 'restoration');
    END IF;
    PERFORM app.same_refresh(p_patient, p_probe, p_weights, p_least);
END
$$;

-- ---- what is decided ------------------------------------------------------------------------------------------------

-- Raises HS403 unless the session's office may see both persons and change one of them.
CREATE FUNCTION app.require_same(p_patient bigint, p_other bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1
       FROM app.session_now s
       JOIN app.tab_right r ON r.kind = s.organisation_kind AND r.tab = 'basic'
       JOIN app.access a ON a.organisation_id = s.organisation_id AND a.patient_id = p_patient
       JOIN app.access b ON b.organisation_id = s.organisation_id AND b.patient_id = p_other
      WHERE p_patient <> p_other AND a.relations & r.read_mask <> 0 AND b.relations & r.read_mask <> 0
        AND (a.relations | b.relations) & r.write_mask <> 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- A line in the history of both, which names neither: who may see one need not know of the other.
CREATE FUNCTION app.same_revision(p_patient bigint, p_other bigint, p_subject text, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after, reason)
    SELECT p.patient_id, p.version, p_subject, now(), app.account_now(), app.organisation_now(), '{}', '{}', p_reason
      FROM app.patient p WHERE p.patient_id IN (p_patient, p_other);
END
$$;

-- What an office decides about two patients: same_link (同一人物: both keep their IDs, and nobody is asked about the two again),
-- same_unlink, or same_different (別の方: this office is not asked again, whatever is saved later). HS409 when there is nothing to
-- take back or to say it of.
CREATE FUNCTION app.same_decide(p_patient bigint, p_other bigint, p_decision text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    lesser bigint := least(p_patient, p_other);
    greater bigint := greatest(p_patient, p_other);
BEGIN
    PERFORM app.require_same(p_patient, p_other);
    CASE p_decision
    WHEN 'same_link' THEN
        INSERT INTO app.same_link (patient_id, other_id, linked_at, linked_by, organisation_id)
        SELECT v.a, v.b, now(), app.account_now(), app.organisation_now() FROM (VALUES (lesser, greater), (greater, lesser)) v (a, b)
        ON CONFLICT DO NOTHING;
        DELETE FROM app.same_pair WHERE patient_id = lesser AND other_id = greater;
    WHEN 'same_unlink' THEN
        DELETE FROM app.same_link WHERE (patient_id, other_id) IN ((lesser, greater), (greater, lesser));
        PERFORM app.require_one(FOUND::integer);
    WHEN 'same_different' THEN
        UPDATE app.same_pair SET different_at = now(), different_by = app.account_now()
         WHERE organisation_id = app.organisation_now() AND patient_id = lesser AND other_id = greater AND different_at IS NULL;
        PERFORM app.require_one(FOUND::integer);
    END CASE;
    PERFORM app.same_revision(p_patient, p_other, p_decision, '');
END
$$;

-- The same for a patient that was just reported, out of the form: of those that were shown as alike.
CREATE FUNCTION app.same_declare(p_patient bigint, p_others bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'basic');
    UPDATE app.same_pair SET different_at = now(), different_by = app.account_now()
     WHERE organisation_id = app.organisation_now() AND p_patient IN (patient_id, other_id)
       AND (patient_id = ANY (p_others) OR other_id = ANY (p_others)) AND different_at IS NULL;
END
$$;

-- Where an emptied ID leads now, over several merges if need be; any other leads to itself.
CREATE FUNCTION app.same_end(p_patient bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    here bigint := p_patient;
    next_id bigint;
BEGIN
    LOOP
        SELECT m.into_id INTO next_id FROM app.same_merge m WHERE m.patient_id = here AND m.undone_at IS NULL;
        EXIT WHEN NOT FOUND;
        here := next_id;
    END LOOP;
    RETURN here;
END
$$;

-- The IDs that were emptied into a patient, over several merges too.
CREATE FUNCTION app.same_emptied(p_patient bigint) RETURNS bigint[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    level bigint[] := ARRAY[p_patient];
    emptied bigint[] := '{}';
BEGIN
    LOOP
        SELECT array_agg(m.patient_id) INTO level FROM app.same_merge m WHERE m.into_id = ANY (level) AND m.undone_at IS NULL;
        EXIT WHEN level IS NULL;
        emptied := emptied || level;
    END LOOP;
    RETURN emptied;
END
$$;

-- Where an emptied ID leads, for whoever may see that patient; NULL for others, and when it is not emptied.
CREATE FUNCTION app.same_survivor(p_patient bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT a.patient_id FROM app.access a
     WHERE a.organisation_id = app.organisation_now() AND a.patient_id = app.same_end(p_patient) AND a.patient_id <> p_patient
       AND a.relations & app.readable('basic') <> 0
$$;

-- ---- merging --------------------------------------------------------------------------------------------------------

-- Raises HS403 unless the session's office is responsible for both and may change the person, HS409 when one has changed;
-- moves both versions on.
CREATE FUNCTION app.require_both(p_gone bigint, p_gone_version integer, p_into bigint, p_into_version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    moved integer;
BEGIN
    IF p_gone = p_into OR app.writable('basic') & 2 = 0 OR (
        SELECT count(*) FROM app.patient p
         WHERE p.patient_id IN (p_gone, p_into) AND p.responsible_id = app.organisation_now()) <> 2 THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    PERFORM 1 FROM app.patient WHERE patient_id IN (p_gone, p_into) ORDER BY patient_id FOR UPDATE;
    UPDATE app.patient p SET version = p.version + 1
      FROM (VALUES (p_gone, p_gone_version), (p_into, p_into_version)) v (id, version)
     WHERE p.patient_id = v.id AND p.version = v.version;
    GET DIAGNOSTICS moved = ROW_COUNT;
    IF moved <> 2 THEN
        RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- Moves notifications with their halves and tests from one patient to another, p_first < number <= p_last, by p_shift.
CREATE FUNCTION app.same_move_notifications(p_from bigint, p_to bigint, p_first integer, p_last integer, p_shift integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO app.notification
    SELECT (jsonb_populate_record(n, jsonb_build_object('patient_id', p_to, 'notification_no', n.notification_no + p_shift))).*
      FROM app.notification n WHERE n.patient_id = p_from AND n.notification_no > p_first AND n.notification_no <= p_last;
    INSERT INTO app.notification_person
    SELECT (jsonb_populate_record(h, jsonb_build_object('patient_id', p_to, 'notification_no', h.notification_no + p_shift))).*
      FROM app.notification_person h
     WHERE h.patient_id = p_from AND h.notification_no > p_first AND h.notification_no <= p_last;
    INSERT INTO app.test_record
    SELECT (jsonb_populate_record(t, jsonb_build_object('patient_id', p_to, 'notification_no', t.notification_no + p_shift))).*
      FROM app.test_record t WHERE t.patient_id = p_from AND t.notification_no > p_first AND t.notification_no <= p_last;
    DELETE FROM app.test_record WHERE patient_id = p_from AND notification_no > p_first AND notification_no <= p_last;
    DELETE FROM app.notification_person WHERE patient_id = p_from AND notification_no > p_first AND notification_no <= p_last;
    DELETE FROM app.notification WHERE patient_id = p_from AND notification_no > p_first AND notification_no <= p_last;
END
$$;

-- The same for statuses, and for the entries of a tab.
CREATE FUNCTION app.same_move_rows(p_from bigint, p_to bigint, p_tab text, p_first integer, p_last integer, p_shift integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF p_tab = 'record' THEN
        INSERT INTO app.patient_status
        SELECT (jsonb_populate_record(s, jsonb_build_object('patient_id', p_to, 'status_no', s.status_no + p_shift))).*
          FROM app.patient_status s WHERE s.patient_id = p_from AND s.status_no > p_first AND s.status_no <= p_last;
        DELETE FROM app.patient_status WHERE patient_id = p_from AND status_no > p_first AND status_no <= p_last;
    ELSE
        INSERT INTO app.entry
        SELECT (jsonb_populate_record(e, jsonb_build_object('patient_id', p_to, 'entry_no', e.entry_no + p_shift))).*
          FROM app.entry e WHERE e.patient_id = p_from AND e.tab = p_tab AND e.entry_no > p_first AND e.entry_no <= p_last;
        DELETE FROM app.entry
         WHERE patient_id = p_from AND tab = p_tab AND entry_no > p_first AND entry_no <= p_last;
    END IF;
END
$$;

-- 統合する: everything of p_gone goes to p_into, behind what is there; the emptied ID stays and leads to it. The newest
-- report must be p_gone's, so that it is the open one afterwards; the others are frozen with the person as it was.
-- p_persons: both persons before; p_person: the items that p_into takes over; p_frozen: the frozen persons of p_gone's
-- reports by number, as p_into seals them; p_into_frozen: the person that freezes with p_into's open report.
CREATE FUNCTION app.same_merge_do(p_gone bigint, p_gone_version integer, p_into bigint, p_into_version integer,
                                  p_persons jsonb, p_person jsonb, p_frozen jsonb, p_into_frozen jsonb, p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    m app.same_merge;
    part record;
    counted text[];
BEGIN
    PERFORM app.require_both(p_gone, p_gone_version, p_into, p_into_version);
    IF EXISTS (SELECT FROM app.handover WHERE patient_id IN (p_gone, p_into) AND state = 'requested') THEN
        RAISE EXCEPTION 'being handed over' USING ERRCODE = 'HS422';
    END IF;
    m.patient_id := p_gone;
    m.into_id := p_into;
    SELECT coalesce(max(merge_no), 0) + 1 INTO m.merge_no FROM app.same_merge WHERE patient_id = p_gone;
    SELECT coalesce(max(notification_no) FILTER (WHERE patient_id = p_into), 0),
           coalesce(max(notification_no) FILTER (WHERE patient_id = p_gone), 0)
      INTO m.first_no, m.last_no FROM app.notification WHERE patient_id IN (p_gone, p_into);
    SELECT coalesce(max(status_no) FILTER (WHERE patient_id = p_into), 0),
           coalesce(max(status_no) FILTER (WHERE patient_id = p_gone), 0)
      INTO m.first_status, m.last_status FROM app.patient_status WHERE patient_id IN (p_gone, p_into);
    m.last_no := m.first_no + m.last_no;
    m.last_status := m.first_status + m.last_status;
    m.persons := p_persons;
    m.before := jsonb_build_object(
        'entries', (SELECT coalesce(jsonb_object_agg(e.tab, jsonb_build_array(e.first, e.first + e.count)), '{}')
                      FROM (SELECT tab, coalesce(max(entry_no) FILTER (WHERE patient_id = p_into), 0) AS first,
                                   max(entry_no) FILTER (WHERE patient_id = p_gone) AS count
                              FROM app.entry WHERE patient_id IN (p_gone, p_into) GROUP BY tab) e
                     WHERE e.count IS NOT NULL),
        'into_open', (SELECT notification_no FROM app.notification WHERE patient_id = p_into AND frozen_at IS NULL AND deleted_at IS NULL),
        'gone_open', (SELECT notification_no FROM app.notification WHERE patient_id = p_gone AND frozen_at IS NULL AND deleted_at IS NULL),
        'frozen', (SELECT coalesce(jsonb_object_agg(notification_no, frozen_items), '{}') FROM app.notification_person
                    WHERE patient_id = p_gone AND frozen_items IS NOT NULL),
        'submissions', (SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM app.submission s WHERE patient_id IN (p_gone, p_into)),
        'related', (SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]') FROM app.patient_related r WHERE patient_id IN (p_gone, p_into)),
        'links', (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM app.same_link l
                   WHERE patient_id IN (p_gone, p_into) OR other_id IN (p_gone, p_into)),
        'carried', app.same_carry(p_gone, p_into),
        'followed', app.same_carry_follow(p_gone, p_into));
    INSERT INTO app.same_merge (patient_id, merge_no, into_id, merged_at, merged_by, organisation_id, undo_until, first_no,
                                last_no, first_status, last_status, persons, before)
    SELECT m.patient_id, m.merge_no, m.into_id, now(), app.account_now(), app.organisation_now(),
           now() + make_interval(days => s.value::integer), m.first_no, m.last_no, m.first_status, m.last_status, m.persons,
           m.before
      FROM app.setting s WHERE s.name = 'merge_days';

    UPDATE app.notification_person SET frozen_items = p_into_frozen
     WHERE patient_id = p_into AND notification_no = (m.before ->> 'into_open')::integer;
    UPDATE app.notification SET frozen_at = now() WHERE patient_id = p_into AND frozen_at IS NULL AND deleted_at IS NULL;
    UPDATE app.notification_person SET frozen_items = p_frozen -> notification_no::text
     WHERE patient_id = p_gone AND frozen_items IS NOT NULL;
    PERFORM app.same_move_notifications(p_gone, p_into, 0, m.last_no - m.first_no, m.first_no);
    PERFORM app.same_move_rows(p_gone, p_into, 'record', 0, m.last_status - m.first_status, m.first_status);
    FOR part IN SELECT key AS tab, (value ->> 0)::integer AS first, (value ->> 1)::integer AS last
                  FROM jsonb_each(m.before -> 'entries')
    LOOP
        PERFORM app.same_move_rows(p_gone, p_into, part.tab, 0, part.last - part.first, part.first);
    END LOOP;
    INSERT INTO app.submission AS s (patient_id, category, submitted_at)
    SELECT p_into, g.category, g.submitted_at FROM app.submission g WHERE g.patient_id = p_gone
    ON CONFLICT (patient_id, category) DO UPDATE SET submitted_at = least(s.submitted_at, EXCLUDED.submitted_at);
    DELETE FROM app.submission WHERE patient_id = p_gone;
    INSERT INTO app.patient_related (patient_id, organisation_id, since, until)
    SELECT p_into, organisation_id, since, until FROM app.patient_related WHERE patient_id = p_gone
    ON CONFLICT DO NOTHING;
    DELETE FROM app.patient_related WHERE patient_id = p_gone;
    INSERT INTO app.same_link (patient_id, other_id, linked_at, linked_by, organisation_id)
    SELECT CASE patient_id WHEN p_gone THEN p_into ELSE patient_id END, CASE other_id WHEN p_gone THEN p_into ELSE other_id END,
           linked_at, linked_by, organisation_id
      FROM app.same_link WHERE p_gone IN (patient_id, other_id) AND p_into NOT IN (patient_id, other_id)
    ON CONFLICT DO NOTHING;
    DELETE FROM app.same_link WHERE p_gone IN (patient_id, other_id);
    UPDATE app.patient AS p
       SET (family_name, given_name, family_kana, given_kana, sex, birth_date, age_band, occupation, home_postal_code,
            home_address, home_municipality, phone, nationality, passport_number, guardian_name, guardian_address,
            guardian_phone)
         = (SELECT r.family_name, r.given_name, r.family_kana, r.given_kana, r.sex, r.birth_date, r.age_band, r.occupation,
                   r.home_postal_code, r.home_address, r.home_municipality, r.phone, r.nationality, r.passport_number,
                   r.guardian_name, r.guardian_address, r.guardian_phone FROM jsonb_populate_record(p, p_person) r)
     WHERE p.patient_id = p_into;
    counted := app.tally_state(p_gone); -- 0012-completeness.sql
    DELETE FROM app.contact_watch WHERE patient_id = p_gone;
    DELETE FROM app.access WHERE patient_id = p_gone;
    PERFORM app.links_publish(ARRAY[p_gone]);
    DELETE FROM app.todo WHERE patient_id = p_gone;
    PERFORM app.close_refresh(p_gone);
    PERFORM app.tally_follow(counted, p_gone);
    DELETE FROM app.search_key WHERE patient_id = p_gone;
    DELETE FROM app.same_pair WHERE patient_id = p_gone AND different_at IS NULL;
    DELETE FROM app.same_pair WHERE other_id = p_gone AND different_at IS NULL;
    PERFORM app.same_revision(p_gone, p_into, 'same_merge', p_reason);
END
$$;

-- Undoes a merge: what came over goes back as it is by now, what was entered since stays where it was entered.
-- p_stays and p_returns: the reports that are the open ones of the two afterwards, by their present numbers (0: none), for
-- which the caller publishes; HS409 when they are others. p_person: the items of p_into as they are to be.
CREATE FUNCTION app.same_merge_undo(p_gone bigint, p_into bigint, p_into_version integer, p_stays integer, p_returns integer,
                                    p_person jsonb, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    m app.same_merge;
    part record;
BEGIN
    SELECT * INTO m FROM app.same_merge
     WHERE patient_id = p_gone AND into_id = p_into AND undone_at IS NULL AND undo_until > now() FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing to undo' USING ERRCODE = 'HS409';
    END IF;
    -- The record may have been handed over meanwhile: then the emptied ID goes to whoever has it now.
    UPDATE app.patient g SET responsible_id = p.responsible_id
      FROM app.patient p WHERE g.patient_id = p_gone AND p.patient_id = p_into;
    PERFORM app.require_both(p_gone, (SELECT version FROM app.patient WHERE patient_id = p_gone), p_into, p_into_version);
    IF (SELECT (coalesce(max(notification_no) FILTER (WHERE NOT came), 0), coalesce(max(notification_no) FILTER (WHERE came), 0))
          FROM (SELECT notification_no, notification_no > m.first_no AND notification_no <= m.last_no AS came
                  FROM app.notification WHERE patient_id = p_into AND deleted_at IS NULL) n)
       IS DISTINCT FROM (p_stays, p_returns) THEN
        RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
    END IF;
    PERFORM app.same_move_notifications(p_into, p_gone, m.first_no, m.last_no, -m.first_no);
    PERFORM app.same_move_rows(p_into, p_gone, 'record', m.first_status, m.last_status, -m.first_status);
    FOR part IN SELECT key AS tab, (value ->> 0)::integer AS first, (value ->> 1)::integer AS last
                  FROM jsonb_each(m.before -> 'entries')
    LOOP
        PERFORM app.same_move_rows(p_into, p_gone, part.tab, part.first, part.last, -part.first);
    END LOOP;
    UPDATE app.notification_person SET frozen_items = m.before -> 'frozen' -> notification_no::text
     WHERE patient_id = p_gone AND m.before -> 'frozen' ? notification_no::text;
    -- What only the merge, or a report after it, had frozen is open again.
    WITH thawed AS (
        UPDATE app.notification SET frozen_at = NULL
         WHERE (patient_id = p_gone AND notification_no = (m.before ->> 'gone_open')::integer
                AND notification_no = p_returns - m.first_no)
            OR (patient_id = p_into AND notification_no = (m.before ->> 'into_open')::integer AND notification_no = p_stays)
        RETURNING patient_id, notification_no)
    UPDATE app.notification_person h SET frozen_items = NULL
      FROM thawed t WHERE h.patient_id = t.patient_id AND h.notification_no = t.notification_no;
    -- Each side gets back what it had; what came to p_into only by the merge goes.
    DELETE FROM app.submission s
     WHERE s.patient_id = p_into AND s.category IN (SELECT x ->> 'category' FROM jsonb_array_elements(m.before -> 'submissions') x)
       AND NOT EXISTS (SELECT FROM app.notification n WHERE n.patient_id = p_into AND n.category = s.category
                          AND n.reported_at > m.merged_at);
    INSERT INTO app.submission SELECT * FROM jsonb_populate_recordset(NULL::app.submission, m.before -> 'submissions')
    ON CONFLICT DO NOTHING;
    -- Only whom the survivor still has: who was taken off meanwhile stays off. One that came over has its end as it is by now.
    INSERT INTO app.patient_related (patient_id, organisation_id, since, until)
    SELECT p_gone, r.organisation_id, r.since, CASE WHEN own.organisation_id IS NULL THEN now_is.until ELSE r.until END
      FROM jsonb_populate_recordset(NULL::app.patient_related, m.before -> 'related') r
      JOIN app.patient_related now_is ON now_is.patient_id = p_into AND now_is.organisation_id = r.organisation_id
      LEFT JOIN jsonb_populate_recordset(NULL::app.patient_related, m.before -> 'related') own
             ON own.patient_id = p_into AND own.organisation_id = r.organisation_id
     WHERE r.patient_id = p_gone;
    DELETE FROM app.patient_related r
     WHERE r.patient_id = p_into AND m.before -> 'related' @> jsonb_build_array(jsonb_build_object('patient_id', p_gone, 'organisation_id', r.organisation_id))
       AND NOT m.before -> 'related' @> jsonb_build_array(jsonb_build_object('patient_id', p_into, 'organisation_id', r.organisation_id));
    DELETE FROM app.same_link l
     WHERE p_into IN (l.patient_id, l.other_id) AND l.linked_at < m.merged_at
       AND NOT m.before -> 'links' @> jsonb_build_array(jsonb_build_object('patient_id', l.patient_id, 'other_id', l.other_id));
    INSERT INTO app.same_link
    SELECT * FROM jsonb_populate_recordset(NULL::app.same_link, m.before -> 'links') l WHERE p_gone IN (l.patient_id, l.other_id)
    ON CONFLICT DO NOTHING;
    UPDATE app.patient AS p
       SET (family_name, given_name, family_kana, given_kana, sex, birth_date, age_band, occupation, home_postal_code,
            home_address, home_municipality, phone, nationality, passport_number, guardian_name, guardian_address,
            guardian_phone)
         = (SELECT r.family_name, r.given_name, r.family_kana, r.given_kana, r.sex, r.birth_date, r.age_band, r.occupation,
                   r.home_postal_code, r.home_address, r.home_municipality, r.phone, r.nationality, r.passport_number,
                   r.guardian_name, r.guardian_address, r.guardian_phone FROM jsonb_populate_record(p, p_person) r)
     WHERE p.patient_id = p_into;
    PERFORM app.same_carry_back(p_gone, p_into, m.before -> 'carried');
    PERFORM app.same_carry_follow_back(p_gone, p_into, m.merged_at, m.before -> 'followed');
    -- A first row, so that the caller may publish; app.patient_publish makes all of them.
    INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id)
    VALUES (app.organisation_now(), p_gone, 2, now(), app.organisation_now(), app.organisation_now());
    PERFORM app.tally_follow('{}', p_gone); -- 0012-completeness.sql
    UPDATE app.same_merge SET undone_at = now(), undone_by = app.account_now(), persons = '{}', before = '{}'
     WHERE patient_id = p_gone AND merge_no = m.merge_no;
    PERFORM app.same_revision(p_gone, p_into, 'same_undo', p_reason);
END
$$;

-- ---- owners, grants, walls ------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(same_|require_same$|require_both$|one_apart$|folded_address$)');
SELECT app.guard_tables('same_pair', 'same_link', 'same_merge');
GRANT SELECT ON app.same_pair, app.same_link, app.same_merge TO hersys_staff;
GRANT SELECT, DELETE ON app.same_pair, app.same_link, app.same_merge TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.audit_append(text, text, bigint, bigint[], text) TO hersys_guard;
GRANT EXECUTE ON FUNCTION app.same_look(jsonb, integer[], integer), app.same_find(bigint, jsonb, integer[], integer),
    app.same_decide(bigint, bigint, text),
    app.same_survivor(bigint), app.same_declare(bigint, bigint[]),
    app.same_merge_do(bigint, integer, bigint, integer, jsonb, jsonb, jsonb, jsonb, text),
    app.same_merge_undo(bigint, bigint, integer, integer, integer, jsonb, text) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.same_refresh(bigint, jsonb, integer[], integer), app.same_emptied(bigint) TO hersys_jobs;
GRANT UPDATE (persons, before) ON app.same_merge TO hersys_jobs; -- what is kept no longer

CREATE POLICY office ON app.same_pair FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY tab_read ON app.same_link FOR SELECT TO hersys_staff USING (2 = (
    SELECT count(*) FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id IN (same_link.patient_id, same_link.other_id) AND a.relations & (SELECT app.readable('basic')) <> 0));
CREATE POLICY tab_read ON app.same_merge FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = same_merge.into_id AND a.relations & (SELECT app.readable('basic')) <> 0));

-- The history of an emptied ID is read with the record that it was merged into.
CREATE POLICY merged_read ON app.revision FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.same_merge m JOIN app.access a ON a.patient_id = m.into_id
     WHERE m.patient_id = revision.patient_id AND m.undone_at IS NULL
       AND a.organisation_id = (SELECT app.organisation_now()) AND a.relations & (SELECT app.readable('history')) <> 0
       AND (revision.notification_no IS NULL OR EXISTS (
           SELECT FROM app.notification n WHERE n.patient_id = m.into_id
              AND n.notification_no = revision.notification_no + m.first_no))));
