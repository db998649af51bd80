-- role: public

-- name: my_certificate
-- hash of the session's token, person
SELECT * FROM app.my_certificate($1, $2::integer);

-- name: certificate_check
-- hash of the code
SELECT app.certificate_check($1) AS sealed_text;

-- role: jobs

-- name: certificate_wanted
-- how many at most
SELECT * FROM app.certificate_wanted($1::integer);

-- name: certificate_issue
-- patient, digest of what it says, hash of the code, sealed text
SELECT app.certificate_issue($1::bigint, $2, $3, $4);
