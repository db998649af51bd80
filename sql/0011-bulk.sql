-- 一括操作: one change for many patients of an office in one transaction, with its undoing. Each action is what a person may do
-- to one patient, under the same right (tab); everything is done by sets, and what single changes leave behind (version,
-- revision, trail, lists, things to do: 0016-bulk-lists.sql) a batch leaves too. src/core/bulk_work.h says what each choice and filter holds.

CREATE TABLE app.bulk_action (
    action text PRIMARY KEY,
    tab text NOT NULL,
    done text NOT NULL,
    undone text NOT NULL
);
COMMENT ON TABLE app.bulk_action IS 'reference: what can be done to many patients at once: the tab whose right it needs, and its words in the trail';
INSERT INTO app.bulk_action (action, tab, done, undone) VALUES
    ('status', 'record', 'status_add', 'status_withdraw'),
    ('confirm', 'confirmation', 'confirm', 'confirm_withdraw'),
    ('related', 'assignment', 'assign', 'assign'),
    ('handover', 'assignment', 'handover_request', 'handover_withdraw'),
    ('release', 'release', 'entry_add', 'entry_withdraw');

CREATE TABLE app.bulk (
    organisation_id bigint NOT NULL,
    bulk_id uuid NOT NULL,
    action text NOT NULL,
    choice jsonb NOT NULL,
    patients integer NOT NULL,
    account_id bigint NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz,
    undone_by bigint,
    undone_patients integer,
    PRIMARY KEY (organisation_id, bulk_id)
);
COMMENT ON TABLE app.bulk IS 'by organisation_id: 一括操作, each a transaction of this office; its number is that of the form';
CREATE INDEX bulk_newest ON app.bulk (organisation_id, at DESC, bulk_id DESC);

CREATE TABLE app.bulk_patient (
    patient_id bigint NOT NULL,
    bulk_id uuid NOT NULL,
    number integer,
    before jsonb NOT NULL,
    undone_at timestamptz,
    PRIMARY KEY (patient_id, bulk_id)
);
COMMENT ON TABLE app.bulk_patient IS 'by patient_id: whom a batch changed; the number of the row that it made or changed (status, notification, hand-over, entry), and what held before';
CREATE INDEX bulk_patient_batch ON app.bulk_patient (bulk_id, patient_id);

INSERT INTO app.setting (name, value, meaning) VALUES ('bulk_undo_days', '7', '一括操作を取り消せる日数');

-- ---- whom -----------------------------------------------------------------------------------------------------------------

