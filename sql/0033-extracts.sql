-- 研究用の資料 (seed 0 Q22): what a head office gives to research out of its records. One person asks, with the purpose and the report on
-- 匿名性 as it stands, another one of the same office approves, and only then the first may take the file, once or until a day.

CREATE TABLE app.extract (
    organisation_id bigint NOT NULL,
    extract_id uuid NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),
    recipient text NOT NULL CHECK (recipient <> ''),
    from_day date NOT NULL,
    to_day date NOT NULL,
    columns text NOT NULL CHECK (columns <> ''),
    k integer NOT NULL CHECK (k BETWEEN 5 AND 1000),
    leave_out boolean NOT NULL,
    once boolean NOT NULL,
    until date NOT NULL,
    key_id uuid NOT NULL,
    keep_key boolean NOT NULL,
    sealed_key text,
    patients bigint[],
    people integer NOT NULL,
    groups integer NOT NULL,
    smallest integer NOT NULL,
    below integer NOT NULL,
    steps text NOT NULL,
    decided_by bigint,
    decided_at timestamptz,
    approved boolean,
    reason text NOT NULL DEFAULT '',
    taken_at timestamptz,
    PRIMARY KEY (organisation_id, extract_id),
    CHECK (from_day <= to_day),
    CHECK (num_nulls(decided_by, decided_at, approved) IN (0, 3)),
    CHECK (decided_by <> asked_by),
    CHECK (taken_at IS NULL OR approved),
    CHECK (patients IS NULL OR taken_at IS NOT NULL AND NOT once)
);
COMMENT ON TABLE app.extract IS 'by organisation_id: 研究用の資料: what was asked for, the report on 匿名性 when it was asked, who decided, and when the file was last taken; who took it stands in app.export';
COMMENT ON COLUMN app.extract.columns IS 'name:step of each column, as src/core/extract.h has them';
COMMENT ON COLUMN app.extract.key_id IS 'whose key makes the pseudonyms: its own, or that of the one which it continues';
COMMENT ON COLUMN app.extract.sealed_key IS 'sealed with the key of the installation; NULL: thrown away, or another''s';
COMMENT ON COLUMN app.extract.patients IS 'who was in the file when it was taken first, while it may be taken again: later ones hold nobody else, because who is new under the same pseudonyms would be known to have been reported in between';
COMMENT ON COLUMN app.extract.steps IS 'name:step:groups:smallest:below for each column, were it one step coarser';
CREATE INDEX extract_asked ON app.extract (organisation_id, asked_at DESC, extract_id DESC);
CREATE INDEX extract_key ON app.extract (until) WHERE sealed_key IS NOT NULL AND (NOT keep_key OR approved IS NULL);
CREATE INDEX extract_patients ON app.extract (until) WHERE patients IS NOT NULL;

ALTER TABLE app.export DROP CONSTRAINT export_kind_check;
ALTER TABLE app.export ADD CONSTRAINT export_kind_check CHECK (kind IN ('patients', 'extract'));

