-- role: staff

-- name: cocoa_issue
-- patient, hash of the number, number, telephone
SELECT app.cocoa_issue($1::bigint, $2, $3, $4);

-- role: public

-- name: cocoa_redeem
SELECT app.cocoa_redeem($1) AS valid;