-- The patients of the office that a filter finds, the newest reports first, at most p_limit; left_out is '' or why the action
-- is not for this one: right (by p_mask, the relations of wall one, and by wall two), sealed, same (it is so already), phone (no
-- mobile number), unknown (a number in the list to which the office has no access); stands is how the patient stands in the list.
-- A filter by what the office may not see finds nothing: such labels
-- are empty, and a place is compared only where the person may be seen. Planned anew for each filter.
CREATE FUNCTION app.bulk_select(p_action text, p_choice jsonb, p_filter jsonb, p_mask integer, p_limit integer)
RETURNS TABLE (patient_id bigint, listed_at timestamptz, left_out text, stands text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    mine bigint := app.organisation_now();
    mask integer := p_mask & app.writable((SELECT k.tab FROM app.bulk_action k WHERE k.action = p_action));
    person integer := app.readable('basic');
    other bigint := (p_choice ->> 'centre')::bigint;
    ids bigint[] := CASE WHEN p_filter ? 'ids' THEN ARRAY(SELECT i::bigint FROM jsonb_array_elements_text(p_filter -> 'ids') i) END;
    towns text[] := CASE WHEN p_filter ? 'municipality' THEN ARRAY(
        SELECT m.code FROM app.municipality m WHERE p_filter ->> 'municipality' IN (m.code, m.parent_code)) END;
    with_past boolean := p_filter ?| ARRAY['past', 'ids', 'todo'];
    from_listed timestamptz := (p_filter ->> 'listed_from')::timestamp AT TIME ZONE 'Asia/Tokyo';
    to_listed timestamptz := (p_filter ->> 'listed_to')::timestamp AT TIME ZONE 'Asia/Tokyo' + interval '1 day';
BEGIN
    RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT a.patient_id, a.listed_at, a.relations, a.sealed, a.status, a.confirmed, a.responsible_id,
               (a.patient_id, a.status, a.status_since, a.confirmed, a.responsible_id)::text AS stands
          FROM app.access a
         WHERE a.organisation_id = mine
           AND (ids IS NULL OR a.patient_id = ANY (ids))
           AND (NOT p_filter ? 'todo' OR a.patient_id IN (
                SELECT t.patient_id FROM app.todo t WHERE t.organisation_id = mine AND t.kind = p_filter ->> 'todo'))
           AND (NOT p_filter ? 'status' OR coalesce(a.status, 'none') = p_filter ->> 'status')
           AND (NOT p_filter ? 'confirmed' OR a.confirmed = (p_filter ->> 'confirmed')::boolean)
           AND (NOT p_filter ? 'category' OR a.category = p_filter ->> 'category')
           AND (from_listed IS NULL OR a.listed_at >= from_listed)
           AND (to_listed IS NULL OR a.listed_at < to_listed)
           AND (NOT p_filter ? 'diagnosed_from' OR a.diagnosis_date >= (p_filter ->> 'diagnosed_from')::date)
           AND (NOT p_filter ? 'diagnosed_to' OR a.diagnosis_date <= (p_filter ->> 'diagnosed_to')::date)
           AND (towns IS NULL OR a.relations & person <> 0 AND EXISTS (
                SELECT FROM app.patient p
                  LEFT JOIN app.notification_person h
                         ON h.patient_id = p.patient_id AND h.notification_no = a.notification_no
                 WHERE p.patient_id = a.patient_id
                   AND coalesce(h.stay_municipality, p.home_municipality) = ANY (towns)))
           AND (with_past OR NOT a.past)
         ORDER BY a.listed_at DESC, a.patient_id DESC LIMIT p_limit
    )
    SELECT f.patient_id, f.listed_at,
           CASE WHEN f.relations & mask = 0 THEN 'right'
                WHEN f.sealed THEN 'sealed'
                WHEN p_action IN ('release_notice', 'message') THEN app.bulk_untold(f.patient_id, p_action, p_choice) -- 0022-desk.sql
                WHEN CASE p_action
                     WHEN 'status' THEN f.status IS NOT DISTINCT FROM p_choice ->> 'status'
                     WHEN 'confirm' THEN f.confirmed
                     WHEN 'related' THEN f.responsible_id = other OR EXISTS (
                          SELECT FROM app.patient_related r
                           WHERE r.patient_id = f.patient_id AND r.organisation_id = other AND r.until IS NULL)
                     WHEN 'handover' THEN EXISTS (
                          SELECT FROM app.handover h WHERE h.patient_id = f.patient_id AND h.state = 'requested')
                     ELSE EXISTS (
                          SELECT FROM app.entry e WHERE e.patient_id = f.patient_id AND e.tab = 'release'
                             AND e.withdrawn_at IS NULL AND e.since = (p_choice ->> 'release_on')::date) END THEN 'same'
                ELSE '' END, f.stands
      FROM found f
    UNION ALL
    SELECT i, NULL, 'unknown', '' FROM (SELECT DISTINCT unnest(ids)) listed (i)
     WHERE NOT EXISTS (SELECT FROM app.access a WHERE a.organisation_id = mine AND a.patient_id = i);
END
$$;

