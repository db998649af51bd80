-- The desk of whoever observes (健康観察): presses on its lists, the rules that a head office sets, how long somebody is in care and
-- why (療養期間) with the dated rules of the ministry, and messages by SMS to many.

-- ---- 療養期間 ---------------------------------------------------------------------------------------------------------

ALTER TABLE app.care_rule
    ADD COLUMN recovered_hours integer NOT NULL DEFAULT 72 CHECK (recovered_hours BETWEEN 0 AND 240),
    ADD COLUMN facility_hours integer NOT NULL DEFAULT 72 CHECK (facility_hours BETWEEN 0 AND 240),
    ADD COLUMN kit_day integer CHECK (kit_day BETWEEN 1 AND 60),
    ADD COLUMN in_care_too boolean NOT NULL DEFAULT false,
    ADD COLUMN entered_by bigint NOT NULL DEFAULT 0,
    ADD COLUMN entered_at timestamptz NOT NULL DEFAULT '2022-09-07 00:00+09';
COMMENT ON COLUMN app.care_rule.recovered_hours IS 'hours that must have passed since 症状軽快; facility_hours: in hospital or a facility (domain.md 2.9)';
COMMENT ON COLUMN app.care_rule.kit_day IS 'without symptoms: from which day on a negative test kit ends it; NULL: none';
COMMENT ON COLUMN app.care_rule.in_care_too IS 'holds from its first day also for those who are in care by then, otherwise by day 0 alone';
UPDATE app.care_rule SET recovered_hours = 24, kit_day = 5 WHERE valid_from = '2022-09-07';
ALTER TABLE app.care_rule
    ALTER COLUMN recovered_hours DROP DEFAULT, ALTER COLUMN facility_hours DROP DEFAULT, ALTER COLUMN in_care_too DROP DEFAULT,
    ALTER COLUMN entered_by DROP DEFAULT, ALTER COLUMN entered_at DROP DEFAULT,
    DROP CONSTRAINT care_rule_pkey, ADD PRIMARY KEY (valid_from, entered_at);
COMMENT ON TABLE app.care_rule IS 'reference: 療養期間 in days behind day 0, by day 0: with symptoms (発症日), with symptoms in hospital or a facility, without symptoms (検体採取日); of several from one day on the last entered holds';

-- The days of a rule.
CREATE FUNCTION app.care_days(p_rule app.care_rule, p_basis text, p_status text) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT CASE WHEN p_basis <> 'onset' THEN p_rule.asymptomatic_days
                WHEN p_status IN ('hospital', 'facility') THEN p_rule.facility_days ELSE p_rule.symptomatic_days END
$$;

CREATE FUNCTION app.day_words(p_day date) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT to_char(p_day, 'FMYYYY/FMMM/FMDD') $$;

