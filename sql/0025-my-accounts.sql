-- My HER-SYS, more of it: how long a link and a session last (security.md 5.12), the language that somebody chose, and sign-in by an account
-- (mail and password).

-- ---- how long it lasts -------------------------------------------------------------------------------------------------

DELETE FROM app.setting WHERE name = 'my_session_days';
INSERT INTO app.setting (name, value, meaning) VALUES
    ('my_days_after', '3', '健康観察が終わったあと、My HER-SYSを何日後まで開けるか');

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

-- Somebody who may open My HER-SYS: who is observed (here), and for some days who was; no row for all others.
CREATE FUNCTION app.my_reader(p_patient bigint, p_contact integer)
RETURNS TABLE (name text, birth_date date, language text, here boolean)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT f.name, f.birth_date, f.language, true FROM app.follow f
     WHERE f.patient_id = p_patient AND f.contact_no = p_contact AND f.ends_on >= app.today()
    UNION ALL
    SELECT e.name, e.birth_date, e.language, false FROM app.my_end e
     WHERE e.patient_id = p_patient AND e.contact_no = p_contact AND e.ends_at > now()
     ORDER BY 4 DESC LIMIT 1
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

-- As in 0019-follow.sql, but for languages: what somebody chose, what was entered for a contact.
CREATE OR REPLACE FUNCTION app.follow_wanted(p_patients bigint[]) RETURNS SETOF app.follow
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT w.patient_id, w.contact_no, up.owner_id, w.name, w.kana, w.birth_date, nullif(w.phone, ''), w.channel,
           coalesce(own.language, w.language, 'ja'), coalesce(w.ask_at, rule.ask_at), greatest(coalesce(w.ask_at, rule.ask_at), rule.due_at),
           w.begins_on, w.ends_on, w.because, now(), NULL::timestamptz, NULL::timestamptz, NULL::date, NULL::bigint, NULL::timestamptz, 0,
           NULL::timestamptz, '{}'::text[], '', NULL::timestamptz, NULL::timestamptz
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

-- As in 0019-follow.sql; who is not observed any more keeps link and session for some days, unless the report was deleted. A link dies
-- with the number that it was sent to.
CREATE OR REPLACE FUNCTION app.follow_refresh(VARIADIC p_patients bigint[]) RETURNS void
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
    PERFORM app.follow_state(p_patients);
END
$$;

-- ---- sessions ----------------------------------------------------------------------------------------------------------

DROP INDEX app.my_session_ends;
ALTER TABLE app.my_session DROP COLUMN ends_at, ADD COLUMN mail_hash text;
COMMENT ON TABLE app.my_session IS 'by own key: a telephone on which somebody has opened My HER-SYS; it lives as long as one of its people may (app.my_reader)';
COMMENT ON COLUMN app.my_session.mail_hash IS 'of the account with which it was opened, or that was made in it';
CREATE INDEX my_session_mail ON app.my_session (mail_hash) WHERE mail_hash IS NOT NULL;

