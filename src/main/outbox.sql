-- role: jobs

-- name: outbox_release
-- how many of each kind at most
SELECT app.outbox_release($1::integer) AS released;

-- name: outbox_due
-- What somebody waits for at a screen goes before any heap of messages, and SMS before mails. A row may come twice: it goes once.
(SELECT outbox_id, channel, template, to_organisation, to_address, phone_id, code, numbers, tries
   FROM app.outbox
  WHERE template = ANY ((SELECT array_agg(k.template) FROM app.message_kind k WHERE k.urgent)::text[])
    AND sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now()
  ORDER BY next_at, outbox_id LIMIT 50)
UNION ALL
(SELECT outbox_id, channel, template, to_organisation, to_address, phone_id, code, numbers, tries
   FROM app.outbox
  WHERE channel = 'sms'
    AND sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now()
  ORDER BY next_at, outbox_id LIMIT 50)
UNION ALL
(SELECT outbox_id, channel, template, to_organisation, to_address, phone_id, code, numbers, tries
   FROM app.outbox
  WHERE channel = 'mail'
    AND sent_at IS NULL AND failed_at IS NULL AND held IS NULL AND next_at <= now()
  ORDER BY next_at, outbox_id LIMIT 50);

-- name: outbox_expand
-- A mail to an organisation becomes one for each of its accounts that has an address; the first row is done with it. It fails where there is
-- no address.
WITH reader AS (
    SELECT DISTINCT a.email
      FROM app.outbox o JOIN app.account a ON a.organisation_id = o.to_organisation
     WHERE o.outbox_id = $1::bigint AND a.email <> '' AND a.suspended_at IS NULL
), done AS (
    UPDATE app.outbox SET sent_at = now() WHERE outbox_id = $1::bigint AND sent_at IS NULL AND EXISTS (SELECT FROM reader)
    RETURNING to_organisation, channel, template, phone_id, numbers
), written AS (
    INSERT INTO app.outbox (channel, template, to_address, phone_id, numbers, office_id)
    SELECT done.channel, done.template, reader.email, done.phone_id, done.numbers, done.to_organisation FROM done CROSS JOIN reader)
SELECT app.outbox_fail(o.outbox_id, 'no_address')
  FROM app.outbox o
 WHERE o.outbox_id = $1::bigint AND o.sent_at IS NULL AND NOT EXISTS (SELECT FROM reader);

-- name: outbox_try
-- outbox id, SHA-256 of the token for its reports: whether it may go now
SELECT app.outbox_try($1::bigint, $2) AS may_go;

-- name: outbox_sent
-- The code of a message that is out is nobody's business any more. A report may have been faster.
UPDATE app.outbox SET sent_at = coalesce(sent_at, now()), trying_at = NULL, code = NULL WHERE outbox_id = $1::bigint;

-- name: outbox_later
-- outbox id, seconds; of a message that a report has proved to be out nothing is tried any more
UPDATE app.outbox SET trying_at = NULL, next_at = now() + make_interval(secs => $2::integer)
 WHERE outbox_id = $1::bigint AND sent_at IS NULL;

-- name: outbox_fail
-- outbox id, why
SELECT app.outbox_fail($1::bigint, $2);
