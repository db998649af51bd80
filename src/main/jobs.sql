-- role: jobs

-- name: leader_lock
-- One process sends (R7): whoever holds this lock, which goes with its connection.
SELECT pg_try_advisory_lock(20200529) AS mine;

-- name: audit_heads
SELECT shard, seq, encode(hash, 'hex') AS hash FROM app.audit_head ORDER BY shard;

-- name: past_offices
-- last office done: the next fifty
SELECT organisation_id FROM app.organisation WHERE organisation_id > $1::bigint ORDER BY organisation_id LIMIT 50;

-- name: past_date
SELECT value FROM app.setting WHERE name = 'past_until';

-- name: past_mark
-- organisation, date until which a diagnosis is 過去情報
-- An office that may not see the date keeps the mark that it got with the last change of the patient.
UPDATE app.access SET past = diagnosis_date <= $2::date
 WHERE organisation_id = $1::bigint AND diagnosis_date IS NOT NULL AND past <> (diagnosis_date <= $2::date);

-- name: access_expire
-- how many patients at most: centres, agencies and emergency views whose time of reading is over
SELECT app.access_expire($1::integer) AS done;

-- name: follow_asked
-- how many at most: whom it is time to ask. Each gets one message for the day, in the transaction that says so; the centre in charge
-- is told of one that does not arrive.
WITH due AS (
    SELECT d.patient_id, d.contact_no
      FROM unnest(ARRAY['web', 'sms']) c (channel)
     CROSS JOIN LATERAL (SELECT f.patient_id, f.contact_no, f.next_ask FROM app.follow f
                          WHERE f.channel = c.channel AND f.next_ask <= now()
                          ORDER BY f.next_ask, f.patient_id, f.contact_no LIMIT $1::integer) d
), asked AS (
    UPDATE app.follow f
       SET asked_on = app.today(), next_ask = app.follow_next(f.begins_on, app.today(), f.ends_on, f.ask_at)
      FROM due
     WHERE f.patient_id = due.patient_id AND f.contact_no = due.contact_no AND f.next_ask <= now()
    RETURNING f.patient_id, f.contact_no, f.channel, f.phone, f.language
), queued AS (
    INSERT INTO app.outbox (channel, template, to_address, code, office_id, patient_id, contact_no)
    SELECT 'sms', CASE a.channel WHEN 'web' THEN 'follow_ask_' ELSE 'follow_reply_' END || a.language, a.phone,
           CASE a.channel WHEN 'web' THEN app.follow_link_new(a.patient_id, a.contact_no) END, p.responsible_id, a.patient_id, a.contact_no
      FROM asked a JOIN app.patient p USING (patient_id)
    RETURNING 1)
SELECT count(*) AS done FROM queued;

-- name: follow_expire
-- how many at most: whose observation is over
SELECT app.follow_expire($1::integer) AS done;

-- name: rule_sweep_step
-- how many patients at most: the next of those whom a changed rule concerns
SELECT app.rule_sweep_step($1::integer) AS done;

-- name: purge_sign_in
DELETE FROM app.sign_in WHERE started_at < now() - interval '1 hour';

-- name: purge_proof
DELETE FROM app.proof WHERE made_at < now() - interval '1 hour';

-- name: purge_throttle
DELETE FROM app.sign_in_throttle WHERE next_at < now() - interval '2 days';

-- name: purge_letter
DELETE FROM app.account_letter WHERE printable_until < now();

-- name: purge_session
DELETE FROM app.session WHERE ends_at < now() - interval '30 days';

-- name: purge_draft
-- A half-filled form that nobody has touched for 90 days.
DELETE FROM app.draft WHERE saved_at < now() - interval '90 days';

-- name: purge_call
DELETE FROM app.call WHERE day < app.today() - 30;

-- name: purge_call_guess
DELETE FROM app.call_guess WHERE day < app.today();

-- name: purge_cocoa
DELETE FROM app.cocoa_number WHERE issued_at < now() - interval '2 days';

-- name: purge_merged
-- A merge that cannot be undone any more keeps only where the emptied ID leads.
UPDATE app.same_merge SET persons = '{}', before = '{}' WHERE undo_until < now() AND persons <> '{}';

-- name: purge_my
SELECT app.my_purge();

