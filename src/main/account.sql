-- role: owner

-- name: first_issuer_place
-- The ministry's organisation with how many issuers it has, a proposal for a login, and a fresh account number: the
-- trail names the account that the same transaction makes.
SELECT o.organisation_id, app.next_login(o.code) AS login, nextval('app.account_account_id_seq') AS account_id,
       (SELECT count(*) FROM app.account a WHERE a.organisation_id = o.organisation_id AND a.issuer) AS issuers
  FROM app.organisation o WHERE o.kind = 'ministry';

-- name: first_issuer_insert
-- account, organisation, login, holder, e-mail, password hash
INSERT INTO app.account (account_id, organisation_id, login, holder, personal, role, issuer, email, password_hash,
                         password_initial, password_until)
VALUES ($1::bigint, $2::bigint, $3, $4, true, 'staff', true, $5, $6, true,
        now() + make_interval(days => (SELECT value::integer FROM app.setting WHERE name = 'letter_days')));

-- name: first_issuer_audit
-- what was made: by nobody's session, on the operator's terminal
SELECT app.audit_link(NULL, NULL, 'operator', 'account_issue', 'allowed', NULL, NULL, NULL, $1);
