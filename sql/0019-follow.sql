-- 健康観察: who is observed and until when, when their next answer is due, what was answered, and the lists that a centre, an agency
-- and an accommodation work from. The answers themselves are entries of the tab observation (app.entry), whoever gave them; all that
-- stands here follows from the record, from the answers and from what was done about them.

-- Who answers for themselves, by telephone or SMS. No hash fits its password, so nobody signs in with it.
INSERT INTO app.organisation (organisation_id, kind, code, name) VALUES (-1, 'system', 'PERSON', 'ご本人');
INSERT INTO app.account (account_id, login, organisation_id, holder, personal, role, password_hash, suspended_at)
VALUES (-1, 'person', -1, '', false, 'staff', '', now());

-- ---- rules -----------------------------------------------------------------------------------------------------------

CREATE TABLE app.follow_rule (
    owner_id bigint NOT NULL,
    valid_from date NOT NULL,
    ask_at time NOT NULL,
    due_at time NOT NULL,
    own_history boolean NOT NULL,
    questions text[] NOT NULL,
    alarms jsonb NOT NULL,
    entered_by bigint NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (owner_id, valid_from),
    CHECK (ask_at < due_at)
);
COMMENT ON TABLE app.follow_rule IS 'reference: how a head office (0: the nation) has people asked, from a day on';
COMMENT ON COLUMN app.follow_rule.due_at IS 'by when (Asia/Tokyo) the answer of a day is awaited; ask_at: from when it is asked for';
COMMENT ON COLUMN app.follow_rule.own_history IS 'whether people see what they have answered before (seed 1: they do not)';
COMMENT ON COLUMN app.follow_rule.questions IS 'the items of the tab observation that are asked';
COMMENT ON COLUMN app.follow_rule.alarms IS 'what makes an answer urgent: [{"item", one of "at_least", "at_most", "rises", "falls" (by so much since the answer before), "is", "urgency" 1 to 3, "words"}]';
INSERT INTO app.follow_rule (owner_id, valid_from, ask_at, due_at, own_history, questions, alarms, entered_by, entered_at) VALUES
    (0, '2020-01-01', '7:30', '8:30', false,
     '{observation_temperature,observation_spo2,observation_face,observation_cough,observation_breathless,observation_fatigue,observation_nausea,observation_diarrhoea,observation_consciousness,observation_eating,observation_urination,observation_words}',
     '[{"item": "observation_temperature", "at_least": 37.5, "urgency": 1, "words": "体温37.5℃以上"},
       {"item": "observation_temperature", "at_least": 38.5, "urgency": 2, "words": "体温38.5℃以上"},
       {"item": "observation_temperature", "rises": 1.0, "urgency": 2, "words": "体温が1.0℃以上上がった"},
       {"item": "observation_spo2", "at_most": 95, "urgency": 2, "words": "酸素飽和度95%以下"},
       {"item": "observation_spo2", "at_most": 93, "urgency": 3, "words": "酸素飽和度93%以下"},
       {"item": "observation_spo2", "falls": 3, "urgency": 2, "words": "酸素飽和度が3%以上下がった"},
       {"item": "observation_face", "is": "yes", "urgency": 3, "words": "表情・顔色が悪い"},
       {"item": "observation_breathless", "is": "yes", "urgency": 3, "words": "息苦しさ"},
       {"item": "observation_consciousness", "is": "yes", "urgency": 3, "words": "意識障害"},
       {"item": "observation_urination", "is": "yes", "urgency": 3, "words": "排尿がない"},
       {"item": "observation_eating", "is": "yes", "urgency": 2, "words": "食事困難"},
       {"item": "observation_nausea", "is": "yes", "urgency": 1, "words": "嘔気・嘔吐"},
       {"item": "observation_call_back", "is": "yes", "urgency": 2, "words": "折り返しの電話を希望"}]', 0, now());

-- ---- who is observed -------------------------------------------------------------------------------------------------

