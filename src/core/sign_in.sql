-- role: door

-- name: sign_in_account
-- login, device hash: the account, and whether this browser has signed it in before
SELECT a.account_id, a.password_hash, a.suspended_at IS NOT NULL AS suspended, a.password_initial,
       a.password_until < now() AS password_expired, o.closed_at IS NOT NULL AS closed,
       EXISTS (SELECT FROM app.device d WHERE d.account_id = a.account_id AND d.device_hash = $2) AS trusted
  FROM app.account a JOIN app.organisation o USING (organisation_id)
 WHERE a.login = $1;

-- name: throttle_charge
-- Charges a bucket with a failure before anything is judged, so that guesses sent together count like guesses sent one
-- after another; a row comes back when this one may be judged, and success gives all back (throttle_clear). Three
-- failures are free, then the wait doubles from 30 seconds to an hour: nine judged guesses in the first hour, then one
-- an hour (security.md 6, goal 19). A bucket that was quiet for a day begins anew.
INSERT INTO app.sign_in_throttle AS t (bucket, failures, next_at) VALUES ($1, 1, now())
ON CONFLICT (bucket) DO UPDATE
   SET failures = CASE WHEN t.next_at < EXCLUDED.next_at - interval '1 day' THEN 1 ELSE t.failures + 1 END,
       next_at = EXCLUDED.next_at + make_interval(secs =>
           CASE WHEN t.next_at < EXCLUDED.next_at - interval '1 day' OR t.failures + 1 <= 3 THEN 0
                ELSE least(3600, 30 * 2 ^ least(t.failures - 3, 10)) END)
 WHERE t.failures <= 3 OR t.next_at <= EXCLUDED.next_at
RETURNING failures;

-- name: throttle_wait
-- Seconds that a bucket that may not be charged has to wait.
SELECT greatest(1, ceil(extract(epoch FROM next_at - now())))::integer AS seconds
  FROM app.sign_in_throttle WHERE bucket = $1;

-- name: throttle_clear
DELETE FROM app.sign_in_throttle WHERE bucket = $1;

-- name: throttle_sms
-- At most three codes in a quarter of an hour for one key; a row comes back when one more is allowed.
INSERT INTO app.sign_in_throttle AS t (bucket, failures, next_at) VALUES ($1, 1, now() + interval '15 minutes')
ON CONFLICT (bucket) DO UPDATE
   SET failures = CASE WHEN t.next_at < EXCLUDED.next_at - interval '15 minutes' THEN 1 ELSE t.failures + 1 END,
       next_at = CASE WHEN t.next_at < EXCLUDED.next_at - interval '15 minutes' THEN EXCLUDED.next_at ELSE t.next_at END
 WHERE t.next_at < EXCLUDED.next_at - interval '15 minutes' OR t.failures < 3
RETURNING failures;

-- name: sign_in_begin
-- token hash, account, device hash
INSERT INTO app.sign_in (token_hash, account_id, started_at, device_hash) VALUES ($1, $2::bigint, now(), $3);

-- name: sign_in_find
-- A sign-in that has passed the password, with what the account can show as a second step.
SELECT s.account_id, s.device_hash, a.login, a.holder, a.password_initial, a.password_hash, o.name AS organisation_name,
       o.organisation_id, o.kind, o.idle_minutes, a.role, a.issuer,
       (SELECT string_agg(phone, ' ' ORDER BY verified_at) FROM app.account_phone p WHERE p.account_id = s.account_id) AS phones,
       EXISTS (SELECT FROM app.account_totp t WHERE t.account_id = s.account_id AND t.confirmed_at IS NOT NULL) AS totp,
       (SELECT string_agg(credential_id, ' ') FROM app.account_passkey k WHERE k.account_id = s.account_id) AS passkeys,
       EXISTS (SELECT FROM app.recovery_code r WHERE r.account_id = s.account_id AND r.used_at IS NULL) AS recovery
  FROM app.sign_in s JOIN app.account a USING (account_id) JOIN app.organisation o USING (organisation_id)
 WHERE s.token_hash = $1 AND s.started_at > now() - interval '10 minutes' AND a.suspended_at IS NULL;

