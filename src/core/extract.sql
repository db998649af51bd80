-- role: staff

-- name: extract_rows
-- from, to, how many people at most: the cases that an extract is made of, and one more when there are too many
SELECT x.* FROM app.extract_rows($1::date, $2::date, $3::integer) x ORDER BY x.patient_id;

-- name: extract_ask
-- extract, purpose, recipient, from, to, columns, k, leave out, once, until, continues, keep the key, key, people, groups, smallest, below,
-- steps
SELECT app.extract_ask($1::uuid, $2, $3, $4::date, $5::date, $6, $7::integer, $8::boolean, $9::boolean, $10::date, $11::uuid, $12::boolean,
                       $13, $14::integer, $15::integer, $16::integer, $17::integer, $18);

-- name: extract_decide
-- extract, approved, reason
SELECT app.extract_decide($1::uuid, $2::boolean, $3);

-- name: extract_forget
SELECT app.extract_forget($1::uuid);

-- name: extract_key
-- extract: the key of its pseudonyms, for who may take it
SELECT k.key_id, k.sealed_key FROM app.extract_key($1::uuid) k;

-- name: extract_file
-- extract, how many people at most: those of whom it may be taken now, and one more when there are too many
SELECT x.* FROM app.extract_file($1::uuid, $2::integer) x ORDER BY x.patient_id;

-- name: extract_take
-- extract, export, format, filter in words, patients, replaced characters
SELECT app.extract_take($1::uuid, $2::uuid, $3, $4, $5::bigint[], $6::bigint);

-- name: extract_list
-- organisation, before (microseconds): the newest 51
SELECT e.extract_id, e.purpose, e.recipient, e.once AND e.taken_at IS NOT NULL AS spent, NOT e.approved AS refused,
       e.until < app.today() AS over, e.decided_by IS NULL AS undecided, coalesce(a.holder, '') AS holder,
       to_char(e.asked_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS asked,
       to_char(e.taken_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS taken_last,
       (extract(epoch FROM e.asked_at) * 1000000)::bigint AS cursor
  FROM app.extract e LEFT JOIN app.account a ON a.account_id = e.asked_by
 WHERE e.organisation_id = $1::bigint AND e.asked_at < coalesce(to_timestamp($2::bigint / 1000000.0), 'infinity')
 ORDER BY e.asked_at DESC, e.extract_id DESC LIMIT 51;

-- name: extract_continued
-- organisation: those whose pseudonyms another one may go on with
SELECT e.extract_id, e.purpose, e.columns, e.k, to_char(e.asked_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS asked
  FROM app.extract e
 WHERE e.organisation_id = $1::bigint AND e.keep_key AND e.approved ORDER BY e.asked_at DESC, e.extract_id DESC LIMIT 50;

-- name: extract_find
-- organisation, extract
SELECT e.extract_id, e.purpose, e.recipient, e.from_day, e.to_day, e.columns, e.k, e.leave_out, e.once, e.until, e.key_id, e.keep_key,
       e.people, e.groups, e.smallest, e.below, e.steps, e.reason, e.once AND e.taken_at IS NOT NULL AS spent, NOT e.approved AS refused,
       e.decided_by IS NULL AS undecided, e.until < app.today() AS over, e.asked_by = app.account_now() AS own,
       EXISTS (SELECT FROM app.extract_key(e.extract_id)) AS may_take, app.extract_may_forget(e.extract_id) AS may_forget,
       e.keep_key AND e.approved AS kept,
       coalesce(a.holder, '') AS asker, coalesce(d.holder, '') AS decider,
       to_char(e.asked_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS asked,
       to_char(e.decided_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS decided,
       to_char(e.taken_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS taken_last
  FROM app.extract e
  LEFT JOIN app.account a ON a.account_id = e.asked_by
  LEFT JOIN app.account d ON d.account_id = e.decided_by
 WHERE e.organisation_id = $1::bigint AND e.extract_id = $2::uuid;
