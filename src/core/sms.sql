-- role: public

-- name: sms_report
-- outbox number, token, type
SELECT app.sms_report($1::bigint, $2, $3::integer) AS known;

-- name: sms_receive
-- the gateway's number, telephone number, text
SELECT app.sms_receive($1, $2, $3);

-- name: sms_refused
SELECT app.sms_refused();
