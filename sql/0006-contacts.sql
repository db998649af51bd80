-- 接触者 under observation: until when (dated rules), the list that a centre works from, and a contact who became a case.
-- The contacts themselves are entries of the tab contact (app.entry); what stands here follows from them.

-- For the end of a migration, here and in those that follow. Nobody but hersys_guard may call the functions that a pattern names
-- (those for others are granted by name), and those that reach over the wall are its own.
CREATE FUNCTION app.guard_functions(p_pattern text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    f record;
BEGIN
    GRANT CREATE ON SCHEMA app TO hersys_guard; -- who takes over an object must be able to make it
    FOR f IN SELECT p.oid::regprocedure AS name, p.prosecdef FROM pg_catalog.pg_proc p
              WHERE p.pronamespace = 'app'::regnamespace AND p.proname ~ p_pattern AND p.proowner = current_user::regrole
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hersys_guard', f.name);
        IF f.prosecdef THEN
            EXECUTE format('ALTER FUNCTION %s OWNER TO hersys_guard', f.name);
        END IF;
    END LOOP;
    REVOKE CREATE ON SCHEMA app FROM hersys_guard;
END
$$;

-- The same for tables: row-level security, under which the guard and the jobs see all rows, and nobody else any.
CREATE FUNCTION app.guard_tables(VARIADIC p_tables text[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY p_tables LOOP
        EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY jobs ON app.%I TO hersys_jobs USING (true) WITH CHECK (true)', t);
        EXECUTE format('GRANT ALL ON app.%I TO hersys_guard', t);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION app.guard_functions(text), app.guard_tables(text[]) FROM PUBLIC;

CREATE TABLE app.observation_rule (
    valid_from date PRIMARY KEY,
    days integer NOT NULL CHECK (days BETWEEN 1 AND 60),
    notice text NOT NULL
);
COMMENT ON TABLE app.observation_rule IS 'reference: how many days after the last contact a close contact is observed, by the day of the last contact; the day of contact is day 0';
INSERT INTO app.observation_rule (valid_from, days, notice) VALUES
    ('2020-01-01', 14, '積極的疫学調査実施要領'),
    ('2022-01-14', 10, '令和4年1月14日事務連絡'),
    ('2022-01-28', 7, '令和4年1月28日事務連絡'),
    ('2022-07-22', 5, '令和4年7月22日事務連絡');

CREATE TABLE app.contact_watch (
    organisation_id bigint NOT NULL,
    rank integer NOT NULL,
    until date NOT NULL,
    patient_id bigint NOT NULL,
    entry_no integer NOT NULL,
    version integer NOT NULL,
    name text,
    kana text,
    phone text,
    relation text,
    reached text,
    close text,
    last_on date,
    PRIMARY KEY (organisation_id, patient_id, entry_no)
);
COMMENT ON TABLE app.contact_watch IS 'by organisation_id: the contacts whom a responsible centre observes, with what its list shows';
COMMENT ON COLUMN app.contact_watch.rank IS '0: nobody has reached them yet; 1: the others';
COMMENT ON COLUMN app.contact_watch.until IS 'end of the observation; -infinity when nothing says it';
CREATE INDEX contact_watch_list ON app.contact_watch (organisation_id, rank, until, patient_id, entry_no);
CREATE INDEX contact_watch_patient ON app.contact_watch (patient_id);

-- The last day of observation by the rule of the day of contact; NULL without that day.
CREATE FUNCTION app.observed_until(p_last date) RETURNS date
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT p_last + r.days FROM app.observation_rule r WHERE r.valid_from <= p_last ORDER BY r.valid_from DESC LIMIT 1
$$;

-- Brings the list of the responsible centre into step with the contacts of a patient, and writes only what differs.
-- app.patient_publish calls it, because a patient may be handed over, deleted or restored.
CREATE FUNCTION app.contact_watch_refresh(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    -- One after another: who waits here sees in the next statement what the one before wrote.
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR NO KEY UPDATE;
    WITH want AS MATERIALIZED (
        SELECT p.responsible_id AS organisation_id, CASE WHEN i.contact_reached IN ('reached', 'refused') THEN 1 ELSE 0 END AS rank,
               coalesce(i.contact_observed_until, app.observed_until(i.contact_last_on), '-infinity') AS until, e.patient_id,
               e.entry_no, e.version, i.contact_name AS name, i.contact_kana AS kana, i.contact_phone AS phone,
               i.contact_relation AS relation, i.contact_reached AS reached, i.contact_close AS close,
               i.contact_last_on AS last_on
          FROM app.patient p
          JOIN app.access a ON a.organisation_id = p.responsible_id AND a.patient_id = p.patient_id AND NOT a.sealed
          JOIN app.entry e ON e.patient_id = p.patient_id AND e.tab = 'contact' AND e.withdrawn_at IS NULL
         CROSS JOIN LATERAL jsonb_to_record(e.items) AS i (
               contact_name text, contact_kana text, contact_phone text, contact_relation text, contact_reached text,
               contact_close text, contact_last_on date, contact_observed_until date, contact_outcome text,
               contact_case_id text)
         WHERE p.patient_id = p_patient AND i.contact_close IS DISTINCT FROM 'no' AND i.contact_outcome IS NULL
           AND i.contact_case_id IS NULL
    ), gone AS (
        DELETE FROM app.contact_watch w
         WHERE w.patient_id = p_patient
           AND NOT EXISTS (SELECT FROM want n WHERE n.organisation_id = w.organisation_id AND n.entry_no = w.entry_no)
    )
    INSERT INTO app.contact_watch AS w (organisation_id, rank, until, patient_id, entry_no, version, name, kana, phone,
                                        relation, reached, close, last_on)
    SELECT organisation_id, rank, until, patient_id, entry_no, version, name, kana, phone, relation, reached, close, last_on
      FROM want
    ON CONFLICT (organisation_id, patient_id, entry_no) DO UPDATE
       SET rank = EXCLUDED.rank, until = EXCLUDED.until, version = EXCLUDED.version, name = EXCLUDED.name,
           kana = EXCLUDED.kana, phone = EXCLUDED.phone, relation = EXCLUDED.relation, reached = EXCLUDED.reached,
           close = EXCLUDED.close, last_on = EXCLUDED.last_on
     WHERE (w.rank, w.until, w.version, w.name, w.kana, w.phone, w.relation, w.reached, w.close, w.last_on)
           IS DISTINCT FROM (EXCLUDED.rank, EXCLUDED.until, EXCLUDED.version, EXCLUDED.name, EXCLUDED.kana, EXCLUDED.phone,
                             EXCLUDED.relation, EXCLUDED.reached, EXCLUDED.close, EXCLUDED.last_on);
END
$$;

-- The same after a change of the contacts, for whoever may write them.
CREATE FUNCTION app.contact_publish(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'contact');
    PERFORM app.contact_watch_refresh(p_patient);
END
$$;

-- A contact became a case: the contact carries the number of the new patient, whose 基礎情報 names the case that it comes
-- from. A report is never held up by its contact: one that was withdrawn, or is a case already, or that this office may not
-- write any more, stays as it is.
CREATE FUNCTION app.contact_promote(p_source bigint, p_entry integer, p_source_label text, p_patient bigint,
                                    p_patient_label text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    old app.entry;
    found_case jsonb := jsonb_build_object('contact_case_id', p_patient_label, 'contact_outcome', 'positive');
    origin jsonb := jsonb_build_object('profile_source_case', p_source_label);
BEGIN
    PERFORM FROM app.access a
      WHERE a.organisation_id = app.organisation_now() AND a.patient_id = p_source
        AND a.relations & app.writable('contact') <> 0 AND NOT a.sealed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM app.require_write(p_patient, 'profile');
    SELECT * INTO old FROM app.entry e
     WHERE e.patient_id = p_source AND e.tab = 'contact' AND e.entry_no = p_entry AND e.withdrawn_at IS NULL
       AND e.items ->> 'contact_case_id' IS NULL
       FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE app.entry
       SET version = version + 1, items = items || found_case, changed_by = app.account_now(), changed_at = now()
     WHERE patient_id = p_source AND tab = 'contact' AND entry_no = p_entry;
    INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at)
    VALUES (p_patient, 'profile', app.entry_next(p_patient, 'profile'), origin, app.organisation_now(), app.account_now(),
            now());
    INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after)
    VALUES (p_source, old.version + 1, 'contact', now(), app.account_now(), app.organisation_now(),
            jsonb_build_object('contact_case_id', '', 'contact_outcome', coalesce(old.items ->> 'contact_outcome', '')),
            found_case),
           (p_patient, 1, 'profile', now(), app.account_now(), app.organisation_now(),
            jsonb_build_object('profile_source_case', ''), origin);
    PERFORM app.link_state(p_patient, NULL, p_source, p_source_label, 'confirmed'); -- of 0007
    PERFORM app.audit_append('contact_positive', 'allowed', p_source, NULL, p_entry::text);
    PERFORM app.contact_watch_refresh(p_source);
END
$$;

SELECT app.guard_functions('^(contact_(watch_refresh|publish|promote)|observed_until)$');
SELECT app.guard_tables('contact_watch');
GRANT EXECUTE ON FUNCTION app.entry_next(bigint, text),
    app.audit_append(text, text, bigint, bigint[], text) TO hersys_guard;
GRANT EXECUTE ON FUNCTION app.contact_publish(bigint), app.contact_promote(bigint, integer, text, bigint, text),
    app.require_write(bigint, text[]) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.contact_watch_refresh(bigint) TO hersys_jobs;
GRANT ALL ON app.observation_rule TO hersys_guard;
GRANT SELECT ON app.observation_rule, app.contact_watch TO hersys_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.contact_watch TO hersys_jobs;

CREATE POLICY office ON app.contact_watch FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND (SELECT app.readable('contact')) <> 0);
