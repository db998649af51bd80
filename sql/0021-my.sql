-- My HER-SYS: people who are observed (0019-follow.sql) open their page by the link that comes by SMS and their birth date, and
-- answer. All of it goes through the functions below: the public role reads no table of patients. Also what 通知設定 sends at once.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('my_days_after', '3', '健康観察が終わったあと、My HER-SYSを何日後まで開けるか'),
    ('my_tries', '5', 'My HER-SYSのリンクで続けて間違えられる回数。超えると、間違えるたびに倍の時間（1分から1日）閉じる'),
    ('my_guesses', '20', '1分間に無いリンクが何度開かれると、推測として証跡に残すか'),
    ('my_most', '50', '一人の方から1日に受け取る健康状態の数');

CREATE TABLE app.my_session (
    token_hash text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    mail_hash text
);
COMMENT ON TABLE app.my_session IS 'by own key: a telephone on which somebody has opened My HER-SYS; it lives as long as one of its people may (app.my_reader)';
COMMENT ON COLUMN app.my_session.mail_hash IS 'of the account with which it was opened, or that was made in it (0025-my-accounts.sql)';
CREATE INDEX my_session_mail ON app.my_session (mail_hash) WHERE mail_hash IS NOT NULL;

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

CREATE TABLE app.my_alarm (
    name text PRIMARY KEY,
    raised_at timestamptz NOT NULL
);
COMMENT ON TABLE app.my_alarm IS 'by own key: when the trail last said that somebody guesses links, so that it says so once a minute';

-- Somebody who may open My HER-SYS: who is observed (here), and for some days who was; no row for all others.
CREATE FUNCTION app.my_reader(p_patient bigint, p_contact integer)
RETURNS TABLE (name text, birth_date date, language text, here boolean)
LANGUAGE plpgsql STABLE SET search_path = '' ROWS 1 AS $$ -- plpgsql keeps the plan; who expects a thousand rows reads whole tables to meet them
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT f.name, f.birth_date, f.language, true FROM app.follow f
     WHERE f.patient_id = p_patient AND f.contact_no = p_contact AND f.ends_on >= app.today()
    UNION ALL
    SELECT e.name, e.birth_date, e.language, false FROM app.my_end e
     WHERE e.patient_id = p_patient AND e.contact_no = p_contact AND e.ends_at > now()
     ORDER BY 4 DESC LIMIT 1;
END
$$;

-- Somebody tries many links that are not there: as long as the setting's number is reached, the trail says so, once a minute.
CREATE FUNCTION app.my_report_guessing() RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    most integer := (SELECT s.value::integer FROM app.setting s WHERE s.name = 'my_guesses');
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM app.my_try t WHERE t.tried_at > now() - interval '1 minute' AND NOT t.known LIMIT most) x) < most THEN
        RETURN;
    END IF;
    INSERT INTO app.my_alarm AS a (name, raised_at) VALUES ('my_guessing', now())
    ON CONFLICT (name) DO UPDATE SET raised_at = EXCLUDED.raised_at WHERE a.raised_at <= EXCLUDED.raised_at - interval '1 minute';
    IF FOUND THEN
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_guessing', 'denied', NULL, NULL, NULL, '');
    END IF;
END
$$;

-- Puts somebody into a session: their number there.
CREATE FUNCTION app.my_add(p_session text, p_patient bigint, p_contact integer) RETURNS integer
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    number integer;
BEGIN
    PERFORM FROM app.my_session s WHERE s.token_hash = p_session FOR UPDATE; -- two at once get two numbers
    SELECT x.person_no INTO number FROM app.my_person x
     WHERE x.token_hash = p_session AND x.patient_id = p_patient AND x.contact_no = p_contact;
    IF number IS NULL THEN
        SELECT coalesce(max(x.person_no), 0) + 1 INTO number FROM app.my_person x WHERE x.token_hash = p_session;
        INSERT INTO app.my_person (token_hash, person_no, patient_id, contact_no, added_at)
        VALUES (p_session, number, p_patient, p_contact, now());
    END IF;
    RETURN number;
END
$$;

CREATE FUNCTION app.my_trail(p_action text, p_patient bigint, p_contact integer) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    SELECT app.audit_link(-1, -1, 'my', p_action, 'allowed', p_patient, NULL,
                          (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = p_patient), p_contact::text)
