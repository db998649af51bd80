-- 文書: what a health centre gives to a patient or a contact on paper. A head office (本庁) may put its own text in place of
-- the built-in one (dictionary/papers.rec), version by version; what was given out stands in a log before the paper exists.

CREATE TABLE app.paper_template (
    office_id bigint NOT NULL,
    kind text NOT NULL,
    version integer NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    valid_from date NOT NULL,
    saved_by bigint NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (office_id, kind, version)
);
COMMENT ON TABLE app.paper_template IS 'reference: the text of a document by head office, each version as it was saved; of those that are valid the one that became so last holds';

CREATE TABLE app.paper_kind (
    kind text PRIMARY KEY,
    accepted boolean NOT NULL
);
COMMENT ON TABLE app.paper_kind IS 'reference: the kinds of documents, and whether only a confirmed case that the centre has accepted gets one; filled by `hersys migrate` from dictionary/papers.rec';

CREATE TABLE app.paper_counter (
    organisation_id bigint NOT NULL,
    fiscal_year integer NOT NULL,
    last_number integer NOT NULL,
    PRIMARY KEY (organisation_id, fiscal_year)
);
COMMENT ON TABLE app.paper_counter IS 'by organisation_id: the last document number of a centre in a fiscal year (年度)';

CREATE TABLE app.paper_issued (
    patient_id bigint NOT NULL REFERENCES app.patient,
    paper_id uuid NOT NULL,
    organisation_id bigint NOT NULL,
    issued_by bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_on date NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    recipient text NOT NULL CHECK (recipient IN ('person', 'guardian', 'contact')),
    contact_no integer,
    template_office bigint,
    template_version integer,
    reprint_of uuid,
    sealed_text text,
    PRIMARY KEY (patient_id, paper_id),
    CHECK ((reprint_of IS NULL) = (sealed_text IS NOT NULL))
);
COMMENT ON TABLE app.paper_issued IS 'by patient_id: every document that was given out, to whom, with its text as it was, sealed; a reprint (再発行) is a row of its own without a text';

CREATE TABLE app.paper_list (
    organisation_id bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    paper_id uuid NOT NULL,
    patient_id bigint NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    recipient text NOT NULL,
    reprint boolean NOT NULL,
    issued_by bigint NOT NULL,
    PRIMARY KEY (organisation_id, issued_at, paper_id)
);
COMMENT ON TABLE app.paper_list IS 'by organisation_id: what a centre has given out, by time';

-- Saves a new version of a text for the session's own head office. HS403 for anybody else, HS409 when the newest version is
-- not p_base any more (0: there was none).
CREATE FUNCTION app.paper_template_save(p_kind text, p_base integer, p_title text, p_body text, p_from date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    newest integer;
BEGIN
    PERFORM 1 FROM app.session_now s WHERE s.organisation_kind IN ('city', 'prefecture');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not a head office' USING ERRCODE = 'HS403';
    END IF;
    SELECT coalesce(max(t.version), 0) INTO newest FROM app.paper_template t
     WHERE t.office_id = app.organisation_now() AND t.kind = p_kind;
    IF newest <> p_base THEN
        RAISE EXCEPTION 'saved meanwhile' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.paper_template (office_id, kind, version, title, body, valid_from, saved_by, saved_at)
    VALUES (app.organisation_now(), p_kind, newest + 1, p_title, p_body, p_from, app.account_now(), now())
    ON CONFLICT DO NOTHING; -- somebody saved at the same moment
    IF NOT FOUND THEN
        RAISE EXCEPTION 'saved meanwhile' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- The text of its head office that a centre uses on a day: of those that are valid the one that became so last, so that a text that is
-- scheduled comes into force although another was saved after it. No row: the built-in one.
CREATE FUNCTION app.paper_text(p_centre bigint, p_kind text, p_on date) RETURNS SETOF app.paper_template
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT t.* FROM app.organisation o JOIN app.paper_template t ON t.office_id = o.parent_id
     WHERE o.organisation_id = p_centre AND t.kind = p_kind AND t.valid_from <= p_on
     ORDER BY t.valid_from DESC, t.version DESC LIMIT 1
$$;

-- Takes p_count numbers of the session's organisation, one after another: the first of them.
CREATE FUNCTION app.paper_numbers(p_year integer, p_count integer) RETURNS integer
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.paper_counter AS c (organisation_id, fiscal_year, last_number)
    VALUES (app.organisation_now(), p_year, p_count)
    ON CONFLICT (organisation_id, fiscal_year) DO UPDATE SET last_number = c.last_number + EXCLUDED.last_number
    RETURNING last_number - p_count + 1
$$;

-- Whether a patient may get a document of this kind at all, by what papers_unfit (src/core/papers.c) says to people.
CREATE FUNCTION app.paper_due(p_kind text, p_patient bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM app.paper_kind k
          LEFT JOIN LATERAL (SELECT * FROM app.notification x WHERE x.patient_id = p_patient AND x.deleted_at IS NULL
                              ORDER BY x.notification_no DESC LIMIT 1) n ON true
         WHERE k.kind = p_kind
           AND (NOT k.accepted OR n.confirmed_at IS NOT NULL AND NOT n.deemed
                                  AND n.category IN ('confirmed', 'asymptomatic', 'body')))
$$;

-- Enters documents of one kind as given out: p_papers is an array of {patient_id, version, paper_id, recipient, contact_no,
-- sealed_text}. All of them, or nothing: HS403 without the right, HS409 when a record, or the head office's text (p_office and
-- p_version; NULL: the built-in one), is not what they were made from, HS422 for whom there is none of this kind.
-- Returns their numbers in the order of the array.
CREATE FUNCTION app.paper_issue(p_kind text, p_label text, p_office bigint, p_version integer, p_on date, p_papers jsonb)
RETURNS TABLE (number text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    year integer := extract(year FROM p_on - interval '3 months');
    serial integer;
    paper record;
    holds app.paper_template;
BEGIN
    SELECT * INTO holds FROM app.paper_text(app.organisation_now(), p_kind, (now() AT TIME ZONE 'Asia/Tokyo')::date);
    IF (holds.office_id, holds.version) IS DISTINCT FROM (p_office, p_version) THEN
        RAISE EXCEPTION 'another text holds' USING ERRCODE = 'HS409';
    END IF;
    serial := app.paper_numbers(year, jsonb_array_length(p_papers));
    FOR paper IN
        SELECT * FROM jsonb_to_recordset(p_papers)
                   AS r (patient_id bigint, version integer, paper_id uuid, recipient text, contact_no integer, sealed_text text)
    LOOP
        PERFORM app.require_write(paper.patient_id, 'papers');
        PERFORM 1 FROM app.patient p
          WHERE p.patient_id = paper.patient_id AND p.version = paper.version
            AND NOT EXISTS (SELECT FROM app.access a WHERE a.organisation_id = app.organisation_now()
                               AND a.patient_id = p.patient_id AND a.sealed)
            FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
        END IF;
        IF NOT app.paper_due(p_kind, paper.patient_id) THEN
            RAISE EXCEPTION 'none for this one' USING ERRCODE = 'HS422';
        END IF;
        number := format('%s-%s', year, lpad(serial::text, 5, '0'));
        INSERT INTO app.paper_issued (patient_id, paper_id, organisation_id, issued_by, issued_at, issued_on, kind, number,
                                      recipient, contact_no, template_office, template_version, sealed_text)
        VALUES (paper.patient_id, paper.paper_id, app.organisation_now(), app.account_now(), now(), p_on, p_kind, number,
                paper.recipient, paper.contact_no, p_office, p_version, paper.sealed_text);
        INSERT INTO app.paper_list (organisation_id, issued_at, paper_id, patient_id, kind, number, recipient, reprint,
                                    issued_by)
        VALUES (app.organisation_now(), now(), paper.paper_id, paper.patient_id, p_kind, number, paper.recipient, false,
                app.account_now());
        INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after, reason)
        VALUES (paper.patient_id, paper.version, 'paper_issue', now(), app.account_now(), app.organisation_now(), '{}', '{}',
                format('%s 第%s号', p_label, number));
        RETURN NEXT;
        serial := serial + 1;
    END LOOP;
