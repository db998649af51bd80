-- Mail and SMS on their way: what is uncertain is settled before it is sent again, delivery reports, what people answer by
-- SMS, messages that could not be delivered (送れなかった連絡), addresses that refuse, limits, quiet hours, and one switch.
--
-- The way of a row of app.outbox: waiting -> trying_at (committed before the gateway is asked) -> sent_at (the gateway has it)
-- -> reports. `held` rows wait for a night, a limit or the switch. failed_at: for good; a person sees it in app.undelivered.

CREATE TABLE app.message_kind (
    template text PRIMARY KEY,
    label text NOT NULL,
    urgent boolean NOT NULL,
    waits_at_night boolean NOT NULL,
    valid_minutes integer,
    expires_quietly boolean NOT NULL,
    holds_code boolean NOT NULL
);
COMMENT ON TABLE app.message_kind IS 'reference: what a message is called and how it is sent; filled by `hersys migrate` from src/core/message.c';
COMMENT ON COLUMN app.message_kind.valid_minutes IS 'after that it is too late to send it; NULL: never';
COMMENT ON COLUMN app.message_kind.holds_code IS 'it is issued anew, and no person sends it again';

CREATE TABLE app.channel (
    channel text PRIMARY KEY CHECK (channel IN ('mail', 'sms', 'call')),
    version integer NOT NULL DEFAULT 1,
    daily_most integer CHECK (daily_most > 0),
    address_most integer CHECK (address_most > 0),
    quiet_from time,
    quiet_until time,
    settle_seconds integer NOT NULL CHECK (settle_seconds > 0),
    bounces_most integer CHECK (bounces_most > 0),
    changed_by bigint,
    changed_at timestamptz,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
);
COMMENT ON TABLE app.channel IS 'reference: limits of a channel, NULL for none; quiet hours (Asia/Tokyo); how long an unanswered try is waited for; after how many failures an address is left alone, NULL for never';
INSERT INTO app.channel (channel, daily_most, address_most, quiet_from, quiet_until, settle_seconds, bounces_most) VALUES
    ('sms', 200000, 20, '21:00', '08:00', 300, 2),
    ('mail', NULL, NULL, NULL, NULL, 60, 1),
    ('call', 100000, 20, '21:00', '08:00', 600, NULL); -- 0023-calls.sql

CREATE TABLE app.channel_day (
    channel text NOT NULL,
    day date NOT NULL,
    tried bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    undelivered bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (channel, day)
);
COMMENT ON TABLE app.channel_day IS 'reference: counts of a day (Asia/Tokyo): tries, reports of both kinds, and calls of a gateway whose secret was wrong';

CREATE TABLE app.address_day (
    channel text NOT NULL,
    address text NOT NULL,
    day date NOT NULL,
    tried integer NOT NULL,
    PRIMARY KEY (channel, address, day)
);
COMMENT ON TABLE app.address_day IS 'by own key: how often an address was written to on a day, for the limit';

CREATE TABLE app.sending_stop (
    stop_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stopped_at timestamptz NOT NULL,
    stopped_by bigint NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    keeps_codes boolean NOT NULL,
    resumed_at timestamptz,
    resumed_by bigint
);
COMMENT ON TABLE app.sending_stop IS 'reference: who stopped all sending, when and why; the one that nobody resumed holds; keeps_codes: urgent kinds go on';
CREATE UNIQUE INDEX sending_stop_open ON app.sending_stop ((true)) WHERE resumed_at IS NULL;

CREATE TABLE app.bounced (
    channel text NOT NULL,
    address text NOT NULL,
    failures integer NOT NULL,
    failure text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (channel, address)
);
COMMENT ON TABLE app.bounced IS 'by own key: addresses that refused, with how often in a row; from channel.bounces_most on nothing goes there until a person sends again';