$$;

-- Opens My HER-SYS for the person behind a link, within the session whose hash is given: a new one, or one that has others of the
-- family already. p_joins: the person is added to the family, and so belongs to the account of the session, if it has one; who merely opens
-- their link on this telephone does not. result: 'open' with the person's number there; 'wrong' when link or birth date is; 'locked' after
-- too many of those. What is no link is answered as a link with a wrong birth date is.
CREATE FUNCTION app.my_sign_in(p_link text, p_birth date, p_session text, p_joins boolean, OUT result text, OUT person_no integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    hash text := encode(sha256(convert_to(p_link, 'UTF8')), 'hex');
    found_link app.follow_link;
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
    IF NOT EXISTS (SELECT FROM app.my_reader(found_link.patient_id, found_link.contact_no) r WHERE r.birth_date = p_birth) THEN
        result := CASE WHEN tries.failures + 1 >= most THEN 'locked' ELSE 'wrong' END;
        UPDATE app.my_try t
           SET failures = tries.failures + 1, tried_at = now(),
               locked_until = CASE WHEN result = 'locked' THEN
                   now() + least(interval '1 minute' * 2 ^ least(tries.failures + 1 - most, 20), interval '1 day') END
         WHERE t.link_hash = hash;
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_sign_in', 'denied', found_link.patient_id, NULL,
                               (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = found_link.patient_id), result);
        PERFORM app.my_report_guessing();
        RETURN;
    END IF;
    DELETE FROM app.my_try t WHERE t.link_hash = hash;
    INSERT INTO app.my_session (token_hash, started_at) VALUES (p_session, now()) ON CONFLICT DO NOTHING;
    person_no := app.my_add(p_session, found_link.patient_id, found_link.contact_no);
    IF p_joins THEN
        INSERT INTO app.my_account_person (mail_hash, patient_id, contact_no, added_at) -- 0025-my-accounts.sql
        SELECT s.mail_hash, found_link.patient_id, found_link.contact_no, now() FROM app.my_session s
         WHERE s.token_hash = p_session AND s.mail_hash IS NOT NULL
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM app.my_trail('my_sign_in', found_link.patient_id, found_link.contact_no);
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

-- The people of a session, with what they are asked and how things stand today. here: is asked for answers; open: may open what there is
-- (until some days after the observation); of who may not, nothing is said. A session of which nobody may is none. account: the session has
-- one. mark: whose answer it is, in a form that may wait on a telephone until its session is another one. received: when the newest answer
-- of today came, by whatever way they gave it. newest: when the newest of all came, if that was today or in the last hour (midnight may have
-- passed since); newest_of: for which moment it was given, when that is of another day; urgency: how urgent it is by the rule.
CREATE FUNCTION app.my_enter(p_session text)
RETURNS TABLE (person_no integer, here boolean, open boolean, patient boolean, account boolean, name text, language text, centre text,
               phone text, questions text, own_history boolean, next_due text, received text, newest text, newest_of text,
               urgency integer, may_survey boolean, surveyed boolean, mark text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$ -- plpgsql keeps the plan
BEGIN
    RETURN QUERY SELECT p.person_no, coalesce(w.here, false), w.here IS NOT NULL, p.contact_no = 0, s.mail_hash IS NOT NULL, w.name,
           w.language, o.name, o.phone, array_to_string(r.questions, ' '), r.own_history,
           to_char(f.next_due AT TIME ZONE 'Asia/Tokyo', 'YYYY/FMMM/FMDD FMHH24:MI'),
           to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI'), to_char(n.entered_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI'),
           CASE WHEN n.since <> app.today() THEN to_char(n.since, 'YYYY/FMMM/FMDD') || ' ' || (n.items ->> 'observation_time') END,
           CASE WHEN n.entry_no IS NOT NULL THEN (app.observation_urgency(n.items,
               app.observation_before(f.patient_id, f.contact_no::text, n.since, n.entered_at, n.entry_no), r.alarms)).urgency END,
           f.contact_no = 0,
           EXISTS (SELECT FROM app.entry v WHERE v.patient_id = f.patient_id AND v.tab = 'survey' AND v.withdrawn_at IS NULL),
           f.mark::text
      FROM app.my_session s
      JOIN app.my_person p ON p.token_hash = s.token_hash
      LEFT JOIN LATERAL app.my_reader(p.patient_id, p.contact_no) w ON true
      LEFT JOIN app.follow f ON w.here AND f.patient_id = p.patient_id AND f.contact_no = p.contact_no
      LEFT JOIN app.patient t ON t.patient_id = p.patient_id AND w.here IS NOT NULL
      LEFT JOIN app.organisation o ON o.organisation_id = t.responsible_id
      LEFT JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) r ON true
      LEFT JOIN LATERAL (
           SELECT x.entered_at FROM app.entry x
            WHERE x.patient_id = f.patient_id AND x.tab = 'observation' AND x.withdrawn_at IS NULL AND x.entered_by = -1
              AND x.since = app.today() AND coalesce(x.items ->> 'observation_of', '0') = f.contact_no::text
            ORDER BY x.entry_no DESC LIMIT 1) e ON true
      LEFT JOIN LATERAL (
           SELECT x.entered_at, x.since, x.items, x.entry_no FROM app.entry x
            WHERE x.patient_id = f.patient_id AND x.tab = 'observation' AND x.withdrawn_at IS NULL AND x.entered_by = -1
              AND x.entered_at >= least(app.today()::timestamp AT TIME ZONE 'Asia/Tokyo', now() - interval '1 hour')
              AND coalesce(x.items ->> 'observation_of', '0') = f.contact_no::text
            ORDER BY x.entry_no DESC LIMIT 1) n ON true
     WHERE s.token_hash = p_session
     ORDER BY p.person_no;
