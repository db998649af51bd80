-- 引継ぎ: the responsible centre asks another one to take a patient over; that one accepts, or refuses with a reason. Until
-- then nothing changes hands, so nobody is ever without a responsible centre (担当保健所). While it is asked, the other
-- centre reads the record as a related one (関係保健所); afterwards the sender goes on reading for a set time.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('handover_read_days', '30', '引継ぎのあと、前の担当保健所が記録を閲覧できる日数');

ALTER TABLE app.patient_related ADD until date;
COMMENT ON COLUMN app.patient_related.until IS 'the last day of reading; NULL: until somebody removes it';
CREATE INDEX patient_related_until ON app.patient_related (until) WHERE until IS NOT NULL;

CREATE TABLE app.handover (
    patient_id bigint NOT NULL REFERENCES app.patient,
    handover_no integer NOT NULL,
    from_id bigint NOT NULL,
    to_id bigint NOT NULL,
    reason text NOT NULL,
    brought_access boolean NOT NULL,
    requested_by bigint NOT NULL,
    requested_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'accepted', 'refused', 'withdrawn')),
    answer text NOT NULL DEFAULT '',
    decided_by bigint,
    decided_at timestamptz,
    PRIMARY KEY (patient_id, handover_no)
);
COMMENT ON TABLE app.handover IS 'by patient_id: 引継ぎ as asked and answered; brought_access: the asked centre had no relation of its own before';
CREATE UNIQUE INDEX handover_open ON app.handover (patient_id) WHERE state = 'requested';

CREATE TABLE app.handover_list (
    organisation_id bigint NOT NULL,
    outward boolean NOT NULL,
    requested_at timestamptz NOT NULL,
    patient_id bigint NOT NULL,
    handover_no integer NOT NULL,
    other_id bigint NOT NULL,
    state text NOT NULL,
    decided_at timestamptz,
    PRIMARY KEY (organisation_id, outward, requested_at, patient_id)
);
COMMENT ON TABLE app.handover_list IS 'by organisation_id: 転出 (outward) and 転入 of a centre, each hand-over in the list of both';

CREATE INDEX handover_list_patient ON app.handover_list (patient_id);

-- Related until the last day of reading; a former sender who is asked back goes on reading until it has answered.
CREATE OR REPLACE VIEW app.related_now WITH (security_invoker = true) AS
SELECT r.patient_id, r.organisation_id FROM app.patient_related r
 WHERE r.until IS NULL OR r.until >= (now() AT TIME ZONE 'Asia/Tokyo')::date
    OR EXISTS (SELECT FROM app.handover h
                WHERE h.patient_id = r.patient_id AND h.to_id = r.organisation_id AND h.state = 'requested');

-- Both lists and the things to do of both centres follow the hand-over.
CREATE FUNCTION app.handover_listed(p_patient bigint, p_no integer) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.handover_list AS l (organisation_id, outward, requested_at, patient_id, handover_no, other_id, state,
                                        decided_at)
    SELECT side.own, side.outward, h.requested_at, h.patient_id, h.handover_no, side.other, h.state, h.decided_at
      FROM app.handover h CROSS JOIN LATERAL (VALUES (h.from_id, true, h.to_id), (h.to_id, false, h.from_id))
           side (own, outward, other)
     WHERE h.patient_id = p_patient AND h.handover_no = p_no
    ON CONFLICT (organisation_id, outward, requested_at, patient_id)
       DO UPDATE SET state = EXCLUDED.state, decided_at = EXCLUDED.decided_at;
    DELETE FROM app.todo t USING app.handover h
     WHERE h.patient_id = p_patient AND h.handover_no = p_no AND t.patient_id = p_patient
       AND t.organisation_id IN (h.from_id, h.to_id) AND t.kind IN ('handover_asked', 'handover_refused');
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT CASE h.state WHEN 'requested' THEN h.to_id ELSE h.from_id END,
           CASE h.state WHEN 'requested' THEN 'handover_asked' ELSE 'handover_refused' END, p_patient, now()
      FROM app.handover h
     WHERE h.patient_id = p_patient AND h.handover_no = p_no AND h.state IN ('requested', 'refused')
$$;

-- Brings the access rows of a patient into step with who may see it, where nothing else has changed. Whoever is new gets
-- the labels and search keys that the responsible centre has, as far as its relation shows them; whoever has no relation
-- left loses all. The patient is locked before anything of it is read: whoever comes second sees what the first one left.
-- Everywhere the patient's lock is the first that is taken, before that of a hand-over or a grant.
CREATE FUNCTION app.access_follow(p_patient bigint) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    gone bigint[];
    counted text[];
    fresh bigint[];