CREATE TABLE app.follow (
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    owner_id bigint NOT NULL,
    name text,
    kana text,
    birth_date date,
    phone text,
    channel text NOT NULL CHECK (channel IN ('web', 'sms', 'call', 'staff', 'none')),
    language text NOT NULL,
    ask_at time NOT NULL,
    due_at time NOT NULL,
    begins_on date NOT NULL,
    ends_on date NOT NULL,
    because text NOT NULL,
    since timestamptz NOT NULL,
    answered_at timestamptz,
    settled_at timestamptz,
    asked_on date,
    claimed_by bigint,
    claimed_at timestamptz,
    urgency integer NOT NULL DEFAULT 0,
    raised_at timestamptz,
    reasons text[] NOT NULL DEFAULT '{}',
    summary text NOT NULL DEFAULT '',
    next_due timestamptz,
    next_ask timestamptz,
    mark uuid NOT NULL DEFAULT gen_random_uuid(),
    PRIMARY KEY (patient_id, contact_no)
);
COMMENT ON TABLE app.follow IS 'by patient_id: who is observed: the patient (contact_no 0) and those of the contacts for whom it is wanted (their number in the tab contact)';
COMMENT ON COLUMN app.follow.because IS 'where the end comes from: entered (観察期間), onset, sampled, diagnosed (療養期間), contact (接触者)';
COMMENT ON COLUMN app.follow.answered_at IS 'when the last answer came, for whatever day: a telephone may have kept it without a network';
COMMENT ON COLUMN app.follow.settled_at IS 'until when somebody has dealt with what was answered, or with no answer';
COMMENT ON COLUMN app.follow.next_due IS 'since when an answer is missing, or when the next is due; NULL when none is awaited any more';
COMMENT ON COLUMN app.follow.next_ask IS 'when they are asked next, by web, sms or call; NULL when they are not asked';
COMMENT ON COLUMN app.follow.mark IS 'who they are to a telephone that keeps an answer of theirs: says nothing, opens nothing, and is the same in every session';
CREATE INDEX follow_asked ON app.follow (channel, next_ask, patient_id, contact_no) WHERE next_ask IS NOT NULL;
CREATE INDEX follow_phone ON app.follow (phone);
CREATE INDEX follow_ended ON app.follow (ends_on, patient_id, contact_no);

CREATE TABLE app.follow_watch (
    organisation_id bigint NOT NULL,
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    name text,
    kana text,
    phone text,
    channel text NOT NULL,
    obstacle text,
    ends_on date NOT NULL,
    answered_at timestamptz,
    next_due timestamptz,
    urgency integer NOT NULL,
    raised_at timestamptz,
    reasons text[] NOT NULL,
    summary text NOT NULL,
    claimed_by bigint,
    claimed_at timestamptz,
    settled_at timestamptz,
    PRIMARY KEY (organisation_id, patient_id, contact_no)
);
COMMENT ON TABLE app.follow_watch IS 'by organisation_id: whom an office observes, with what its lists show';
COMMENT ON COLUMN app.follow_watch.obstacle IS 'what keeps them from being asked (app.follow_obstacle)';
CREATE INDEX follow_watch_urgent ON app.follow_watch (organisation_id, urgency DESC, raised_at, patient_id, contact_no) WHERE urgency > 0;
CREATE INDEX follow_watch_silent ON app.follow_watch (organisation_id, next_due, patient_id, contact_no) WHERE urgency = 0 AND next_due IS NOT NULL;
CREATE INDEX follow_watch_ends ON app.follow_watch (organisation_id, ends_on, patient_id, contact_no);
CREATE INDEX follow_watch_patient ON app.follow_watch (patient_id);

CREATE TABLE app.follow_action (
    patient_id bigint NOT NULL,
    action_no integer NOT NULL,
    contact_no integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('claimed', 'released', 'settled')),
    note text NOT NULL,
    organisation_id bigint NOT NULL,
    account_id bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, action_no)
);
COMMENT ON TABLE app.follow_action IS 'by patient_id: who took on an urgent or missing answer, and what they did about it';

CREATE TABLE app.observation_key (
    patient_id bigint NOT NULL,
    key uuid NOT NULL,
    entry_no integer NOT NULL,
    PRIMARY KEY (patient_id, key)
);
COMMENT ON TABLE app.observation_key IS 'by patient_id: the number that the telephone gave to an answer; sent twice, it is stored once';

CREATE TABLE app.follow_link (
    token_hash text PRIMARY KEY,
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    phone text,
    made_at timestamptz NOT NULL,
    UNIQUE (patient_id, contact_no)
);
COMMENT ON TABLE app.follow_link IS 'by own key: the latest link that was sent to somebody who is observed, as a hash, with the number to which it went: it ends when that number does; with the birth date it is a sign-in';

CREATE TABLE app.my_end (
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    name text,
    birth_date date,
    language text NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, contact_no)
);
COMMENT ON TABLE app.my_end IS 'by patient_id: who is not observed any more, and until when they may still open My HER-SYS';
CREATE INDEX my_end_ends ON app.my_end (ends_at);

CREATE TABLE app.my_language (
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    language text NOT NULL,
    chosen_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, contact_no)
);
COMMENT ON TABLE app.my_language IS 'by patient_id: the language that somebody chose on My HER-SYS; it goes before what an office entered';