END
$$;

-- For whom a session answers under this number, as a row of app.my_person; all NULL when there is none, or they may not open anything any
-- more.
CREATE FUNCTION app.my_person_of(p_session text, p_person integer) RETURNS app.my_person
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    who app.my_person;
BEGIN
    SELECT p.* INTO who FROM app.my_person p CROSS JOIN LATERAL app.my_reader(p.patient_id, p.contact_no)
     WHERE p.token_hash = p_session AND p.person_no = p_person;
    RETURN who;
END
$$;

-- What somebody has answered before, where the rule lets them see it (own_history); otherwise no row.
CREATE FUNCTION app.my_history(p_session text, p_person integer) RETURNS TABLE (entered text, items text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/FMMM/FMDD FMHH24:MI'), e.items::text
      FROM app.my_person_of(p_session, p_person) p
      JOIN app.follow f ON f.patient_id = p.patient_id AND f.contact_no = p.contact_no AND f.ends_on >= app.today()
     CROSS JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) r
      JOIN app.entry e ON e.patient_id = f.patient_id AND e.tab = 'observation' AND e.withdrawn_at IS NULL AND e.entered_by = -1
           AND coalesce(e.items ->> 'observation_of', '0') = f.contact_no::text
     WHERE r.own_history
     ORDER BY e.entry_no DESC LIMIT 30
$$;

