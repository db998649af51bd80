-- My HER-SYS by mail and password, for those who want it: an account holds the people of a family. It is made within a session that a link
-- and a birth date have opened, and goes with the last of its people (app.my_reader, 0021-my.sql). Passwords and codes come here as
-- hashes; the hash of a password is given to nobody.

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

-- Opens an account in a session of its own: who has opened a link in this browser before is none of its people.
CREATE FUNCTION app.my_account_open(p_mail text, p_session text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    one app.my_account_person;
BEGIN
    INSERT INTO app.my_session (token_hash, started_at, mail_hash) VALUES (p_session, now(), p_mail);
    FOR one IN SELECT * FROM app.my_family(p_mail) LOOP
        PERFORM app.my_add(p_session, one.patient_id, one.contact_no);
        PERFORM app.my_trail('my_sign_in', one.patient_id, one.contact_no);
    END LOOP;
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
        INSERT INTO app.my_account_person (mail_hash, patient_id, contact_no, added_at)
        VALUES (p_code.mail_hash, one.patient_id, one.contact_no, now())
        ON CONFLICT DO NOTHING;
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
    guesses text; -- who asked for a code in a session cannot use up the tries of who signs in with the same address
BEGIN
    SELECT * INTO c FROM app.my_code x
     WHERE x.token_hash = p_pending AND x.made_at > now() - interval '10 minutes' AND x.tries < 5 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'over';
    END IF;
    guesses := 'my code ' || c.mail_hash || coalesce(' ' || c.session_hash, '');
    IF NOT app.my_charge(guesses) THEN
        RETURN 'locked';
    END IF;
    IF c.code_hash <> p_code THEN
        UPDATE app.my_code x SET tries = x.tries + 1 WHERE x.token_hash = p_pending;
        PERFORM app.audit_link(NULL, NULL, 'my', 'my_mail', 'denied', NULL, NULL, NULL, 'code');
        RETURN CASE WHEN c.tries + 1 < 5 THEN 'wrong' ELSE 'over' END;
    END IF;
    DELETE FROM app.my_code x WHERE x.token_hash = p_pending;
    DELETE FROM app.sign_in_throttle t WHERE t.bucket IN (guesses, 'my mail ' || c.mail_hash, 'my new mail ' || c.mail_hash);
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

-- Whether anything on My HER-SYS is somebody's: a link, a telephone, an account, a language.
CREATE FUNCTION app.my_has(p_patient bigint, p_contact integer) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM app.follow_link x WHERE x.patient_id = p_patient AND x.contact_no = p_contact)
        OR EXISTS (SELECT FROM app.my_person x WHERE x.patient_id = p_patient AND x.contact_no = p_contact)
        OR EXISTS (SELECT FROM app.my_account_person x WHERE x.patient_id = p_patient AND x.contact_no = p_contact)
        OR EXISTS (SELECT FROM app.my_language x WHERE x.patient_id = p_patient AND x.contact_no = p_contact)
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

SELECT app.guard_functions('^my_');
SELECT app.guard_tables('my_account', 'my_account_person', 'my_device', 'my_code');
GRANT SELECT, INSERT, UPDATE, DELETE ON app.sign_in_throttle TO hersys_guard;
GRANT SELECT, DELETE ON app.my_account_person TO hersys_jobs; -- of patients that are purged
GRANT EXECUTE ON FUNCTION app.my_account_salt(text),
    app.my_account_ask(text, text, text, text, text, text, text, text), app.my_account_enter(text, text, text, text, text, text, text, text),
    app.my_code_take(text, text, text, text), app.my_account_end(text) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.my_purge() TO hersys_jobs;
