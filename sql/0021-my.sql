-- My HER-SYS: people who are observed (0019-follow.sql) open their page by the link that comes by SMS and their birth date, and
-- answer. All of it goes through the functions below: the public role reads no table of patients. Also what 通知設定 sends at once.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('my_session_days', '30', 'My HER-SYSを開いたままにできる日数'),
    ('my_tries', '5', 'My HER-SYSのリンクで続けて間違えられる回数。超えると、間違えるたびに倍の時間（1分から1日）閉じる'),
    ('my_guesses', '20', '1分間に無いリンクが何度開かれると、推測として証跡に残すか'),
    ('my_most', '50', '一人の方から1日に受け取る健康状態の数');

CREATE TABLE app.my_session (
    token_hash text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);
COMMENT ON TABLE app.my_session IS 'by own key: a telephone on which somebody has opened My HER-SYS';
CREATE INDEX my_session_ends ON app.my_session (ends_at);

CREATE TABLE app.my_person (
    token_hash text NOT NULL,
    person_no integer NOT NULL,
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (token_hash, person_no),
    UNIQUE (token_hash, patient_id, contact_no)
);
COMMENT ON TABLE app.my_person IS 'by own key: for whom a session of My HER-SYS answers (家族をまとめる), in the order in which they were added';
CREATE INDEX my_person_patient ON app.my_person (patient_id);

CREATE TABLE app.my_try (
    link_hash text PRIMARY KEY,
    known boolean NOT NULL,
    failures integer NOT NULL,
    tried_at timestamptz NOT NULL,
    locked_until timestamptz
);
COMMENT ON TABLE app.my_try IS 'by own key: wrong birth dates for a link; also for what is no link, so that both are answered alike';
CREATE INDEX my_try_tried ON app.my_try (tried_at);

-- In the trail whoever opened a page with the right birth date is ご本人 (-1, 0019-follow.sql); of others nothing is known.

-- ---- opening ---------------------------------------------------------------------------------------------------------