-- How long these patients are in care by a set of rules, and why, in words: the one place that says it. `begins_on` is the first day of
-- the observation, `because` says from what the end follows (entered, onset, sampled, diagnosed), `notice` the rule. Day 0 decides
-- which rule holds; one that is also for those in care takes them over on its first day, and ends nobody's care before that.
-- No row without a notification.
DROP FUNCTION app.care_periods(bigint[]);
CREATE FUNCTION app.care_periods_by(p_patients bigint[], p_rules app.care_rule[])
RETURNS TABLE (patient_id bigint, begins_on date, ends_on date, because text, reason text, notice text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT a.patient_id, coalesce(o.since, d.started), coalesce(o.until, e.ends_on),
           CASE WHEN o.until IS NOT NULL THEN 'entered' ELSE d.basis END,
           CASE WHEN o.until IS NOT NULL THEN '保健所が決めた終了日' || coalesce('（' || o.why || '）', '')
                WHEN e.by_kit THEN d.words || 'から' || r.kit_day || '日目以降の検査キットで陰性（' || app.day_words(o.kit_on) || '）'
                ELSE d.words || 'から' || e.days || '日'
                     || CASE WHEN d.basis = 'onset' AND o.recovered_on IS NOT NULL
                             THEN '、症状が軽快した日（' || app.day_words(o.recovered_on) || '）から' || e.hours || '時間' ELSE '' END END,
           r.notice
      FROM app.access a
      JOIN LATERAL (SELECT n.onset_date, n.diagnosis_date, n.notification_no FROM app.notification n
                     WHERE n.patient_id = a.patient_id AND n.deleted_at IS NULL ORDER BY n.notification_no DESC LIMIT 1) n ON true
      LEFT JOIN LATERAL (SELECT min(t.sampled_on) AS sampled_on FROM app.test_record t
                          WHERE t.patient_id = a.patient_id AND t.notification_no = n.notification_no
                            AND coalesce(t.result, 'positive') = 'positive') t ON true -- some forms do not ask for it
      LEFT JOIN LATERAL (SELECT p.since, p.until, p.items ->> 'period_because' AS why,
                                (p.items ->> 'period_recovered_on')::date AS recovered_on, (p.items ->> 'period_kit_on')::date AS kit_on
                           FROM app.entry p
                          WHERE p.patient_id = a.patient_id AND p.tab = 'period' AND p.withdrawn_at IS NULL
                          ORDER BY p.entry_no DESC LIMIT 1) o ON true
     CROSS JOIN LATERAL (SELECT b.started, b.basis, b.label || '（' || app.day_words(b.started) || '）' AS words
                           FROM (VALUES (n.onset_date, 'onset', '発症日'), (t.sampled_on, 'sampled', '検体採取日'),
                                        (n.diagnosis_date, 'diagnosed', '診断日')) b (started, basis, label)
                          WHERE b.started IS NOT NULL LIMIT 1) d
     CROSS JOIN LATERAL (SELECT c AS rule FROM unnest(p_rules) c WHERE c.valid_from <= d.started
                          ORDER BY c.valid_from DESC, c.entered_at DESC LIMIT 1) f
     CROSS JOIN LATERAL (SELECT c AS rule, c.kit_day, c.notice, c.valid_from FROM unnest(p_rules) c
                          WHERE c.valid_from <= d.started
                             OR c.in_care_too AND c.valid_from <= d.started + app.care_days(f.rule, d.basis, a.status)
                          ORDER BY c.valid_from DESC, c.entered_at DESC LIMIT 1) r
     CROSS JOIN LATERAL (SELECT x.days, x.hours, x.by_kit,
                                greatest(CASE WHEN x.by_kit THEN least(d.started + x.days, o.kit_on)
                                              ELSE greatest(d.started + x.days, CASE WHEN d.basis = 'onset' THEN o.recovered_on + x.hours / 24 END)
                                         END, CASE WHEN r.valid_from > d.started THEN r.valid_from - 1 END) AS ends_on
                           FROM (SELECT app.care_days(r.rule, d.basis, a.status) AS days,
                                        CASE WHEN a.status IN ('hospital', 'facility') THEN (r.rule).facility_hours
                                             ELSE (r.rule).recovered_hours END AS hours,
                                        coalesce(d.basis <> 'onset' AND o.kit_on >= d.started + r.kit_day, false) AS by_kit) x) e
     WHERE a.patient_id = ANY (p_patients) AND a.relations & 2 <> 0
$$;

CREATE FUNCTION app.care_periods(p_patients bigint[])
RETURNS TABLE (patient_id bigint, begins_on date, ends_on date, because text, reason text, notice text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT * FROM app.care_periods_by(p_patients, ARRAY(SELECT c FROM app.care_rule c))
$$;

-- The period of one patient for whoever may see it.
CREATE FUNCTION app.care_period_shown(p_patient bigint)
RETURNS TABLE (begins_on date, ends_on date, because text, reason text, notice text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.begins_on, c.ends_on, c.because, c.reason, c.notice
      FROM app.access a CROSS JOIN LATERAL app.care_periods(ARRAY[p_patient]) c
     WHERE a.organisation_id = app.organisation_now() AND a.patient_id = p_patient AND a.relations & app.readable('period') <> 0
$$;

ALTER TABLE app.close_proposal DROP CONSTRAINT close_proposal_basis_check, ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE app.close_proposal ALTER COLUMN reason DROP DEFAULT;
COMMENT ON COLUMN app.close_proposal.basis IS 'from what the end follows, as app.care_periods has it';

-- Proposes to close patients whose last day by app.care_periods has passed, or takes proposals back. It follows from the facts alone,
-- whoever calls it: every change of the record, and, because days pass, the jobs. Against it speaks a status, or an entry of 医療, 重症度 or 居所, of a day behind the end; whatever
-- its day, a latest admission without 退院 or with 転院, and a latest 重症度 that is 重症 (decision 0013). The patients are locked first, so that of
-- two who change one record the second sees what the first has entered.
CREATE FUNCTION app.close_propose(VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM FROM app.patient p WHERE p.patient_id = ANY (p_patients) ORDER BY p.patient_id FOR NO KEY UPDATE;
    DELETE FROM app.todo WHERE patient_id = ANY (p_patients) AND kind = 'close_proposed';
    DELETE FROM app.close_proposal WHERE patient_id = ANY (p_patients);
    WITH proposed AS (
        INSERT INTO app.close_proposal (organisation_id, patient_id, started, basis, days, until, reason)
        SELECT a.organisation_id, a.patient_id, c.begins_on, c.because, c.ends_on - c.begins_on, c.ends_on, c.reason
          FROM app.access a JOIN app.care_periods(p_patients) c ON c.patient_id = a.patient_id
         WHERE a.patient_id = ANY (p_patients) AND a.relations & 2 <> 0 AND NOT a.sealed AND app.in_care(a.status)
           AND c.ends_on < app.today() AND a.status_since <= c.ends_on
           AND NOT EXISTS (SELECT FROM app.entry e
                            WHERE e.patient_id = a.patient_id AND e.tab IN ('care', 'grade', 'residence') AND e.withdrawn_at IS NULL
                              AND coalesce(e.until, e.since, (e.entered_at AT TIME ZONE 'Asia/Tokyo')::date) > c.ends_on)
           AND NOT EXISTS (SELECT FROM (SELECT DISTINCT ON (e.tab) e.tab, e.until, e.items FROM app.entry e
                                         WHERE e.patient_id = a.patient_id AND e.tab IN ('care', 'grade') AND e.withdrawn_at IS NULL
                                         ORDER BY e.tab, e.since DESC NULLS LAST, e.entry_no DESC) latest
                            WHERE latest.tab = 'care' AND latest.until IS NULL AND latest.items ->> 'care_outcome' IS NULL
                               OR latest.items ->> 'care_outcome' = 'transferred' OR latest.items ->> 'grade_severity' = 'severe')
        ON CONFLICT DO NOTHING
        RETURNING organisation_id, patient_id)
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT a.organisation_id, 'close_proposed', a.patient_id, a.listed_at
      FROM proposed JOIN app.access a USING (organisation_id, patient_id)
    ON CONFLICT DO NOTHING;
END
$$;

-- ---- presses on the lists --------------------------------------------------------------------------------------------

-- Takes an urgent or missing answer on ('claimed'), gives it back ('released'), or is done with it ('settled', with a note). HS409 when
-- somebody else has taken it on, it is done with, nobody is observed here any more, or, for whoever is done with it, anything has changed
-- since p_seen (app.follow_seen of what was shown).
CREATE FUNCTION app.follow_press(p_patient bigint, p_contact integer, p_kind text, p_note text, p_seen text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    moment timestamptz;
BEGIN
    PERFORM app.require_write(p_patient, 'observation');
    IF p_contact <> 0 THEN
        PERFORM app.require_write(p_patient, 'contact');
    END IF;
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR NO KEY UPDATE;
    moment := clock_timestamp(); -- as in app.observation_store: the two are compared
    UPDATE app.follow f
       SET claimed_by = CASE p_kind WHEN 'claimed' THEN app.account_now() END,
           claimed_at = CASE p_kind WHEN 'claimed' THEN moment END,
           settled_at = CASE p_kind WHEN 'settled' THEN moment ELSE f.settled_at END
     WHERE f.patient_id = p_patient AND f.contact_no = p_contact
       AND CASE p_kind WHEN 'settled' THEN app.follow_seen(f.answered_at, f.settled_at, f.claimed_by, f.claimed_at) = p_seen
                       WHEN 'released' THEN f.claimed_by = app.account_now()
                       ELSE (f.urgency > 0 OR f.next_due < now()) AND coalesce(f.claimed_by, app.account_now()) = app.account_now() END;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not as it was shown' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.follow_action (patient_id, action_no, contact_no, kind, note, organisation_id, account_id, at)
    SELECT p_patient, coalesce(max(x.action_no), 0) + 1, p_contact, p_kind, p_note, app.organisation_now(), app.account_now(), moment
      FROM app.follow_action x WHERE x.patient_id = p_patient;
    PERFORM app.follow_state(ARRAY[p_patient]);
END
$$;

-- ---- rules -----------------------------------------------------------------------------------------------------------

ALTER TABLE app.follow_rule DROP CONSTRAINT follow_rule_pkey, ADD PRIMARY KEY (owner_id, valid_from, entered_at);
COMMENT ON COLUMN app.follow_rule.entered_at IS 'of several from one day on the last entered holds';
CREATE OR REPLACE FUNCTION app.follow_rule_of(p_owner bigint, p_day date) RETURNS app.follow_rule
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    rule app.follow_rule;
BEGIN
    SELECT * INTO rule FROM app.follow_rule r WHERE r.owner_id IN (p_owner, 0) AND r.valid_from <= p_day
     ORDER BY r.owner_id DESC, r.valid_from DESC, r.entered_at DESC LIMIT 1;
    RETURN rule;
END
$$;

CREATE TABLE app.rule_sweep (
    sweep_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id bigint NOT NULL,
    begins_on date NOT NULL,
    after_id bigint NOT NULL DEFAULT 0,
    done_at timestamptz
);
COMMENT ON TABLE app.rule_sweep IS 'by own key: a rule was changed: those concerned (owner_id; 0: everybody) are brought into step by the jobs, patient by patient, from a day on';
CREATE INDEX rule_sweep_open ON app.rule_sweep (begins_on, sweep_id) WHERE done_at IS NULL;
CREATE INDEX follow_owner ON app.follow (owner_id, patient_id);

-- The next few whom a changed rule concerns; how many patients, 0 when there are none left.
CREATE FUNCTION app.rule_sweep_step(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    sweep app.rule_sweep;
    few bigint[];
BEGIN
    SELECT * INTO sweep FROM app.rule_sweep s WHERE s.done_at IS NULL AND s.begins_on <= app.today()
     ORDER BY s.begins_on, s.sweep_id LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF sweep.owner_id = 0 THEN
        few := ARRAY(SELECT x.patient_id FROM (
                     (SELECT f.patient_id FROM app.follow f WHERE f.patient_id > sweep.after_id AND f.contact_no = 0
                       ORDER BY f.patient_id LIMIT p_limit)
                     UNION
                     (SELECT c.patient_id FROM app.close_proposal c WHERE c.patient_id > sweep.after_id
                       ORDER BY c.patient_id LIMIT p_limit)
                     UNION
                     (SELECT DISTINCT f.patient_id FROM app.follow f WHERE f.patient_id > sweep.after_id AND f.contact_no > 0
                       ORDER BY f.patient_id LIMIT p_limit)) x
                     ORDER BY x.patient_id LIMIT p_limit);
    ELSE
        few := ARRAY(SELECT DISTINCT f.patient_id FROM app.follow f WHERE f.owner_id = sweep.owner_id AND f.patient_id > sweep.after_id
                      ORDER BY f.patient_id LIMIT p_limit);
    END IF;
    IF cardinality(few) = 0 THEN
        UPDATE app.rule_sweep SET done_at = now() WHERE sweep_id = sweep.sweep_id;
    ELSE
        PERFORM app.close_refresh(VARIADIC few);
        UPDATE app.rule_sweep SET after_id = few[cardinality(few)] WHERE sweep_id = sweep.sweep_id;
    END IF;
    RETURN cardinality(few);
END
$$;

-- Whose rules the session's office sets: a head office its own, the ministry those of the nation (0). HS403 for all others.
CREATE FUNCTION app.follow_rules_owner() RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    owner bigint := (SELECT CASE WHEN s.organisation_kind = 'ministry' THEN 0
                                 WHEN s.organisation_kind IN ('city', 'prefecture') THEN s.organisation_id END FROM app.session_now s);
BEGIN
    IF owner IS NULL THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    RETURN owner;
END
$$;

-- One after another saves rules of an office (0: of the nation, for which the ministry stands).
CREATE FUNCTION app.follow_rules_lock(p_owner bigint) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    SELECT FROM app.organisation o
     WHERE o.organisation_id = CASE p_owner WHEN 0 THEN (SELECT min(m.organisation_id) FROM app.organisation m WHERE m.kind = 'ministry')
                                            ELSE p_owner END FOR UPDATE
$$;

-- Which versions somebody saw: the moment at which the newest of them was entered, in microseconds; 0 for none.
CREATE FUNCTION app.follow_rules_stamp(p_newest timestamptz) RETURNS bigint
LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT coalesce((extract(epoch FROM p_newest) * 1000000)::bigint, 0) $$;

-- Saves a version of 健康観察の決まり from today or a later day on (HS422 for an earlier one: the past does not change). HS409 when another
-- was saved since p_newest (app.follow_rules_stamp).
CREATE FUNCTION app.follow_rule_save(p_from date, p_ask time, p_due time, p_own_history boolean, p_questions text[], p_alarms jsonb,
                                     p_newest bigint)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    owner bigint := app.follow_rules_owner();
BEGIN
    IF p_from < app.today() OR cardinality(p_questions) = 0 THEN
        RAISE EXCEPTION 'not to be saved' USING ERRCODE = 'HS422';
    END IF;
    PERFORM app.follow_rules_lock(owner);
    PERFORM app.require_one(CASE WHEN app.follow_rules_stamp((SELECT max(r.entered_at) FROM app.follow_rule r WHERE r.owner_id = owner))
                                      = p_newest THEN 1 ELSE 0 END);
    INSERT INTO app.follow_rule (owner_id, valid_from, ask_at, due_at, own_history, questions, alarms, entered_by, entered_at)
    VALUES (owner, p_from, p_ask, p_due, p_own_history, p_questions, p_alarms, app.account_now(), now());
    INSERT INTO app.rule_sweep (owner_id, begins_on) VALUES (owner, p_from);
END
$$;

-- What thresholds would change: the latest answers of the first p_most people observed under this office's rules, weighed by the rule
-- of today and by p_alarms. Numbers alone: whoever sets the rules need not see the people.
CREATE FUNCTION app.follow_rule_preview(p_alarms jsonb, p_most integer)
RETURNS TABLE (looked bigint, answered bigint, urgent_now bigint, urgent_then bigint, changed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    owner bigint := app.follow_rules_owner();
BEGIN
    RETURN QUERY
    SELECT count(*), count(o.items), count(*) FILTER (WHERE was.urgency > 0), count(*) FILTER (WHERE becomes.urgency > 0),
           count(*) FILTER (WHERE was.urgency <> becomes.urgency)
      FROM (SELECT f.patient_id, f.contact_no, f.owner_id FROM app.follow f
             WHERE owner = 0 OR f.owner_id = owner ORDER BY f.owner_id, f.patient_id, f.contact_no LIMIT p_most) f
      LEFT JOIN LATERAL (SELECT e.items, app.observation_before(e.patient_id, f.contact_no::text, e.since, e.entered_at, e.entry_no) AS before
                           FROM app.entry e
                          WHERE e.patient_id = f.patient_id AND e.tab = 'observation' AND e.withdrawn_at IS NULL
                            AND coalesce(e.items ->> 'observation_of', '0') = f.contact_no::text
                          ORDER BY e.entered_at DESC LIMIT 1) o ON true
     CROSS JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) rule
     CROSS JOIN LATERAL app.observation_urgency(o.items, o.before, rule.alarms) was
     -- Where a head office has a rule of its own, the nation's changes nothing.
     CROSS JOIN LATERAL app.observation_urgency(o.items, o.before, CASE WHEN rule.owner_id = owner OR owner <> 0 THEN p_alarms
                                                                             ELSE rule.alarms END) becomes;
END
$$;

-- Saves a rule of 療養期間, of the ministry alone; HS422 for a day in the past, HS409 when another was saved since p_newest.
CREATE FUNCTION app.care_rule_save(p_rule app.care_rule, p_newest bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    IF p_rule.valid_from < app.today() THEN
        RAISE EXCEPTION 'not to be saved' USING ERRCODE = 'HS422';
    END IF;
    PERFORM app.follow_rules_lock(0);
    PERFORM app.require_one(CASE WHEN app.follow_rules_stamp((SELECT max(r.entered_at) FROM app.care_rule r)) = p_newest THEN 1 ELSE 0 END);
    p_rule.entered_by := app.account_now();
    p_rule.entered_at := now();
    INSERT INTO app.care_rule SELECT (p_rule).*;
    INSERT INTO app.rule_sweep (owner_id, begins_on) VALUES (0, app.today());
END
$$;

-- Whom a rule of 療養期間 would affect, among the first p_most who are observed: whose end comes sooner or later, and whose is over.
CREATE FUNCTION app.care_rule_preview(p_rule app.care_rule, p_most integer)
RETURNS TABLE (looked bigint, sooner bigint, later bigint, over bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    people bigint[] := ARRAY(SELECT f.patient_id FROM app.follow f WHERE f.contact_no = 0 ORDER BY f.patient_id LIMIT p_most);
BEGIN
    PERFORM app.require_ministry();
    p_rule.entered_at := now();
    RETURN QUERY
    SELECT count(*), count(*) FILTER (WHERE becomes.ends_on < was.ends_on), count(*) FILTER (WHERE becomes.ends_on > was.ends_on),
           count(*) FILTER (WHERE becomes.ends_on <> was.ends_on AND becomes.ends_on < greatest(app.today(), p_rule.valid_from))
      FROM app.care_periods(people) was
      JOIN app.care_periods_by(people, ARRAY(SELECT c FROM app.care_rule c) || p_rule) becomes ON becomes.patient_id = was.patient_id;
END
$$;

-- ---- messages by SMS to many (一括操作, 0011) --------------------------------------------------------------------------

INSERT INTO app.setting (name, value, meaning) VALUES
    ('bulk_sms_minutes', '10', 'まとめて送るSMSを、押してから何分後に送り始めるか（それまでは取り消せます）');
INSERT INTO app.bulk_action (action, tab, done, undone) VALUES
    ('release_notice', 'release', 'sms_queue', 'sms_withdraw'), ('message', 'period', 'sms_queue', 'sms_withdraw');

-- Where patients get SMS: at the number of 通知設定, or that of the report, when it is a mobile one; NULL otherwise.
CREATE FUNCTION app.sms_numbers(p_patients bigint[]) RETURNS TABLE (patient_id bigint, number text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT p.patient_id, app.mobile_number(coalesce(n.phone, p.phone))
      FROM app.patient p
      LEFT JOIN LATERAL (SELECT e.items ->> 'notice_phone' AS phone FROM app.entry e
                          WHERE e.patient_id = p.patient_id AND e.tab = 'notice' AND e.withdrawn_at IS NULL
                          ORDER BY e.entry_no DESC LIMIT 1) n ON true
     WHERE p.patient_id = ANY (p_patients)
$$;

CREATE FUNCTION app.sms_number(p_patient bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT n.number FROM app.sms_numbers(ARRAY[p_patient]) n $$;

-- The template of src/core/message.c that a choice stands for, without its language; HS422 when there is none.
CREATE FUNCTION app.bulk_template(p_action text, p_choice jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
DECLARE
    message text := CASE p_action WHEN 'release_notice' THEN 'release' ELSE p_choice ->> 'message' END;
BEGIN
    IF coalesce(message NOT IN ('release', 'entry', 'call'), true) THEN
        RAISE EXCEPTION 'no such message' USING ERRCODE = 'HS422';
    END IF;
    RETURN 'tell_' || message;
END
$$;

-- Why a patient cannot be told: 'phone' without a mobile number, 'same' when the same was sent within a day; '' otherwise.
CREATE FUNCTION app.bulk_untold(p_patient bigint, p_action text, p_choice jsonb) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT CASE WHEN app.sms_number(p_patient) IS NULL THEN 'phone'
                WHEN EXISTS (SELECT FROM app.bulk_patient x
                               JOIN app.bulk b ON b.organisation_id = app.organisation_now() AND b.bulk_id = x.bulk_id
                              WHERE x.patient_id = p_patient AND x.undone_at IS NULL AND b.at > now() - interval '1 day'
                                AND x.before ->> 'template' = app.bulk_template(p_action, p_choice)) THEN 'same'
                ELSE '' END
$$;

CREATE FUNCTION app.bulk_message(p_bulk uuid, p_patients bigint[], p_action text, p_choice jsonb) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH numbered AS MATERIALIZED (
        SELECT s.patient_id, s.number, app.bulk_template(p_action, p_choice) AS template,
               nextval(pg_get_serial_sequence('app.outbox', 'outbox_id')) AS outbox_id
          FROM app.sms_numbers(p_patients) s
    ), kept AS (
        INSERT INTO app.bulk_patient (patient_id, bulk_id, before)
        SELECT n.patient_id, p_bulk, jsonb_build_object('template', n.template, 'outbox', n.outbox_id) FROM numbered n
    )
    INSERT INTO app.outbox (outbox_id, channel, template, to_address, patient_id, contact_no, next_at) OVERRIDING SYSTEM VALUE
    SELECT n.outbox_id, 'sms', n.template || '_' || app.notice_language(n.patient_id), n.number, n.patient_id, 0,
           now() + make_interval(mins => (SELECT value::integer FROM app.setting WHERE name = 'bulk_sms_minutes'))
      FROM numbered n
$$;

-- Whose message was really taken back.
CREATE FUNCTION app.bulk_undo_message(p_batch app.bulk, p_patients bigint[]) RETURNS bigint[]
LANGUAGE sql SET search_path = '' AS $$
    WITH taken AS (
        DELETE FROM app.outbox o USING app.bulk_patient x
         WHERE x.bulk_id = p_batch.bulk_id AND x.patient_id = ANY (p_patients) AND o.outbox_id = (x.before ->> 'outbox')::bigint
           AND o.tries = 0 AND o.trying_at IS NULL AND o.sent_at IS NULL
        RETURNING x.patient_id)
    SELECT coalesce(array_agg(t.patient_id ORDER BY t.patient_id), '{}') FROM taken t
$$;

-- ---- rights ----------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(care_|day_words|close_propose|follow_|rule_sweep_step|sms_numbers?$|bulk_)');

GRANT EXECUTE ON FUNCTION app.care_period_shown(bigint), app.follow_press(bigint, integer, text, text, text),
    app.follow_rule_save(date, time, time, boolean, text[], jsonb, bigint), app.follow_rule_preview(jsonb, integer),
    app.care_rule_save(app.care_rule, bigint), app.care_rule_preview(app.care_rule, integer), app.follow_owner(bigint),
    app.observation_urgency(jsonb, jsonb, jsonb), app.observation_before(bigint, text, date, timestamptz, integer), app.follow_rules_stamp(timestamptz) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.rule_sweep_step(integer) TO hersys_jobs;
GRANT UPDATE (since) ON app.follow TO hersys_jobs; -- the people of the demonstration have been observed for a week
GRANT ALL ON app.rule_sweep TO hersys_guard;
GRANT ALL ON app.care_rule TO hersys_guard;
