-- role: door

-- name: account_list
-- issuer's organisation, one organisation of the area or NULL, unused only, last account of the page before or NULL.
-- Own organisation first, then by code; unused: in use, but nobody has signed in with it for 90 days.
WITH seen AS (
    SELECT (i.relation <> 'own')::integer AS rank, o.code, a.login, a.account_id, a.holder, a.personal, a.role, a.issuer,
           a.password_initial, a.password_until, a.suspended_at, a.last_used_at, o.name AS organisation, o.closed_at
      FROM app.issuing i
      JOIN app.organisation o USING (organisation_id)
      JOIN app.account a USING (organisation_id)
     WHERE i.issuer_id = $1::bigint AND (i.relation <> 'first' OR a.issuer)
       AND ($2::bigint IS NULL OR i.organisation_id = $2::bigint)
       AND (NOT $3::boolean OR (a.suspended_at IS NULL
                                AND coalesce(a.last_used_at, a.created_at) < now() - interval '90 days')))
SELECT account_id, organisation, code, login, holder, personal, role, issuer, suspended_at IS NOT NULL AS suspended,
       closed_at IS NOT NULL AS closed, password_initial AS waiting,
       password_initial AND password_until < now() AS expired,
       to_char(last_used_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS last_used,
       (SELECT count(*) FROM seen) AS total
  FROM seen
 WHERE $4::bigint IS NULL OR (rank, code, login) > (SELECT s.rank, s.code, s.login FROM seen s WHERE s.account_id = $4::bigint)
 ORDER BY rank, code, login LIMIT 51;

-- name: account_find
-- issuer's organisation, account: no row when it is outside the area
SELECT a.account_id, a.login, a.holder, a.personal, a.role, a.issuer, a.email,
       a.suspended_at IS NOT NULL AS suspended, a.password_initial AS waiting,
       a.password_initial AND a.password_until < now() AS expired,
       to_char(a.password_until AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS password_until,
       to_char(a.created_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD') AS created,
       to_char(a.last_used_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS last_used,
       o.name AS organisation, o.closed_at IS NOT NULL AS closed, i.relation,
       to_char(l.printable_until AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS printable_until
  FROM app.account a
  JOIN app.organisation o USING (organisation_id)
  JOIN app.issuing i ON i.issuer_id = $1::bigint AND i.organisation_id = a.organisation_id
  LEFT JOIN app.account_letter l ON l.account_id = a.account_id AND l.printable_until > now()
 WHERE a.account_id = $2::bigint AND (i.relation <> 'first' OR a.issuer);

-- name: account_successors
-- account: who of the same organisation could become issuer in its place
SELECT b.account_id, b.holder, b.login
  FROM app.account a JOIN app.account b USING (organisation_id)
 WHERE a.account_id = $1::bigint AND b.account_id <> a.account_id AND b.suspended_at IS NULL
 ORDER BY b.login;

-- name: account_target
-- issuer's organisation, organisation: where an account may be added, with a proposal for its login
SELECT o.organisation_id, o.name, o.code, o.section_accounts, o.closed_at IS NOT NULL AS closed, i.relation, i.issuer_flag,
       app.next_login(o.code) AS login
  FROM app.issuing i JOIN app.organisation o USING (organisation_id)
 WHERE i.issuer_id = $1::bigint AND i.organisation_id = $2::bigint;

-- name: account_number
-- A fresh number, because the sealed password is bound to it before the row is there.
SELECT nextval('app.account_account_id_seq') AS account_id;

-- name: account_repeated
-- login, account that issues, organisation, holder: the account that the same form made a moment ago
SELECT account_id FROM app.account
 WHERE login = $1 AND created_by = $2::bigint AND organisation_id = $3::bigint AND holder = $4
   AND created_at > now() - interval '10 minutes';

-- name: issuing_require
SELECT app.require_issuing($1::bigint);

-- name: account_require
SELECT app.require_issuing_account($1::bigint);

-- name: account_insert
-- account, organisation, login, holder, personal, role, issuer, e-mail, password hash, account that issues
INSERT INTO app.account (account_id, organisation_id, login, holder, personal, role, issuer, email, password_hash,
                         password_initial, password_until, created_by)
SELECT $1::bigint, o.organisation_id, $3, $4, $5::boolean, $6, $7::boolean, $8, $9, true,
       now() + make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'letter_days')), $10::bigint
  FROM app.organisation o
 WHERE o.organisation_id = $2::bigint AND o.closed_at IS NULL AND (o.section_accounts OR $5::boolean);

-- name: letter_save
-- account, sealed initial password
INSERT INTO app.account_letter (account_id, sealed_password, printable_until)
VALUES ($1::bigint, $2, now() + interval '24 hours')
ON CONFLICT (account_id) DO UPDATE
   SET sealed_password = EXCLUDED.sealed_password, printable_until = EXCLUDED.printable_until;

-- name: letter_print
-- account, issuer's organisation: what stands on the letter. From the first print on a quarter of an hour is left, in
-- case the paper jams.
UPDATE app.account_letter l
   SET printable_until = least(l.printable_until, now() + interval '15 minutes')
  FROM app.account a
  JOIN app.organisation o USING (organisation_id)
  LEFT JOIN app.municipality m ON m.code = o.municipality_code
  LEFT JOIN app.prefecture p ON p.code = o.prefecture_code
  JOIN app.organisation issuer ON issuer.organisation_id = $2::bigint
 WHERE l.account_id = $1::bigint AND a.account_id = l.account_id AND l.printable_until > now()
RETURNING l.sealed_password, a.account_id, a.login, a.holder, a.role, a.issuer, o.name AS organisation, o.postal_code,
    -- the offices' own addresses come without prefecture and municipality, typed ones sometimes without prefecture
    CASE WHEN o.address = '' OR starts_with(o.address, p.name) THEN o.address
         WHEN strpos(o.address, m.name) > 0 THEN p.name || o.address
         ELSE coalesce(m.full_name, p.name, '') || o.address END AS address,
    to_char(a.password_until AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS valid_until,
    to_char(now() AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS today,
    to_char(now() AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS"+09:00"') AS printed,
    issuer.name AS issuer_name, issuer.phone AS issuer_phone;

-- name: account_save
-- account, holder, role, e-mail
UPDATE app.account SET holder = $2, role = $3, email = $4 WHERE account_id = $1::bigint;

-- name: account_suspend
UPDATE app.account SET suspended_at = now() WHERE account_id = $1::bigint AND suspended_at IS NULL;

-- name: account_resume
UPDATE app.account SET suspended_at = NULL WHERE account_id = $1::bigint;

-- name: account_reset
-- account, password hash: back to an initial password
UPDATE app.account
   SET password_hash = $2, password_initial = true,
       password_until = now() + make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'letter_days'))
 WHERE account_id = $1::bigint;

-- name: account_strip
-- Everything that the account could show as its second step, and a sign-in that stands half way.
WITH phone AS (DELETE FROM app.account_phone WHERE account_id = $1::bigint),
     totp AS (DELETE FROM app.account_totp WHERE account_id = $1::bigint),
     passkey AS (DELETE FROM app.account_passkey WHERE account_id = $1::bigint),
     recovery AS (DELETE FROM app.recovery_code WHERE account_id = $1::bigint)
DELETE FROM app.sign_in WHERE account_id = $1::bigint;

-- name: issuer_hand_over
-- from, to: both of one organisation
UPDATE app.account a SET issuer = (a.account_id = $2::bigint)
 WHERE a.account_id IN ($1::bigint, $2::bigint)
   AND a.organisation_id = (SELECT b.organisation_id FROM app.account b WHERE b.account_id = $1::bigint);

-- name: issuer_sessions_end
-- Open sessions of an account that has handed over lose the right at once.
UPDATE app.session SET issuer = false WHERE account_id = $1::bigint AND ended_at IS NULL;