BEGIN
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    counted := app.tally_state(p_patient); -- 0012-completeness.sql
    WITH want AS (SELECT * FROM app.access_wanted(p_patient)), dropped AS (
        DELETE FROM app.access a
         WHERE a.patient_id = p_patient AND NOT EXISTS (SELECT FROM want w WHERE w.organisation_id = a.organisation_id)
        RETURNING a.organisation_id)
    SELECT array_agg(organisation_id) INTO gone FROM dropped;
    DELETE FROM app.search_key WHERE patient_id = p_patient AND organisation_id = ANY (gone);
    DELETE FROM app.todo WHERE patient_id = p_patient AND organisation_id = ANY (gone);
    DELETE FROM app.same_pair WHERE patient_id = p_patient AND organisation_id = ANY (gone) AND different_at IS NULL;
    DELETE FROM app.same_pair WHERE other_id = p_patient AND organisation_id = ANY (gone) AND different_at IS NULL;

    WITH written AS (
        INSERT INTO app.access AS a (organisation_id, patient_id, relations, sealed, listed_at, reporter_id,
            responsible_id, notification_no, name, kana, birth_date, sex, age_years, age_band, category,
            diagnosis_date, confirmed, status, status_since, deemed, past)
        SELECT w.organisation_id, p_patient, w.relations, m.sealed, m.listed_at, m.reporter_id, p.responsible_id,
               m.notification_no, l.name, l.kana, l.birth_date, m.sex, m.age_years, m.age_band, l.category, l.diagnosis_date,
               l.confirmed, l.status, l.status_since, l.deemed, m.past
          FROM app.access_wanted(p_patient) w
          JOIN app.patient p ON p.patient_id = p_patient
          -- the labels of a centre that has followed or follows the patient: it sees them all
          JOIN LATERAL (SELECT x AS labels, x.* FROM app.access x
                         WHERE x.patient_id = p_patient AND (x.organisation_id = p.responsible_id OR x.relations & 2 <> 0)
                         ORDER BY x.relations & 2 DESC LIMIT 1) m ON true
          JOIN app.organisation o ON o.organisation_id = w.organisation_id
          LEFT JOIN app.label_right r ON r.kind = o.kind
         CROSS JOIN LATERAL app.access_as_seen(m.labels, w.relations, r) l
        ON CONFLICT (organisation_id, patient_id) DO UPDATE
           SET relations = EXCLUDED.relations, responsible_id = EXCLUDED.responsible_id, name = EXCLUDED.name,
               kana = EXCLUDED.kana, birth_date = EXCLUDED.birth_date, category = EXCLUDED.category,
               diagnosis_date = EXCLUDED.diagnosis_date, confirmed = EXCLUDED.confirmed, status = EXCLUDED.status,
               status_since = EXCLUDED.status_since, deemed = EXCLUDED.deemed
         WHERE a.relations <> EXCLUDED.relations
        RETURNING a.organisation_id)
    SELECT array_agg(organisation_id) INTO fresh FROM written;
    INSERT INTO app.search_key (organisation_id, key, patient_id)
    SELECT a.organisation_id, k.key, p_patient
      FROM app.access a
      JOIN app.organisation o ON o.organisation_id = a.organisation_id
      JOIN app.label_right r ON r.kind = o.kind
      JOIN app.patient p ON p.patient_id = p_patient
      JOIN app.search_key k ON k.organisation_id = p.responsible_id AND k.patient_id = p_patient
     WHERE a.patient_id = p_patient AND a.organisation_id = ANY (fresh) AND a.relations & r.person <> 0
    ON CONFLICT DO NOTHING;
    PERFORM app.links_publish(ARRAY[p_patient]);
    PERFORM app.close_refresh(p_patient);
    PERFORM app.tally_follow(counted, p_patient);
END
$$;

-- The centre that has given a patient away goes on reading for a set time, unless it is related anyway.
CREATE FUNCTION app.related_reads_on(p_patient bigint, p_former bigint) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.patient_related (patient_id, organisation_id, since, until)
    SELECT p_patient, p_former, now(), (now() AT TIME ZONE 'Asia/Tokyo')::date + s.value::integer
      FROM app.setting s WHERE s.name = 'handover_read_days'
    ON CONFLICT DO NOTHING
$$;