-- Somebody tries many links that are not there: once for each time that the setting's number is reached, the trail says so.
CREATE FUNCTION app.my_report_guessing() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF (SELECT count(*) FROM app.my_try t WHERE t.tried_at > now() - interval '1 minute' AND NOT t.known)
       = (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_guesses') THEN
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_guessing', 'denied', NULL, NULL, NULL, '');
    END IF;
END
$$;

-- Opens My HER-SYS for the person behind a link, within the session whose hash is given: a new one, or one that has others of the
-- family already. result: 'open' with the person's number there; 'wrong' when link or birth date is; 'locked' after too many of
-- those. What is no link is answered as a link with a wrong birth date is.
CREATE FUNCTION app.my_sign_in(p_link text, p_birth date, p_session text, OUT result text, OUT person_no integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    hash text := encode(sha256(convert_to(p_link, 'UTF8')), 'hex');
    found_link app.follow_link;
    owner bigint;
    tries app.my_try;
    most integer := (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_tries');
BEGIN
    SELECT * INTO found_link FROM app.follow_link l WHERE l.token_hash = hash;
    INSERT INTO app.my_try (link_hash, known, failures, tried_at) VALUES (hash, found_link.token_hash IS NOT NULL, 0, now())
    ON CONFLICT DO NOTHING;
    SELECT * INTO tries FROM app.my_try t WHERE t.link_hash = hash FOR UPDATE;
    IF tries.locked_until > now() THEN
        result := 'locked';
        RETURN;
    END IF;
    SELECT p.responsible_id INTO owner FROM app.patient p WHERE p.patient_id = found_link.patient_id;
    IF NOT EXISTS (SELECT FROM app.follow f WHERE f.patient_id = found_link.patient_id
                      AND f.contact_no = found_link.contact_no AND f.birth_date = p_birth) THEN
        result := CASE WHEN tries.failures + 1 >= most THEN 'locked' ELSE 'wrong' END;
        UPDATE app.my_try t
           SET failures = tries.failures + 1, tried_at = now(),
               locked_until = CASE WHEN result = 'locked' THEN
                   now() + least(interval '1 minute' * 2 ^ least(tries.failures + 1 - most, 20), interval '1 day') END
         WHERE t.link_hash = hash;
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_sign_in', 'denied', found_link.patient_id, NULL, owner, result);
        PERFORM app.my_report_guessing();
        RETURN;
    END IF;
    DELETE FROM app.my_try t WHERE t.link_hash = hash;
    INSERT INTO app.my_session (token_hash, started_at, ends_at)
    SELECT p_session, now(), now() + make_interval(days => s.value::integer) FROM app.setting s WHERE s.name = 'my_session_days'
    ON CONFLICT DO NOTHING;
    PERFORM FROM app.my_session s WHERE s.token_hash = p_session FOR UPDATE; -- two of a family at once get two numbers
    SELECT x.person_no INTO person_no FROM app.my_person x
     WHERE x.token_hash = p_session AND x.patient_id = found_link.patient_id AND x.contact_no = found_link.contact_no;
    IF person_no IS NULL THEN
        SELECT coalesce(max(x.person_no), 0) + 1 INTO person_no FROM app.my_person x WHERE x.token_hash = p_session;
        INSERT INTO app.my_person (token_hash, person_no, patient_id, contact_no, added_at)
        VALUES (p_session, person_no, found_link.patient_id, found_link.contact_no, now());
    END IF;
    PERFORM app.audit_link(-1, -1, 'my', 'my_sign_in', 'allowed', found_link.patient_id, NULL, owner,
                           found_link.contact_no::text);
    result := 'open';
END
$$;

CREATE FUNCTION app.my_leave(p_session text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM app.my_person p WHERE p.token_hash = p_session;
    DELETE FROM app.my_session s WHERE s.token_hash = p_session;
END
$$;

-- ---- what a page shows -----------------------------------------------------------------------------------------------

-- The people of a live session, with what they are asked and how things stand today. here: whether they are still observed; of
-- those who are not, nothing is said. received: when the newest answer of today came, by whatever way they gave it; urgency: how
-- urgent that one is by the rule.
CREATE FUNCTION app.my_enter(p_session text)
RETURNS TABLE (person_no integer, here boolean, name text, language text, centre text, phone text, questions text,
               own_history boolean, next_due text, received text, urgency integer, may_survey boolean, surveyed boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$ -- plpgsql keeps the plan
BEGIN
    RETURN QUERY SELECT p.person_no, f.patient_id IS NOT NULL, f.name, f.language, o.name, o.phone, array_to_string(r.questions, ' '),
           r.own_history, to_char(f.next_due AT TIME ZONE 'Asia/Tokyo', 'YYYY/FMMM/FMDD FMHH24:MI'),
           to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI'), e.urgency, f.contact_no = 0,
           EXISTS (SELECT FROM app.entry v WHERE v.patient_id = f.patient_id AND v.tab = 'survey' AND v.withdrawn_at IS NULL)
      FROM app.my_session s
      JOIN app.my_person p ON p.token_hash = s.token_hash
      LEFT JOIN app.follow f ON f.patient_id = p.patient_id AND f.contact_no = p.contact_no AND f.ends_on >= app.today()
      LEFT JOIN app.patient t ON t.patient_id = f.patient_id
      LEFT JOIN app.organisation o ON o.organisation_id = t.responsible_id
      LEFT JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) r ON true
      LEFT JOIN LATERAL (
           SELECT x.entered_at, u.urgency FROM app.entry x CROSS JOIN LATERAL app.observation_urgency(x.items, r.alarms) u
            WHERE x.patient_id = f.patient_id AND x.tab = 'observation' AND x.withdrawn_at IS NULL AND x.entered_by = -1
              AND x.since = app.today() AND coalesce(x.items ->> 'observation_of', '0') = f.contact_no::text
            ORDER BY x.entry_no DESC LIMIT 1) e ON true
     WHERE s.token_hash = p_session AND s.ends_at > now()
     ORDER BY p.person_no;
END
$$;

-- What somebody has answered before, where the rule lets them see it (own_history); otherwise no row.
CREATE FUNCTION app.my_history(p_session text, p_person integer) RETURNS TABLE (entered text, items text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/FMMM/FMDD FMHH24:MI'), e.items::text
      FROM app.my_session s
      JOIN app.my_person p ON p.token_hash = s.token_hash AND p.person_no = p_person
      JOIN app.follow f ON f.patient_id = p.patient_id AND f.contact_no = p.contact_no AND f.ends_on >= app.today()
     CROSS JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) r
      JOIN app.entry e ON e.patient_id = f.patient_id AND e.tab = 'observation' AND e.withdrawn_at IS NULL AND e.entered_by = -1
           AND coalesce(e.items ->> 'observation_of', '0') = f.contact_no::text
     WHERE s.token_hash = p_session AND s.ends_at > now() AND r.own_history
     ORDER BY e.entry_no DESC LIMIT 30
$$;

-- ---- answers ---------------------------------------------------------------------------------------------------------

-- For whom a live session answers under this number, as a row of app.my_person; all NULL when there is none.
CREATE FUNCTION app.my_person_of(p_session text, p_person integer) RETURNS app.my_person
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    who app.my_person;
BEGIN
    SELECT p.* INTO who FROM app.my_session s JOIN app.my_person p ON p.token_hash = s.token_hash AND p.person_no = p_person
     WHERE s.token_hash = p_session AND s.ends_at > now();
    RETURN who;
END
$$;

-- Stores an answer: 'stored', 'repeated' (this key was stored before), 'over' (nobody awaits it any more), 'many' (too many today),
-- 'none' (no such session or person). p_at is when it was given: it may have waited for a network, but not for more than three days.
CREATE FUNCTION app.my_store(p_session text, p_person integer, p_key uuid, p_at timestamptz, p_items jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.my_person := app.my_person_of(p_session, p_person);
    outcome text;
BEGIN
    IF who.patient_id IS NULL THEN
        RETURN 'none';
    END IF;
    IF p_at < now() - interval '3 days' THEN
        RETURN 'over';
    END IF;
    IF (SELECT count(*) FROM app.entry e
         WHERE e.patient_id = who.patient_id AND e.tab = 'observation' AND e.entered_by = -1
           AND coalesce(e.items ->> 'observation_of', '0') = who.contact_no::text AND e.entered_at > now() - interval '1 day')
       >= (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_most') THEN
        RETURN 'many';
    END IF;
    outcome := app.observation_store(who.patient_id, who.contact_no, p_key, 'phone', least(coalesce(p_at, now()), now()), p_items);
    IF outcome = 'stored' THEN
        PERFORM app.audit_link(-1, -1, 'my', 'my_observe', 'allowed', who.patient_id, NULL,
                               (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = who.patient_id), who.contact_no::text);
    END IF;
    RETURN outcome;
END
$$;

-- Stores the answers to 健康調査, which a patient (not a contact) gives once: 'stored', 'repeated', 'over', 'none'.
CREATE FUNCTION app.my_survey(p_session text, p_person integer, p_items jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.my_person := app.my_person_of(p_session, p_person);
BEGIN
    IF who.patient_id IS NULL OR who.contact_no <> 0 THEN
        RETURN 'none';
    END IF;
    PERFORM FROM app.patient p WHERE p.patient_id = who.patient_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM app.follow f WHERE f.patient_id = who.patient_id AND f.contact_no = 0) THEN
        RETURN 'over';
    END IF;
    IF EXISTS (SELECT FROM app.entry e WHERE e.patient_id = who.patient_id AND e.tab = 'survey' AND e.withdrawn_at IS NULL) THEN
        RETURN 'repeated';
    END IF;
    INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at)
    SELECT who.patient_id, 'survey', coalesce(max(e.entry_no), 0) + 1, p_items, -1, -1, now()
      FROM app.entry e WHERE e.patient_id = who.patient_id AND e.tab = 'survey';
    PERFORM app.audit_link(-1, -1, 'my', 'my_survey', 'allowed', who.patient_id, NULL,
                           (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = who.patient_id), '');
    RETURN 'stored';
END
$$;

-- ---- 通知設定 --------------------------------------------------------------------------------------------------------

-- Sends the link to the page at once, when 「URL通知 する」 was saved and today's has not gone out yet (seed 3 Q15, Q22).
CREATE FUNCTION app.notice_link(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'notice');
    WITH asked AS (
        UPDATE app.follow f
           SET asked_on = app.today(), next_ask = app.follow_next(f.begins_on, app.today(), f.ends_on, f.ask_at)
         WHERE f.patient_id = p_patient AND f.contact_no = 0 AND f.channel = 'web' AND f.phone IS NOT NULL
           AND f.asked_on IS DISTINCT FROM app.today()
        RETURNING f.phone, f.language)
    INSERT INTO app.outbox (channel, template, to_address, code)
    SELECT 'sms', 'follow_ask_' || a.language, a.phone, app.follow_link_new(p_patient, 0) FROM asked a;
END
$$;

-- Sends the HER-SYS ID, when 「HER-SYS ID通知 する」 was saved, to the number of 通知設定 or the patient's own.
CREATE FUNCTION app.notice_number(p_patient bigint, p_number text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'notice');
    INSERT INTO app.outbox (channel, template, to_address, code)
    SELECT 'sms', 'hersys_id', w.phone, p_number
      FROM (SELECT coalesce(e.items ->> 'notice_phone', p.phone) AS phone
              FROM app.patient p
              LEFT JOIN app.entry e ON e.patient_id = p.patient_id AND e.tab = 'notice' AND e.withdrawn_at IS NULL
             WHERE p.patient_id = p_patient ORDER BY e.entry_no DESC LIMIT 1) w
     WHERE w.phone <> '';
END
$$;

-- A clinic sets no notice for somebody whom it reported without a test (みなし陽性): the centre does (seed 3 Q18).
CREATE POLICY notice_of_deemed_add ON app.entry AS RESTRICTIVE FOR INSERT TO hersys_staff WITH CHECK (
    tab <> 'notice' OR NOT EXISTS (
        SELECT FROM app.access a JOIN app.organisation o ON o.organisation_id = a.organisation_id
         WHERE a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = entry.patient_id
           AND o.kind = 'clinic' AND a.deemed));
CREATE POLICY notice_of_deemed_change ON app.entry AS RESTRICTIVE FOR UPDATE TO hersys_staff USING (
    tab <> 'notice' OR NOT EXISTS (
        SELECT FROM app.access a JOIN app.organisation o ON o.organisation_id = a.organisation_id
         WHERE a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = entry.patient_id
           AND o.kind = 'clinic' AND a.deemed)) WITH CHECK (true);

-- ---- rights ----------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(my_|notice_(link|number)$)');
SELECT app.guard_tables('my_session', 'my_person', 'my_try');
GRANT SELECT, DELETE ON app.my_session, app.my_person, app.my_try TO hersys_jobs; -- what is over
GRANT EXECUTE ON FUNCTION app.my_sign_in(text, date, text), app.my_leave(text), app.my_enter(text), app.my_history(text, integer),
    app.my_store(text, integer, uuid, timestamptz, jsonb), app.my_survey(text, integer, jsonb) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.notice_link(bigint), app.notice_number(bigint, text) TO hersys_staff;