-- name: sign_in_end
DELETE FROM app.sign_in WHERE token_hash = $1;

-- name: sign_in_end_all
-- account: its sign-ins between the password and the second step
DELETE FROM app.sign_in WHERE account_id = $1::bigint;

-- name: session_create
-- token hash, account, method, device label, device hash
INSERT INTO app.session (token_hash, account_id, organisation_id, organisation_kind, role, issuer, idle_minutes,
                         created_at, seen_at, idle_until, ends_at, method, device, device_hash)
SELECT $1, a.account_id, a.organisation_id, o.kind, a.role, a.issuer, o.idle_minutes, now(), now(),
       now() + make_interval(mins => o.idle_minutes), now() + interval '12 hours', $3, $4, $5
  FROM app.account a JOIN app.organisation o USING (organisation_id)
 WHERE a.account_id = $2::bigint AND a.suspended_at IS NULL AND o.closed_at IS NULL;

-- name: session_end
UPDATE app.session SET ended_at = now() WHERE token_hash = $1 AND ended_at IS NULL;

-- name: session_end_others
-- account, token hash of the session that stays ('' for none)
UPDATE app.session SET ended_at = now() WHERE account_id = $1::bigint AND token_hash <> $2 AND ended_at IS NULL;

-- name: device_remember
-- account, device hash, label
INSERT INTO app.device (account_id, device_hash, label, first_at, last_at) VALUES ($1::bigint, $2, $3, now(), now())
ON CONFLICT (account_id, device_hash) DO UPDATE SET last_at = EXCLUDED.last_at, label = EXCLUDED.label;

-- name: account_used
UPDATE app.account SET last_used_at = now() WHERE account_id = $1::bigint;

-- name: letter_end
-- After the first whole sign-in nobody needs the initial password any more.
DELETE FROM app.account_letter WHERE account_id = $1::bigint;

-- name: sign_in_event
-- account, outcome, method, device label
INSERT INTO app.sign_in_event (account_id, at, outcome, method, device) VALUES ($1::bigint, now(), $2, $3, $4);

-- name: audit_sign_in
-- account (0: an ID that does not exist), action, outcome, detail: what happens before there is a session. An unknown
-- ID costs the same work, so that the time of the answer tells nothing.
SELECT app.audit_link(a.account_id, a.organisation_id, '', $2, $3, NULL, NULL, NULL, $4)
  FROM (SELECT $1::bigint AS account_id) wanted LEFT JOIN app.account a USING (account_id);

