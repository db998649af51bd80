-- role: staff

-- name: sending_stops
-- The ten newest stops; the first one holds when it has no end.
SELECT s.stop_id, s.reason, s.keeps_codes, s.resumed_at IS NULL AS holds,
       to_char(s.stopped_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS stopped, a.holder AS stopped_by,
       to_char(s.resumed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS resumed, b.holder AS resumed_by
  FROM app.sending_stop s
  LEFT JOIN app.account a ON a.account_id = s.stopped_by
  LEFT JOIN app.account b ON b.account_id = s.resumed_by
 ORDER BY s.stop_id DESC LIMIT 10;

-- name: sending_channels
-- Each channel with its limits and what was counted today.
SELECT c.channel, c.version, c.daily_most, c.address_most, to_char(c.quiet_from, 'HH24:MI') AS quiet_from,
       to_char(c.quiet_until, 'HH24:MI') AS quiet_until, c.bounces_most,
       to_char(c.changed_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS changed, a.holder AS changed_by,
       coalesce(d.tried, 0) AS tried, coalesce(d.delivered, 0) AS delivered, coalesce(d.undelivered, 0) AS undelivered,
       coalesce(d.refused, 0) AS refused
  FROM app.channel c
  LEFT JOIN app.channel_day d ON d.channel = c.channel AND d.day = app.day_of(now())
  LEFT JOIN app.account a ON a.account_id = c.changed_by
 ORDER BY c.channel DESC;

-- name: sending_waiting
SELECT channel, reason, count FROM app.sending_waiting() WHERE count > 0;

-- name: sending_kinds
-- What is not sent in its turn.
SELECT DISTINCT label, urgent, valid_minutes FROM app.message_kind WHERE urgent OR waits_at_night ORDER BY urgent DESC, label;

-- name: sending_stop
-- why, whether urgent kinds go on
SELECT app.sending_stop_all($1, $2::boolean);

-- name: sending_resume
-- the stop that was seen
SELECT app.sending_resume($1::bigint);

-- name: channel_save
-- channel, version, messages of a day, messages of a day to one address, quiet from, quiet until
SELECT app.channel_save($1, $2::integer, $3::integer, $4::integer, $5::time, $6::time);

-- name: undelivered_office
-- organisation, last entry of the page before; whom it concerns (patient_id, contact_no) where the office may know of them
WITH page AS MATERIALIZED (
    SELECT u.* FROM app.undelivered u
     WHERE u.organisation_id = $1::bigint AND u.ended_at IS NULL AND u.entry_no < $2::bigint
     ORDER BY u.entry_no DESC LIMIT 51)
SELECT u.entry_no, u.organisation_id, u.outbox_id, u.channel, u.template, u.to_masked, u.failure, NULL AS office,
       to_char(u.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, NOT k.holds_code AS may_resend, w.to_now,
       a.patient_id, a.name, u.contact_no
  FROM page u
  LEFT JOIN app.message_kind k USING (template)
  LEFT JOIN app.undelivered_to(ARRAY(SELECT p.outbox_id FROM page p)) w
       ON w.organisation_id = u.organisation_id AND w.outbox_id = u.outbox_id
  LEFT JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = u.patient_id AND NOT a.sealed
       AND (u.contact_no = 0 OR a.relations & app.readable('contact') <> 0)
 ORDER BY u.entry_no DESC;

-- name: undelivered_all
-- organisation, last entry of the page before: those of every office, for the ministry
WITH page AS MATERIALIZED (
    SELECT u.* FROM app.undelivered u
     WHERE u.ended_at IS NULL AND u.entry_no < $2::bigint
     ORDER BY u.entry_no DESC LIMIT 51)
SELECT u.entry_no, u.organisation_id, u.outbox_id, u.channel, u.template, u.to_masked, u.failure, o.name AS office,
       to_char(u.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, NOT k.holds_code AS may_resend, w.to_now,
       a.patient_id, a.name, u.contact_no
  FROM page u
  LEFT JOIN app.message_kind k USING (template)
  LEFT JOIN app.undelivered_to(ARRAY(SELECT p.outbox_id FROM page p)) w
       ON w.organisation_id = u.organisation_id AND w.outbox_id = u.outbox_id
  LEFT JOIN app.organisation o ON o.organisation_id = u.organisation_id
  LEFT JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = u.patient_id AND NOT a.sealed
       AND (u.contact_no = 0 OR a.relations & app.readable('contact') <> 0)
 ORDER BY u.entry_no DESC;

-- name: undelivered_count
-- organisation, or NULL for all that may be seen: up to 500
SELECT count(*) AS count
  FROM (SELECT 1 FROM app.undelivered u WHERE u.organisation_id = $1::bigint AND u.ended_at IS NULL
        UNION ALL
        SELECT 1 FROM app.undelivered u WHERE $1::bigint IS NULL AND u.ended_at IS NULL
        LIMIT 500) x;

-- name: undelivered_resend
-- organisation, message
SELECT app.undelivered_resend($1::bigint, $2::bigint);

-- name: undelivered_settle
SELECT app.undelivered_settle($1::bigint, $2::bigint);
