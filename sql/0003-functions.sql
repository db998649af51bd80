-- Functions. All that reach over the second wall belong to hersys_guard, which nobody can sign in as; each checks for
-- itself what its caller may do. No triggers (R10). search_path is empty, so every name is spelt out.

GRANT CREATE ON SCHEMA app TO hersys_guard;

-- The session token that the transaction presents (set by the first statement of every batch), hashed.
CREATE FUNCTION app.token_hash_now() RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT encode(sha256(convert_to(nullif(current_setting('app.session', true), ''), 'UTF8')), 'hex')
$$;

-- The live session of the transaction; no row without one.
CREATE VIEW app.session_now WITH (security_invoker = true) AS
SELECT * FROM app.session s
 WHERE s.token_hash = app.token_hash_now() AND s.ended_at IS NULL AND s.idle_until > now() AND s.ends_at > now();

-- The organisation of the live session; NULL without one, so that no row is shown.
CREATE FUNCTION app.organisation_now() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT s.organisation_id FROM app.session_now s);
END
$$;

CREATE FUNCTION app.account_now() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN (SELECT s.account_id FROM app.session_now s);
END
$$;

-- The relation bits with which the session's kind of organisation reads or writes a tab; 0 for none.
CREATE FUNCTION app.tab_mask(p_tab text, p_write boolean) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN coalesce((SELECT CASE WHEN p_write THEN r.write_mask ELSE r.read_mask END
                       FROM app.session_now s
                       JOIN app.tab_right r ON r.kind = s.organisation_kind AND r.tab = p_tab), 0);
END
$$;

-- Both are inlined: names for the two uses, at no cost.
CREATE FUNCTION app.readable(p_tab text) RETURNS integer LANGUAGE sql STABLE AS $$ SELECT app.tab_mask(p_tab, false) $$;
CREATE FUNCTION app.writable(p_tab text) RETURNS integer LANGUAGE sql STABLE AS $$ SELECT app.tab_mask(p_tab, true) $$;

-- Whether entries that other organisations made may be seen: a clinic sees its own alone (seed 1, last page).
CREATE FUNCTION app.sees_entries_of_all() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN coalesce((SELECT s.organisation_kind <> 'clinic' FROM app.session_now s), false);
END
$$;

-- The number that the next entry of a tab gets; entries of others count too, though a clinic does not see them.
CREATE FUNCTION app.entry_next(p_patient bigint, p_tab text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, p_tab);
    PERFORM 1 FROM app.patient WHERE patient_id = p_patient FOR UPDATE; -- one after another
    RETURN (SELECT coalesce(max(e.entry_no), 0) + 1 FROM app.entry e WHERE e.patient_id = p_patient AND e.tab = p_tab);
END
$$;

-- Raises HS403 unless the session's organisation may write one of the tabs of this patient.
CREATE FUNCTION app.require_write(p_patient bigint, VARIADIC p_tabs text[]) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1
       FROM app.session_now s
       JOIN app.tab_right r ON r.kind = s.organisation_kind AND r.tab = ANY (p_tabs)
       JOIN app.access a ON a.organisation_id = s.organisation_id AND a.patient_id = p_patient
      WHERE a.relations & r.write_mask <> 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- ---- sessions ------------------------------------------------------------------------------------------------------