-- name: proof_save
-- token hash, purpose, secret, phone
INSERT INTO app.proof (token_hash, purpose, secret, phone, made_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (token_hash, purpose) DO UPDATE
   SET secret = EXCLUDED.secret, phone = EXCLUDED.phone, tries = 0, made_at = EXCLUDED.made_at;

-- name: proof_find
SELECT secret, phone FROM app.proof
 WHERE token_hash = $1 AND purpose = $2 AND made_at > now() - interval '10 minutes' AND tries < 5;

-- name: proof_try
-- Counts a wrong answer.
UPDATE app.proof SET tries = tries + 1 WHERE token_hash = $1 AND purpose = $2;

-- name: proof_take
-- token hash, purpose, secret: takes the proof away, so that it is accepted once even when posted in parallel
DELETE FROM app.proof
 WHERE token_hash = $1 AND purpose = $2 AND secret = $3 AND made_at > now() - interval '10 minutes' AND tries < 5
RETURNING phone;

-- name: sms_queue
-- phone, code, token hash of the sign-in or of the session: whose organisation it is says who is told of a failure
INSERT INTO app.outbox (channel, template, to_address, code, office_id)
SELECT 'sms', 'sign_in_code', $1, $2,
       coalesce((SELECT a.organisation_id FROM app.sign_in s JOIN app.account a USING (account_id) WHERE s.token_hash = $3),
                (SELECT s.organisation_id FROM app.session s WHERE s.token_hash = $3));

-- name: phone_save
INSERT INTO app.account_phone (account_id, phone, verified_at) VALUES ($1::bigint, $2, now())
ON CONFLICT (account_id, phone) DO UPDATE SET verified_at = EXCLUDED.verified_at;

-- name: phone_delete
DELETE FROM app.account_phone WHERE account_id = $1::bigint AND phone = $2;

-- name: totp_save
-- account, sealed secret, step that proved it
INSERT INTO app.account_totp (account_id, sealed_secret, confirmed_at, last_step) VALUES ($1::bigint, $2, now(), $3::bigint)
ON CONFLICT (account_id) DO UPDATE
   SET sealed_secret = EXCLUDED.sealed_secret, confirmed_at = EXCLUDED.confirmed_at, last_step = EXCLUDED.last_step;

-- name: totp_find
SELECT sealed_secret, last_step FROM app.account_totp WHERE account_id = $1::bigint AND confirmed_at IS NOT NULL;

-- name: totp_advance
-- account, step: a step is accepted once
UPDATE app.account_totp SET last_step = $2::bigint WHERE account_id = $1::bigint AND last_step < $2::bigint
RETURNING last_step;

-- name: totp_delete
DELETE FROM app.account_totp WHERE account_id = $1::bigint;

-- name: passkey_save
-- account, credential, public key, count, label
INSERT INTO app.account_passkey (account_id, credential_id, public_key, sign_count, label, created_at)
VALUES ($1::bigint, $2, $3, $4::bigint, $5, now());

-- name: passkey_find
SELECT public_key, sign_count FROM app.account_passkey WHERE account_id = $1::bigint AND credential_id = $2;

-- name: passkey_used
UPDATE app.account_passkey SET sign_count = $3::bigint WHERE account_id = $1::bigint AND credential_id = $2;

-- name: passkey_delete
DELETE FROM app.account_passkey WHERE account_id = $1::bigint AND credential_id = $2;

-- name: recovery_clear
DELETE FROM app.recovery_code WHERE account_id = $1::bigint;

-- name: recovery_save
INSERT INTO app.recovery_code (account_id, code_hash) VALUES ($1::bigint, $2);

-- name: recovery_use
UPDATE app.recovery_code SET used_at = now() WHERE account_id = $1::bigint AND code_hash = $2 AND used_at IS NULL
RETURNING used_at;

-- name: password_save
-- account, hash: chosen by the person
UPDATE app.account SET password_hash = $2, password_initial = false, password_until = NULL WHERE account_id = $1::bigint;

-- name: password_hash_find
SELECT password_hash FROM app.account WHERE account_id = $1::bigint;

-- name: terms_version
SELECT value AS version FROM app.setting WHERE name = 'terms_version';

-- name: terms_agree
UPDATE app.account
   SET terms_version = (SELECT value FROM app.setting WHERE name = 'terms_version'), terms_agreed_at = now()
 WHERE account_id = $1::bigint;

-- name: own_phones
SELECT phone, to_char(verified_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS since
  FROM app.account_phone WHERE account_id = $1::bigint ORDER BY verified_at;

-- name: own_passkeys
SELECT credential_id, label, to_char(created_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS since
  FROM app.account_passkey WHERE account_id = $1::bigint ORDER BY created_at;

-- name: own_totp
SELECT to_char(confirmed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS since
  FROM app.account_totp WHERE account_id = $1::bigint AND confirmed_at IS NOT NULL;

-- name: own_recovery
SELECT count(*) FILTER (WHERE used_at IS NULL) AS left, count(*) AS total
  FROM app.recovery_code WHERE account_id = $1::bigint;

-- name: own_sessions
-- account, token hash of this session
SELECT device, method, to_char(created_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS since,
       to_char(seen_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS seen, token_hash = $2 AS here
  FROM app.session
 WHERE account_id = $1::bigint AND ended_at IS NULL AND idle_until > now() AND ends_at > now()
 ORDER BY created_at DESC;

-- name: own_events
SELECT to_char(at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, outcome, method, device
  FROM app.sign_in_event WHERE account_id = $1::bigint ORDER BY event_id DESC LIMIT 20;

-- name: own_devices
SELECT label, to_char(first_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS first,
       to_char(last_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS last
  FROM app.device WHERE account_id = $1::bigint ORDER BY last_at DESC LIMIT 20;
