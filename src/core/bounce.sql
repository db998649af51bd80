-- role: public

-- name: mail_returned
-- outbox number, token, why
SELECT app.mail_returned($1::bigint, $2, $3) AS known;

-- name: mail_return_refused
SELECT app.mail_return_refused();
