-- role: staff

-- name: cocoa_issue
-- patient, hash of the number, number, telephone
SELECT app.cocoa_issue($1::bigint, $2, $3, $4);

-- name: cocoa_last
-- patient: when the newest number was issued, and how far its SMS got
SELECT to_char(issued_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS issued, state FROM app.cocoa_last($1::bigint);

-- role: public

-- name: cocoa_redeem
SELECT app.cocoa_redeem($1) AS valid;
