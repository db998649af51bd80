-- 療養証明書 on the telephone (domain.md 4.6): for whom there is one is what the paper asks (app.paper_due, 0013-papers.sql). The public role
-- knows neither the record nor the key of the HER-SYS ID: a certificate is wanted here, made and sealed by the jobs, and carries a code
-- under which a third party is told what it says, and nothing else.

CREATE TABLE app.certificate (
    patient_id bigint PRIMARY KEY,
    facts text NOT NULL,
    asked_at timestamptz NOT NULL,
    issued_at timestamptz,
    code_hash text,
    sealed_text text
);
COMMENT ON TABLE app.certificate IS 'by patient_id: the 療養証明書 that somebody opened on the telephone; the jobs, who know the key of the HER-SYS ID, make it';
COMMENT ON COLUMN app.certificate.facts IS 'a digest of what it says of the person; when the record says something else, a new one takes its place. It stays with the centre that it names: the patient may move';
COMMENT ON COLUMN app.certificate.code_hash IS 'of the code that it carries: whoever holds it may have it confirmed';
CREATE INDEX certificate_wanted ON app.certificate (asked_at, patient_id) WHERE issued_at IS NULL;
CREATE INDEX certificate_code ON app.certificate (code_hash);

-- What the certificate of a patient says; no row for whom there is none, as for the paper (app.paper_due).
CREATE FUNCTION app.certificate_of(p_patient bigint)
RETURNS TABLE (name text, birth_date date, diagnosis_date date, centre text, facts text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT w.*, encode(sha256(convert_to(concat_ws('|', w.name, w.birth_date, w.diagnosis_date), 'UTF8')), 'hex')
      FROM (SELECT concat_ws('　', p.family_name, p.given_name) AS name, p.birth_date, n.diagnosis_date, o.name AS centre
              FROM app.patient p
              JOIN app.organisation o ON o.organisation_id = p.responsible_id
              JOIN LATERAL (SELECT x.diagnosis_date FROM app.notification x WHERE x.patient_id = p.patient_id AND x.deleted_at IS NULL
                             ORDER BY x.notification_no DESC LIMIT 1) n ON true
             WHERE p.patient_id = p_patient AND app.paper_due('certificate', p_patient)) w
     WHERE w.name <> '' AND w.birth_date IS NOT NULL AND w.diagnosis_date IS NOT NULL
$$;

-- The certificate of somebody in a session: 'ready' with its sealed text, 'making' (in a moment), 'wait' (the centre has not accepted the
-- report yet), 'never' (疑似症, みなし陽性), 'none' (no such person).
CREATE FUNCTION app.my_certificate(p_session text, p_person integer, OUT state text, OUT code_hash text, OUT sealed_text text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.my_person := app.my_person_of(p_session, p_person);
    holds text := (SELECT f.facts FROM app.certificate_of(who.patient_id) f);
    c app.certificate;
BEGIN
    IF who.patient_id IS NULL OR who.contact_no <> 0 THEN
        state := 'none';
    ELSIF holds IS NULL THEN
        state := CASE WHEN (SELECT n.confirmed_at IS NULL AND NOT n.deemed AND n.category IN ('confirmed', 'asymptomatic', 'body')
                              FROM app.notification n WHERE n.patient_id = who.patient_id AND n.deleted_at IS NULL
                             ORDER BY n.notification_no DESC LIMIT 1) THEN 'wait' ELSE 'never' END;
    ELSE
        SELECT * INTO c FROM app.certificate x WHERE x.patient_id = who.patient_id AND x.facts = holds;
        IF NOT FOUND THEN
            INSERT INTO app.certificate AS x (patient_id, facts, asked_at) VALUES (who.patient_id, holds, now())
            ON CONFLICT (patient_id) DO UPDATE
               SET facts = EXCLUDED.facts, asked_at = EXCLUDED.asked_at, issued_at = NULL, code_hash = NULL, sealed_text = NULL
             WHERE x.facts <> EXCLUDED.facts;
        END IF;
        state := CASE WHEN c.issued_at IS NULL THEN 'making' ELSE 'ready' END;
        code_hash := c.code_hash;
        sealed_text := c.sealed_text;
        IF state = 'ready' THEN
            PERFORM app.my_trail('my_certificate', who.patient_id, 0);
        END IF;
    END IF;
END
$$;

-- Those that are waited for, at most p_limit; of whom the record says something else by now is none of those (app.certificate_purge).
CREATE FUNCTION app.certificate_wanted(p_limit integer)
RETURNS TABLE (patient_id bigint, name text, birth_date date, diagnosis_date date, centre text, facts text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.patient_id, f.* FROM app.certificate c CROSS JOIN LATERAL app.certificate_of(c.patient_id) f
     WHERE c.issued_at IS NULL AND f.facts = c.facts
     ORDER BY c.asked_at, c.patient_id LIMIT p_limit
$$;

CREATE FUNCTION app.certificate_issue(p_patient bigint, p_facts text, p_code text, p_sealed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    UPDATE app.certificate c SET issued_at = now(), code_hash = p_code, sealed_text = p_sealed
     WHERE c.patient_id = p_patient AND c.facts = p_facts AND c.issued_at IS NULL
$$;

-- What a certificate says, to whoever holds its code, as long as the report behind it stands; NULL for all others. A code that is not
-- there is counted with the guessed links.
CREATE FUNCTION app.certificate_check(p_code text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.certificate;
BEGIN
    SELECT * INTO c FROM app.certificate x
     WHERE x.code_hash = p_code
       AND (app.paper_due('certificate', x.patient_id)
            OR EXISTS (SELECT FROM app.same_merge m WHERE m.patient_id = x.patient_id AND m.undone_at IS NULL
                          AND app.paper_due('certificate', m.into_id)));
    IF FOUND THEN
        PERFORM app.audit_link(NULL, NULL, 'my', 'certificate_check', 'allowed', c.patient_id, NULL,
                               (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = c.patient_id), '');
        RETURN c.sealed_text;
    END IF;
    INSERT INTO app.my_try AS t (link_hash, known, failures, tried_at) VALUES (p_code, false, 1, now())
    ON CONFLICT (link_hash) DO UPDATE SET failures = t.failures + 1, tried_at = EXCLUDED.tried_at;
    PERFORM app.my_report_guessing();
    RETURN NULL;
END
$$;

-- Those that could not be made: the record has changed before.
CREATE FUNCTION app.certificate_purge() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    DELETE FROM app.certificate c WHERE c.issued_at IS NULL AND c.asked_at < now() - interval '1 day'
$$;

-- ---- rights ------------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(my_certificate$|certificate_)');
SELECT app.guard_tables('certificate');
GRANT SELECT, DELETE ON app.certificate TO hersys_jobs; -- of patients that are purged
GRANT EXECUTE ON FUNCTION app.my_certificate(text, integer), app.certificate_check(text) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.certificate_wanted(integer), app.certificate_issue(bigint, text, text, text), app.certificate_purge()
    TO hersys_jobs;