CREATE TABLE app.undelivered (
    organisation_id bigint NOT NULL,
    outbox_id bigint NOT NULL,
    entry_no bigint GENERATED ALWAYS AS IDENTITY,
    channel text NOT NULL,
    template text NOT NULL,
    to_masked text NOT NULL,
    failure text NOT NULL,
    at timestamptz NOT NULL,
    patient_id bigint,
    contact_no integer,
    ended_at timestamptz,
    ended_by bigint,
    ending text CHECK (ending IN ('resent', 'settled', 'arrived')),
    PRIMARY KEY (organisation_id, outbox_id)
);
COMMENT ON TABLE app.undelivered IS 'by organisation_id: 送れなかった連絡, for the office that it concerns, in the order in which they failed; the address is masked';
CREATE INDEX undelivered_office ON app.undelivered (organisation_id, entry_no DESC) WHERE ended_at IS NULL;
CREATE INDEX undelivered_all ON app.undelivered (entry_no DESC) WHERE ended_at IS NULL;
CREATE INDEX undelivered_message ON app.undelivered (outbox_id);
CREATE INDEX undelivered_patient ON app.undelivered (patient_id) WHERE patient_id IS NOT NULL;

CREATE TABLE app.sms_received (
    gateway_id text PRIMARY KEY,
    number text NOT NULL,
    text text NOT NULL,
    received_at timestamptz NOT NULL
);
COMMENT ON TABLE app.sms_received IS 'by own key: what people sent by SMS, under the gateway''s own number of the message; app.sms_receive runs once for each';
CREATE INDEX sms_received_number ON app.sms_received (number, received_at DESC);

ALTER TABLE app.outbox
    ADD COLUMN office_id bigint,
    ADD COLUMN patient_id bigint,
    ADD COLUMN contact_no integer,
    ADD COLUMN trying_at timestamptz,
    ADD COLUMN report_hash text,
    ADD COLUMN reports integer NOT NULL DEFAULT 0,
    ADD COLUMN held text CHECK (held IN ('stopped', 'night', 'limit', 'number')),
    ADD COLUMN failure text;
ALTER TABLE app.outbox ALTER COLUMN office_id SET DEFAULT app.organisation_now();
COMMENT ON COLUMN app.outbox.office_id IS 'who wrote it, or to which organisation it goes: whoever is told when it cannot be delivered follows from it';
COMMENT ON COLUMN app.outbox.patient_id IS 'whom it concerns, with contact_no (0: the patient, otherwise a contact); NULL where it is nobody''s in particular';
COMMENT ON COLUMN app.outbox.trying_at IS 'the gateway may have it: set and committed before it is asked, cleared by every answer';
COMMENT ON COLUMN app.outbox.report_hash IS 'SHA-256 of the token in the address for delivery reports';
COMMENT ON COLUMN app.outbox.reports IS 'all delivery reports so far, Kannel''s types as bits: 1 delivered, 2 not, 4 buffered, 8 taken, 16 refused by the carrier';
COMMENT ON COLUMN app.outbox.held IS 'what it waits for; app.outbox_release lets it go';
CREATE INDEX outbox_patient ON app.outbox (patient_id) WHERE patient_id IS NOT NULL;
DROP INDEX app.outbox_waiting;
CREATE INDEX outbox_waiting ON app.outbox (channel, next_at, outbox_id)
    WHERE sent_at IS NULL AND failed_at IS NULL AND held IS NULL;
CREATE INDEX outbox_kind ON app.outbox (template, next_at, outbox_id)
    WHERE sent_at IS NULL AND failed_at IS NULL AND held IS NULL;
CREATE INDEX outbox_held ON app.outbox (channel, held, next_at, outbox_id) WHERE held IS NOT NULL;

-- ---- small things ----------------------------------------------------------------------------------------------------

