-- role: staff

-- name: follow_list
-- organisation, section (urgent, silent, ending, later, one), behind (rank, microseconds, patient, contact), how many: the next of a
-- section of the lists of 健康観察, each a range of one index. `one` is the row after which the cursor stands.
SELECT w.patient_id, w.contact_no, w.name, w.kana, w.phone, w.channel, w.urgency, w.claimed_by, w.rank AS cursor_rank,
       array_to_string(w.reasons, '、') AS reasons, w.summary, w.ends_on, w.next_due < now() AS is_silent, w.obstacle,
       to_char(w.raised_at AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS raised,
       to_char(w.answered_at AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS answered,
       to_char(w.next_due AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS due,
       to_char(w.claimed_at AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS claimed,
       app.follow_seen(w.answered_at, w.settled_at, w.claimed_by, w.claimed_at) AS seen,
       (extract(epoch FROM w.at) * 1000000)::bigint AS cursor_at, h.holder, o.name AS holder_office, c.name AS case_name
  FROM (SELECT u.rank, x.raised_at AS at, x.*
          FROM generate_series(3, 1, -1) u (rank)
         CROSS JOIN LATERAL (
               SELECT * FROM app.follow_watch f
                WHERE f.organisation_id = $1::bigint AND f.urgency = u.rank AND f.urgency > 0
                  AND (f.raised_at, f.patient_id, f.contact_no)
                      > (CASE WHEN u.rank = $3::integer THEN to_timestamp($4::bigint / 1000000.0) ELSE '-infinity' END, $5::bigint,
                         $6::integer)
                ORDER BY f.raised_at, f.patient_id, f.contact_no LIMIT $7::integer) x
         WHERE $2 = 'urgent' AND u.rank <= $3::integer
        UNION ALL
        (SELECT 0, f.next_due, f.* FROM app.follow_watch f
          WHERE $2 = 'silent' AND f.organisation_id = $1::bigint AND f.urgency = 0 AND f.next_due < now()
            AND (f.next_due, f.patient_id, f.contact_no) > (to_timestamp($4::bigint / 1000000.0), $5::bigint, $6::integer)
          ORDER BY f.next_due, f.patient_id, f.contact_no LIMIT $7::integer)
        UNION ALL
        (SELECT 0, f.ends_on::timestamp AT TIME ZONE 'Asia/Tokyo', f.* FROM app.follow_watch f
          WHERE $2 = 'ending' AND f.organisation_id = $1::bigint AND f.ends_on = app.today()
            AND (f.patient_id, f.contact_no) > ($5::bigint, $6::integer)
          ORDER BY f.patient_id, f.contact_no LIMIT $7::integer)
        UNION ALL
        (SELECT 0, f.ends_on::timestamp AT TIME ZONE 'Asia/Tokyo', f.* FROM app.follow_watch f
          WHERE $2 = 'later' AND f.organisation_id = $1::bigint AND f.ends_on > app.today()
            AND (f.ends_on, f.patient_id, f.contact_no) > ((to_timestamp($4::bigint / 1000000.0) AT TIME ZONE 'Asia/Tokyo')::date, $5::bigint, $6::integer)
          ORDER BY f.ends_on, f.patient_id, f.contact_no LIMIT $7::integer)
        UNION ALL
        (SELECT 0, f.ends_on::timestamp AT TIME ZONE 'Asia/Tokyo', f.* FROM app.follow_watch f
          WHERE $2 = 'one' AND f.organisation_id = $1::bigint AND f.patient_id = $5::bigint AND f.contact_no = $6::integer)) w
  LEFT JOIN app.account h ON h.account_id = w.claimed_by
  LEFT JOIN app.organisation o ON o.organisation_id = h.organisation_id
  LEFT JOIN app.access c ON c.organisation_id = $1::bigint AND c.patient_id = w.patient_id
 ORDER BY w.rank DESC, w.at, w.patient_id, w.contact_no LIMIT $7::integer;

-- name: follow_one_shown
-- organisation, patient, contact: the entry in the trail of whom the section `one` shows; none when it shows nobody
SELECT app.audit_append('follow_list', 'allowed', w.patient_id, NULL, '')
  FROM app.follow_watch w
 WHERE w.organisation_id = $1::bigint AND w.patient_id = $2::bigint AND w.contact_no = $3::integer;

-- name: follow_counts
-- organisation, how many at most: how many there are in each section
SELECT (SELECT count(*) FROM (SELECT 1 FROM app.follow_watch f
                               WHERE f.organisation_id = $1::bigint AND f.urgency > 0 LIMIT $2::integer) x) AS urgent,
       (SELECT count(*) FROM (SELECT 1 FROM app.follow_watch f
                               WHERE f.organisation_id = $1::bigint AND f.next_due < now() AND f.urgency = 0 LIMIT $2::integer) x) AS silent,
       (SELECT count(*) FROM (SELECT 1 FROM app.follow_watch f
                               WHERE f.organisation_id = $1::bigint AND f.ends_on = app.today() LIMIT $2::integer) x) AS ending,
       (SELECT count(*) FROM (SELECT 1 FROM app.follow_watch f
                               WHERE f.organisation_id = $1::bigint AND f.ends_on > app.today() LIMIT $2::integer) x) AS later;

-- name: follow_press
-- patient, contact, kind, note, what was seen
SELECT app.follow_press($1::bigint, $2::integer, $3, $4, $5);

-- name: follow_entries
-- patient, organisation, person (NULL: the patient and every contact), answer behind which to begin (0: none), how many of each person: the
-- answers, the newest first, each weighed by the rule of its day
SELECT e.tab, e.entry_no, e.version, e.since, e.until, e.items, e.withdrawn_at IS NOT NULL AS withdrawn,
       to_char(e.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       a.holder AS entered_by_name, o.name AS organisation, NULL AS link_mark,
       e.person, u.urgency, array_to_string(u.reasons, '、') AS reasons,
       (SELECT string_agg(concat_ws(' ', l ->> 'item', CASE WHEN l ? 'at_least' THEN 'at_least' ELSE 'at_most' END,
                                    coalesce(l ->> 'at_least', l ->> 'at_most'), l ->> 'urgency'), ',' ORDER BY l ->> 'urgency')
          FROM jsonb_array_elements(rule.alarms) l
         WHERE l ->> 'item' IN ('observation_temperature', 'observation_spo2') AND (l ? 'at_least' OR l ? 'at_most')) AS limits
  FROM (SELECT x.*, m.responsible_id, p.person,
               row_number() OVER (PARTITION BY p.person ORDER BY x.since DESC NULLS LAST, x.entered_at DESC, x.entry_no DESC) AS place
          FROM app.access m
          JOIN app.entry x ON x.patient_id = m.patient_id AND x.tab = 'observation'
         CROSS JOIN LATERAL (SELECT coalesce(x.items ->> 'observation_of', '0') AS person) p
         WHERE m.organisation_id = $2::bigint AND m.patient_id = $1::bigint AND m.relations & app.readable('observation') <> 0
           AND (NOT x.items ? 'observation_of' OR m.relations & app.readable('contact') <> 0)
           AND p.person = coalesce($3, p.person)
           AND ($4::integer = 0 OR (coalesce(x.since, '-infinity'), x.entered_at, x.entry_no) < (
                SELECT coalesce(l.since, '-infinity'), l.entered_at, l.entry_no FROM app.entry l
                 WHERE l.patient_id = $1::bigint AND l.tab = 'observation' AND l.entry_no = $4::integer))) e
  JOIN app.organisation o ON o.organisation_id = e.organisation_id
  LEFT JOIN app.account a ON a.account_id = e.entered_by
 CROSS JOIN LATERAL app.follow_rule_of(app.follow_owner(e.responsible_id), e.since) rule
 CROSS JOIN LATERAL app.observation_urgency(e.items,
      app.observation_before(e.patient_id, e.person, e.since, e.entered_at, e.entry_no), rule.alarms) u
 WHERE e.place <= $5::integer
 ORDER BY e.since DESC NULLS LAST, e.entered_at DESC, e.entry_no DESC;

-- name: follow_people
-- patient, organisation: who is observed, the patient first; contacts where it may see contacts
SELECT f.contact_no, f.name, f.phone, f.channel, f.begins_on, f.ends_on, f.because, f.urgency, array_to_string(f.reasons, '、') AS reasons,
       f.next_due < now() AS is_silent, app.follow_obstacle(f.channel, f.phone, f.birth_date) AS obstacle,
       to_char(f.next_due AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS due,
       h.holder, to_char(f.claimed_at AT TIME ZONE 'Asia/Tokyo', 'FMMM/FMDD HH24:MI') AS claimed
  FROM app.access m
  JOIN app.follow f ON f.patient_id = m.patient_id
  LEFT JOIN app.account h ON h.account_id = f.claimed_by
 WHERE m.organisation_id = $2::bigint AND m.patient_id = $1::bigint AND m.relations & app.readable('observation') <> 0
   AND (f.contact_no = 0 OR m.relations & app.readable('contact') <> 0)
 ORDER BY f.contact_no;

-- name: follow_actions
-- patient, organisation, number behind which to begin (0: none), how many: what was done about the answers, the newest first; about those
-- of contacts where it may see contacts
SELECT x.action_no, x.contact_no, x.kind, x.note, to_char(x.at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS at, a.holder, o.name AS organisation
  FROM app.access m
  JOIN app.follow_action x ON x.patient_id = m.patient_id
  LEFT JOIN app.account a ON a.account_id = x.account_id
  JOIN app.organisation o ON o.organisation_id = x.organisation_id
 WHERE m.organisation_id = $2::bigint AND m.patient_id = $1::bigint AND m.relations & app.readable('observation') <> 0
   AND (x.contact_no = 0 OR m.relations & app.readable('contact') <> 0)
   AND ($3::integer = 0 OR x.action_no < $3::integer)
 ORDER BY x.action_no DESC LIMIT $4::integer;

-- name: care_period_shown
-- patient: how long they are in care, and why
SELECT * FROM app.care_period_shown($1::bigint);

-- name: follow_rules
-- owner: the versions of a head office (0: of the nation), the newest that holds or will hold first; stamp: of whichever was saved last
SELECT r.valid_from, r.ask_at, r.due_at, r.own_history, array_to_string(r.questions, ' ') AS questions, r.alarms,
       r.valid_from <= app.today() AS holds, a.holder, to_char(r.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       app.follow_rules_stamp(max(r.entered_at) OVER ()) AS stamp
  FROM app.follow_rule r LEFT JOIN app.account a ON a.account_id = nullif(r.entered_by, 0)
 WHERE r.owner_id = $1::bigint ORDER BY r.valid_from DESC, r.entered_at DESC LIMIT 50;

-- name: follow_rule_preview
-- alarms, how many people at most
SELECT * FROM app.follow_rule_preview($1::jsonb, $2::integer);

-- name: follow_rule_save
-- first day, when it is asked, until when, own history, questions, alarms, stamp of the newest version that was seen
SELECT app.follow_rule_save($1::date, $2::time, $3::time, $4::boolean, $5::text[], $6::jsonb, $7::bigint);

-- name: care_rules
SELECT r.valid_from, r.symptomatic_days, r.facility_days, r.asymptomatic_days, r.recovered_hours, r.facility_hours, r.kit_day, r.notice,
       r.in_care_too, a.holder, to_char(r.entered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS entered,
       app.follow_rules_stamp(max(r.entered_at) OVER ()) AS stamp
  FROM app.care_rule r LEFT JOIN app.account a ON a.account_id = nullif(r.entered_by, 0)
 ORDER BY r.valid_from DESC, r.entered_at DESC LIMIT 50;

-- name: care_rule_preview
-- rule, how many people at most
SELECT * FROM app.care_rule_preview(jsonb_populate_record(NULL::app.care_rule, $1::jsonb), $2::integer);

-- name: care_rule_save
-- rule, stamp of the newest version that was seen
SELECT app.care_rule_save(jsonb_populate_record(NULL::app.care_rule, $1::jsonb), $2::bigint);