-- name: purge_extract_key
-- no file is made with it any more, and no other one may go on with it: it was not to be kept, or nobody approved it
UPDATE app.extract SET sealed_key = NULL WHERE until < app.today() AND sealed_key IS NOT NULL AND (NOT keep_key OR approved IS NULL);

-- name: purge_extract_patients
-- it cannot be taken again
UPDATE app.extract SET patients = NULL WHERE until < app.today() AND patients IS NOT NULL;

-- name: purge_certificate
SELECT app.certificate_purge();

-- name: purge_my_try
DELETE FROM app.my_try WHERE tried_at < now() - interval '2 days';

-- name: purge_sent
DELETE FROM app.outbox WHERE sent_at < now() - interval '30 days' AND failed_at IS NULL;

-- name: purge_failed
-- As long as somebody may still want to send it again.
DELETE FROM app.outbox WHERE failed_at < now() - interval '90 days';

-- name: purge_undelivered
DELETE FROM app.undelivered WHERE at < now() - interval '90 days';

-- name: purge_address_day
DELETE FROM app.address_day WHERE day < app.day_of(now()) - 1;

-- name: purge_channel_day
DELETE FROM app.channel_day WHERE day < app.day_of(now()) - 366;

-- name: purge_sms_received
DELETE FROM app.sms_received WHERE received_at < now() - interval '30 days';

-- name: sealed_expired
-- Deleted notifications whose time for undoing is over.
SELECT patient_id, notification_no FROM app.notification
 WHERE deleted_at IS NOT NULL AND purge_after < now() ORDER BY purge_after LIMIT 100;

-- name: purge_notification_rows
-- What hangs on such a notification, its history too; nothing when it was restored meanwhile.
WITH gone AS (
    SELECT patient_id, notification_no FROM app.notification
     WHERE patient_id = $1::bigint AND notification_no = $2::integer AND deleted_at IS NOT NULL AND purge_after < now()
       FOR UPDATE
), a AS (DELETE FROM app.test_record x USING gone
          WHERE x.patient_id = gone.patient_id AND x.notification_no = gone.notification_no),
   b AS (DELETE FROM app.notification_person x USING gone
          WHERE x.patient_id = gone.patient_id AND x.notification_no = gone.notification_no),
   c AS (DELETE FROM app.revision x USING gone
          WHERE x.patient_id = gone.patient_id AND x.notification_no = gone.notification_no),
   merged AS (DELETE FROM app.revision x USING gone, app.same_merge m -- what it was called before 統合
               WHERE m.into_id = gone.patient_id AND m.undone_at IS NULL AND gone.notification_no BETWEEN m.first_no + 1 AND m.last_no
                 AND x.patient_id = m.patient_id AND x.notification_no = gone.notification_no - m.first_no)
SELECT count(*) FROM gone;

-- name: purge_notification
DELETE FROM app.notification
 WHERE patient_id = $1::bigint AND notification_no = $2::integer AND deleted_at IS NOT NULL AND purge_after < now();