-- The receiving centre has set another one (app.patient_assign): in both lists that is a hand-over, accepted at once.
CREATE FUNCTION app.handover_set(p_patient bigint, p_from bigint, p_to bigint) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    number integer;
BEGIN
    SELECT coalesce(max(handover_no), 0) + 1 INTO number FROM app.handover WHERE patient_id = p_patient;
    INSERT INTO app.handover (patient_id, handover_no, from_id, to_id, reason, brought_access, requested_by, requested_at, state,
                              decided_by, decided_at)
    VALUES (p_patient, number, p_from, p_to, '届出を受けた保健所が設定しました。', false, app.account_now(), now(), 'accepted',
            app.account_now(), now());
    PERFORM app.handover_listed(p_patient, number);
    PERFORM app.related_reads_on(p_patient, p_from);
END
$$;

-- Asks another centre. HS409 while another request is open, HS422 when it is no centre that may be asked.
CREATE FUNCTION app.handover_request(p_patient bigint, p_to bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    number integer;
    brought boolean;
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    PERFORM 1 FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    IF p_to = app.organisation_now() OR NOT EXISTS (
        SELECT FROM app.organisation o
         WHERE o.organisation_id = p_to AND o.kind = 'centre' AND o.closed_at IS NULL AND NOT o.laboratory) THEN
        RAISE EXCEPTION 'not a health centre' USING ERRCODE = 'HS422';
    END IF;
    IF EXISTS (SELECT FROM app.handover WHERE patient_id = p_patient AND state = 'requested') THEN
        RAISE EXCEPTION 'asked already' USING ERRCODE = 'HS409';
    END IF;
    SELECT coalesce(max(handover_no), 0) + 1 INTO number FROM app.handover WHERE patient_id = p_patient;
    INSERT INTO app.patient_related (patient_id, organisation_id, since) VALUES (p_patient, p_to, now())
    ON CONFLICT DO NOTHING;
    brought := FOUND;
    INSERT INTO app.handover (patient_id, handover_no, from_id, to_id, reason, brought_access, requested_by, requested_at)
    VALUES (p_patient, number, app.organisation_now(), p_to, p_reason, brought, app.account_now(), now());
    PERFORM app.handover_listed(p_patient, number);
END
$$;

-- Ends an open request: 'accepted' and 'refused' by the centre that was asked, 'withdrawn' by the one that asked. HS409
-- when it is not open any more, or not this office's to end.
CREATE FUNCTION app.handover_decide(p_patient bigint, p_no integer, p_state text, p_answer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    asked app.handover;
BEGIN
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    UPDATE app.handover
       SET state = p_state, answer = p_answer, decided_by = app.account_now(), decided_at = now()
     WHERE patient_id = p_patient AND handover_no = p_no AND state = 'requested' AND p_state <> 'requested'
       AND CASE p_state WHEN 'withdrawn' THEN from_id ELSE to_id END = app.organisation_now()
    RETURNING * INTO asked;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not open' USING ERRCODE = 'HS409';
    END IF;
    IF p_state = 'accepted' THEN
        UPDATE app.patient SET responsible_id = asked.to_id WHERE patient_id = p_patient;
        DELETE FROM app.patient_related WHERE patient_id = p_patient AND organisation_id = asked.to_id;
        PERFORM app.related_reads_on(p_patient, asked.from_id);
    ELSIF asked.brought_access THEN
        DELETE FROM app.patient_related WHERE patient_id = p_patient AND organisation_id = asked.to_id;
    END IF;
    PERFORM app.access_follow(p_patient);
    PERFORM app.handover_listed(p_patient, p_no);
END
$$;

-- The sender has read that it was refused.
CREATE FUNCTION app.handover_seen(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    DELETE FROM app.todo
     WHERE organisation_id = app.organisation_now() AND kind = 'handover_refused' AND patient_id = p_patient;
END
$$;

-- A centre that was chosen as a related one is so for good, also if it had only days of reading left. Behind app.patient_assign.
CREATE FUNCTION app.related_lasts(p_patient bigint, p_centre bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    UPDATE app.patient_related SET until = NULL WHERE patient_id = p_patient AND organisation_id = p_centre;
END
$$;

-- ---- rights --------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(handover_|related_|access_follow$)');
SELECT app.guard_tables('handover', 'handover_list');
GRANT EXECUTE ON FUNCTION app.handover_request(bigint, bigint, text), app.handover_decide(bigint, integer, text, text),
    app.handover_seen(bigint), app.related_lasts(bigint, bigint) TO hersys_staff;

GRANT SELECT ON app.handover, app.handover_list TO hersys_staff;
GRANT SELECT, DELETE ON app.handover, app.handover_list TO hersys_jobs; -- of patients that are purged
CREATE POLICY tab_read ON app.handover FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = handover.patient_id AND a.relations & (SELECT app.readable('assignment')) <> 0));
CREATE POLICY office ON app.handover_list FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