CREATE FUNCTION app.day_of(p_moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$ SELECT (p_moment AT TIME ZONE 'Asia/Tokyo')::date $$;

-- 090-****-1234, h***@example.jp
CREATE FUNCTION app.masked_address(p_channel text, p_address text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT CASE WHEN p_channel = 'mail' AND position('@' IN p_address) > 1
                    THEN left(p_address, 1) || '***' || substr(p_address, position('@' IN p_address))
                WHEN length(p_address) >= 8 THEN left(p_address, 3) || '-****-' || right(p_address, 4)
                ELSE '****' END
$$;

CREATE FUNCTION app.is_quiet(p_from time, p_until time, p_moment timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT coalesce(CASE WHEN p_from <= p_until THEN t >= p_from AND t < p_until ELSE t >= p_from OR t < p_until END, false)
      FROM (SELECT (p_moment AT TIME ZONE 'Asia/Tokyo')::time AS t) x
$$;

-- The next moment (Asia/Tokyo) at which quiet hours end.
CREATE FUNCTION app.quiet_end(p_until time, p_moment timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT (t::date + CASE WHEN t::time < p_until THEN 0 ELSE 1 END + p_until) AT TIME ZONE 'Asia/Tokyo'
      FROM (SELECT p_moment AT TIME ZONE 'Asia/Tokyo' AS t) x
$$;

-- Who is told: the office itself, for a clinic or an agency the competent centre, and otherwise the ministry.
CREATE FUNCTION app.office_told(p_organisation bigint) RETURNS bigint
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce((SELECT o.organisation_id FROM app.organisation o
                      WHERE o.organisation_id = p_organisation AND o.kind IN ('ministry', 'prefecture', 'city', 'centre')),
                    (SELECT app.competent_centre(o.municipality_code) FROM app.organisation o
                      WHERE o.organisation_id = p_organisation),
                    (SELECT min(o.organisation_id) FROM app.organisation o WHERE o.kind = 'ministry'), 0)
$$;

CREATE FUNCTION app.channel_count(p_channel text, p_tried integer, p_delivered integer, p_undelivered integer, p_refused integer)
RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.channel_day AS d (channel, day, tried, delivered, undelivered, refused)
    VALUES (p_channel, app.day_of(now()), p_tried, p_delivered, p_undelivered, p_refused)
    ON CONFLICT (channel, day) DO UPDATE
       SET tried = d.tried + EXCLUDED.tried, delivered = d.delivered + EXCLUDED.delivered,
           undelivered = d.undelivered + EXCLUDED.undelivered, refused = d.refused + EXCLUDED.refused
$$;

-- ---- sending (hersys_jobs) -------------------------------------------------------------------------------------------

-- A message will not arrive: refused (the address), rejected or undelivered (by reports), bounced (the address is known for it),
-- expired, uncertain (a code, and whether it went cannot be told), given_up, no_address (an organisation without one). The first three speak
-- against the address. A code that nobody's office sent, to no patient, went where somebody mistyped their own address: they ask for another,
-- and no office can do anything about it. What no office wrote, but is about a patient, is told to the centre in charge of them. What would come
-- back every day, bounced for a person and no_address, is told once as long as nobody has dealt with it.
CREATE FUNCTION app.outbox_fail(p_id bigint, p_failure text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    o app.outbox;
    told bigint;
BEGIN
    UPDATE app.outbox
       SET failed_at = now(), failure = p_failure, code = NULL, trying_at = NULL, held = NULL
     WHERE outbox_id = p_id AND failed_at IS NULL
    RETURNING * INTO o;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF p_failure IN ('refused', 'rejected', 'undelivered') THEN
        INSERT INTO app.bounced AS b (channel, address, failures, failure, since)
        VALUES (o.channel, o.to_address, 1, p_failure, now())
        ON CONFLICT (channel, address) DO UPDATE SET failures = b.failures + 1, failure = EXCLUDED.failure;
    END IF;
    told := app.office_told(coalesce(o.to_organisation, o.office_id,
                                     (SELECT p.responsible_id FROM app.patient p WHERE p.patient_id = o.patient_id)));
    INSERT INTO app.undelivered (organisation_id, outbox_id, channel, template, to_masked, failure, at, patient_id, contact_no)
    SELECT told, o.outbox_id, o.channel, o.template,
           coalesce((SELECT n.name FROM app.organisation n WHERE n.organisation_id = o.to_organisation),
                    app.masked_address(o.channel, o.to_address)),
           p_failure, now(), o.patient_id, o.contact_no
      FROM app.message_kind k
     WHERE k.template = o.template AND CASE WHEN coalesce(o.to_organisation, o.office_id, o.patient_id) IS NULL AND k.holds_code THEN false
                WHEN p_failure IN ('expired', 'uncertain') THEN NOT k.expires_quietly
                WHEN p_failure = 'no_address'
                THEN NOT EXISTS (SELECT FROM app.undelivered u JOIN app.outbox m ON m.outbox_id = u.outbox_id
                                  WHERE u.organisation_id = told AND u.ended_at IS NULL AND u.failure = p_failure
                                    AND u.template = o.template AND m.to_organisation = o.to_organisation)
                WHEN p_failure = 'bounced'
                THEN NOT EXISTS (SELECT FROM app.undelivered u
                                  WHERE u.organisation_id = told AND u.ended_at IS NULL AND u.failure = p_failure
                                    AND u.template = o.template AND u.patient_id = o.patient_id AND u.contact_no = o.contact_no)
                ELSE true END
    ON CONFLICT (organisation_id, outbox_id) DO NOTHING;
END
$$;

-- What a message must wait for; NULL when it may go now.
CREATE FUNCTION app.outbox_obstacle(o app.outbox, k app.message_kind, c app.channel) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT CASE
        WHEN EXISTS (SELECT FROM app.sending_stop s WHERE s.resumed_at IS NULL AND NOT (s.keeps_codes AND k.urgent)) THEN 'stopped'
        WHEN k.urgent THEN NULL
        WHEN k.waits_at_night AND app.is_quiet(c.quiet_from, c.quiet_until, now()) THEN 'night'
        WHEN c.daily_most <= (SELECT d.tried FROM app.channel_day d
                               WHERE d.channel = o.channel AND d.day = app.day_of(now())) THEN 'limit'
        WHEN c.address_most <= (SELECT a.tried FROM app.address_day a
                                 WHERE a.channel = o.channel AND a.address = o.to_address AND a.day = app.day_of(now())) THEN 'number'
    END
$$;

-- Whether a question of the day has nobody any more to whom it goes: who was released, or died, while it waited for the morning, is not asked,
-- nor asked to answer, whoever else has the same telephone; nor by a link that is not their latest.
CREATE FUNCTION app.outbox_is_idle(o app.outbox) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT CASE WHEN o.template LIKE 'follow\_ask\_%' THEN NOT EXISTS (
                    SELECT FROM app.follow_link l JOIN app.follow f ON f.patient_id = l.patient_id AND f.contact_no = l.contact_no
                     WHERE l.token_hash = encode(sha256(convert_to(o.code, 'UTF8')), 'hex'))
                WHEN o.template LIKE 'follow\_reply\_%' OR o.template LIKE 'tell\_entry\_%' THEN NOT EXISTS (
                    SELECT FROM app.follow f
                     WHERE f.phone = o.to_address AND (o.template LIKE 'tell\_entry\_%' OR f.channel = 'sms')
                       AND (o.patient_id IS NULL OR f.patient_id = o.patient_id AND f.contact_no = o.contact_no))
                ELSE false END
$$;

-- Marks a message as being tried, and counts it. False: it may not go (now); what becomes of it is written down. The caller asks
-- the gateway after COMMIT alone. A row that is marked already was never answered: its time of waiting is over.
CREATE FUNCTION app.outbox_try(p_id bigint, p_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    o app.outbox;
    k app.message_kind;
    c app.channel;
    obstacle text;
BEGIN
    SELECT * INTO o FROM app.outbox
     WHERE outbox_id = p_id AND sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now() FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO STRICT k FROM app.message_kind WHERE template = o.template;
    SELECT * INTO STRICT c FROM app.channel WHERE channel = o.channel;
    IF o.queued_at + make_interval(mins => k.valid_minutes) < now() OR app.outbox_is_idle(o) THEN
        PERFORM app.outbox_fail(p_id, CASE WHEN o.trying_at IS NULL THEN 'expired' ELSE 'uncertain' END);
        RETURN false;
    END IF;
    IF NOT k.urgent -- each of those a person has asked for just now
       AND (SELECT b.failures FROM app.bounced b WHERE b.channel = o.channel AND b.address = o.to_address) >= c.bounces_most THEN
        PERFORM app.outbox_fail(p_id, 'bounced');
        RETURN false;
    END IF;
    obstacle := app.outbox_obstacle(o, k, c);
    IF obstacle IS NOT NULL THEN
        UPDATE app.outbox
           SET held = obstacle,
               next_at = CASE obstacle WHEN 'number' THEN (app.day_of(now()) + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
                                       ELSE now() END
         WHERE outbox_id = p_id;
        RETURN false;
    END IF;
    UPDATE app.outbox
       SET trying_at = now(), tries = tries + 1, report_hash = p_hash, next_at = now() + make_interval(secs => c.settle_seconds)
     WHERE outbox_id = p_id;
    PERFORM app.channel_count(o.channel, 1, 0, 0, 0);
    INSERT INTO app.address_day AS a (channel, address, day, tried) VALUES (o.channel, o.to_address, app.day_of(now()), 1)
    ON CONFLICT (channel, address, day) DO UPDATE SET tried = a.tried + 1;
    RETURN true;
END
$$;

-- Lets the held messages go for which there is no reason any more, at most p_limit of each; how many.
CREATE FUNCTION app.outbox_release(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    free record;
    done bigint := 0;
    moved bigint;
BEGIN
    FOR free IN
        SELECT c.channel, r.reason
          FROM app.channel c
         CROSS JOIN (VALUES ('stopped'), ('night'), ('limit'), ('number')) r (reason)
         WHERE CASE r.reason
                   WHEN 'stopped' THEN NOT EXISTS (SELECT FROM app.sending_stop s WHERE s.resumed_at IS NULL)
                   WHEN 'night' THEN NOT app.is_quiet(c.quiet_from, c.quiet_until, now())
                   WHEN 'limit' THEN coalesce((SELECT d.tried FROM app.channel_day d
                                                WHERE d.channel = c.channel AND d.day = app.day_of(now())) < c.daily_most, true)
                   ELSE true END
    LOOP
        UPDATE app.outbox o SET held = NULL, next_at = now()
         WHERE o.outbox_id IN (SELECT h.outbox_id FROM app.outbox h
                                WHERE h.channel = free.channel AND h.held = free.reason AND h.next_at <= now()
                                ORDER BY h.next_at, h.outbox_id LIMIT p_limit);
        GET DIAGNOSTICS moved = ROW_COUNT;
        done := done + moved;
    END LOOP;
    RETURN done;
END
$$;

-- ---- what the gateway says (hersys_public) -----------------------------------------------------------------------------

-- A delivery report, in any order and any number: whatever it says proves that the gateway had the message. False, and counted,
-- when the token is not that of the message.
CREATE FUNCTION app.sms_report(p_id bigint, p_token text, p_type integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    o app.outbox;
BEGIN
    SELECT * INTO o FROM app.outbox
     WHERE outbox_id = p_id AND channel = 'sms' AND p_type IN (1, 2, 4, 8, 16)
       AND report_hash = encode(sha256(convert_to(p_token, 'UTF8')), 'hex') FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM app.channel_count('sms', 0, 0, 0, 1);
        RETURN false;
    END IF;
    UPDATE app.outbox
       SET reports = reports | p_type, sent_at = coalesce(sent_at, now()), trying_at = NULL, code = NULL, held = NULL
     WHERE outbox_id = p_id;
    IF p_type = 1 AND o.reports & 1 = 0 THEN
        UPDATE app.outbox SET failed_at = NULL, failure = NULL WHERE outbox_id = p_id;
        DELETE FROM app.bounced WHERE channel = 'sms' AND address = o.to_address;
        UPDATE app.undelivered SET ended_at = now(), ending = 'arrived' WHERE outbox_id = p_id AND ended_at IS NULL;
        PERFORM app.channel_count('sms', 0, 1, 0, 0);
    ELSIF p_type IN (2, 16) AND o.reports & (1 | 2 | 16) = 0 THEN
        PERFORM app.outbox_fail(p_id, CASE p_type WHEN 2 THEN 'undelivered' ELSE 'rejected' END);
        PERFORM app.channel_count('sms', 0, 0, 1, 0);
    END IF;
    RETURN true;
END
$$;

-- What somebody sent to us by SMS; the same message of the gateway again stores nothing. Whoever reads answers (the health of a
-- patient, "36.8 97 0") does it here, in this transaction: once for each message.
CREATE FUNCTION app.sms_receive(p_gateway_id text, p_number text, p_text text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
    INSERT INTO app.sms_received (gateway_id, number, text, received_at) VALUES (p_gateway_id, p_number, p_text, now())
    ON CONFLICT (gateway_id) DO NOTHING
$$;

-- Somebody called in the gateway's place, with a wrong secret.
CREATE FUNCTION app.sms_refused() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT app.channel_count('sms', 0, 0, 0, 1) $$;

-- ---- what people do (hersys_staff) -------------------------------------------------------------------------------------

CREATE FUNCTION app.is_ministry() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    RETURN coalesce((SELECT s.organisation_kind = 'ministry' FROM app.session_now s), false);
END
$$;

CREATE FUNCTION app.require_ministry() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    IF NOT app.is_ministry() THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- HS409 when it is stopped already.
CREATE FUNCTION app.sending_stop_all(p_reason text, p_keeps_codes boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    INSERT INTO app.sending_stop (stopped_at, stopped_by, reason, keeps_codes)
    VALUES (now(), app.account_now(), p_reason, p_keeps_codes)
    ON CONFLICT ((true)) WHERE resumed_at IS NULL DO NOTHING;
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
END
$$;

-- Ends this very stop. HS409 when it has ended already, whatever has been stopped since.
CREATE FUNCTION app.sending_resume(p_stop bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    UPDATE app.sending_stop SET resumed_at = now(), resumed_by = app.account_now()
     WHERE stop_id = p_stop AND resumed_at IS NULL;
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
END
$$;

-- NULL: no limit, no quiet hours. HS409 when somebody changed the channel since that version.
CREATE FUNCTION app.channel_save(p_channel text, p_version integer, p_daily integer, p_address integer, p_from time, p_until time)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    UPDATE app.channel
       SET version = version + 1, daily_most = p_daily, address_most = p_address, quiet_from = p_from, quiet_until = p_until,
           changed_by = app.account_now(), changed_at = now()
     WHERE channel = p_channel AND version = p_version;
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
END
$$;

-- What waits, by channel and reason ('due', 'later' for those between two tries, or as in outbox.held), each counted up to 1001.
CREATE FUNCTION app.sending_waiting() RETURNS TABLE (channel text, reason text, count bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    RETURN QUERY
    SELECT c.channel, r.reason, x.count
      FROM app.channel c
     CROSS JOIN (VALUES ('stopped'), ('night'), ('limit'), ('number')) r (reason)
     CROSS JOIN LATERAL (SELECT count(*) AS count FROM (SELECT 1 FROM app.outbox o
                          WHERE o.channel = c.channel AND o.held = r.reason LIMIT 1001) y) x
    UNION ALL
    SELECT c.channel, 'due', x.count
      FROM app.channel c
     CROSS JOIN LATERAL (SELECT count(*) AS count FROM (SELECT 1 FROM app.outbox o
                          WHERE o.channel = c.channel AND o.sent_at IS NULL AND o.failed_at IS NULL AND o.held IS NULL
                            AND o.next_at <= now() LIMIT 1001) y) x
    UNION ALL
    SELECT c.channel, 'later', x.count
      FROM app.channel c
     CROSS JOIN LATERAL (SELECT count(*) AS count FROM (SELECT 1 FROM app.outbox o
                          WHERE o.channel = c.channel AND o.sent_at IS NULL AND o.failed_at IS NULL AND o.held IS NULL
                            AND o.next_at > now() LIMIT 1001) y) x
    UNION ALL
    SELECT 'call', 'due', count(*) FROM (SELECT 1 FROM app.call k
                                          WHERE k.next_at <= now() AND k.state IN ('waiting', 'dialled') LIMIT 1001) y
    UNION ALL
    SELECT 'call', 'later', count(*) FROM (SELECT 1 FROM app.call k
                                            WHERE k.next_at > now() AND k.state IN ('waiting', 'dialled') LIMIT 1001) y;
END
$$;

-- Ends an entry of the session's office, the ministry also those of others. HS409 when somebody was faster.
CREATE FUNCTION app.undelivered_end(p_organisation bigint, p_message bigint, p_ending text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF p_organisation IS DISTINCT FROM app.organisation_now() AND NOT app.is_ministry() THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    UPDATE app.undelivered SET ended_at = now(), ended_by = app.account_now(), ending = p_ending
     WHERE organisation_id = p_organisation AND outbox_id = p_message AND ended_at IS NULL;
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
END
$$;

CREATE FUNCTION app.undelivered_settle(p_organisation bigint, p_message bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.undelivered_end(p_organisation, p_message, 'settled');
END
$$;

-- Where messages go when they are sent again: a mail for an office to whatever addresses its accounts have by then, what is about a person
-- to the number that they have now, which may have been put right because of this. Both NULL where there is no way any more.
CREATE FUNCTION app.undelivered_ways(p_messages bigint[]) RETURNS TABLE (outbox_id bigint, office bigint, address text)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    patients bigint[] := ARRAY(SELECT o.patient_id FROM app.outbox o WHERE o.outbox_id = ANY (p_messages) AND o.contact_no = 0);
BEGIN
    RETURN QUERY
    SELECT o.outbox_id, m.office, CASE WHEN m.office IS NOT NULL THEN NULL
                                       WHEN o.patient_id IS NULL THEN o.to_address -- nobody's in particular
                                       WHEN o.contact_no = 0 THEN n.number
                                       ELSE app.mobile_number(f.phone) END
      FROM app.outbox o
     CROSS JOIN LATERAL (SELECT CASE o.channel WHEN 'mail' THEN coalesce(o.to_organisation, o.office_id) END AS office) m
      LEFT JOIN app.sms_numbers(patients) n ON n.patient_id = o.patient_id AND o.contact_no = 0 -- 0022-desk.sql
      LEFT JOIN app.follow f ON f.patient_id = o.patient_id AND f.contact_no = o.contact_no AND o.contact_no > 0
     WHERE o.outbox_id = ANY (p_messages);
END
$$;

-- The same in words, masked: of those messages that the session's office (the ministry: any office) may send again, and for which there is a way.
CREATE FUNCTION app.undelivered_to(p_messages bigint[]) RETURNS TABLE (organisation_id bigint, outbox_id bigint, to_now text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    every boolean := app.is_ministry();
BEGIN
    RETURN QUERY
    SELECT u.organisation_id, u.outbox_id, coalesce(n.name, app.masked_address(u.channel, w.address))
      FROM app.undelivered u
      JOIN app.message_kind k ON k.template = u.template AND NOT k.holds_code
      JOIN app.undelivered_ways(p_messages) w ON w.outbox_id = u.outbox_id AND (w.office IS NOT NULL OR w.address IS NOT NULL)
      LEFT JOIN app.organisation n ON n.organisation_id = w.office
     WHERE u.outbox_id = ANY (p_messages) AND (u.organisation_id = mine OR every);
END
$$;

-- Sends it once more as a message of its own, even to an address that refused before: a person has looked at it. HS422 for codes,
-- which are issued anew instead, and where there is no way any more.
CREATE FUNCTION app.undelivered_resend(p_organisation bigint, p_message bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    o app.outbox;
BEGIN
    PERFORM app.undelivered_end(p_organisation, p_message, 'resent');
    INSERT INTO app.outbox (channel, template, to_organisation, to_address, phone_id, numbers, office_id, patient_id, contact_no)
    SELECT x.channel, x.template, w.office, w.address, x.phone_id, x.numbers, x.office_id, x.patient_id, x.contact_no
      FROM app.outbox x JOIN app.message_kind k USING (template) JOIN app.undelivered_ways(ARRAY[p_message]) w USING (outbox_id)
     WHERE x.outbox_id = p_message AND NOT k.holds_code AND (w.office IS NOT NULL OR w.address IS NOT NULL)
    RETURNING * INTO o;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing to send' USING ERRCODE = 'HS422';
    END IF;
    DELETE FROM app.bounced b
     WHERE b.channel = o.channel
       AND (b.address = o.to_address
            OR b.address IN (SELECT a.email FROM app.account a WHERE a.organisation_id = o.to_organisation));
END
$$;

-- ---- 処理番号 and its SMS (0017) -----------------------------------------------------------------------------------------

-- When the newest number of a patient was issued, and how far its SMS got: waiting, sent, arrived, failed. No row without one.
CREATE FUNCTION app.cocoa_last(p_patient bigint) RETURNS TABLE (issued_at timestamptz, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'confirmation');
    RETURN QUERY
    SELECT c.issued_at, CASE WHEN o.reports & 1 <> 0 THEN 'arrived' WHEN o.failed_at IS NOT NULL THEN 'failed'
                             WHEN o.sent_at IS NOT NULL THEN 'sent' ELSE 'waiting' END
      FROM app.cocoa_number c JOIN app.outbox o USING (outbox_id)
     WHERE c.patient_id = p_patient ORDER BY c.issued_at DESC LIMIT 1;
END
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(day_of|masked_address|is_quiet|quiet_end|office_told|channel_|outbox_|sms_|is_ministry|require_ministry|sending_|undelivered_|cocoa_last)');
SELECT app.guard_tables('outbox', 'channel', 'channel_day', 'address_day', 'sending_stop', 'bounced', 'undelivered', 'sms_received');
CREATE POLICY ministry ON app.channel FOR SELECT TO hersys_staff USING ((SELECT app.is_ministry()));
CREATE POLICY ministry ON app.channel_day FOR SELECT TO hersys_staff USING ((SELECT app.is_ministry()));
CREATE POLICY ministry ON app.sending_stop FOR SELECT TO hersys_staff USING ((SELECT app.is_ministry()));
GRANT SELECT ON app.channel, app.channel_day, app.sending_stop TO hersys_staff;

GRANT SELECT ON app.message_kind TO hersys_staff, hersys_jobs, hersys_guard;
-- Whoever may write a message writes any; nobody who serves pages reads or changes one.
CREATE POLICY writing ON app.outbox FOR INSERT TO hersys_staff, hersys_door WITH CHECK (true);
GRANT EXECUTE ON FUNCTION app.organisation_now() TO hersys_door, hersys_jobs, hersys_guard;

CREATE POLICY office ON app.undelivered FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) OR (SELECT app.is_ministry()));
GRANT SELECT ON app.undelivered TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.is_ministry(), app.sending_stop_all(text, boolean), app.sending_resume(bigint),
    app.channel_save(text, integer, integer, integer, time, time), app.sending_waiting(),
    app.undelivered_settle(bigint, bigint), app.undelivered_resend(bigint, bigint), app.undelivered_to(bigint[]), app.cocoa_last(bigint),
    app.day_of(timestamptz) TO hersys_staff;

GRANT EXECUTE ON FUNCTION app.sms_report(bigint, text, integer), app.sms_receive(text, text, text), app.sms_refused() TO hersys_public;

GRANT EXECUTE ON FUNCTION app.outbox_try(bigint, text), app.outbox_fail(bigint, text), app.outbox_release(integer),
    app.day_of(timestamptz) TO hersys_jobs;
GRANT SELECT, DELETE ON app.address_day, app.undelivered, app.sms_received, app.channel_day TO hersys_jobs;