-- The live session behind a token, and marks it as used (a write at most every 30 seconds). No row when there is none.
CREATE FUNCTION app.session_enter(p_token_hash text)
RETURNS TABLE (account_id bigint, login text, holder text, role text, issuer boolean, organisation_id bigint,
               organisation_kind text, organisation_name text, prefecture_code text, municipality_code text,
               idle_minutes integer, idle_seconds integer, terms_current boolean, personal boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE app.session s
       SET seen_at = now(), idle_until = now() + make_interval(mins => s.idle_minutes)
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.idle_until > now() AND s.ends_at > now()
       AND s.seen_at < now() - interval '30 seconds';
    RETURN QUERY
    SELECT s.account_id, a.login, a.holder, s.role, s.issuer, s.organisation_id, s.organisation_kind, o.name,
           o.prefecture_code, o.municipality_code, s.idle_minutes,
           extract(epoch FROM s.idle_until - now())::integer,
           a.terms_version IS NOT DISTINCT FROM (SELECT value FROM app.setting WHERE name = 'terms_version'),
           a.personal
      FROM app.session s
      JOIN app.account a ON a.account_id = s.account_id
      JOIN app.organisation o ON o.organisation_id = s.organisation_id
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.idle_until > now() AND s.ends_at > now();
END
$$;

-- Keeps a form that arrived after its session had run out: for the account that the session belonged to, and only
-- within twelve hours; never for a session that somebody ended. True when it was kept.
CREATE FUNCTION app.draft_rescue(p_token_hash text, p_draft uuid, p_kind text, p_patient bigint, p_no integer,
                                 p_version integer, p_title text, p_body text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO app.draft AS d (draft_id, account_id, organisation_id, kind, patient_id, notification_no, base_version,
                                title, body, saved_at)
    SELECT p_draft, s.account_id, s.organisation_id, p_kind, p_patient, p_no, p_version, p_title, p_body, now()
      FROM app.session s
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.idle_until > now() - interval '12 hours'
       AND NOT EXISTS (SELECT FROM app.receipt r WHERE r.draft_id = p_draft)
    ON CONFLICT (draft_id) DO UPDATE
       SET title = EXCLUDED.title, body = EXCLUDED.body, saved_at = EXCLUDED.saved_at
     WHERE d.account_id = EXCLUDED.account_id;
    RETURN FOUND;
END
$$;

-- ---- the trail -----------------------------------------------------------------------------------------------------

-- One link in the chain of this backend: the text that is hashed is rebuilt by `hersys audit verify`.
CREATE FUNCTION app.audit_link(p_account bigint, p_organisation bigint, p_tag text, p_action text, p_outcome text,
                               p_patient bigint, p_patients bigint[], p_owner bigint, p_detail text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    my_shard integer := pg_backend_pid() % 16;
    head app.audit_head;
    moment timestamptz;
    link bytea;
BEGIN
    SELECT * INTO head FROM app.audit_head WHERE shard = my_shard FOR UPDATE;
    moment := clock_timestamp();
    link := sha256(head.hash || convert_to(concat_ws('|', my_shard, head.seq + 1,
        (extract(epoch FROM moment) * 1000000)::bigint, coalesce(p_account, 0), coalesce(p_organisation, 0), p_tag,
        p_action, p_outcome, coalesce(p_patient, 0), coalesce(array_to_string(p_patients, ','), ''),
        coalesce(p_owner, 0), p_detail), 'UTF8'));
    INSERT INTO app.audit (shard, seq, at, account_id, organisation_id, session_tag, action, outcome, patient_id,
                           patient_ids, owner_id, detail, hash)
    VALUES (my_shard, head.seq + 1, moment, p_account, p_organisation, p_tag, p_action, p_outcome, p_patient,
            p_patients, p_owner, p_detail, link);
    UPDATE app.audit_head SET seq = head.seq + 1, hash = link WHERE shard = my_shard;
END
$$;

-- What the session did or was refused. The actor is taken from the session, never from the caller. Patients of several
-- centres make a link for each: every centre finds, and sees, its own.
CREATE FUNCTION app.audit_append(p_action text, p_outcome text, p_patient bigint, p_patients bigint[], p_detail text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    actor app.session;
    part record;
BEGIN
    SELECT * INTO actor FROM app.session s WHERE s.token_hash = app.token_hash_now();
    FOR part IN
        SELECT p.responsible_id AS owner,
               CASE WHEN p_patients IS NOT NULL THEN array_agg(u.patient_id ORDER BY u.place) END AS patients
          FROM unnest(coalesce(p_patients, ARRAY[p_patient])) WITH ORDINALITY u (patient_id, place)
          LEFT JOIN app.patient p ON p.patient_id = u.patient_id
         GROUP BY p.responsible_id ORDER BY min(u.place)
    LOOP
        PERFORM app.audit_link(actor.account_id, actor.organisation_id, coalesce(left(actor.token_hash, 12), ''),
                               p_action, p_outcome, p_patient, part.patients, part.owner, p_detail);
    END LOOP;
END
$$;

-- ---- a patient's record --------------------------------------------------------------------------------------------

-- Begins a record: the person with the items given, and this organisation's own relation to it. The number must be
-- fresh out of app.patient_number.
CREATE FUNCTION app.patient_open(p_patient bigint, p_responsible bigint, p_items jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
BEGIN
    IF mine IS NULL OR app.writable('notification') & 3 = 0
       OR NOT EXISTS (SELECT FROM app.organisation WHERE organisation_id = p_responsible AND kind = 'centre')
       OR p_patient > (SELECT last_value FROM app.patient_number) THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    INSERT INTO app.patient
    SELECT * FROM jsonb_populate_record(NULL::app.patient, p_items || jsonb_build_object(
        'patient_id', p_patient, 'version', 1, 'responsible_id', p_responsible, 'received_by_id', p_responsible,
        'created_at', now()));
    INSERT INTO app.access (organisation_id, patient_id, relations, listed_at, reporter_id, responsible_id)
    VALUES (mine, p_patient, CASE WHEN mine = p_responsible THEN 3 ELSE 1 END, now(), mine, p_responsible);
    PERFORM app.tally_follow('{}', p_patient); -- 0012-completeness.sql
END
$$;

-- What the items were at `p_version` where they have been changed since: for merging two people's edits. Only the items
-- of the person and of this notification, which the caller may write anyway.
CREATE FUNCTION app.base_values(p_patient bigint, p_no integer, p_version integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    result jsonb := '{}';
    step record;
BEGIN
    PERFORM app.require_write(p_patient, 'notification', 'basic');
    FOR step IN SELECT r.before FROM app.revision r
                 WHERE r.patient_id = p_patient AND r.version > p_version
                   AND (r.subject = 'patient' OR (r.subject = 'notification' AND r.notification_no = p_no))
                 ORDER BY r.version DESC, r.revision_no DESC
    LOOP
        result := result || step.before;
    END LOOP;
    RETURN result;
END
$$;

-- Moves a patient's version on from the one that the form was made from, for whoever may write anything of the record.
-- HS409 when somebody else was faster: then nothing of the transaction happens, and the caller merges.
CREATE FUNCTION app.patient_bump(p_patient bigint, p_version integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'basic', 'notification', 'record', 'confirmation', 'assignment', 'deletion',
                              'restoration');
    UPDATE app.patient SET version = version + 1 WHERE patient_id = p_patient AND version = p_version;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- Everything that an office may have to do with a patient.
CREATE FUNCTION app.todo_kinds() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT ARRAY['unconfirmed', 'status_missing', 'passport_missing', 'place_missing', 'death_incomplete',
                 'items_missing', 'values_doubtful', 'sealed']
$$;

-- With which relations a kind of organisation sees the labels of a list: the masks of the tabs, side by side. Sex and age
-- every list shows. The system itself, in whose name imports come, has no rights and no row here.
CREATE VIEW app.label_right WITH (security_invoker = true) AS
SELECT kind, max(read_mask) FILTER (WHERE tab = 'basic') AS person,
       max(read_mask) FILTER (WHERE tab = 'notification') AS illness,
       max(read_mask) FILTER (WHERE tab = 'confirmation') AS confirmation,
       max(read_mask) FILTER (WHERE tab = 'record') AS status
  FROM app.tab_right GROUP BY kind;

-- Of the labels of a patient those that a relation shows by the masks of a kind of organisation; the others are empty. (No
-- search_path of its own, so that it is inlined wherever labels are written.)
CREATE FUNCTION app.access_as_seen(p_labels app.access, p_relations integer, p_right app.label_right)
RETURNS TABLE (name text, kana text, birth_date date, category text, diagnosis_date date, confirmed boolean, status text,
               status_since date, deemed boolean)
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_relations & (p_right).person <> 0 THEN (p_labels).name END,
           CASE WHEN p_relations & (p_right).person <> 0 THEN (p_labels).kana END,
           CASE WHEN p_relations & (p_right).person <> 0 THEN (p_labels).birth_date END,
           CASE WHEN p_relations & (p_right).illness <> 0 THEN (p_labels).category END,
           CASE WHEN p_relations & (p_right).illness <> 0 THEN (p_labels).diagnosis_date END,
           CASE WHEN p_relations & (p_right).confirmation <> 0 THEN (p_labels).confirmed END,
           CASE WHEN p_relations & (p_right).status <> 0 THEN (p_labels).status END,
           CASE WHEN p_relations & (p_right).status <> 0 THEN (p_labels).status_since END,
           CASE WHEN p_relations & (p_right).illness <> 0 THEN (p_labels).deemed END
$$;
REVOKE ALL ON FUNCTION app.access_as_seen(app.access, integer, app.label_right) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.access_as_seen(app.access, integer, app.label_right) TO hersys_guard;

-- The centres that are related by now (関係保健所); 0009-handover.sql adds for how long.
CREATE VIEW app.related_now WITH (security_invoker = true) AS
SELECT r.patient_id, r.organisation_id FROM app.patient_related r;

-- Who has access to a patient, with which relations. It follows from the facts alone: who reported, who is responsible or
-- related, who stands above those, and who was granted access by name; what is over counts no more, whether or not a job has
-- tidied it away. A patient whose reports are all deleted is its responsible centre's alone.
CREATE FUNCTION app.access_wanted(p_patient bigint) RETURNS TABLE (organisation_id bigint, relations integer)
LANGUAGE sql STABLE AS $$
    WITH report AS MATERIALIZED (
        SELECT n.reporter_id, n.deleted_at FROM app.notification n WHERE n.patient_id = p_patient
    ), fact (organisation_id, bit) AS (
        SELECT reporter_id, 1 FROM report WHERE deleted_at IS NULL
        UNION ALL SELECT p.responsible_id, 2 FROM app.patient p WHERE p.patient_id = p_patient
        UNION ALL SELECT r.organisation_id, 4 FROM app.related_now r
                   WHERE r.patient_id = p_patient AND EXISTS (SELECT FROM report WHERE deleted_at IS NULL))
    SELECT every.organisation_id, bit_or(every.bit) FROM (
        SELECT f.organisation_id, f.bit FROM fact f
        UNION ALL
        SELECT u.above_id, u.relation FROM fact f JOIN app.organisation_above u USING (organisation_id)
         WHERE f.bit IN (2, 4) AND EXISTS (SELECT FROM report WHERE deleted_at IS NULL)
        UNION ALL
        SELECT g.organisation_id, g.relation FROM app.patient_grant g
         WHERE g.patient_id = p_patient AND g.ended_at IS NULL AND (g.until IS NULL OR g.until > now())
           AND EXISTS (SELECT FROM report WHERE deleted_at IS NULL)) every
     GROUP BY every.organisation_id
$$;

-- Brings access rows, labels, worklists and search keys of a patient into step with its record.
-- p_old_keys: the search keys before the change (NULL for a new patient).
CREATE FUNCTION app.patient_publish(p_patient bigint, p_labels jsonb, p_old_keys text[], p_keys text[],
                                    p_centre_todo text[], p_reporter_todo text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    label app.access := jsonb_populate_record(NULL::app.access, p_labels);
    person app.patient;
    stands record;
    keeps text[];
    first_reporter bigint;
    all_sealed boolean;
    is_past boolean;
    before bigint[];
    now_listed bigint[];
    gone bigint[];
    counted text[] := app.tally_state(p_patient); -- 0012-completeness.sql
BEGIN
    PERFORM app.require_write(p_patient, 'notification', 'basic', 'record', 'assignment', 'deletion', 'restoration');
    SELECT * INTO person FROM app.patient WHERE patient_id = p_patient;
    SELECT bool_and(deleted_at IS NOT NULL), (array_agg(reporter_id ORDER BY deleted_at NULLS FIRST, notification_no))[1]
      INTO all_sealed, first_reporter FROM app.notification WHERE patient_id = p_patient;
    SELECT array_agg(organisation_id) INTO before FROM app.access WHERE patient_id = p_patient;
    SELECT coalesce(label.diagnosis_date <= value::date, false) INTO is_past FROM app.setting WHERE name = 'past_until';

    -- Whoever may not see the status (a clinic) leaves it, and what is to be done about it, as it stands.
    SELECT a.status, a.status_since INTO stands
      FROM app.access a
     WHERE a.organisation_id = person.responsible_id AND a.patient_id = p_patient AND NOT EXISTS (
           SELECT FROM app.access mine
            WHERE mine.organisation_id = app.organisation_now() AND mine.patient_id = p_patient
              AND mine.relations & app.readable('record') <> 0);
    IF FOUND THEN
        label.status := stands.status;
        label.status_since := stands.status_since;
        keeps := CASE stands.status WHEN 'dead' THEN ARRAY['status_missing', 'death_incomplete'] ELSE ARRAY['status_missing'] END;
        p_centre_todo := ARRAY(SELECT kind FROM unnest(p_centre_todo) kind WHERE kind <> ALL (keeps)
                               UNION SELECT t.kind FROM app.todo t
                                      WHERE t.organisation_id = person.responsible_id AND t.patient_id = p_patient
                                        AND t.kind = ANY (keeps));
    END IF;

    WITH want AS (SELECT * FROM app.access_wanted(p_patient)), written AS (
        INSERT INTO app.access AS a (organisation_id, patient_id, relations, sealed, listed_at, reporter_id,
            responsible_id, notification_no, name, kana, birth_date, sex, age_years, age_band, category,
            diagnosis_date, confirmed, status, status_since, deemed, past)
        SELECT w.organisation_id, p_patient, w.relations, all_sealed, label.listed_at, first_reporter,
               person.responsible_id, label.notification_no, l.name, l.kana, l.birth_date, label.sex, label.age_years,
               label.age_band, l.category, l.diagnosis_date, l.confirmed, l.status, l.status_since, l.deemed, is_past
          FROM want w
          JOIN app.organisation o USING (organisation_id)
          LEFT JOIN app.label_right r ON r.kind = o.kind
         CROSS JOIN LATERAL app.access_as_seen(label, w.relations, r) l
        ON CONFLICT (organisation_id, patient_id) DO UPDATE
           SET relations = EXCLUDED.relations, sealed = EXCLUDED.sealed, listed_at = EXCLUDED.listed_at,
               reporter_id = EXCLUDED.reporter_id, responsible_id = EXCLUDED.responsible_id,
               notification_no = EXCLUDED.notification_no, name = EXCLUDED.name, kana = EXCLUDED.kana,
               birth_date = EXCLUDED.birth_date, sex = EXCLUDED.sex, age_years = EXCLUDED.age_years,
               age_band = EXCLUDED.age_band, category = EXCLUDED.category, diagnosis_date = EXCLUDED.diagnosis_date,
               confirmed = EXCLUDED.confirmed, status = EXCLUDED.status, status_since = EXCLUDED.status_since,
               deemed = EXCLUDED.deemed, past = EXCLUDED.past
        RETURNING organisation_id)
    SELECT array_agg(organisation_id) INTO now_listed FROM written;

    SELECT array_agg(b) INTO gone FROM unnest(before) b WHERE b <> ALL (now_listed);
    DELETE FROM app.access WHERE patient_id = p_patient AND organisation_id = ANY (gone);

    DELETE FROM app.search_key
     WHERE patient_id = p_patient AND key = ANY (p_old_keys)
       AND (organisation_id = ANY (gone)
            OR (organisation_id = ANY (before) AND (all_sealed OR key <> ALL (p_keys))));
    IF NOT all_sealed THEN
        INSERT INTO app.search_key (organisation_id, key, patient_id)
        SELECT a.organisation_id, k, p_patient
          FROM app.access a JOIN app.organisation o USING (organisation_id) JOIN app.label_right r ON r.kind = o.kind
         CROSS JOIN unnest(p_keys) k
         WHERE a.patient_id = p_patient AND a.relations & r.person <> 0
        ON CONFLICT DO NOTHING;
    END IF;

    IF before IS NOT NULL THEN
        -- Whoever is not responsible any more has no refusal (引継ぎ) to read.
        DELETE FROM app.todo
         WHERE patient_id = p_patient AND organisation_id = ANY (before || now_listed)
           AND (kind = ANY (app.todo_kinds()) OR (kind = 'handover_refused' AND organisation_id <> person.responsible_id));
        PERFORM app.contact_watch_refresh(p_patient);
    END IF;
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT person.responsible_id, kind, p_patient, label.listed_at
      FROM unnest(CASE WHEN all_sealed THEN ARRAY['sealed'] ELSE p_centre_todo END) kind
    UNION
    SELECT n.reporter_id, kind, p_patient, label.listed_at
      FROM app.notification n CROSS JOIN unnest(p_reporter_todo) kind
     WHERE n.patient_id = p_patient AND n.deleted_at IS NULL AND n.reporter_id <> person.responsible_id
    ON CONFLICT DO NOTHING;
    PERFORM app.links_publish(ARRAY[p_patient]); -- 0007-links.sql
    PERFORM app.close_refresh(p_patient);
    PERFORM app.emergency_todo(p_patient); -- 0010-grants.sql
    PERFORM app.tally_follow(counted, p_patient);
END
$$;

-- The same for a change of status alone, which an office may enter that sees nothing of the notification (宿泊療養施設,
-- seed 0 Q18-3): the current status, and what is to be done about it.
CREATE FUNCTION app.patient_publish_status(p_patient bigint, p_status text, p_since date, p_death_complete boolean)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    responsible bigint;
    listed timestamptz;
    death_incomplete boolean;
    counted text[] := app.tally_state(p_patient); -- 0012-completeness.sql
BEGIN
    PERFORM app.require_write(p_patient, 'record');
    UPDATE app.access a SET status = p_status, status_since = p_since
      FROM app.organisation o JOIN app.label_right r ON r.kind = o.kind
     WHERE a.patient_id = p_patient AND o.organisation_id = a.organisation_id AND a.relations & r.status <> 0;
    SELECT p.responsible_id, a.listed_at INTO responsible, listed
      FROM app.patient p
      JOIN app.access a ON a.organisation_id = p.responsible_id AND a.patient_id = p.patient_id
     WHERE p.patient_id = p_patient AND NOT a.sealed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT CASE WHEN p_status = 'dead' THEN NOT p_death_complete
                ELSE n.category IN ('body', 'suspected_body') AND n.death_date IS NULL END
      INTO death_incomplete
      FROM app.notification n WHERE n.patient_id = p_patient AND n.deleted_at IS NULL
     ORDER BY n.notification_no DESC LIMIT 1;
    DELETE FROM app.todo
     WHERE organisation_id = responsible AND patient_id = p_patient AND kind IN ('status_missing', 'death_incomplete');
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT responsible, kind, p_patient, listed
      FROM (VALUES ('status_missing', p_status IS NULL), ('death_incomplete', death_incomplete)) v (kind, open)
     WHERE open;
    PERFORM app.close_refresh(p_patient);
    PERFORM app.tally_follow(counted, p_patient);
END
$$;

-- Deletes a notification for its clinic; the centre keeps it sealed until `purge_after`.
CREATE FUNCTION app.notification_seal(p_patient bigint, p_no integer, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'deletion');
    UPDATE app.notification n
       SET deleted_at = now(), deleted_by = app.account_now(), delete_reason = p_reason,
           purge_after = now() + make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'sealed_days'))
     WHERE n.patient_id = p_patient AND n.notification_no = p_no AND n.deleted_at IS NULL AND n.frozen_at IS NULL
       AND (n.reporter_id = app.organisation_now()
            OR EXISTS (SELECT FROM app.patient p
                        WHERE p.patient_id = p_patient AND p.responsible_id = app.organisation_now()));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    -- An earlier report that this one had frozen is the valid one again.
    WITH thawed AS (
        UPDATE app.notification SET frozen_at = NULL
         WHERE patient_id = p_patient AND notification_no = (
               SELECT max(notification_no) FROM app.notification WHERE patient_id = p_patient AND deleted_at IS NULL)
        RETURNING notification_no)
    UPDATE app.notification_person h SET frozen_items = NULL
      FROM thawed t WHERE h.patient_id = p_patient AND h.notification_no = t.notification_no;
END
$$;

-- Undoes a deletion. Only the newest report is open: the older ones, this one too when it is among them, are frozen with
-- the person's items as they stand now.
CREATE FUNCTION app.notification_restore(p_patient bigint, p_no integer, p_person jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'restoration');
    UPDATE app.notification
       SET deleted_at = NULL, deleted_by = NULL, delete_reason = NULL, purge_after = NULL
     WHERE patient_id = p_patient AND notification_no = p_no AND deleted_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    WITH frozen AS (
        UPDATE app.notification SET frozen_at = now()
         WHERE patient_id = p_patient AND frozen_at IS NULL AND deleted_at IS NULL
           AND notification_no < (SELECT max(n.notification_no) FROM app.notification n
                                   WHERE n.patient_id = p_patient AND n.deleted_at IS NULL)
        RETURNING notification_no)
    UPDATE app.notification_person h SET frozen_items = p_person
      FROM frozen f WHERE h.patient_id = p_patient AND h.notification_no = f.notification_no;
END
$$;

-- The number that a further notification of a patient gets; those that are sealed count too, though few may see them.
CREATE FUNCTION app.notification_next(p_patient bigint) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce(max(n.notification_no), 0) + 1 FROM app.notification n
     WHERE n.patient_id = p_patient
       AND EXISTS (SELECT FROM app.access a WHERE a.organisation_id = app.organisation_now() AND a.patient_id = p_patient)
$$;

-- Raises HS409 unless a statement changed the one row that it was for: it is frozen, deleted, withdrawn or out of reach
-- by now, and nothing of the transaction may happen.
CREATE FUNCTION app.require_one(p_changed bigint) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF p_changed <> 1 THEN
        RAISE EXCEPTION 'nothing changed' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- Sets the responsible centre (担当保健所) and the related ones (関係保健所). Directly the centre that received the report
-- (届出先保健所) sets another one, once (seed 0 Q4); whoever has taken a patient over asks (0009). A former responsible centre
-- that is not named reads on for a set time, so that nothing is lost by a slip; one that is being asked stays related. Nobody
-- is handed over to a laboratory (地方衛生研究所), though it has the kind of a health centre (seed 0 Q19).
CREATE FUNCTION app.patient_assign(p_patient bigint, p_responsible bigint, p_related bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    former app.patient;
    asked bigint;
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    IF EXISTS (SELECT FROM app.organisation WHERE organisation_id = p_responsible AND laboratory)
       OR (SELECT count(*) FROM app.organisation
            WHERE kind = 'centre' AND closed_at IS NULL AND organisation_id = ANY (p_related || p_responsible))
          <> (SELECT count(DISTINCT c) FROM unnest(p_related || p_responsible) c) THEN
        RAISE EXCEPTION 'not a health centre' USING ERRCODE = 'HS422';
    END IF;
    SELECT * INTO former FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    SELECT h.to_id INTO asked FROM app.handover h WHERE h.patient_id = p_patient AND h.state = 'requested';
    IF former.responsible_id <> p_responsible THEN
        IF asked IS NOT NULL OR former.responsible_id <> former.received_by_id THEN
            RAISE EXCEPTION 'only by a hand-over' USING ERRCODE = 'HS422';
        END IF;
        UPDATE app.patient SET responsible_id = p_responsible WHERE patient_id = p_patient;
    ELSIF asked IS NOT NULL THEN
        p_related := p_related || asked;
    END IF;
    DELETE FROM app.patient_related WHERE patient_id = p_patient AND organisation_id <> ALL (p_related);
    INSERT INTO app.patient_related (patient_id, organisation_id, since)
    SELECT DISTINCT p_patient, c, now() FROM unnest(p_related) c WHERE c <> p_responsible
    ON CONFLICT DO NOTHING;
    DELETE FROM app.patient_related WHERE patient_id = p_patient AND organisation_id = p_responsible;
    IF former.responsible_id <> p_responsible THEN
        PERFORM app.handover_set(p_patient, former.responsible_id, p_responsible); -- 0009-handover.sql
    END IF;
END
$$;

-- Who was shown a patient, alone or in a list, and who was refused, under any of the IDs that were merged into it: for offices
-- that may see its viewers. A function, because under row-level security no array index is used (database.md 3).
CREATE FUNCTION app.patient_viewers(p_patient bigint)
RETURNS TABLE (at timestamptz, account_id bigint, organisation_id bigint, action text, outcome text, in_list boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    ids bigint[] := p_patient || app.same_emptied(p_patient); -- 0008-same.sql
BEGIN
    PERFORM 1 FROM app.access a
      WHERE a.organisation_id = app.organisation_now() AND a.patient_id = p_patient
        AND a.relations & app.readable('viewers') <> 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    RETURN QUERY
    SELECT DISTINCT x.at, x.account_id, x.organisation_id, x.action, x.outcome, x.in_list FROM unnest(ids) id CROSS JOIN LATERAL (
        (SELECT u.at, u.account_id, u.organisation_id, u.action, u.outcome, false AS in_list FROM app.audit u
          WHERE u.patient_id = id ORDER BY u.at DESC LIMIT 200)
        UNION ALL
        (SELECT u.at, u.account_id, u.organisation_id, u.action, u.outcome, true FROM app.audit u
          WHERE u.patient_ids @> ARRAY[id] ORDER BY u.at DESC LIMIT 200)) x
     ORDER BY 1 DESC LIMIT 200;
END
$$;

REVOKE ALL ON FUNCTION app.require_one(bigint) FROM PUBLIC;
