-- 処理番号 of the contact-confirming app (COCOA, seed 0 Q2): issued when a patient wishes it, sent to their telephone by SMS, eight
-- digits, valid for an hour, once. Only its peppered hash is kept.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('cocoa_minutes', '60', '接触確認アプリの処理番号が使える分数'),
    ('cocoa_most', '5', '一人の方に1日に発行できる処理番号の数');

CREATE TABLE app.cocoa_number (
    number_hash text PRIMARY KEY,
    patient_id bigint NOT NULL,
    issued_by bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    outbox_id bigint NOT NULL
);
COMMENT ON TABLE app.cocoa_number IS 'by own key: 処理番号 of COCOA, peppered; a newer one of the same patient takes the place of an unused one';
COMMENT ON COLUMN app.cocoa_number.outbox_id IS 'the SMS that carried it, so that the centre sees whether it arrived';
CREATE INDEX cocoa_number_patient ON app.cocoa_number (patient_id, issued_at);

-- Issues a number and queues its SMS. HS429 after too many on one day, HS422 for a telephone that SMS does not reach, 23505 when
-- somebody else has this number.
CREATE FUNCTION app.cocoa_issue(p_patient bigint, p_hash text, p_number text, p_phone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    message bigint;
BEGIN
    PERFORM app.require_write(p_patient, 'confirmation');
    IF coalesce(p_phone, '') !~ '^0[6-9]0[0-9]{8}$' THEN
        RAISE EXCEPTION 'no mobile telephone' USING ERRCODE = 'HS422';
    END IF;
    PERFORM 1 FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    IF (SELECT count(*) FROM app.cocoa_number c WHERE c.patient_id = p_patient AND c.issued_at > now() - interval '1 day')
       >= (SELECT value::integer FROM app.setting WHERE name = 'cocoa_most') THEN
        RAISE EXCEPTION 'too many' USING ERRCODE = 'HS429';
    END IF;
    UPDATE app.cocoa_number SET used_at = now() WHERE patient_id = p_patient AND used_at IS NULL;
    INSERT INTO app.outbox (channel, template, to_address, code, patient_id, contact_no)
    VALUES ('sms', 'cocoa_number', p_phone, p_number, p_patient, 0)
    RETURNING outbox_id INTO message;
    INSERT INTO app.cocoa_number (number_hash, patient_id, issued_by, issued_at, outbox_id)
    VALUES (p_hash, p_patient, app.account_now(), now(), message);
END
$$;

-- Uses a number up: true once, within its hour.
CREATE FUNCTION app.cocoa_redeem(p_hash text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE app.cocoa_number SET used_at = now()
     WHERE number_hash = p_hash AND used_at IS NULL
       AND issued_at > now() - make_interval(mins => (SELECT value::integer FROM app.setting WHERE name = 'cocoa_minutes'));
    RETURN FOUND;
END
$$;

GRANT CREATE ON SCHEMA app TO hersys_guard;
ALTER FUNCTION app.cocoa_issue(bigint, text, text, text) OWNER TO hersys_guard;
ALTER FUNCTION app.cocoa_redeem(text) OWNER TO hersys_guard;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;
REVOKE ALL ON FUNCTION app.cocoa_issue(bigint, text, text, text), app.cocoa_redeem(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.cocoa_issue(bigint, text, text, text) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.cocoa_redeem(text) TO hersys_public;
GRANT ALL ON app.cocoa_number TO hersys_guard;
GRANT SELECT, DELETE ON app.cocoa_number TO hersys_jobs; -- what is long over
ALTER TABLE app.cocoa_number ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.cocoa_number FORCE ROW LEVEL SECURITY;
CREATE POLICY jobs ON app.cocoa_number TO hersys_jobs USING (true) WITH CHECK (true);
