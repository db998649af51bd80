-- Mails that the mail server had taken and that come back later as delivery reports (src/core/bounce.h).

-- What came back for the message with this token: 'refused' blames the address, 'given_up' does not. The same again changes nothing.
-- False, and counted, when the token is not that of the message.
CREATE FUNCTION app.mail_returned(p_id bigint, p_token text, p_failure text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    o app.outbox;
BEGIN
    SELECT * INTO o FROM app.outbox
     WHERE outbox_id = p_id AND channel = 'mail' AND p_failure IN ('refused', 'given_up')
       AND report_hash = encode(sha256(convert_to(p_token, 'UTF8')), 'hex') FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM app.mail_return_refused();
        RETURN false;
    END IF;
    IF o.failed_at IS NULL THEN
        -- The server had it, whatever became of its answer to us.
        UPDATE app.outbox SET sent_at = coalesce(sent_at, now()) WHERE outbox_id = p_id;
        PERFORM app.outbox_fail(p_id, p_failure);
        PERFORM app.channel_count('mail', 0, 0, 1, 0);
    END IF;
    RETURN true;
END
$$;

-- Something came to an address that is none of ours.
CREATE FUNCTION app.mail_return_refused() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.channel_count('mail', 0, 0, 0, 1);
END
$$;

SELECT app.guard_functions('^mail_return');
GRANT EXECUTE ON FUNCTION app.mail_returned(bigint, text, text), app.mail_return_refused() TO hersys_public;