END
$$;

-- Enters a reprint (再発行) of a document, also of one that came over with a merged record. HS404 when there is no such document.
CREATE FUNCTION app.paper_reprint(p_patient bigint, p_paper uuid, p_reprint uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    first app.paper_issued;
BEGIN
    PERFORM app.require_write(p_patient, 'papers');
    PERFORM 1 FROM app.access a
      WHERE a.organisation_id = app.organisation_now() AND a.patient_id = p_patient AND a.sealed;
    IF FOUND THEN
        RAISE EXCEPTION 'deleted' USING ERRCODE = 'HS409';
    END IF;
    SELECT * INTO first FROM app.paper_issued i
     WHERE i.paper_id = p_paper AND i.reprint_of IS NULL
       AND (i.patient_id = p_patient
            OR i.patient_id IN (SELECT m.patient_id FROM app.same_merge m WHERE m.into_id = p_patient AND m.undone_at IS NULL));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such document' USING ERRCODE = 'HS404';
    END IF;
    INSERT INTO app.paper_issued (patient_id, paper_id, organisation_id, issued_by, issued_at, issued_on, kind, number,
                                  recipient, contact_no, template_office, template_version, reprint_of)
    VALUES (p_patient, p_reprint, app.organisation_now(), app.account_now(), now(), first.issued_on, first.kind, first.number,
            first.recipient, first.contact_no, first.template_office, first.template_version, p_paper);
    INSERT INTO app.paper_list (organisation_id, issued_at, paper_id, patient_id, kind, number, recipient, reprint, issued_by)
    VALUES (app.organisation_now(), now(), p_reprint, p_patient, first.kind, first.number, first.recipient, true,
            app.account_now());
END
$$;

-- ---- rights --------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^paper_');
GRANT EXECUTE ON FUNCTION app.paper_template_save(text, integer, text, text, date),
    app.paper_issue(text, text, bigint, integer, date, jsonb), app.paper_reprint(bigint, uuid, uuid), app.paper_text(bigint, text, date)
    TO hersys_staff;
GRANT SELECT ON app.paper_kind TO hersys_guard;
GRANT ALL ON app.paper_template TO hersys_guard;
GRANT SELECT ON app.paper_template, app.paper_issued, app.paper_list TO hersys_staff;
GRANT SELECT, DELETE ON app.paper_issued, app.paper_list TO hersys_jobs; -- of patients that are purged
SELECT app.guard_tables('paper_counter', 'paper_issued', 'paper_list');
CREATE POLICY tab_read ON app.paper_issued FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = paper_issued.patient_id AND a.relations & (SELECT app.readable('papers')) <> 0));
-- What was given out under an emptied ID is read with the record that it was merged into.
CREATE POLICY merged_read ON app.paper_issued FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.same_merge m JOIN app.access a ON a.patient_id = m.into_id
     WHERE a.organisation_id = (SELECT app.organisation_now()) AND m.patient_id = paper_issued.patient_id
       AND m.undone_at IS NULL AND a.relations & (SELECT app.readable('papers')) <> 0));
CREATE POLICY office ON app.paper_list FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
