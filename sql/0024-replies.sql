-- Answers by SMS from plain telephones: "36.8 97 0" is temperature, oxygen (0: not measured) and whether something troubles them (1, 0). Only
-- whoever is asked by SMS is understood. Whatever else they write is a wish to be called back: nobody who gets worse is overlooked because the
-- words do not fit. Before the first answer is stored, the month and day of birth confirm that the number is theirs; the answer waits for that,
-- a wish to be called back does not. A number of nobody who is asked by SMS gets no answer: it would cost money, and tell who is observed.

CREATE TABLE app.reply_number (
    patient_id bigint NOT NULL,
    contact_no integer NOT NULL,
    phone text NOT NULL,
    confirmed_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, contact_no)
);
COMMENT ON TABLE app.reply_number IS 'by patient_id: from which number somebody has confirmed their birth date; it ends when that number does, or the observation (app.follow_refresh)';

-- The values of such a text, in the items of the tab observation; NULL when it is none. Whoever is troubled is called back.
CREATE FUNCTION app.reply_items(p_text text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
               'observation_temperature', to_char(w.temperature, 'FM90.0'),
               'observation_spo2', CASE WHEN w.oxygen > 0 THEN w.oxygen::text END,
               'observation_spo2_why', CASE WHEN w.oxygen = 0 THEN 'cannot' END,
               'observation_call_back', CASE WHEN w.troubled = '1' THEN 'yes' END))
      FROM (SELECT CASE WHEN m[1] LIKE '%.%' OR length(m[1]) = 2 THEN m[1]::numeric ELSE m[1]::numeric / 10 END AS temperature,
                   m[2]::integer AS oxygen, m[3] AS troubled
              FROM regexp_match(normalize(p_text, NFKC), '^\s*(\d\d\.\d|\d{2,3})[\s,、]+(\d{1,3})[\s,、]+([01])\s*$') m) w
     WHERE w.temperature BETWEEN 30 AND 45 AND (w.oxygen = 0 OR w.oxygen BETWEEN 50 AND 100)
$$;

