-- role: public

-- name: my_sign_in
-- link, birth date, hash of the session's token, whether the person joins its account
SELECT * FROM app.my_sign_in($1, $2::date, $3, $4::boolean);

-- name: my_speak
-- hash of the session's token, person, language
SELECT app.my_speak($1, $2::integer, $3);

-- name: my_leave
SELECT app.my_leave($1);

-- name: my_enter
-- hash of the session's token: no row when it is none of ours
SELECT * FROM app.my_enter($1);

-- name: my_history
-- hash of the session's token, person
SELECT * FROM app.my_history($1, $2::integer);

-- name: my_store
-- hash of the session's token, person, the page's own key, when it was answered (NULL: now), items
SELECT app.my_store($1, $2::integer, $3::uuid, $4::timestamptz, $5::jsonb) AS result;

-- name: my_survey
-- hash of the session's token, person, items
SELECT app.my_survey($1, $2::integer, $3::jsonb) AS result;

-- role: staff

-- name: notice_link
SELECT app.notice_link($1::bigint);

-- name: notice_obstacles
-- patient: what keeps the messages from going out that 通知設定 asks for
SELECT url, number FROM app.notice_obstacles($1::bigint);

-- name: notice_number
-- patient, HER-SYS ID
SELECT app.notice_number($1::bigint, $2);