-- By which a person's consent holds for these very patients, as they stood when they were shown, and no others.
CREATE FUNCTION app.bulk_digest(p_stands text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$ SELECT md5(array_to_string(p_stands, ',')) $$;

-- 'HS422' unless it is another health centre; a laboratory (地方衛生研究所) is none (seed 0 Q19).
CREATE FUNCTION app.bulk_require_centre(p_centre bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    IF p_centre = app.organisation_now() OR NOT EXISTS (
        SELECT FROM app.organisation o
         WHERE o.organisation_id = p_centre AND o.kind = 'centre' AND o.closed_at IS NULL AND NOT o.laboratory) THEN
        RAISE EXCEPTION 'not a health centre' USING ERRCODE = 'HS422';
    END IF;
END
$$;

-- ---- the actions: p_patients are locked, may all be changed, and are not so already ---------------------------------------

-- The revisions of a batch's rows, and the move of the versions, so that whoever has one of these records open learns of it.
-- A status that is withdrawn stands with its number in the history, as after a single change (src/core/status.c).
CREATE FUNCTION app.bulk_revise(p_bulk uuid, p_patients bigint[], p_subject text, p_after jsonb, p_reason text) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH bumped AS (
        UPDATE app.patient p SET version = version + 1 WHERE patient_id = ANY (p_patients) RETURNING p.patient_id, p.version
    )
    INSERT INTO app.revision (patient_id, version, subject, notification_no, at, account_id, organisation_id, before, after,
                              reason)
    SELECT b.patient_id, b.version, p_subject, CASE WHEN p_subject <> 'status' THEN x.number END, now(), me.account_id,
           me.organisation_id, CASE WHEN p_reason <> '' THEN jsonb_build_object('status_no', x.number::text) ELSE '{}' END,
           p_after, p_reason
      FROM bumped b JOIN app.bulk_patient x ON x.patient_id = b.patient_id AND x.bulk_id = p_bulk
     CROSS JOIN app.session_now me
$$;

CREATE FUNCTION app.bulk_status(p_bulk uuid, p_patients bigint[], p_choice jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    -- 死亡 has a date and a place for each person (seed 0 Q14-3), so it is entered one by one.
    IF p_choice ->> 'status' = 'dead' THEN
        RAISE EXCEPTION 'not for many' USING ERRCODE = 'HS422';
    END IF;
    WITH stands AS MATERIALIZED (
        SELECT c.patient_id, coalesce(max(s.status_no), 0) + 1 AS number,
               coalesce((array_agg(jsonb_build_object('status', s.status, 'since', s.since)
                                   ORDER BY s.since DESC, s.status_no DESC)
                         FILTER (WHERE s.status_no IS NOT NULL AND s.withdrawn_at IS NULL))[1], '{}') AS before
          FROM unnest(p_patients) c (patient_id) LEFT JOIN app.patient_status s ON s.patient_id = c.patient_id
         GROUP BY c.patient_id
    ), entered AS (
        INSERT INTO app.patient_status (patient_id, status_no, status, since, note, entered_by, entered_at)
        SELECT s.patient_id, s.number, p_choice ->> 'status', (p_choice ->> 'since')::date,
               coalesce(p_choice ->> 'note', ''), app.account_now(), now()
          FROM stands s
    )
    INSERT INTO app.bulk_patient (patient_id, bulk_id, number, before)
    SELECT s.patient_id, p_bulk, s.number, s.before FROM stands s;
    PERFORM app.bulk_revise(p_bulk, p_patients, 'status', p_choice, '');
    PERFORM app.bulk_publish_status(p_patients);
END
$$;

CREATE FUNCTION app.bulk_confirm(p_bulk uuid, p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    WITH newest AS MATERIALIZED (
        SELECT n.patient_id, max(n.notification_no) AS number FROM app.notification n
         WHERE n.patient_id = ANY (p_patients) AND n.deleted_at IS NULL GROUP BY n.patient_id
    ), confirmed AS (
        UPDATE app.notification n SET confirmed_at = now(), confirmed_by = app.account_now()
          FROM newest w WHERE n.patient_id = w.patient_id AND n.notification_no = w.number
    )
    INSERT INTO app.bulk_patient (patient_id, bulk_id, number, before)
    SELECT w.patient_id, p_bulk, w.number, '{}' FROM newest w;
    PERFORM app.bulk_revise(p_bulk, p_patients, 'confirm', '{}', '');
    PERFORM app.bulk_publish_confirmation(p_patients, true);
END
$$;

-- Who is responsible and related, as names for the history of a record.
CREATE FUNCTION app.bulk_assigned(p_patients bigint[]) RETURNS TABLE (patient_id bigint, names jsonb)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT p.patient_id, jsonb_build_object('responsible', min(h.name), 'related', string_agg(o.name, '、' ORDER BY o.name))
      FROM app.patient p
      JOIN app.organisation h ON h.organisation_id = p.responsible_id
      LEFT JOIN app.patient_related r ON r.patient_id = p.patient_id
      LEFT JOIN app.organisation o ON o.organisation_id = r.organisation_id
     WHERE p.patient_id = ANY (p_patients) GROUP BY p.patient_id
$$;

-- The revision of an assignment and the move of the version, once it has been made.
CREATE FUNCTION app.bulk_revise_assignment(p_patients bigint[], p_before jsonb[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH bumped AS (
        UPDATE app.patient p SET version = version + 1 WHERE patient_id = ANY (p_patients) RETURNING p.patient_id, p.version
    )
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT b.patient_id, b.version, 'assignment', now(), me.account_id, me.organisation_id, f.names, t.names
      FROM bumped b
      JOIN unnest(p_patients, p_before) f (patient_id, names) ON f.patient_id = b.patient_id
      JOIN app.bulk_assigned(p_patients) t ON t.patient_id = b.patient_id
     CROSS JOIN app.session_now me
$$;

CREATE FUNCTION app.bulk_related(p_bulk uuid, p_patients bigint[], p_choice jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    centre bigint := (p_choice ->> 'centre')::bigint;
    former jsonb[] := ARRAY(SELECT b.names FROM app.bulk_assigned(p_patients) b ORDER BY b.patient_id);
BEGIN
    PERFORM app.bulk_require_centre(centre);
    INSERT INTO app.bulk_patient (patient_id, bulk_id, before)
    SELECT c.patient_id, p_bulk, CASE WHEN r.patient_id IS NULL THEN '{}' ELSE jsonb_build_object('since', r.since, 'until', r.until) END
      FROM unnest(p_patients) c (patient_id)
      LEFT JOIN app.patient_related r ON r.patient_id = c.patient_id AND r.organisation_id = centre;
    INSERT INTO app.patient_related (patient_id, organisation_id, since) SELECT c, centre, now() FROM unnest(p_patients) c
    ON CONFLICT (patient_id, organisation_id) DO UPDATE SET since = EXCLUDED.since, until = NULL; -- had days of reading left
    PERFORM app.bulk_revise_assignment(p_patients, former);
    PERFORM app.bulk_relate(p_patients, centre);
    INSERT INTO app.outbox (channel, template, to_organisation)
    SELECT 'mail', 'assigned_related_many', centre
    UNION ALL -- when a city's centre is set, its prefecture is told too (seed 0 Q4)
    SELECT 'mail', 'assigned_in_city_many', p.above_id
      FROM app.organisation_above c
      JOIN app.organisation_above p ON p.organisation_id = c.organisation_id AND p.relation = 16
     WHERE c.organisation_id = centre AND c.relation = 8;
END
$$;

-- app.handover_request (0009) for many: each is asked, and answered, for itself.
CREATE FUNCTION app.bulk_handover(p_bulk uuid, p_patients bigint[], p_choice jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    centre bigint := (p_choice ->> 'centre')::bigint;
BEGIN
    PERFORM app.bulk_require_centre(centre);
    WITH numbered AS MATERIALIZED (
        SELECT c.patient_id, coalesce(max(h.handover_no), 0) + 1 AS number
          FROM unnest(p_patients) c (patient_id) LEFT JOIN app.handover h ON h.patient_id = c.patient_id
         GROUP BY c.patient_id
    ), brought AS (
        INSERT INTO app.patient_related (patient_id, organisation_id, since) SELECT n.patient_id, centre, now() FROM numbered n
        ON CONFLICT DO NOTHING
        RETURNING patient_id
    ), bumped AS (
        UPDATE app.patient SET version = version + 1 WHERE patient_id = ANY (p_patients)
    ), listed AS (
        INSERT INTO app.handover_list (organisation_id, outward, requested_at, patient_id, handover_no, other_id, state)
        SELECT side.own, side.outward, now(), n.patient_id, n.number, side.other, 'requested'
          FROM numbered n CROSS JOIN (VALUES (mine, true, centre), (centre, false, mine)) side (own, outward, other)
    ), kept AS (
        INSERT INTO app.bulk_patient (patient_id, bulk_id, number, before)
        SELECT n.patient_id, p_bulk, n.number, '{}' FROM numbered n
    )
    INSERT INTO app.handover (patient_id, handover_no, from_id, to_id, reason, brought_access, requested_by, requested_at)
    SELECT n.patient_id, n.number, mine, centre, p_choice ->> 'reason',
           n.patient_id IN (SELECT b.patient_id FROM brought b), app.account_now(), now() FROM numbered n;
    DELETE FROM app.todo t USING unnest(p_patients) c (patient_id)
     WHERE t.organisation_id + 0 IN (mine, centre) AND t.kind IN ('handover_asked', 'handover_refused')
       AND t.patient_id = c.patient_id;
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT centre, 'handover_asked', c, now() FROM unnest(p_patients) c;
    PERFORM app.bulk_relate(p_patients, centre);
    INSERT INTO app.outbox (channel, template, to_organisation) VALUES ('mail', 'handover_asked_many', centre);
END
$$;

-- The other side of a change that fills or empties items.
CREATE FUNCTION app.bulk_emptied(p_items jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT jsonb_object_agg(k, NULL) FROM jsonb_object_keys(p_items) k
$$;

CREATE FUNCTION app.bulk_release(p_bulk uuid, p_patients bigint[], p_choice jsonb) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH numbered AS MATERIALIZED (
        SELECT c.patient_id, coalesce(max(e.entry_no), 0) + 1 AS number
          FROM unnest(p_patients) c (patient_id)
          LEFT JOIN app.entry e ON e.patient_id = c.patient_id AND e.tab = 'release'
         GROUP BY c.patient_id
    ), entered AS (
        INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
        SELECT n.patient_id, 'release', n.number, (p_choice ->> 'release_on')::date, p_choice, me.organisation_id,
               me.account_id, now()
          FROM numbered n CROSS JOIN app.session_now me
    ), kept AS (
        INSERT INTO app.bulk_patient (patient_id, bulk_id, number, before)
        SELECT n.patient_id, p_bulk, n.number, '{}' FROM numbered n
    )
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT n.patient_id, 1, 'release', now(), me.account_id, me.organisation_id, app.bulk_emptied(p_choice), p_choice
      FROM numbered n CROSS JOIN app.session_now me
$$;

-- Does it: to whom the filter finds now, if these are the ones that were shown and stand as they did then (p_digest). HS409 when they are not, HS422
-- when there are none or more than p_most, HS403 for an action that this kind of organisation has not at all.
CREATE FUNCTION app.bulk_apply(p_bulk uuid, p_action text, p_choice jsonb, p_filter jsonb, p_mask integer, p_digest text,
                               p_most integer)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    act app.bulk_action;
    chosen bigint[];
    stand text[];
    matched integer;
    counted text[];
BEGIN
    SELECT * INTO act FROM app.bulk_action k WHERE k.action = p_action;
    IF coalesce(app.writable(act.tab) & p_mask, 0) = 0 THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    -- In the order of their numbers, so that two batches never wait for each other; then what stands, once nobody moves it.
    PERFORM FROM app.patient p WHERE p.patient_id IN (
        SELECT s.patient_id FROM app.bulk_select(p_action, p_choice, p_filter, p_mask, p_most + 1) s WHERE s.left_out = '')
      ORDER BY p.patient_id FOR UPDATE;
    SELECT array_agg(s.patient_id ORDER BY s.patient_id) FILTER (WHERE s.left_out = ''),
           array_agg(s.stands ORDER BY s.patient_id) FILTER (WHERE s.left_out = ''), count(*)
      INTO chosen, stand, matched FROM app.bulk_select(p_action, p_choice, p_filter, p_mask, p_most + 1) s;
    IF chosen IS NULL OR matched > p_most THEN
        RAISE EXCEPTION 'none or too many' USING ERRCODE = 'HS422';
    ELSIF app.bulk_digest(stand) <> p_digest THEN
        RAISE EXCEPTION 'others than were shown' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.bulk (organisation_id, bulk_id, action, choice, patients, account_id, at)
    VALUES (app.organisation_now(), p_bulk, p_action, p_choice, cardinality(chosen), app.account_now(), now());
    counted := app.tally_state(VARIADIC chosen); -- 0012-completeness.sql
    CASE p_action
        WHEN 'status' THEN PERFORM app.bulk_status(p_bulk, chosen, p_choice);
        WHEN 'confirm' THEN PERFORM app.bulk_confirm(p_bulk, chosen);
        WHEN 'related' THEN PERFORM app.bulk_related(p_bulk, chosen, p_choice);
        WHEN 'handover' THEN PERFORM app.bulk_handover(p_bulk, chosen, p_choice);
        WHEN 'release' THEN PERFORM app.bulk_release(p_bulk, chosen, p_choice);
        ELSE PERFORM app.bulk_message(p_bulk, chosen, p_action, p_choice); -- 0022-desk.sql
    END CASE;
    PERFORM app.bulk_counted(p_action, counted, chosen);
    PERFORM app.audit_append(act.done, 'allowed', NULL, chosen, 'bulk ' || p_bulk);
END
$$;

-- ---- the undoing ----------------------------------------------------------------------------------------------------------

-- Of the patients of a batch, those who stand as the batch left them, and whom the office may still change.
CREATE FUNCTION app.bulk_unchanged(p_batch app.bulk, p_mask integer) RETURNS bigint[]
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN -- of how a message is sent 0020-channels.sql tells
    RETURN (SELECT array_agg(x.patient_id ORDER BY x.patient_id)
      FROM app.bulk_patient x
      JOIN app.access a ON a.organisation_id = p_batch.organisation_id AND a.patient_id = x.patient_id
     WHERE x.bulk_id = p_batch.bulk_id AND x.undone_at IS NULL AND NOT a.sealed AND a.relations & p_mask <> 0
       AND CASE p_batch.action
           WHEN 'status' THEN EXISTS (
                SELECT FROM app.patient_status s
                 WHERE s.patient_id = x.patient_id AND s.status_no = x.number AND s.withdrawn_at IS NULL)
                AND NOT EXISTS (
                SELECT FROM app.patient_status s
                 WHERE s.patient_id = x.patient_id AND s.status_no > x.number AND s.withdrawn_at IS NULL)
           WHEN 'confirm' THEN EXISTS (
                SELECT FROM app.notification n
                 WHERE n.patient_id = x.patient_id AND n.notification_no = x.number AND n.confirmed_at = p_batch.at
                   AND n.frozen_at IS NULL AND n.deleted_at IS NULL)
           WHEN 'related' THEN EXISTS (
                SELECT FROM app.patient_related r
                 WHERE r.patient_id = x.patient_id AND r.organisation_id = (p_batch.choice ->> 'centre')::bigint
                   AND r.since = p_batch.at)
                AND NOT EXISTS (
                SELECT FROM app.handover h WHERE h.patient_id = x.patient_id AND h.state = 'requested')
           WHEN 'handover' THEN EXISTS (
                SELECT FROM app.handover h
                 WHERE h.patient_id = x.patient_id AND h.handover_no = x.number AND h.state = 'requested')
           WHEN 'release' THEN EXISTS (
                SELECT FROM app.entry e
                 WHERE e.patient_id = x.patient_id AND e.tab = 'release' AND e.entry_no = x.number AND e.version = 1
                   AND e.withdrawn_at IS NULL)
           ELSE EXISTS ( -- a message that nobody can have begun to send
                SELECT FROM app.outbox o
                 WHERE o.outbox_id = (x.before ->> 'outbox')::bigint AND o.sent_at IS NULL AND o.failed_at IS NULL
                   AND o.tries = 0 AND o.trying_at IS NULL
                   AND (o.held IS NOT NULL OR o.next_at > now() + interval '30 seconds')) END);
END
$$;

CREATE FUNCTION app.bulk_undo_status(p_batch app.bulk, p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE app.patient_status s SET withdrawn_at = now(), withdrawn_by = app.account_now()
      FROM app.bulk_patient x
     WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients)
       AND s.patient_id = x.patient_id AND s.status_no = x.number;
    PERFORM app.bulk_revise(p_batch.bulk_id, p_patients, 'status', '{}', '登録の取消し');
    PERFORM app.bulk_publish_status(p_patients);
END
$$;

CREATE FUNCTION app.bulk_undo_confirm(p_batch app.bulk, p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    UPDATE app.notification n SET confirmed_at = NULL, confirmed_by = NULL
      FROM app.bulk_patient x
     WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients)
       AND n.patient_id = x.patient_id AND n.notification_no = x.number;
    PERFORM app.bulk_revise(p_batch.bulk_id, p_patients, 'confirm_withdraw', '{}', '');
    PERFORM app.bulk_publish_confirmation(p_patients, false);
END
$$;

CREATE FUNCTION app.bulk_undo_related(p_batch app.bulk, p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    former jsonb[] := ARRAY(SELECT b.names FROM app.bulk_assigned(p_patients) b ORDER BY b.patient_id);
BEGIN
    DELETE FROM app.patient_related r
     WHERE r.patient_id = ANY (p_patients) AND r.organisation_id = (p_batch.choice ->> 'centre')::bigint;
    INSERT INTO app.patient_related (patient_id, organisation_id, since, until) -- who had days of reading left
    SELECT x.patient_id, (p_batch.choice ->> 'centre')::bigint, (x.before ->> 'since')::timestamptz, (x.before ->> 'until')::date
      FROM app.bulk_patient x
     WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients) AND x.before ? 'since';
    PERFORM app.bulk_revise_assignment(p_patients, former);
    PERFORM app.bulk_access_follow(p_patients);
END
$$;

-- app.handover_decide (0009) with 'withdrawn' for many.
CREATE FUNCTION app.bulk_undo_handover(p_batch app.bulk, p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    centre bigint := (p_batch.choice ->> 'centre')::bigint;
BEGIN
    WITH withdrawn AS (
        UPDATE app.handover h SET state = 'withdrawn', decided_by = app.account_now(), decided_at = now()
          FROM app.bulk_patient x
         WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients)
           AND h.patient_id = x.patient_id AND h.handover_no = x.number AND h.state = 'requested'
        RETURNING h.patient_id, h.requested_at, h.brought_access
    ), listed AS (
        UPDATE app.handover_list l SET state = 'withdrawn', decided_at = now()
          FROM withdrawn w, (VALUES (p_batch.organisation_id, true), (centre, false)) side (own, outward)
         WHERE l.organisation_id = side.own AND l.outward = side.outward AND l.requested_at = w.requested_at
           AND l.patient_id = w.patient_id
    )
    DELETE FROM app.patient_related r USING withdrawn w
     WHERE w.brought_access AND r.patient_id = w.patient_id AND r.organisation_id = centre;
    DELETE FROM app.todo t USING unnest(p_patients) c (patient_id)
     WHERE t.organisation_id + 0 = centre AND t.kind = 'handover_asked' AND t.patient_id = c.patient_id;
    PERFORM app.bulk_access_follow(p_patients);
    INSERT INTO app.outbox (channel, template, to_organisation) VALUES ('mail', 'handover_withdrawn_many', centre);
END
$$;

CREATE FUNCTION app.bulk_undo_release(p_batch app.bulk, p_patients bigint[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH withdrawn AS (
        UPDATE app.entry e SET version = e.version + 1, withdrawn_at = now(), withdrawn_by = app.account_now()
          FROM app.bulk_patient x
         WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients)
           AND e.patient_id = x.patient_id AND e.tab = 'release' AND e.entry_no = x.number
        RETURNING e.patient_id, e.version, e.items
    )
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    SELECT w.patient_id, w.version, 'release', now(), me.account_id, me.organisation_id, w.items, app.bulk_emptied(w.items)
      FROM withdrawn w CROSS JOIN app.session_now me
$$;

-- Puts back whoever stands as the batch left them; the others stay, and the page of the batch names them. HS409: undone
-- before, its days are over, or it is another office's.
CREATE FUNCTION app.bulk_undo(p_bulk uuid, p_mask integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    batch app.bulk;
    act app.bulk_action;
    back bigint[];
    counted text[];
BEGIN
    UPDATE app.bulk b SET undone_at = now(), undone_by = app.account_now()
     WHERE b.organisation_id = app.organisation_now() AND b.bulk_id = p_bulk AND b.undone_at IS NULL
       AND b.at > now() - make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'bulk_undo_days'))
    RETURNING * INTO batch;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not to be undone' USING ERRCODE = 'HS409';
    END IF;
    SELECT * INTO act FROM app.bulk_action k WHERE k.action = batch.action;
    PERFORM FROM app.patient p WHERE p.patient_id IN (
        SELECT x.patient_id FROM app.bulk_patient x WHERE x.bulk_id = p_bulk) ORDER BY p.patient_id FOR UPDATE;
    PERFORM FROM app.outbox o WHERE o.outbox_id IN ( -- whoever sends waits, or has begun already
        SELECT (x.before ->> 'outbox')::bigint FROM app.bulk_patient x WHERE x.bulk_id = p_bulk) ORDER BY o.outbox_id FOR UPDATE;
    back := coalesce(app.bulk_unchanged(batch, p_mask & app.writable(act.tab)), '{}');
    counted := app.tally_state(VARIADIC back);
    CASE batch.action
        WHEN 'status' THEN PERFORM app.bulk_undo_status(batch, back);
        WHEN 'confirm' THEN PERFORM app.bulk_undo_confirm(batch, back);
        WHEN 'related' THEN PERFORM app.bulk_undo_related(batch, back);
        WHEN 'handover' THEN PERFORM app.bulk_undo_handover(batch, back);
        WHEN 'release' THEN PERFORM app.bulk_undo_release(batch, back);
        ELSE back := app.bulk_undo_message(batch, back);
    END CASE;
    PERFORM app.bulk_counted(batch.action, counted, back);
    UPDATE app.bulk_patient SET undone_at = now() WHERE bulk_id = p_bulk AND patient_id = ANY (back);
    UPDATE app.bulk SET undone_patients = cardinality(back) WHERE organisation_id = batch.organisation_id AND bulk_id = p_bulk;
    IF cardinality(back) > 0 THEN
        PERFORM app.audit_append(act.undone, 'allowed', NULL, back, 'bulk ' || p_bulk);
    END IF;
END
$$;

-- ---- rights ---------------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^bulk_');
SELECT app.guard_tables('bulk', 'bulk_patient');
GRANT EXECUTE ON FUNCTION app.bulk_select(text, jsonb, jsonb, integer, integer), app.bulk_digest(text[]),
    app.bulk_apply(uuid, text, jsonb, jsonb, integer, text, integer), app.bulk_undo(uuid, integer) TO hersys_staff;

-- Batches are written by the functions alone, and read by their own office.
GRANT ALL ON app.bulk_action TO hersys_guard;
GRANT SELECT ON app.bulk, app.bulk_patient, app.bulk_action TO hersys_staff;
GRANT SELECT, DELETE ON app.bulk, app.bulk_patient TO hersys_jobs; -- of patients that are purged
CREATE POLICY office ON app.bulk FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY office ON app.bulk_patient FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.bulk b WHERE b.organisation_id = (SELECT app.organisation_now()) AND b.bulk_id = bulk_patient.bulk_id));