-- Keeps the language that somebody has chosen for themselves, when it is another one than theirs so far.
CREATE FUNCTION app.my_speak(p_session text, p_person integer, p_language text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.my_person := app.my_person_of(p_session, p_person);
BEGIN
    IF who.patient_id IS NULL OR NOT EXISTS (SELECT FROM app.message_kind k WHERE k.template = 'follow_ask_' || p_language) THEN
        RETURN;
    END IF;
    PERFORM FROM app.patient p WHERE p.patient_id = who.patient_id FOR NO KEY UPDATE;
    UPDATE app.follow f SET language = p_language
     WHERE f.patient_id = who.patient_id AND f.contact_no = who.contact_no AND f.language <> p_language;
    IF FOUND THEN
        INSERT INTO app.my_language (patient_id, contact_no, language, chosen_at)
        VALUES (who.patient_id, who.contact_no, p_language, now())
        ON CONFLICT (patient_id, contact_no) DO UPDATE SET language = EXCLUDED.language, chosen_at = EXCLUDED.chosen_at;
    END IF;
END
$$;

-- ---- answers ---------------------------------------------------------------------------------------------------------

-- Stores an answer: 'stored', 'repeated' (this key was stored before), 'over' (nobody awaits it any more), 'many' (too many today),
-- 'none' (no such session or person). p_at is when it was given: it may have waited for a network, but not for more than three days.
CREATE FUNCTION app.my_store(p_session text, p_person integer, p_key uuid, p_at timestamptz, p_items jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.my_person := app.my_person_of(p_session, p_person);
BEGIN
    IF who.patient_id IS NULL THEN
        RETURN 'none';
    END IF;
    IF p_at < now() - interval '3 days'
       AND NOT EXISTS (SELECT FROM app.observation_key k WHERE k.patient_id = who.patient_id AND k.key = p_key) THEN
        RETURN 'over';
    END IF;
    RETURN app.observation_store(who.patient_id, who.contact_no, p_key, 'phone', least(coalesce(p_at, now()), now()), p_items);
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

-- The language of a patient, also of one who is not observed any more: as app.follow_wanted has it.
CREATE FUNCTION app.notice_language(p_patient bigint) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce((SELECT l.language FROM app.my_language l WHERE l.patient_id = p_patient AND l.contact_no = 0),
                    (SELECT e.items ->> 'notice_language' FROM app.entry e
                      WHERE e.patient_id = p_patient AND e.tab = 'notice' AND e.withdrawn_at IS NULL
                      ORDER BY e.entry_no DESC LIMIT 1), 'ja')
$$;

-- Sends the link to the page at once, when 「URL通知 する」 was saved and today's has not gone out yet (seed 3 Q15, Q22). Whoever saved it, the
-- centre in charge is told when it does not arrive, as of the daily question.
CREATE FUNCTION app.notice_link(p_patient bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'notice');
    WITH asked AS (
        UPDATE app.follow f
           SET asked_on = app.today(), next_ask = app.follow_next(f.begins_on, app.today(), f.ends_on, f.ask_at)
         WHERE f.patient_id = p_patient AND f.contact_no = 0 AND f.channel = 'web' AND app.follow_reached('web', f.phone)
           AND f.birth_date IS NOT NULL -- without one nobody could open the page
           AND f.asked_on IS DISTINCT FROM app.today()
        RETURNING f.phone, f.language)
    INSERT INTO app.outbox (channel, template, to_address, code, office_id, patient_id, contact_no)
    SELECT 'sms', 'follow_ask_' || a.language, a.phone, app.follow_link_new(p_patient, 0), p.responsible_id, p_patient, 0
      FROM asked a JOIN app.patient p ON p.patient_id = p_patient;
END
$$;

-- Sends the HER-SYS ID, when 「HER-SYS ID通知 する」 was saved, to the number of 通知設定 or the patient's own.
CREATE FUNCTION app.notice_number(p_patient bigint, p_number text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'notice');
    INSERT INTO app.outbox (channel, template, to_address, code, office_id, patient_id, contact_no)
    SELECT 'sms', 'hersys_id_' || app.notice_language(p_patient), w.phone, p_number, w.responsible_id, p_patient, 0
      FROM (SELECT coalesce(e.items ->> 'notice_phone', p.phone) AS phone, p.responsible_id
              FROM app.patient p
              LEFT JOIN app.entry e ON e.patient_id = p.patient_id AND e.tab = 'notice' AND e.withdrawn_at IS NULL
             WHERE p.patient_id = p_patient ORDER BY e.entry_no DESC LIMIT 1) w
     WHERE app.mobile_number(w.phone) IS NOT NULL;
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

SELECT app.guard_functions('^(my_|notice_(language|link|number)$)');
SELECT app.guard_tables('my_session', 'my_person', 'my_try', 'my_alarm');
GRANT SELECT, DELETE ON app.my_session, app.my_person, app.my_try TO hersys_jobs; -- what is over
GRANT EXECUTE ON FUNCTION app.my_sign_in(text, date, text, boolean), app.my_leave(text), app.my_enter(text), app.my_history(text, integer),
    app.my_speak(text, integer, text),
    app.my_store(text, integer, uuid, timestamptz, jsonb), app.my_survey(text, integer, jsonb) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.notice_link(bigint), app.notice_number(bigint, text) TO hersys_staff;
