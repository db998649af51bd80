-- role: public

-- name: call_turn
-- token, item that was asked, its value or NULL
SELECT t.state, t.confirmed, t.missed, t.misses, t.wants_phone, t.inbound, t.again, t.questions, t.answers
  FROM app.call_turn($1, $2, $3) t;

-- name: call_store
SELECT app.call_store($1) AS state;

-- name: call_ended
SELECT app.call_ended($1) AS known;

-- name: call_begin
-- the number from which somebody rings us, or ''
SELECT app.call_begin($1) AS token;

-- role: jobs

-- name: call_queue
-- how many at most
SELECT app.call_queue($1::integer) AS done;

-- name: call_lost
-- how many at most
SELECT app.call_lost($1::integer) AS done;

-- name: call_due
-- how many at most: the calls that are to be dialled; none while sending is stopped
SELECT token, phone FROM app.call
 WHERE next_at <= now() AND state IN ('waiting', 'dialled')
   AND NOT EXISTS (SELECT FROM app.sending_stop s WHERE s.resumed_at IS NULL) ORDER BY next_at, token LIMIT $1::integer;

-- name: call_dial
SELECT app.call_dial($1) AS may_go;

-- name: call_not_dialled
-- token, why: busy, trouble, never
SELECT app.call_not_dialled($1, $2);