-- name: purge_patient_rows
-- What hangs on a patient that has no notification left, and on the IDs that were emptied into it; the trail keeps its ids.
WITH gone AS (
    SELECT unnest($1::bigint || app.same_emptied($1::bigint)) AS patient_id
     WHERE NOT EXISTS (SELECT FROM app.notification n WHERE n.patient_id = $1::bigint)
), of_submission AS (DELETE FROM app.submission x USING gone WHERE x.patient_id = gone.patient_id),
   of_patient_status AS (DELETE FROM app.patient_status x USING gone WHERE x.patient_id = gone.patient_id),
   of_patient_related AS (DELETE FROM app.patient_related x USING gone WHERE x.patient_id = gone.patient_id),
   of_revision AS (DELETE FROM app.revision x USING gone WHERE x.patient_id = gone.patient_id),
   of_patient_grant AS (DELETE FROM app.patient_grant x USING gone WHERE x.patient_id = gone.patient_id),
   of_handover AS (DELETE FROM app.handover x USING gone WHERE x.patient_id = gone.patient_id),
   of_handover_list AS (DELETE FROM app.handover_list x USING gone WHERE x.patient_id = gone.patient_id),
   of_paper AS (DELETE FROM app.paper_issued x USING gone WHERE x.patient_id = gone.patient_id),
   of_paper_list AS (DELETE FROM app.paper_list x USING gone WHERE x.patient_id = gone.patient_id),
   of_todo AS (DELETE FROM app.todo x USING gone WHERE x.patient_id = gone.patient_id),
   of_close_proposal AS (DELETE FROM app.close_proposal x USING gone WHERE x.patient_id = gone.patient_id),
   of_close_member AS (DELETE FROM app.close_member x USING gone WHERE x.patient_id = gone.patient_id),
   of_entry AS (DELETE FROM app.entry x USING gone WHERE x.patient_id = gone.patient_id),
   of_patient_link AS (DELETE FROM app.patient_link x USING gone WHERE x.patient_id = gone.patient_id),
   of_chain_edge AS (DELETE FROM app.chain_edge x USING gone WHERE x.patient_id = gone.patient_id OR x.source_id = gone.patient_id),
   of_cluster_member AS (DELETE FROM app.cluster_member x USING gone WHERE x.patient_id = gone.patient_id),
   of_cluster_revision AS (UPDATE app.cluster_revision x SET patient_id = 0 FROM gone WHERE x.patient_id = gone.patient_id),
   of_same_pair AS (DELETE FROM app.same_pair x USING gone WHERE x.patient_id = gone.patient_id OR x.other_id = gone.patient_id),
   of_same_link AS (DELETE FROM app.same_link x USING gone WHERE x.patient_id = gone.patient_id OR x.other_id = gone.patient_id),
   of_cocoa AS (DELETE FROM app.cocoa_number x USING gone WHERE x.patient_id = gone.patient_id),
   of_figure AS (DELETE FROM app.figure_case x USING gone WHERE x.patient_id = gone.patient_id),
   of_follow AS (DELETE FROM app.follow x USING gone WHERE x.patient_id = gone.patient_id),
   of_follow_watch AS (DELETE FROM app.follow_watch x USING gone WHERE x.patient_id = gone.patient_id),
   of_follow_action AS (DELETE FROM app.follow_action x USING gone WHERE x.patient_id = gone.patient_id),
   of_my_person AS (DELETE FROM app.my_person x USING gone WHERE x.patient_id = gone.patient_id),
   of_my_end AS (DELETE FROM app.my_end x USING gone WHERE x.patient_id = gone.patient_id),
   of_my_language AS (DELETE FROM app.my_language x USING gone WHERE x.patient_id = gone.patient_id),
   of_my_account AS (DELETE FROM app.my_account_person x USING gone WHERE x.patient_id = gone.patient_id),
   of_certificate AS (DELETE FROM app.certificate x USING gone WHERE x.patient_id = gone.patient_id),
   of_reply_number AS (DELETE FROM app.reply_number x USING gone WHERE x.patient_id = gone.patient_id),
   of_follow_link AS (DELETE FROM app.follow_link x USING gone WHERE x.patient_id = gone.patient_id),
   of_observation AS (DELETE FROM app.observation_key x USING gone WHERE x.patient_id = gone.patient_id),
   of_call AS (DELETE FROM app.call x USING gone WHERE x.patient_id = gone.patient_id),
   of_outbox AS (DELETE FROM app.outbox x USING gone WHERE x.patient_id = gone.patient_id),
   of_undelivered AS (DELETE FROM app.undelivered x USING gone WHERE x.patient_id = gone.patient_id),
   of_bulk AS (DELETE FROM app.bulk_patient x USING gone WHERE x.patient_id = gone.patient_id),
   of_access AS (DELETE FROM app.access x USING gone WHERE x.patient_id = gone.patient_id)
SELECT count(*) FROM gone;

-- name: purge_patient
DELETE FROM app.patient p
 WHERE p.patient_id = ANY ($1::bigint || app.same_emptied($1::bigint))
   AND NOT EXISTS (SELECT FROM app.notification n WHERE n.patient_id IN (p.patient_id, $1::bigint));

-- name: purge_patient_merges
-- The last, because it says which IDs belong to the patient: both persons as they were stand there.
WITH gone AS (
    SELECT unnest($1::bigint || app.same_emptied($1::bigint)) AS patient_id
     WHERE NOT EXISTS (SELECT FROM app.patient p WHERE p.patient_id = $1::bigint)
)
DELETE FROM app.same_merge m USING gone WHERE gone.patient_id IN (m.patient_id, m.into_id);

-- name: purge_audit
-- The trail says that the record went, and that a clock did it.
SELECT app.audit_link(NULL, NULL, 'jobs', 'purge', 'allowed', $1::bigint, NULL, NULL, $2);