-- The cases of some days whom the session's head office sees with the tab of the report, p_most + 1 at most, with the items that an
-- extract may hold before they are made coarser: nothing that names anybody. p_only: nobody but these.
CREATE FUNCTION app.extract_rows(p_from date, p_to date, p_most integer, p_only bigint[] DEFAULT NULL)
RETURNS TABLE (patient_id bigint, sex text, age text, centre text, prefecture text, reported date, onset date, diagnosis date,
               place_kind text, route text, category text, severity text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.patient_id, coalesce((r.access).sex, 'unknown'), substr(c.cell, 2), o.name, f.name, c.new_on, (r.report).onset_date,
           (r.report).diagnosis_date, (r.report).place_kind, (r.report).route, (r.access).category, (r.report).severity, (r.access).status
      FROM app.organisation me
      JOIN app.organisation_above u ON u.above_id = me.organisation_id
      JOIN app.figure_case c ON c.organisation_id = u.organisation_id AND c.new_on BETWEEN p_from AND p_to
      JOIN app.export_reported r ON r.patient_id = c.patient_id AND NOT (r.access).sealed
      JOIN app.organisation o ON o.organisation_id = c.organisation_id
      LEFT JOIN app.prefecture f ON f.code = o.prefecture_code
     WHERE me.organisation_id = app.organisation_now() AND me.kind IN ('ministry', 'prefecture', 'city')
       AND (p_only IS NULL OR c.patient_id IN (SELECT unnest(p_only)))
     LIMIT p_most + 1
$$;

-- Asks for an extract in the name of the session; p_continues: the one whose pseudonyms it goes on with, NULL for new ones under
-- p_key. HS403 for other offices than head offices, or when that one is not (or no more) kept for it; HS409 when p_until is over. It must have the same columns and no smaller k:
-- otherwise the two together, joined by pseudonym, would say more of a person than each may.
CREATE FUNCTION app.extract_ask(p_extract uuid, p_purpose text, p_recipient text, p_from date, p_to date, p_columns text, p_k integer,
                                p_leave_out boolean, p_once boolean, p_until date, p_continues uuid, p_keep boolean, p_key text,
                                p_people integer, p_groups integer, p_smallest integer, p_below integer, p_steps text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    head boolean := (SELECT o.kind IN ('ministry', 'prefecture', 'city') FROM app.organisation o WHERE o.organisation_id = mine);
    key uuid := p_extract;
BEGIN
    IF p_continues IS NOT NULL THEN
        SELECT e.key_id INTO key FROM app.extract e
         WHERE e.organisation_id = mine AND e.extract_id = p_continues AND e.keep_key AND e.approved AND e.columns = p_columns AND e.k <= p_k
           FOR SHARE;
    END IF;
    IF head IS NOT TRUE OR key IS NULL THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    IF p_until < app.today() THEN
        RAISE EXCEPTION 'its day is over' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.extract (organisation_id, extract_id, asked_by, asked_at, purpose, recipient, from_day, to_day, columns, k, leave_out,
                             once, until, key_id, keep_key, sealed_key, people, groups, smallest, below, steps)
    VALUES (mine, p_extract, app.account_now(), now(), p_purpose, p_recipient, p_from, p_to, p_columns, p_k, p_leave_out,
            p_once, p_until, key, p_keep OR p_continues IS NOT NULL, CASE WHEN p_continues IS NULL THEN p_key END,
            p_people, p_groups, p_smallest, p_below, p_steps);
    PERFORM app.audit_append('extract_ask', 'allowed', NULL, NULL, p_extract::text);
END
$$;

-- Approves or refuses. Never by who asked (HS403); HS409 when it was decided already, or its day is over. With a refusal goes the key.
CREATE FUNCTION app.extract_decide(p_extract uuid, p_approved boolean, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    e app.extract;
BEGIN
    SELECT * INTO e FROM app.extract x WHERE x.organisation_id = app.organisation_now() AND x.extract_id = p_extract FOR UPDATE;
    IF NOT FOUND OR e.asked_by = app.account_now() OR app.account_now() IS NULL THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    IF e.approved IS NOT NULL OR e.until < app.today() THEN
        RAISE EXCEPTION 'decided already' USING ERRCODE = 'HS409';
    END IF;
    UPDATE app.extract x
       SET decided_by = app.account_now(), decided_at = now(), approved = p_approved, reason = p_reason,
           sealed_key = CASE WHEN p_approved THEN x.sealed_key END
     WHERE x.organisation_id = e.organisation_id AND x.extract_id = e.extract_id;
    PERFORM app.audit_append(CASE WHEN p_approved THEN 'extract_approve' ELSE 'extract_refuse' END, 'allowed', NULL, NULL, p_extract::text);
END
$$;

-- May the key of this one be thrown away, although it was kept for going on? Not while a file is still to be made with it.
CREATE FUNCTION app.extract_may_forget(p_extract uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM app.extract e
                    WHERE e.organisation_id = app.organisation_now() AND e.extract_id = p_extract AND e.keep_key AND e.approved
                      AND NOT EXISTS (SELECT FROM app.extract o
                                       WHERE o.organisation_id = e.organisation_id AND o.key_id = e.key_id AND o.until >= app.today()
                                         AND o.approved IS NOT FALSE AND NOT (o.once AND o.taken_at IS NOT NULL)))
$$;

-- Throws away the key that this one was made with: none can go on with it, or with those that did. HS403 for another office's, HS409 when it
-- is gone already, or still needed.
CREATE FUNCTION app.extract_forget(p_extract uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    key uuid := (SELECT e.key_id FROM app.extract e WHERE e.organisation_id = mine AND e.extract_id = p_extract);
BEGIN
    IF key IS NULL THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    PERFORM FROM app.extract e WHERE e.organisation_id = mine AND e.key_id = key FOR UPDATE; -- after who asks to go on
    IF NOT app.extract_may_forget(p_extract) THEN
        RAISE EXCEPTION 'not kept, or needed' USING ERRCODE = 'HS409';
    END IF;
    UPDATE app.extract e SET keep_key = false, sealed_key = NULL WHERE e.organisation_id = mine AND e.key_id = key;
    PERFORM app.audit_append('extract_forget', 'allowed', NULL, NULL, p_extract::text);
END
$$;

-- May the session take this one now? Approved, asked for by itself, not past its day, and not taken yet if only once.
CREATE FUNCTION app.extract_may_take(e app.extract) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce(e.organisation_id = app.organisation_now() AND e.asked_by = app.account_now() AND e.approved
                    AND e.until >= app.today() AND NOT (e.once AND e.taken_at IS NOT NULL), false)
$$;

-- The sealed key of the pseudonyms, for who may take the file; no row for anybody else.
CREATE FUNCTION app.extract_key(p_extract uuid) RETURNS TABLE (key_id uuid, sealed_key text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.extract_id, o.sealed_key
      FROM app.extract e JOIN app.extract o ON o.organisation_id = e.organisation_id AND o.extract_id = e.key_id
     WHERE e.organisation_id = app.organisation_now() AND e.extract_id = p_extract AND app.extract_may_take(e)
$$;

-- Those of whom the session may take a file now, as extract_rows has them, p_most + 1 at most; of one that was taken before, nobody who
-- came since.
CREATE FUNCTION app.extract_file(p_extract uuid, p_most integer)
RETURNS TABLE (patient_id bigint, sex text, age text, centre text, prefecture text, reported date, onset date, diagnosis date,
               place_kind text, route text, category text, severity text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM app.extract e, app.extract_rows(e.from_day, e.to_day, p_most, e.patients) x
     WHERE e.organisation_id = app.organisation_now() AND e.extract_id = p_extract AND app.extract_may_take(e)
$$;

-- Takes the file, which is ready: enters it in 持ち出しの記録 and its people in the trail, keeps who they are when it may be taken again,
-- and throws the key away when nobody needs it any more. HS409 when it may not be taken, or somebody was faster.
CREATE FUNCTION app.extract_take(p_extract uuid, p_export uuid, p_format text, p_filter text, p_patients bigint[], p_replaced bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    e app.extract;
BEGIN
    SELECT * INTO e FROM app.extract x WHERE x.organisation_id = app.organisation_now() AND x.extract_id = p_extract FOR UPDATE;
    IF NOT FOUND OR NOT app.extract_may_take(e)
       OR e.patients IS NOT NULL AND EXISTS (SELECT unnest(p_patients) EXCEPT SELECT unnest(e.patients)) THEN
        RAISE EXCEPTION 'not to be taken' USING ERRCODE = 'HS409';
    END IF;
    UPDATE app.extract x
       SET taken_at = now(), patients = CASE WHEN NOT x.once THEN coalesce(x.patients, p_patients) END,
           sealed_key = CASE WHEN x.keep_key OR NOT x.once THEN x.sealed_key END
     WHERE x.organisation_id = e.organisation_id AND x.extract_id = e.extract_id;
    INSERT INTO app.export (organisation_id, export_id, account_id, at, kind, format, columns, filter, purpose, people, replaced, finished_at)
    VALUES (e.organisation_id, p_export, app.account_now(), now(), 'extract', p_format, string_to_array(e.columns, ' '), p_filter,
            e.purpose, cardinality(p_patients), p_replaced, now());
    PERFORM app.audit_append('extract', 'allowed', NULL, p_patients, p_export::text);
END
$$;

SELECT app.guard_functions('^extract_');
SELECT app.guard_tables('extract');
GRANT SELECT (organisation_id, extract_id, asked_by, asked_at, purpose, recipient, from_day, to_day, columns, k, leave_out, once, until, key_id,
              keep_key, people, groups, smallest, below, steps, decided_by, decided_at, approved, reason, taken_at) ON app.extract TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.extract_rows(date, date, integer, bigint[]), app.extract_file(uuid, integer),
    app.extract_decide(uuid, boolean, text), app.extract_key(uuid),
    app.extract_ask(uuid, text, text, date, date, text, integer, boolean, boolean, date, uuid, boolean, text, integer, integer, integer,
                    integer, text),
    app.extract_take(uuid, uuid, text, text, bigint[], bigint), app.extract_may_forget(uuid), app.extract_forget(uuid) TO hersys_staff;
GRANT SELECT (until, keep_key, approved, sealed_key, patients), UPDATE (sealed_key, patients) ON app.extract TO hersys_jobs;
CREATE POLICY own ON app.extract FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));
