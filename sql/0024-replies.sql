-- Answers by SMS from plain telephones: "36.8 97 0" is temperature, oxygen (0: not measured) and whether something troubles them (1, 0). Only
-- whoever is asked by SMS is understood, and only where the number is one person's: of others with that number it is said that it could not be
-- read. A number of nobody who is asked by SMS gets no answer: it would cost money, and tell who is observed.

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

-- What somebody sent to us by SMS; the same message of the gateway again does nothing twice. An answer is stored as 健康観察 and
-- acknowledged; what cannot be read is asked for again, three times a day.
CREATE OR REPLACE FUNCTION app.sms_receive(p_gateway_id text, p_number text, p_text text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    who app.follow[];
    items jsonb := app.reply_items(p_text);
    template text;
BEGIN
    INSERT INTO app.sms_received (gateway_id, number, text, received_at) VALUES (p_gateway_id, p_number, p_text, now())
    ON CONFLICT (gateway_id) DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    who := ARRAY(SELECT f FROM app.follow f WHERE f.phone = p_number AND f.channel = 'sms' LIMIT 2);
    IF cardinality(who) = 0 THEN
        RETURN;
    END IF;
    IF items IS NOT NULL AND cardinality(who) = 1 THEN
        IF app.observation_store(who[1].patient_id, who[1].contact_no, md5(p_gateway_id)::uuid, 'sms', now(), items)
           NOT IN ('stored', 'repeated') THEN
            RETURN;
        END IF;
        template := 'follow_received';
    ELSIF (SELECT count(*) FROM app.outbox o WHERE o.to_address = p_number AND o.template = 'follow_unclear'
              AND o.queued_at > now() - interval '1 day') < 3 THEN
        template := 'follow_unclear';
    ELSE
        RETURN;
    END IF;
    INSERT INTO app.outbox (channel, template, to_address, office_id, patient_id, contact_no) -- told when it does not arrive: the centre in charge
    SELECT 'sms', template, p_number, p.responsible_id, CASE cardinality(who) WHEN 1 THEN who[1].patient_id END,
           CASE cardinality(who) WHEN 1 THEN who[1].contact_no END
      FROM app.patient p WHERE p.patient_id = who[1].patient_id;
END
$$;

CREATE INDEX outbox_follow ON app.outbox (to_address, queued_at) WHERE template = 'follow_unclear';
REVOKE ALL ON FUNCTION app.reply_items(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.reply_items(text) TO hersys_guard;