-- What a person saw of somebody who is observed, as one word: another one when an answer came since, or somebody took it on, gave it back
-- or was done with it.
CREATE FUNCTION app.follow_seen(p_answered timestamptz, p_settled timestamptz, p_claimed_by bigint, p_claimed timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT md5(concat_ws('|', coalesce(extract(epoch FROM p_answered), 0), coalesce(extract(epoch FROM p_settled), 0),
                         coalesce(p_claimed_by, 0), coalesce(extract(epoch FROM p_claimed), 0)))
$$;

-- ---- what follows ----------------------------------------------------------------------------------------------------

-- The small functions that an answer needs are in plpgsql, which keeps its plans; one in SQL with a search_path is planned at each call.
CREATE FUNCTION app.today() RETURNS date
LANGUAGE plpgsql STABLE SET search_path = '' AS $$ BEGIN RETURN (now() AT TIME ZONE 'Asia/Tokyo')::date; END $$;

-- The relations of those who observe: a patient the responsible centre, agencies and accommodations; a contact the centre alone.
CREATE FUNCTION app.observing(p_contact integer) RETURNS integer
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$ BEGIN RETURN CASE p_contact WHEN 0 THEN 2 | 128 | 256 ELSE 2 END; END $$;

-- The rule of a head office, or the nation's as long as it has none, on a day.
CREATE FUNCTION app.follow_rule_of(p_owner bigint, p_day date) RETURNS app.follow_rule
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    rule app.follow_rule;
BEGIN
    SELECT * INTO rule FROM app.follow_rule r WHERE r.owner_id IN (p_owner, 0) AND r.valid_from <= p_day
     ORDER BY r.owner_id DESC, r.valid_from DESC LIMIT 1;
    RETURN rule;
END
$$;

-- The first day not before p_first that is behind every day in p_done, at that time; NULL when it is behind the end.
CREATE FUNCTION app.follow_next(p_first date, p_done date, p_ends date, p_at time) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
BEGIN
    RETURN CASE WHEN greatest(p_first, p_done + 1) <= p_ends
                THEN (greatest(p_first, p_done + 1) + p_at) AT TIME ZONE 'Asia/Tokyo' END;
END
$$;

-- A number that SMS reaches; NULL for any other.
CREATE FUNCTION app.mobile_number(p_phone text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$ BEGIN RETURN substring(p_phone FROM '^0[6789]0[0-9]{8}$'); END $$;

-- What keeps somebody from being asked in this way: 'mobile' (what goes by SMS needs a mobile number), 'phone' (there is none to ring),
-- 'birth' (without a birth date nobody can open the page, nor confirm by SMS or at the telephone that it is them); '' when nothing does.
-- NULL: nobody is asked in this way.
CREATE FUNCTION app.follow_obstacle(p_channel text, p_phone text, p_birth date) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
BEGIN
    RETURN CASE WHEN p_channel NOT IN ('web', 'sms', 'call') THEN NULL
                WHEN p_channel <> 'call' AND app.mobile_number(p_phone) IS NULL THEN 'mobile'
                WHEN p_phone IS NULL THEN 'phone'
                WHEN p_birth IS NULL THEN 'birth'
                ELSE '' END;
END
$$;

-- What somebody had answered before an answer: the day that it is about decides, then when it came.
CREATE FUNCTION app.observation_before(p_patient bigint, p_person text, p_since date, p_entered timestamptz, p_no integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    RETURN (SELECT e.items FROM app.entry e
             WHERE e.patient_id = p_patient AND e.tab = 'observation' AND e.withdrawn_at IS NULL
               AND coalesce(e.items ->> 'observation_of', '0') = p_person
               AND (coalesce(e.since, '-infinity'), e.entered_at, e.entry_no) < (coalesce(p_since, '-infinity'), p_entered, p_no)
             ORDER BY e.since DESC NULLS LAST, e.entered_at DESC, e.entry_no DESC LIMIT 1);
END
$$;

-- How urgent an answer is by a rule, and why: by what it says, and by what has changed since the answer before (NULL for none), with both
-- values. Of the limits of an item, and of those of its changes, the most urgent counts.
CREATE FUNCTION app.observation_urgency(p_items jsonb, p_before jsonb, p_alarms jsonb, OUT urgency integer, OUT reasons text[])
LANGUAGE plpgsql IMMUTABLE SET search_path = '' AS $$
BEGIN
    SELECT coalesce(max(hit.urgency), 0), coalesce(array_agg(hit.words ORDER BY hit.urgency DESC, hit.item, hit.is_change), '{}')
      INTO urgency, reasons
      FROM (SELECT DISTINCT ON (a ->> 'item', c.is_change)
                   a ->> 'item' AS item, c.is_change, (a ->> 'urgency')::integer AS urgency,
                   concat(a ->> 'words', CASE WHEN c.is_change THEN '（' || v.before || '→' || v.now || '）' END) AS words
              FROM jsonb_array_elements(p_alarms) a
             CROSS JOIN LATERAL (SELECT a ?| '{rises,falls}' AS is_change) c
             CROSS JOIN LATERAL (
                   SELECT substring(p_items ->> (a ->> 'item') FROM '^[0-9]+(?:\.[0-9])?$')::numeric AS now,
                          substring(p_before ->> (a ->> 'item') FROM '^[0-9]+(?:\.[0-9])?$')::numeric AS before) v
             WHERE CASE WHEN a ? 'is' THEN p_items ->> (a ->> 'item') = a ->> 'is'
                        WHEN a ? 'at_least' THEN v.now >= (a ->> 'at_least')::numeric
                        WHEN a ? 'at_most' THEN v.now <= (a ->> 'at_most')::numeric
                        WHEN a ? 'rises' THEN v.now - v.before >= (a ->> 'rises')::numeric
                        ELSE v.before - v.now >= (a ->> 'falls')::numeric END
             ORDER BY a ->> 'item', c.is_change, (a ->> 'urgency')::integer DESC) hit;
END
$$;

-- Whose rule holds for a centre: its 本庁 where there is one, else the prefecture; 0 for the nation alone.
CREATE FUNCTION app.follow_owner(p_centre bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce((SELECT u.above_id FROM app.organisation_above u JOIN app.organisation h ON h.organisation_id = u.above_id
                      WHERE u.organisation_id = p_centre AND h.kind IN ('city', 'prefecture') ORDER BY h.kind LIMIT 1), 0)
$$;

-- How long somebody is in care: the first day (day 0 is the day before), the last one and from what it follows: what the centre has
-- entered (観察期間), or the rule of day 0. No row without a notification. 0022-desk.sql has the rules behind it whole.
CREATE FUNCTION app.care_periods(p_patients bigint[]) RETURNS TABLE (patient_id bigint, begins_on date, ends_on date, because text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT a.patient_id, coalesce(o.since, d.started),
           coalesce(o.until, d.started + CASE WHEN d.basis <> 'onset' THEN r.asymptomatic_days
                                              WHEN a.status IN ('hospital', 'facility') THEN r.facility_days
                                              ELSE r.symptomatic_days END),
           CASE WHEN o.until IS NOT NULL THEN 'entered' ELSE d.basis END
      FROM app.access a
      JOIN LATERAL (SELECT n.onset_date, n.diagnosis_date, n.notification_no FROM app.notification n
                     WHERE n.patient_id = a.patient_id AND n.deleted_at IS NULL ORDER BY n.notification_no DESC LIMIT 1) n ON true
      LEFT JOIN LATERAL (SELECT min(t.sampled_on) AS sampled_on FROM app.test_record t
                          WHERE t.patient_id = a.patient_id AND t.notification_no = n.notification_no
                            AND coalesce(t.result, 'positive') = 'positive') t ON true
      LEFT JOIN LATERAL (SELECT e.since, e.until FROM app.entry e
                          WHERE e.patient_id = a.patient_id AND e.tab = 'period' AND e.withdrawn_at IS NULL
                          ORDER BY e.entry_no DESC LIMIT 1) o ON true
     CROSS JOIN LATERAL (SELECT coalesce(n.onset_date, t.sampled_on, n.diagnosis_date) AS started,
                                CASE WHEN n.onset_date IS NOT NULL THEN 'onset' WHEN t.sampled_on IS NOT NULL THEN 'sampled'
                                     ELSE 'diagnosed' END AS basis) d
     CROSS JOIN LATERAL (SELECT c.* FROM app.care_rule c WHERE c.valid_from <= d.started ORDER BY c.valid_from DESC LIMIT 1) r
     WHERE a.patient_id = ANY (p_patients) AND a.relations & 2 <> 0
$$;

-- The people of these patients who are to be observed, by the record alone; in the language that they chose, else in that which was
-- entered for them.
CREATE FUNCTION app.follow_wanted(p_patients bigint[]) RETURNS SETOF app.follow
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT w.patient_id, w.contact_no, up.owner_id, w.name, w.kana, w.birth_date, nullif(w.phone, ''), w.channel,
           coalesce(own.language, w.language, 'ja'), coalesce(w.ask_at, rule.ask_at), greatest(coalesce(w.ask_at, rule.ask_at), rule.due_at),
           w.begins_on, w.ends_on, w.because, now(), NULL::timestamptz, NULL::timestamptz, NULL::date, NULL::bigint, NULL::timestamptz, 0,
           NULL::timestamptz, '{}'::text[], '', NULL::timestamptz, NULL::timestamptz, gen_random_uuid()
      FROM (SELECT a.organisation_id, a.patient_id, 0 AS contact_no, a.name, a.kana, a.birth_date,
                   coalesce(n.items ->> 'notice_phone', p.phone) AS phone,
                   coalesce(n.items ->> 'notice_channel', CASE n.items ->> 'notice_url' WHEN 'no' THEN 'staff' ELSE 'web' END) AS channel,
                   n.items ->> 'notice_language' AS language,
                   CASE WHEN n.items ->> 'notice_time' ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$'
                        THEN (n.items ->> 'notice_time')::time END AS ask_at,
                   c.begins_on, c.ends_on, c.because
              FROM app.access a
              JOIN app.patient p ON p.patient_id = a.patient_id
              JOIN app.care_periods(p_patients) c ON c.patient_id = a.patient_id
              LEFT JOIN LATERAL (SELECT e.items FROM app.entry e
                                  WHERE e.patient_id = a.patient_id AND e.tab = 'notice' AND e.withdrawn_at IS NULL
                                  ORDER BY e.entry_no DESC LIMIT 1) n ON true
             WHERE a.patient_id = ANY (p_patients) AND a.relations & 2 <> 0 AND NOT a.sealed
               AND (app.in_care(a.status) AND a.status <> 'hospital'
                    OR a.status IS NULL AND n.items ->> 'notice_url' = 'yes')
            UNION ALL
            SELECT w.organisation_id, w.patient_id, w.entry_no, w.name, w.kana, (e.items ->> 'contact_birth_date')::date,
                   e.items ->> 'contact_phone', e.items ->> 'contact_follow', e.items ->> 'contact_language', NULL,
                   coalesce(w.last_on, app.today()), w.until, 'contact'
              FROM app.contact_watch w
              JOIN app.entry e ON e.patient_id = w.patient_id AND e.tab = 'contact' AND e.entry_no = w.entry_no
             WHERE w.patient_id = ANY (p_patients) AND e.items ->> 'contact_follow' <> 'none') w
      LEFT JOIN app.my_language own ON own.patient_id = w.patient_id AND own.contact_no = w.contact_no
     CROSS JOIN LATERAL (SELECT app.follow_owner(w.organisation_id) AS owner_id) up
     CROSS JOIN LATERAL app.follow_rule_of(up.owner_id, app.today()) rule
     WHERE w.ends_on >= app.today()
$$;

-- What the standing answers, and what was done about them, say of those who are observed; and the lists of the offices. An answer is done
-- for the day that it is about, which may be one before it came.
-- One plan for one patient and for many: by their keys. Planned at each call it would cost more than it does.
CREATE FUNCTION app.follow_state(p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = '' SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    UPDATE app.follow f
       SET answered_at = s.answered_at, urgency = s.urgency, raised_at = s.raised_at, reasons = s.reasons, summary = s.summary,
           claimed_by = CASE WHEN s.urgency > 0 OR s.due < now() THEN f.claimed_by END,
           claimed_at = CASE WHEN s.urgency > 0 OR s.due < now() THEN f.claimed_at END,
           next_due = s.due,
           next_ask = CASE WHEN app.follow_obstacle(f.channel, f.phone, f.birth_date) = ''
                           THEN app.follow_next(s.first_day, greatest(s.done_on, f.asked_on), f.ends_on, f.ask_at) END
      FROM (SELECT x.patient_id, x.contact_no, x.answered_at, x.urgency, x.raised_at, x.reasons, x.summary, x.done_on, x.first_day,
                   app.follow_next(x.first_day, x.done_on, x.ends_on, x.due_at) AS due
              FROM (SELECT g.patient_id, g.contact_no, g.ends_on, g.due_at, e.answered_at, coalesce(u.urgency, 0) AS urgency,
                           u.raised_at, coalesce(u.reasons, '{}') AS reasons,
                           coalesce(e.summary, '') AS summary,
                           greatest(e.answered_for, (g.settled_at AT TIME ZONE 'Asia/Tokyo')::date) AS done_on,
                           greatest(g.begins_on, (g.since AT TIME ZONE 'Asia/Tokyo')::date
                                                 + CASE WHEN (g.since AT TIME ZONE 'Asia/Tokyo')::time > g.due_at THEN 1 ELSE 0 END) AS first_day
                      FROM app.follow g
                     CROSS JOIN LATERAL app.follow_rule_of(g.owner_id, app.today()) rule
                      LEFT JOIN LATERAL (
                           SELECT max(o.entered_at) OVER () AS answered_at, least(o.since, app.today()) AS answered_for,
                                  concat_ws('　', (o.items ->> 'observation_temperature') || '℃',
                                            'SpO2 ' || (o.items ->> 'observation_spo2') || '%') AS summary
                             FROM app.entry o
                            WHERE o.patient_id = g.patient_id AND o.tab = 'observation' AND o.withdrawn_at IS NULL
                              AND coalesce(o.items ->> 'observation_of', '0') = g.contact_no::text
                            ORDER BY o.since DESC NULLS LAST, o.entered_at DESC LIMIT 1) e ON true
                      LEFT JOIN LATERAL (
                           SELECT a.urgency, o.entered_at AS raised_at, a.reasons
                             FROM app.entry o
                            CROSS JOIN LATERAL app.observation_urgency(o.items,
                                app.observation_before(o.patient_id, g.contact_no::text, o.since, o.entered_at, o.entry_no), rule.alarms) a
                            WHERE o.patient_id = g.patient_id AND o.tab = 'observation' AND o.withdrawn_at IS NULL
                              AND coalesce(o.items ->> 'observation_of', '0') = g.contact_no::text
                              AND o.entered_at > coalesce(g.settled_at, g.since) AND a.urgency > 0
                            ORDER BY a.urgency DESC, o.entered_at LIMIT 1) u ON true
                     WHERE g.patient_id = ANY (p_patients)) x) s
     WHERE f.patient_id = s.patient_id AND f.contact_no = s.contact_no;

    DELETE FROM app.follow_watch w
     WHERE w.patient_id = ANY (p_patients)
       AND NOT EXISTS (SELECT FROM app.follow f
                         JOIN app.access a ON a.patient_id = f.patient_id AND a.organisation_id = w.organisation_id
                        WHERE f.patient_id = w.patient_id AND f.contact_no = w.contact_no AND NOT a.sealed
                          AND a.relations & app.observing(f.contact_no) <> 0);
    INSERT INTO app.follow_watch AS w (organisation_id, patient_id, contact_no, name, kana, phone, channel, obstacle, ends_on, answered_at,
                                       next_due, urgency, raised_at, reasons, summary, claimed_by, claimed_at, settled_at)
    SELECT a.organisation_id, f.patient_id, f.contact_no, f.name, f.kana, f.phone, f.channel,
           app.follow_obstacle(f.channel, f.phone, f.birth_date), f.ends_on, f.answered_at, f.next_due, f.urgency,
           f.raised_at, f.reasons, f.summary, f.claimed_by, f.claimed_at, f.settled_at
      FROM app.follow f
      JOIN app.access a ON a.patient_id = f.patient_id AND NOT a.sealed AND a.relations & app.observing(f.contact_no) <> 0
     WHERE f.patient_id = ANY (p_patients)
    ON CONFLICT (organisation_id, patient_id, contact_no) DO UPDATE
       SET name = EXCLUDED.name, kana = EXCLUDED.kana, phone = EXCLUDED.phone, channel = EXCLUDED.channel,
           obstacle = EXCLUDED.obstacle, ends_on = EXCLUDED.ends_on, answered_at = EXCLUDED.answered_at, next_due = EXCLUDED.next_due,
           urgency = EXCLUDED.urgency, raised_at = EXCLUDED.raised_at, reasons = EXCLUDED.reasons, summary = EXCLUDED.summary,
           claimed_by = EXCLUDED.claimed_by, claimed_at = EXCLUDED.claimed_at, settled_at = EXCLUDED.settled_at
     WHERE (w.name, w.kana, w.phone, w.channel, w.obstacle, w.ends_on, w.answered_at, w.next_due, w.urgency, w.raised_at, w.reasons, w.summary,
            w.claimed_by, w.claimed_at, w.settled_at)
           IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.kana, EXCLUDED.phone, EXCLUDED.channel, EXCLUDED.obstacle, EXCLUDED.ends_on,
            EXCLUDED.answered_at, EXCLUDED.next_due, EXCLUDED.urgency, EXCLUDED.raised_at, EXCLUDED.reasons, EXCLUDED.summary,
            EXCLUDED.claimed_by, EXCLUDED.claimed_at, EXCLUDED.settled_at);
END
$$;

-- A new link for somebody who is observed: its secret part. The one before opens nothing any more.
CREATE FUNCTION app.follow_link_new(p_patient bigint, p_contact integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    token text := left(app.fresh_token(), 26);
BEGIN
    DELETE FROM app.follow_link l WHERE l.patient_id = p_patient AND l.contact_no = p_contact;
    INSERT INTO app.follow_link (token_hash, patient_id, contact_no, phone, made_at)
    SELECT encode(sha256(convert_to(token, 'UTF8')), 'hex'), f.patient_id, f.contact_no, f.phone, now()
      FROM app.follow f WHERE f.patient_id = p_patient AND f.contact_no = p_contact;
    RETURN token;
END
$$;

-- Brings all of it into step with the records. Every change of a record or of its access ends up here, and so do the jobs, because
-- days pass. Who is not observed any more keeps link and session for some days, unless the report was deleted. A link dies with the
-- number that it was sent to, and so does what was confirmed from it.
CREATE FUNCTION app.follow_refresh(VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM FROM app.patient WHERE patient_id = ANY (p_patients) ORDER BY patient_id FOR NO KEY UPDATE; -- one after another
    WITH gone AS (
        DELETE FROM app.follow f
         WHERE f.patient_id = ANY (p_patients)
           AND NOT EXISTS (SELECT FROM app.follow_wanted(p_patients) w
                            WHERE w.patient_id = f.patient_id AND w.contact_no = f.contact_no)
        RETURNING f.*)
    INSERT INTO app.my_end (patient_id, contact_no, name, birth_date, language, ends_at)
    SELECT g.patient_id, g.contact_no, g.name, g.birth_date, g.language,
           (least(g.ends_on, app.today()) + 1 + (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_days_after'))::timestamp
           AT TIME ZONE 'Asia/Tokyo'
      FROM gone g
     WHERE app.my_has(g.patient_id, g.contact_no) -- 0025-my-accounts.sql
    ON CONFLICT (patient_id, contact_no) DO UPDATE
       SET name = EXCLUDED.name, birth_date = EXCLUDED.birth_date, language = EXCLUDED.language, ends_at = EXCLUDED.ends_at;
    INSERT INTO app.follow SELECT * FROM app.follow_wanted(p_patients)
    ON CONFLICT (patient_id, contact_no) DO UPDATE
       SET owner_id = EXCLUDED.owner_id, name = EXCLUDED.name, kana = EXCLUDED.kana, birth_date = EXCLUDED.birth_date,
           phone = EXCLUDED.phone, channel = EXCLUDED.channel, language = EXCLUDED.language, ask_at = EXCLUDED.ask_at,
           due_at = EXCLUDED.due_at, begins_on = EXCLUDED.begins_on, ends_on = EXCLUDED.ends_on, because = EXCLUDED.because;
    DELETE FROM app.my_end e
     WHERE e.patient_id = ANY (p_patients)
       AND EXISTS (SELECT FROM app.follow f WHERE f.patient_id = e.patient_id AND f.contact_no = e.contact_no);
    UPDATE app.my_end e SET ends_at = now()
     WHERE e.patient_id = ANY (p_patients) AND e.ends_at > now()
       AND NOT EXISTS (SELECT FROM app.access a WHERE a.patient_id = e.patient_id AND a.relations & 2 <> 0 AND NOT a.sealed);
    DELETE FROM app.follow_link l
     WHERE l.patient_id = ANY (p_patients)
       AND NOT EXISTS (SELECT FROM app.follow f
                        WHERE f.patient_id = l.patient_id AND f.contact_no = l.contact_no AND f.phone IS NOT DISTINCT FROM l.phone)
       AND NOT EXISTS (SELECT FROM app.my_end e
                        WHERE e.patient_id = l.patient_id AND e.contact_no = l.contact_no AND e.ends_at > now());
    DELETE FROM app.reply_number n -- 0024-replies.sql
     WHERE n.patient_id = ANY (p_patients)
       AND NOT EXISTS (SELECT FROM app.follow f
                        WHERE f.patient_id = n.patient_id AND f.contact_no = n.contact_no AND f.phone IS NOT DISTINCT FROM n.phone);
    PERFORM app.follow_state(p_patients);
END
$$;

-- What follows from a change of the record for those in care: proposals to close, and the observation.
CREATE FUNCTION app.close_refresh(VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.close_propose(VARIADIC p_patients); -- 0022-desk.sql
    PERFORM app.follow_refresh(VARIADIC p_patients);
END
$$;

-- Those whose end has passed, at most p_limit patients: they are not observed any more. How many there were.
CREATE FUNCTION app.follow_expire(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    over bigint[];
BEGIN
    over := ARRAY(SELECT DISTINCT x.patient_id FROM (
                  SELECT f.patient_id FROM app.follow f WHERE f.ends_on < app.today() ORDER BY f.ends_on, f.patient_id LIMIT p_limit) x
                  ORDER BY 1);
    PERFORM app.follow_refresh(VARIADIC over);
    RETURN cardinality(over);
END
$$;

-- ---- answers ---------------------------------------------------------------------------------------------------------

-- Stores what somebody has answered about themselves, by whatever way, what follows from it, and that they did (the trail). 'stored', or
-- 'repeated' when this key was stored before; 'over' when nobody awaits it any more; 'many' when too much came within a day (setting my_most,
-- 0021-my.sql). Not for staff, who enter as in every other tab.
CREATE FUNCTION app.observation_store(p_patient bigint, p_contact integer, p_key uuid, p_source text, p_at timestamptz, p_items jsonb)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    number integer;
    moment timestamptz;
BEGIN
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR NO KEY UPDATE;
    moment := clock_timestamp(); -- behind the lock: now() is from before the wait, and what was settled meanwhile would hide this answer
    IF EXISTS (SELECT FROM app.observation_key k WHERE k.patient_id = p_patient AND k.key = p_key) THEN
        RETURN 'repeated';
    END IF;
    PERFORM FROM app.follow f WHERE f.patient_id = p_patient AND f.contact_no = p_contact;
    IF NOT FOUND THEN
        RETURN 'over';
    END IF;
    IF (SELECT count(*) FROM app.entry e
         WHERE e.patient_id = p_patient AND e.tab = 'observation' AND e.entered_by = -1
           AND coalesce(e.items ->> 'observation_of', '0') = p_contact::text AND e.entered_at > now() - interval '1 day')
       >= (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_most') THEN
        RETURN 'many';
    END IF;
    SELECT coalesce(max(e.entry_no), 0) + 1 INTO number FROM app.entry e WHERE e.patient_id = p_patient AND e.tab = 'observation';
    INSERT INTO app.observation_key (patient_id, key, entry_no) VALUES (p_patient, p_key, number);
    INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
    VALUES (p_patient, 'observation', number, (p_at AT TIME ZONE 'Asia/Tokyo')::date,
            p_items || jsonb_build_object('observation_on', (p_at AT TIME ZONE 'Asia/Tokyo')::date::text,
                                          'observation_time', to_char(p_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI'),
                                          'observation_source', p_source)
                    || CASE WHEN p_contact = 0 THEN '{}'::jsonb ELSE jsonb_build_object('observation_of', p_contact::text) END,
            -1, -1, moment);
    PERFORM app.follow_state(ARRAY[p_patient]);
    PERFORM app.audit_link(-1, -1, p_source, 'my_observe', 'allowed', p_patient, NULL,
                           (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = p_patient), p_contact::text);
    RETURN 'stored';
END
$$;

-- ---- rights ----------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(today$|observing$|mobile_number$|follow_|observation_|care_periods$|close_refresh$)');
SELECT app.guard_tables('follow', 'follow_watch', 'follow_action', 'follow_link', 'observation_key', 'my_end', 'my_language');
GRANT SELECT, DELETE ON app.follow, app.follow_watch, app.follow_action, app.follow_link, app.observation_key, app.my_end, app.my_language
    TO hersys_jobs; -- of patients that are purged
GRANT EXECUTE ON FUNCTION app.close_refresh(bigint[]), app.follow_seen(timestamptz, timestamptz, bigint, timestamptz),
    app.follow_obstacle(text, text, date), app.mobile_number(text) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.follow_refresh(bigint[]), app.follow_expire(integer), app.follow_link_new(bigint, integer), app.today(),
    app.follow_next(date, date, date, time) TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.today(), app.follow_rule_of(bigint, date) TO hersys_staff;
GRANT ALL ON app.follow_rule TO hersys_guard;
GRANT SELECT ON app.follow_rule TO hersys_staff;
GRANT SELECT ON app.follow, app.follow_watch, app.follow_action TO hersys_staff;
GRANT UPDATE (asked_on, next_ask) ON app.follow TO hersys_jobs;

CREATE POLICY office ON app.follow_watch FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND (SELECT app.readable('observation')) <> 0);
-- Contacts are seen by whoever may see contacts.
CREATE POLICY tab_read ON app.follow FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = follow.patient_id AND a.relations & (SELECT app.readable('observation')) <> 0
       AND (follow.contact_no = 0 OR a.relations & (SELECT app.readable('contact')) <> 0)));
CREATE POLICY tab_read ON app.follow_action FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = follow_action.patient_id AND a.relations & (SELECT app.readable('observation')) <> 0
       AND (follow_action.contact_no = 0 OR a.relations & (SELECT app.readable('contact')) <> 0)));

-- What people answer about themselves is for all who may see that tab, clinics too.
DROP POLICY tab_read ON app.entry;
CREATE POLICY tab_read ON app.entry FOR SELECT TO hersys_staff USING (
    (organisation_id = (SELECT app.organisation_now()) OR (SELECT app.sees_entries_of_all())
     OR tab IN ('observation', 'opinion', 'period', 'survey'))
    AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = entry.patient_id AND a.relations & app.readable(entry.tab) <> 0
           AND (NOT entry.items ? 'observation_of' OR a.relations & app.readable('contact') <> 0)));