-- The month and day of a text that says nothing else ("0703", "7/3", "7月3日"), as MMDD; NULL when it does not.
CREATE FUNCTION app.reply_birth(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT lpad(coalesce(m[1], m[3]), 2, '0') || lpad(coalesce(m[2], m[4]), 2, '0')
      FROM regexp_match(normalize(p_text, NFKC), '^\s*(?:(\d\d)(\d\d)|(\d{1,2})\s*[/月-]\s*(\d{1,2})\s*日?)\s*$') m
$$;

-- Answers somebody by SMS in their language; $PHONE is the number of the centre in charge, which is also told when it does not arrive. What
-- asks for something (p_most) goes out so often within a day and no more. p_mine: the message is about them alone.
CREATE FUNCTION app.reply_say(p_who app.follow, p_words text, p_most integer, p_mine boolean) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.outbox (channel, template, to_address, numbers, office_id, patient_id, contact_no)
    SELECT 'sms', w.template, p_who.phone, jsonb_build_object('phone', o.phone), p.responsible_id,
           CASE WHEN p_mine THEN p_who.patient_id END, CASE WHEN p_mine THEN p_who.contact_no END
      FROM app.patient p
     CROSS JOIN (SELECT 'reply_' || p_words || '_' || p_who.language AS template) w
      LEFT JOIN app.organisation o ON o.organisation_id = p.responsible_id
     WHERE p.patient_id = p_who.patient_id
       AND (p_most IS NULL OR (SELECT count(*) FROM app.outbox x
                                WHERE x.to_address = p_who.phone AND x.template LIKE 'reply\_%' AND x.template = w.template
                                  AND x.queued_at > now() - interval '1 day') < p_most)
$$;

-- Stores an answer, or the wish to be called back (p_words: 'received', 'call'), and acknowledges it; what is not taken any more, or too much
-- for a day, is told by whom to ring.
CREATE FUNCTION app.reply_store(p_who app.follow, p_key text, p_at timestamptz, p_items jsonb, p_words text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF app.observation_store(p_who.patient_id, p_who.contact_no, md5(p_key)::uuid, 'sms', p_at, p_items) IN ('stored', 'repeated') THEN
        PERFORM app.reply_say(p_who, p_words, NULL, true);
    ELSE
        PERFORM app.reply_say(p_who, 'ring', 3, true);
    END IF;
END
$$;

-- The month and day of birth: from now on the number is theirs, and their newest answer of the last 24 hours, if one waits for that, is stored
-- for the moment at which it came: whoever answered in the evening may confirm in the morning. Where none waits, they are asked for it. Wrong
-- ones stand in the trail, and from the fourth on they are not judged for a while (app.my_charge).
CREATE FUNCTION app.reply_confirm(p_who app.follow, p_birth text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    guesses text := concat_ws(' ', 'reply', p_who.patient_id, p_who.contact_no);
    fits boolean := to_char(p_who.birth_date, 'MMDD') = p_birth;
    waiting app.sms_received;
BEGIN
    IF NOT app.my_charge(guesses) THEN
        PERFORM app.reply_say(p_who, 'ring', 3, true);
        RETURN;
    END IF;
    PERFORM app.audit_link(CASE WHEN fits THEN -1 END, CASE WHEN fits THEN -1 END, 'sms', 'sms_open',
                           CASE WHEN fits THEN 'allowed' ELSE 'denied' END, p_who.patient_id, NULL,
                           (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = p_who.patient_id), p_who.contact_no::text);
    IF NOT fits THEN
        PERFORM app.reply_say(p_who, 'birth', 3, true);
        RETURN;
    END IF;
    DELETE FROM app.sign_in_throttle t WHERE t.bucket = guesses;
    INSERT INTO app.reply_number (patient_id, contact_no, phone, confirmed_at)
    VALUES (p_who.patient_id, p_who.contact_no, p_who.phone, now())
    ON CONFLICT (patient_id, contact_no) DO UPDATE SET phone = EXCLUDED.phone, confirmed_at = EXCLUDED.confirmed_at;
    SELECT * INTO waiting FROM app.sms_received r
     WHERE r.number = p_who.phone AND r.received_at > now() - interval '24 hours' AND app.reply_items(r.text) IS NOT NULL
     ORDER BY r.received_at DESC LIMIT 1;
    IF waiting.gateway_id IS NULL THEN
        PERFORM app.reply_say(p_who, 'confirmed', 3, true);
    ELSE
        PERFORM app.reply_store(p_who, waiting.gateway_id, waiting.received_at, app.reply_items(waiting.text), 'received');
    END IF;
END
$$;

-- What the only one with this number has sent.
CREATE FUNCTION app.reply_take(p_who app.follow, p_gateway_id text, p_text text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    items jsonb := app.reply_items(p_text);
    words jsonb := jsonb_strip_nulls(jsonb_build_object('observation_words', nullif(left(btrim(p_text), 1000), ''),
                                                        'observation_call_back', 'yes'));
    urgency integer := (app.observation_urgency(items, NULL, (app.follow_rule_of(p_who.owner_id, app.today())).alarms)).urgency;
BEGIN
    IF EXISTS (SELECT FROM app.reply_number n
                WHERE n.patient_id = p_who.patient_id AND n.contact_no = p_who.contact_no AND n.phone = p_who.phone) THEN
        PERFORM app.reply_store(p_who, p_gateway_id, now(), coalesce(items, words), CASE WHEN items IS NULL THEN 'call' ELSE 'received' END);
        RETURN;
    END IF;
    IF p_who.birth_date IS NOT NULL AND app.reply_birth(p_text) IS NOT NULL THEN
        PERFORM app.reply_confirm(p_who, app.reply_birth(p_text));
        RETURN;
    END IF;
    IF items IS NULL OR urgency > 0 THEN -- whoever it is may be called back; what they say of themselves waits
        PERFORM app.reply_store(p_who, 'call ' || p_gateway_id, now(), words - 'observation_words', 'call');
    END IF;
    IF items IS NOT NULL AND p_who.birth_date IS NOT NULL THEN
        PERFORM app.reply_say(p_who, 'birth', 3, true);
    ELSIF items IS NOT NULL AND urgency = 0 THEN -- whose birth date is not known cannot confirm it
        PERFORM app.reply_say(p_who, 'ring', 3, true);
    END IF;
END
$$;

-- What somebody sent to us by SMS; the same message of the gateway again does nothing twice. Where several have the number, nobody can say
-- whose words these are: all of them are called back, however many there are, and who sent it is told whom to ring.
CREATE OR REPLACE FUNCTION app.sms_receive(p_gateway_id text, p_number text, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.follow[];
    one app.follow;
    results text[] := '{}';
BEGIN
    INSERT INTO app.sms_received (gateway_id, number, text, received_at) VALUES (p_gateway_id, p_number, p_text, now())
    ON CONFLICT (gateway_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    who := ARRAY(SELECT f FROM app.follow f WHERE f.phone = p_number AND f.channel = 'sms' ORDER BY f.patient_id, f.contact_no);
    IF cardinality(who) = 1 THEN
        PERFORM app.reply_take(who[1], p_gateway_id, p_text);
        RETURN;
    END IF;
    FOREACH one IN ARRAY who LOOP
        results := results || app.observation_store(one.patient_id, one.contact_no, md5('call ' || one.contact_no || ' ' || p_gateway_id)::uuid,
                                                    'sms', now(), '{"observation_call_back": "yes"}');
    END LOOP;
    IF cardinality(who) > 1 THEN
        PERFORM app.reply_say(who[1], CASE WHEN results <@ '{stored,repeated}' THEN 'several' ELSE 'ring' END, 3, false);
    END IF;
END
$$;

CREATE INDEX outbox_reply ON app.outbox (to_address, queued_at) WHERE template LIKE 'reply\_%';

SELECT app.guard_functions('^reply_');
SELECT app.guard_tables('reply_number');
GRANT SELECT, DELETE ON app.reply_number TO hersys_jobs; -- of patients that are purged