CREATE TABLE app.my_account (
    mail_hash text PRIMARY KEY,
    salt text NOT NULL,
    password_hash text NOT NULL,
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE app.my_account IS 'by own key: who signs in to My HER-SYS by mail and password; the address itself is not kept';

CREATE TABLE app.my_account_person (
    mail_hash text NOT NULL,
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (mail_hash, patient_id, contact_no)
);
COMMENT ON TABLE app.my_account_person IS 'by own key: for whom an account answers';
CREATE INDEX my_account_person_patient ON app.my_account_person (patient_id);

CREATE TABLE app.my_device (
    mail_hash text NOT NULL,
    device_hash text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (mail_hash, device_hash)
);
COMMENT ON TABLE app.my_device IS 'by own key: browsers in which a code was entered: the password alone opens the account there';

CREATE TABLE app.my_code (
    token_hash text PRIMARY KEY,
    mail_hash text NOT NULL,
    code_hash text NOT NULL,
    session_hash text,
    salt text,
    password_hash text,
    tries integer NOT NULL,
    made_at timestamptz NOT NULL
);
COMMENT ON TABLE app.my_code IS 'by own key: a code that went out by mail: ten minutes, five tries, once; with a session the account is made there, without one it is opened';

-- Puts somebody into a session, and into its account: their number there.
CREATE FUNCTION app.my_add(p_session text, p_patient bigint, p_contact integer) RETURNS integer
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    account text;
    number integer;
BEGIN
    SELECT s.mail_hash INTO account FROM app.my_session s WHERE s.token_hash = p_session FOR UPDATE; -- two at once get two numbers
    SELECT x.person_no INTO number FROM app.my_person x
     WHERE x.token_hash = p_session AND x.patient_id = p_patient AND x.contact_no = p_contact;
    IF number IS NULL THEN
        SELECT coalesce(max(x.person_no), 0) + 1 INTO number FROM app.my_person x WHERE x.token_hash = p_session;
        INSERT INTO app.my_person (token_hash, person_no, patient_id, contact_no, added_at)
        VALUES (p_session, number, p_patient, p_contact, now());
    END IF;
    IF account IS NOT NULL THEN
        INSERT INTO app.my_account_person (mail_hash, patient_id, contact_no, added_at) VALUES (account, p_patient, p_contact, now())
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN number;
END
$$;

CREATE FUNCTION app.my_trail(p_action text, p_patient bigint, p_contact integer) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    SELECT app.audit_link(-1, -1, 'my', p_action, 'allowed', p_patient, NULL,
                          (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = p_patient), p_contact::text)
$$;

-- As in 0021-my.sql, for a link that is kept as a hash, and until some days after the observation.
CREATE OR REPLACE FUNCTION app.my_sign_in(p_link text, p_birth date, p_session text, OUT result text, OUT person_no integer)
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
    PERFORM app.my_trail('my_sign_in', found_link.patient_id, found_link.contact_no);
    result := 'open';
END
$$;

-- As in 0021-my.sql. here: is asked for answers; open: may open what there is (until some days after the observation); of who may not,
-- nothing is said. A session of which nobody may is none. account: the session has one.
DROP FUNCTION app.my_enter(text);
CREATE FUNCTION app.my_enter(p_session text)
RETURNS TABLE (person_no integer, here boolean, open boolean, patient boolean, account boolean, name text, language text, centre text,
               phone text, questions text, own_history boolean, next_due text, received text, urgency integer, may_survey boolean,
               surveyed boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$ -- plpgsql keeps the plan
BEGIN
    RETURN QUERY SELECT p.person_no, coalesce(w.here, false), w.here IS NOT NULL, p.contact_no = 0, s.mail_hash IS NOT NULL, w.name,
           w.language, o.name, o.phone, array_to_string(r.questions, ' '), r.own_history,
           to_char(f.next_due AT TIME ZONE 'Asia/Tokyo', 'YYYY/FMMM/FMDD FMHH24:MI'),
           to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'FMHH24:MI'), e.urgency, f.contact_no = 0,
           EXISTS (SELECT FROM app.entry v WHERE v.patient_id = f.patient_id AND v.tab = 'survey' AND v.withdrawn_at IS NULL)
      FROM app.my_session s
      JOIN app.my_person p ON p.token_hash = s.token_hash
      LEFT JOIN LATERAL app.my_reader(p.patient_id, p.contact_no) w ON true
      LEFT JOIN app.follow f ON w.here AND f.patient_id = p.patient_id AND f.contact_no = p.contact_no
      LEFT JOIN app.patient t ON t.patient_id = p.patient_id AND w.here IS NOT NULL
      LEFT JOIN app.organisation o ON o.organisation_id = t.responsible_id
      LEFT JOIN LATERAL app.follow_rule_of(f.owner_id, app.today()) r ON true
      LEFT JOIN LATERAL (
           SELECT x.entered_at, u.urgency FROM app.entry x CROSS JOIN LATERAL app.observation_urgency(x.items, r.alarms) u
            WHERE x.patient_id = f.patient_id AND x.tab = 'observation' AND x.withdrawn_at IS NULL AND x.entered_by = -1
              AND x.since = app.today() AND coalesce(x.items ->> 'observation_of', '0') = f.contact_no::text
            ORDER BY x.entry_no DESC LIMIT 1) e ON true
     WHERE s.token_hash = p_session
     ORDER BY p.person_no;
END
$$;

CREATE OR REPLACE FUNCTION app.my_history(p_session text, p_person integer) RETURNS TABLE (entered text, items text)
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

-- As in 0021-my.sql; all NULL also when the person may not open anything any more.
CREATE OR REPLACE FUNCTION app.my_person_of(p_session text, p_person integer) RETURNS app.my_person
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    who app.my_person;
BEGIN
    SELECT p.* INTO who FROM app.my_person p CROSS JOIN LATERAL app.my_reader(p.patient_id, p.contact_no)
     WHERE p.token_hash = p_session AND p.person_no = p_person;
    RETURN who;
END
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

-- ---- accounts ----------------------------------------------------------------------------------------------------------

-- Charges a bucket for one guess before it is judged, by the rule of throttle_charge (src/core/sign_in.sql); false: not now.
CREATE FUNCTION app.my_charge(p_bucket text) RETURNS boolean
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO app.sign_in_throttle AS t (bucket, failures, next_at) VALUES (p_bucket, 1, now())
    ON CONFLICT (bucket) DO UPDATE
       SET failures = CASE WHEN t.next_at < EXCLUDED.next_at - interval '1 day' THEN 1 ELSE t.failures + 1 END,
           next_at = EXCLUDED.next_at + make_interval(secs =>
               CASE WHEN t.next_at < EXCLUDED.next_at - interval '1 day' OR t.failures + 1 <= 3 THEN 0
                    ELSE least(3600, 30 * 2 ^ least(t.failures - 3, 10)) END)
     WHERE t.failures <= 3 OR t.next_at <= EXCLUDED.next_at;
    RETURN FOUND;
END
$$;

-- Whether one more mail may go to this address, or from this session: three in a quarter of an hour, as for codes by SMS.
CREATE FUNCTION app.my_may_mail(p_bucket text) RETURNS boolean
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    INSERT INTO app.sign_in_throttle AS t (bucket, failures, next_at) VALUES (p_bucket, 1, now() + interval '15 minutes')
    ON CONFLICT (bucket) DO UPDATE
       SET failures = CASE WHEN t.next_at < EXCLUDED.next_at - interval '15 minutes' THEN 1 ELSE t.failures + 1 END,
           next_at = CASE WHEN t.next_at < EXCLUDED.next_at - interval '15 minutes' THEN EXCLUDED.next_at ELSE t.next_at END
     WHERE t.next_at < EXCLUDED.next_at - interval '15 minutes' OR t.failures < 3;
    RETURN FOUND;
END
$$;

-- The people of an account who may still open My HER-SYS; an account without any is none.
CREATE FUNCTION app.my_family(p_mail text) RETURNS SETOF app.my_account_person
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT p.* FROM app.my_account_person p CROSS JOIN LATERAL app.my_reader(p.patient_id, p.contact_no)
     WHERE p.mail_hash = p_mail ORDER BY p.added_at, p.patient_id, p.contact_no
$$;

-- With what the password of an account is hashed; NULL when there is none.
CREATE FUNCTION app.my_account_salt(p_mail text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT a.salt FROM app.my_account a WHERE a.mail_hash = p_mail AND EXISTS (SELECT FROM app.my_family(p_mail))
$$;

-- Keeps a code and sends it. Who is in a session cannot use up the mails of who signs in with the same address.
CREATE FUNCTION app.my_mail_code(p_code app.my_code, p_address text, p_digits text) RETURNS text
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF p_code.session_hash IS NULL AND NOT app.my_may_mail('my mail ' || p_code.mail_hash)
       OR p_code.session_hash IS NOT NULL AND NOT (app.my_may_mail('my new mail ' || p_code.mail_hash)
                                                   AND app.my_may_mail('my mail of ' || p_code.session_hash)) THEN
        RETURN 'limit';
    END IF;
    INSERT INTO app.my_code SELECT (p_code).*;
    INSERT INTO app.outbox (channel, template, to_address, code) VALUES ('mail', 'my_code', p_address, p_digits);
    RETURN 'code';
END
$$;

-- Somebody within a session wants to sign in by mail from now on: a code goes to the address, whether it has an account or not. 'code',
-- 'limit' (too many mails), 'none' (no such session).
CREATE FUNCTION app.my_account_ask(p_session text, p_mail text, p_salt text, p_password text, p_pending text, p_code text,
                                   p_address text, p_digits text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.my_person p CROSS JOIN LATERAL app.my_reader(p.patient_id, p.contact_no)
                    WHERE p.token_hash = p_session) THEN
        RETURN 'none';
    END IF;
    RETURN app.my_mail_code(ROW(p_pending, p_mail, p_code, p_session, p_salt, p_password, 0, now())::app.my_code, p_address, p_digits);
END
$$;

-- Opens an account within a session: a new one, or one that is there already; the number of its first person.
CREATE FUNCTION app.my_account_open(p_mail text, p_session text) RETURNS integer
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    one app.my_account_person;
    number integer;
BEGIN
    INSERT INTO app.my_session (token_hash, started_at, mail_hash) VALUES (p_session, now(), p_mail)
    ON CONFLICT (token_hash) DO UPDATE SET mail_hash = EXCLUDED.mail_hash;
    FOR one IN SELECT * FROM app.my_family(p_mail) LOOP
        number := least(number, app.my_add(p_session, one.patient_id, one.contact_no));
        PERFORM app.my_trail('my_sign_in', one.patient_id, one.contact_no);
    END LOOP;
    RETURN number;
END
$$;

-- Mail and password: 'open' in a browser that is known, 'code' (one went out by mail) in another, 'wrong', 'locked' after too many of
-- those, 'limit' (too many mails). What is no account is answered as one with a wrong password is.
CREATE FUNCTION app.my_account_enter(p_mail text, p_password text, p_device text, p_session text, p_pending text, p_code text,
                                     p_address text, p_digits text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    trusted boolean := EXISTS (SELECT FROM app.my_device d WHERE d.mail_hash = p_mail AND d.device_hash = p_device);
    guesses text := CASE WHEN trusted THEN 'my password ' || p_mail || ' ' || p_device ELSE 'my password ' || p_mail END;
BEGIN
    IF NOT app.my_charge(guesses) THEN
        RETURN 'locked';
    END IF;
    IF NOT EXISTS (SELECT FROM app.my_account a WHERE a.mail_hash = p_mail AND a.password_hash = p_password)
       OR NOT EXISTS (SELECT FROM app.my_family(p_mail)) THEN
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_mail', 'denied', NULL, NULL, NULL, 'password');
        RETURN 'wrong';
    END IF;
    DELETE FROM app.sign_in_throttle t WHERE t.bucket = guesses;
    IF trusted THEN
        PERFORM app.my_account_open(p_mail, p_session);
        RETURN 'open';
    END IF;
    RETURN app.my_mail_code(ROW(p_pending, p_mail, p_code, NULL, NULL, NULL, 0, now())::app.my_code, p_address, p_digits);
END
$$;

-- Makes the account of a code, or changes its password: whoever shows the mail and the link of one of its people, or its password. False
-- when it is somebody else's account.
CREATE FUNCTION app.my_account_save(p_code app.my_code) RETURNS boolean
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    one app.my_person;
BEGIN
    IF EXISTS (SELECT FROM app.my_family(p_code.mail_hash))
       AND NOT EXISTS (SELECT FROM app.my_account a
                        WHERE a.mail_hash = p_code.mail_hash AND a.password_hash = p_code.password_hash)
       AND NOT EXISTS (SELECT FROM app.my_family(p_code.mail_hash) f JOIN app.my_person p USING (patient_id, contact_no)
                        WHERE p.token_hash = p_code.session_hash) THEN
        RETURN false;
    END IF;
    DELETE FROM app.my_account_person p -- of an account that is over, and was not cleared away yet
     WHERE p.mail_hash = p_code.mail_hash AND NOT EXISTS (SELECT FROM app.my_family(p_code.mail_hash));
    INSERT INTO app.my_account (mail_hash, salt, password_hash, made_at)
    VALUES (p_code.mail_hash, p_code.salt, p_code.password_hash, now())
    ON CONFLICT (mail_hash) DO UPDATE SET salt = EXCLUDED.salt, password_hash = EXCLUDED.password_hash;
    DELETE FROM app.my_device d WHERE d.mail_hash = p_code.mail_hash;
    UPDATE app.my_session s SET mail_hash = p_code.mail_hash WHERE s.token_hash = p_code.session_hash;
    DELETE FROM app.my_person p USING app.my_session s
     WHERE s.mail_hash = p_code.mail_hash AND s.token_hash <> p_code.session_hash AND p.token_hash = s.token_hash;
    DELETE FROM app.my_session s WHERE s.mail_hash = p_code.mail_hash AND s.token_hash <> p_code.session_hash;
    FOR one IN SELECT p.* FROM app.my_person p WHERE p.token_hash = p_code.session_hash LOOP
        PERFORM app.my_add(p_code.session_hash, one.patient_id, one.contact_no);
        PERFORM app.my_trail('my_account', one.patient_id, one.contact_no);
    END LOOP;
    RETURN true;
END
$$;

-- Takes a code, once: 'added' (the account is made, or has its new password), 'open' (p_session is), 'taken' (it is somebody else's),
-- 'wrong', 'locked' after too many of those, 'over' when there is no code to be entered any more. The browser is known from now on.
CREATE FUNCTION app.my_code_take(p_pending text, p_code text, p_session text, p_device text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.my_code;
BEGIN
    SELECT * INTO c FROM app.my_code x
     WHERE x.token_hash = p_pending AND x.made_at > now() - interval '10 minutes' AND x.tries < 5 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'over';
    END IF;
    IF NOT app.my_charge('my code ' || c.mail_hash) THEN
        RETURN 'locked';
    END IF;
    IF c.code_hash <> p_code THEN
        UPDATE app.my_code x SET tries = x.tries + 1 WHERE x.token_hash = p_pending;
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_mail', 'denied', NULL, NULL, NULL, 'code');
        RETURN CASE WHEN c.tries + 1 < 5 THEN 'wrong' ELSE 'over' END;
    END IF;
    DELETE FROM app.my_code x WHERE x.token_hash = p_pending;
    DELETE FROM app.sign_in_throttle t WHERE t.bucket IN ('my code ' || c.mail_hash, 'my mail ' || c.mail_hash, 'my new mail ' || c.mail_hash);
    IF c.session_hash IS NULL THEN
        PERFORM app.my_account_open(c.mail_hash, p_session);
    ELSIF NOT app.my_account_save(c) THEN
        RETURN 'taken';
    END IF;
    INSERT INTO app.my_device (mail_hash, device_hash, added_at) VALUES (c.mail_hash, p_device, now()) ON CONFLICT DO NOTHING;
    RETURN CASE WHEN c.session_hash IS NULL THEN 'open' ELSE 'added' END;
END
$$;

-- Ends the account of a session; the session itself goes on.
CREATE FUNCTION app.my_account_end(p_session text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    account text := (SELECT s.mail_hash FROM app.my_session s WHERE s.token_hash = p_session);
BEGIN
    DELETE FROM app.my_account_person p WHERE p.mail_hash = account;
    DELETE FROM app.my_device d WHERE d.mail_hash = account;
    DELETE FROM app.my_code c WHERE c.mail_hash = account;
    DELETE FROM app.my_account a WHERE a.mail_hash = account;
    DELETE FROM app.my_person p USING app.my_session s
     WHERE s.mail_hash = account AND s.token_hash <> p_session AND p.token_hash = s.token_hash;
    DELETE FROM app.my_session s WHERE s.mail_hash = account AND s.token_hash <> p_session;
    UPDATE app.my_session s SET mail_hash = NULL WHERE s.token_hash = p_session;
END
$$;

-- What nobody may open any more: people, and sessions and accounts without any (security.md 5.12).
CREATE FUNCTION app.my_purge() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    DELETE FROM app.follow_link x USING app.my_end e WHERE e.ends_at < now() AND x.patient_id = e.patient_id AND x.contact_no = e.contact_no;
    DELETE FROM app.my_language x USING app.my_end e WHERE e.ends_at < now() AND x.patient_id = e.patient_id AND x.contact_no = e.contact_no;
    DELETE FROM app.my_person x USING app.my_end e WHERE e.ends_at < now() AND x.patient_id = e.patient_id AND x.contact_no = e.contact_no;
    DELETE FROM app.my_account_person x USING app.my_end e
     WHERE e.ends_at < now() AND x.patient_id = e.patient_id AND x.contact_no = e.contact_no;
    DELETE FROM app.my_end e WHERE e.ends_at < now();
    DELETE FROM app.my_session s WHERE NOT EXISTS (SELECT FROM app.my_person p WHERE p.token_hash = s.token_hash);
    DELETE FROM app.my_account a WHERE NOT EXISTS (SELECT FROM app.my_account_person p WHERE p.mail_hash = a.mail_hash);
    DELETE FROM app.my_device d WHERE NOT EXISTS (SELECT FROM app.my_account a WHERE a.mail_hash = d.mail_hash);
    DELETE FROM app.my_code c WHERE c.made_at < now() - interval '1 hour';
END
$$;

-- ---- rights ------------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(my_|follow_)');
SELECT app.guard_tables('my_end', 'my_language', 'my_account', 'my_account_person', 'my_device', 'my_code');
GRANT SELECT, INSERT, UPDATE, DELETE ON app.sign_in_throttle TO hersys_guard;
GRANT SELECT, DELETE ON app.my_end, app.my_language, app.my_account_person TO hersys_jobs; -- of patients that are purged
GRANT EXECUTE ON FUNCTION app.my_enter(text), app.my_speak(text, integer, text), app.my_account_salt(text),
    app.my_account_ask(text, text, text, text, text, text, text, text), app.my_account_enter(text, text, text, text, text, text, text, text),
    app.my_code_take(text, text, text, text), app.my_account_end(text) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.follow_link_new(bigint, integer), app.my_purge() TO hersys_jobs;
