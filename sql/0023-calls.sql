-- 自動架電 and 健康コール: the telephone asks, keys answer (shared/domain.md 4.4). A telephone service that speaks TwiML dials and calls our
-- addresses; what it says is in src/core/call.c, what has been answered is here. An answer is stored as a 健康観察 when the call ends, however
-- it ends: who hangs up in the middle is not asked again for what was said.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('call_tries', '3', '自動の電話を1日に何回までかけるか'),
    ('call_minutes', '30', '出なかった電話を何分後にかけ直すか'),
    ('call_guesses', '5', '一つの電話番号について、違う誕生日を1日に何回まで受け付けるか（電話がかかってきたとき）');

CREATE TABLE app.call (
    token text PRIMARY KEY,
    patient_id bigint,
    contact_no integer,
    day date NOT NULL,
    key uuid NOT NULL,
    inbound boolean NOT NULL,
    phone text,
    typed text,
    state text NOT NULL CHECK (state IN ('waiting', 'dialled', 'talking', 'stored', 'over', 'unanswered')),
    tries integer NOT NULL DEFAULT 0,
    troubles integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    heard_at timestamptz,
    confirmed boolean NOT NULL DEFAULT false,
    misses integer NOT NULL DEFAULT 0,
    answers jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE app.call IS 'by own key: a telephone call for the answer of a day; the token is the secret of its addresses';
COMMENT ON COLUMN app.call.patient_id IS 'of whom; NULL as long as somebody who rings us has not said it';
COMMENT ON COLUMN app.call.typed IS 'the number that somebody who rings us has typed: theirs by their word, in place of that from which they ring';
COMMENT ON COLUMN app.call.state IS 'stored: its answers stand in the record; over: they were not taken any more; unanswered: there are none';
COMMENT ON COLUMN app.call.next_at IS 'when it is dialled; while dialled, until when the service is waited for';
COMMENT ON COLUMN app.call.troubles IS 'how often the service had trouble with the order: not a try, but not without end either';
COMMENT ON COLUMN app.call.misses IS 'answers in a row that could not be used, or did not come';
CREATE UNIQUE INDEX call_of_day ON app.call (patient_id, contact_no, day) WHERE NOT inbound;
CREATE INDEX call_next ON app.call (next_at, token) WHERE next_at IS NOT NULL;
CREATE INDEX call_patient ON app.call (patient_id, day);
CREATE INDEX call_day ON app.call (day); -- what is purged

CREATE TABLE app.call_guess (
    phone text NOT NULL,
    day date NOT NULL,
    guesses integer NOT NULL,
    PRIMARY KEY (phone, day)
);
COMMENT ON TABLE app.call_guess IS 'by own key: wrong birth dates of a day for a number, by whoever rang us from it or typed it';

CREATE FUNCTION app.fresh_token() RETURNS text
LANGUAGE sql VOLATILE SET search_path = '' AS $$
    SELECT left(encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex'), 32)
$$;

CREATE FUNCTION app.call_setting(p_name text) RETURNS integer
LANGUAGE sql STABLE SET search_path = '' AS $$ SELECT value::integer FROM app.setting WHERE name = p_name $$;

-- ---- dialling (hersys_jobs) -------------------------------------------------------------------------------------------

-- Makes the calls of the day for whom it is time, at most p_limit; how many. One process does it (R7), as the question by SMS (follow_asked).
CREATE FUNCTION app.call_queue(p_limit integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    WITH due AS (
        SELECT f.patient_id, f.contact_no FROM app.follow f
         WHERE f.channel = 'call' AND f.next_ask <= now() ORDER BY f.next_ask, f.patient_id, f.contact_no LIMIT p_limit
    ), asked AS (
        UPDATE app.follow f
           SET asked_on = app.today(), next_ask = app.follow_next(f.begins_on, app.today(), f.ends_on, f.ask_at)
          FROM due WHERE f.patient_id = due.patient_id AND f.contact_no = due.contact_no AND f.next_ask <= now()
        RETURNING f.patient_id, f.contact_no, f.phone
    ), queued AS (
        INSERT INTO app.call (token, patient_id, contact_no, day, key, inbound, phone, state, next_at)
        SELECT app.fresh_token(), a.patient_id, a.contact_no, app.today(), gen_random_uuid(), false, a.phone, 'waiting', now()
          FROM asked a
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT count(*) FROM queued
$$;

-- Until when a call to this number waits: for the end of the night, or, at a limit of the day, a while, because the ministry may raise it. NULL
-- when it may be dialled now.
CREATE FUNCTION app.call_waits(p_phone text) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT CASE WHEN app.is_quiet(c.quiet_from, c.quiet_until, now()) THEN app.quiet_end(c.quiet_until, now())
                WHEN c.daily_most <= (SELECT d.tried FROM app.channel_day d
                                       WHERE d.channel = 'call' AND d.day = app.day_of(now()))
                  OR c.address_most <= (SELECT a.tried FROM app.address_day a
                                         WHERE a.channel = 'call' AND a.address = p_phone AND a.day = app.day_of(now()))
                     THEN now() + interval '10 minutes' END
      FROM app.channel c WHERE c.channel = 'call'
$$;

-- Marks a call as being dialled, and commits before the service is asked: who dies in between leaves the mark, and it is dialled again only
-- when nothing was heard of it for the channel's settle_seconds. False when it may not be dialled (now): sending is stopped, it is night, a
-- limit is reached, its tries or its day are over, or the person is not observed any more (released, or dead).
CREATE FUNCTION app.call_dial(p_token text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.call;
    waits timestamptz;
BEGIN
    SELECT * INTO c FROM app.call x
     WHERE x.token = p_token AND x.next_at <= now() AND x.state IN ('waiting', 'dialled') FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM app.sending_stop s WHERE s.resumed_at IS NULL) THEN
        RETURN false;
    END IF;
    waits := app.call_waits(c.phone);
    IF c.tries >= app.call_setting('call_tries') OR c.day <> app.day_of(coalesce(waits, now())) OR NOT EXISTS (
        SELECT FROM app.follow f WHERE f.patient_id = c.patient_id AND f.contact_no = c.contact_no AND f.phone = c.phone) THEN
        UPDATE app.call SET state = 'unanswered', next_at = NULL WHERE token = p_token;
        RETURN false;
    END IF;
    IF waits IS NOT NULL THEN
        UPDATE app.call SET state = 'waiting', next_at = waits WHERE token = p_token;
        RETURN false;
    END IF;
    UPDATE app.call x SET state = 'dialled', tries = x.tries + 1, next_at = now() + make_interval(secs => n.settle_seconds)
      FROM app.channel n WHERE x.token = p_token AND n.channel = 'call';
    PERFORM app.channel_count('call', 1, 0, 0, 0);
    INSERT INTO app.address_day AS a (channel, address, day, tried) VALUES ('call', c.phone, app.day_of(now()), 1)
    ON CONFLICT (channel, address, day) DO UPDATE SET tried = a.tried + 1;
    RETURN true;
END
$$;

-- The service did not take the order: no line is free ('busy'), it has trouble ('trouble'), or it will never dial this number ('never').
-- Nobody was called, so it does not count towards the limits of its day, nor as a try. A free line is asked for again every minute as long as
-- the day lasts; behind trouble the wait is longer each time up to half an hour, and with the tenth, after about three hours, the call is
-- given up.
CREATE FUNCTION app.call_not_dialled(p_token text, p_why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.call;
    again boolean;
BEGIN
    SELECT * INTO c FROM app.call x WHERE x.token = p_token AND x.state = 'dialled' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    again := p_why = 'busy' OR p_why = 'trouble' AND c.troubles < 9;
    UPDATE app.call
       SET state = CASE WHEN again THEN 'waiting' ELSE 'unanswered' END, tries = c.tries - (p_why <> 'never')::integer,
           troubles = c.troubles + (p_why = 'trouble')::integer,
           next_at = CASE WHEN NOT again THEN NULL
                          WHEN p_why = 'busy' THEN now() + interval '1 minute'
                          ELSE now() + least(interval '2 minutes' * 2 ^ c.troubles, interval '30 minutes') END
     WHERE token = p_token;
    UPDATE app.channel_day SET tried = tried - 1 WHERE channel = 'call' AND day = c.day;
    UPDATE app.address_day SET tried = tried - 1 WHERE channel = 'call' AND address = c.phone AND day = c.day;
END
$$;

-- ---- talking (hersys_public) -------------------------------------------------------------------------------------------

-- Stores what was answered so far, once; the state of the call behind it.
CREATE FUNCTION app.call_store(p_token text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.call;
BEGIN
    SELECT * INTO c FROM app.call WHERE token = p_token FOR UPDATE;
    IF c.patient_id IS NULL OR c.state IN ('stored', 'over') OR c.answers = '{}' THEN
        RETURN c.state;
    END IF;
    c.state := CASE WHEN app.observation_store(c.patient_id, c.contact_no, c.key, CASE WHEN c.inbound THEN 'call_in' ELSE 'call' END,
                                               now(), c.answers) IN ('stored', 'repeated') THEN 'stored' ELSE 'over' END;
    UPDATE app.call SET state = c.state, next_at = NULL WHERE token = p_token;
    IF c.state = 'stored' AND NOT c.inbound THEN
        PERFORM app.channel_count('call', 0, 1, 0, 0);
    END IF;
    RETURN c.state;
END
$$;

-- Somebody rings us, from this number ('' when it is withheld): a call that is nobody's yet.
CREATE FUNCTION app.call_begin(p_phone text) RETURNS text
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO app.call (token, day, key, inbound, phone, state, next_at)
    VALUES (app.fresh_token(), app.today(), gen_random_uuid(), true, p_phone, 'talking', now() + interval '10 minutes')
    RETURNING token
$$;

-- Whose call it is: of those with this number the one who was born on that day of the year; nobody's when there are two (twins). Each guess is
-- charged to the number for which it is judged, before it is judged, and given back when it was right. When the day's guesses are used up,
-- the number is nobody's until tomorrow.
CREATE FUNCTION app.call_of_whom(p_phone text, p_birth text) RETURNS app.follow
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    who app.follow[];
BEGIN
    INSERT INTO app.call_guess AS g (phone, day, guesses) VALUES (p_phone, app.today(), 1)
    ON CONFLICT (phone, day) DO UPDATE SET guesses = g.guesses + 1 WHERE g.guesses < app.call_setting('call_guesses');
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    who := ARRAY(SELECT f FROM app.follow f WHERE f.phone = p_phone AND to_char(f.birth_date, 'MMDD') = p_birth LIMIT 2);
    IF cardinality(who) <> 1 THEN
        RETURN NULL;
    END IF;
    UPDATE app.call_guess g SET guesses = g.guesses - 1 WHERE g.phone = p_phone AND g.day = app.today();
    RETURN who[1];
END
$$;

-- One turn of the talk: the answer to the item that was asked ('' for none yet; 'phone'; 'birth' for the month and day of birth), NULL when
-- it could not be used or did not come. How the call stands behind it (missed: this turn could not be used; again: it is dialled once more);
-- what comes when all is stored changes nothing and is told how it stands. No row for an unknown token or a call that nobody answered.
CREATE FUNCTION app.call_turn(p_token text, p_item text, p_value text)
RETURNS TABLE (state text, confirmed boolean, missed boolean, misses integer, wants_phone boolean, inbound boolean, again boolean,
               questions text[], answers jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    c app.call;
    f app.follow;
    asked text[];
    fits boolean;
BEGIN
    SELECT * INTO c FROM app.call x WHERE x.token = p_token AND x.state <> 'unanswered' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF c.state IN ('stored', 'over') THEN
        RETURN QUERY SELECT c.state, c.confirmed, false, c.misses, false, c.inbound, false, '{}'::text[], c.answers;
        RETURN;
    END IF;
    IF c.patient_id IS NOT NULL THEN
        SELECT * INTO f FROM app.follow x WHERE x.patient_id = c.patient_id AND x.contact_no = c.contact_no;
    ELSIF p_item = 'birth' AND p_value <> '' THEN
        f := app.call_of_whom(coalesce(c.typed, c.phone), p_value);
    END IF;
    asked := (app.follow_rule_of(f.owner_id, app.today())).questions || '{observation_spo2_why,observation_call_back}'::text[];
    fits := CASE WHEN p_item = 'birth' THEN to_char(f.birth_date, 'MMDD') = p_value
                 WHEN p_item = 'phone' THEN p_value ~ '^0[0-9]{9,10}$' AND c.patient_id IS NULL
                 WHEN f.patient_id IS NULL THEN false
                 WHEN p_item = 'observation_call_back' THEN true -- whoever it is may be called back
                 ELSE c.confirmed AND p_value IS NOT NULL AND p_item = ANY (asked) END;
    UPDATE app.call x
       SET state = 'talking', heard_at = now(), next_at = now() + interval '10 minutes',
           patient_id = coalesce(x.patient_id, f.patient_id), contact_no = coalesce(x.contact_no, f.contact_no),
           confirmed = x.confirmed OR (p_item = 'birth' AND fits IS TRUE),
           misses = CASE WHEN p_item = '' OR (p_item = 'phone' AND fits) THEN x.misses WHEN fits THEN 0 ELSE x.misses + 1 END,
           typed = CASE WHEN p_item = 'phone' AND fits THEN p_value ELSE x.typed END,
           answers = CASE WHEN fits AND p_item NOT IN ('birth', 'phone') THEN x.answers || jsonb_build_object(p_item, p_value)
                          ELSE x.answers END
     WHERE x.token = p_token
    RETURNING * INTO c;
    IF p_item = 'birth' AND p_value <> '' AND fits IS NOT TRUE THEN
        PERFORM app.audit_link(NULL, NULL, 'call', 'call_open', 'denied', c.patient_id, NULL,
                               (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = c.patient_id), '');
    END IF;
    RETURN QUERY SELECT c.state, c.confirmed, p_item <> '' AND fits IS NOT TRUE, c.misses,
                        c.inbound AND NOT c.confirmed AND c.typed IS NULL AND (c.phone = '' OR c.misses > 0), c.inbound,
                        NOT c.inbound AND c.tries < app.call_setting('call_tries'), asked, c.answers;
END
$$;

-- The service says that a call is over: what was answered is stored; who did not answer at all is called again, some times.
CREATE FUNCTION app.call_ended(p_token text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    inbound boolean;
BEGIN
    PERFORM app.call_store(p_token);
    UPDATE app.call c
       SET state = CASE WHEN again.yes THEN 'waiting' ELSE 'unanswered' END, confirmed = false, misses = 0,
           next_at = CASE WHEN again.yes THEN now() + make_interval(mins => app.call_setting('call_minutes')) END
      FROM (SELECT NOT x.inbound AND x.tries < app.call_setting('call_tries') AS yes FROM app.call x WHERE x.token = p_token) again
     WHERE c.token = p_token AND c.state IN ('dialled', 'talking')
    RETURNING c.inbound INTO inbound;
    IF NOT inbound THEN
        PERFORM app.channel_count('call', 0, 0, 1, 0);
    END IF;
    RETURN EXISTS (SELECT FROM app.call c WHERE c.token = p_token);
END
$$;

-- Calls of which nothing was heard any more, at most p_limit: as if the service had said that they are over. How many.
CREATE FUNCTION app.call_lost(p_limit integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    SELECT count(app.call_ended(x.token))
      FROM (SELECT c.token FROM app.call c WHERE c.next_at <= now() AND c.state = 'talking' ORDER BY c.next_at, c.token LIMIT p_limit) x
$$;

-- ---- rights ------------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(call_|fresh_token$)');
SELECT app.guard_tables('call', 'call_guess');
GRANT EXECUTE ON FUNCTION app.call_queue(integer), app.call_dial(text), app.call_not_dialled(text, text), app.call_lost(integer)
    TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.call_turn(text, text, text), app.call_store(text), app.call_ended(text), app.call_begin(text)
    TO hersys_public;
GRANT SELECT, DELETE ON app.call, app.call_guess TO hersys_jobs;
GRANT SELECT ON app.sending_stop TO hersys_jobs;
