-- due.sql - people under observation, up to :people of them, as slim rows of the state and of the offices' lists: every fiftieth under the
-- centre of hoken1, the others over all centres; three in a hundred urgent, one in ten silent. Run by the superuser, past the walls.
\set ON_ERROR_STOP on
CREATE TEMPORARY TABLE centre AS
SELECT organisation_id, row_number() OVER (ORDER BY organisation_id) - 1 AS place FROM app.organisation WHERE kind = 'centre' AND NOT laboratory;
CREATE TEMPORARY TABLE person AS
SELECT n, 50000000 + n AS patient_id, CASE WHEN n % 50 = 0 THEN a.organisation_id ELSE c.organisation_id END AS centre,
       abs(hashint4(n)) % 100 AS draw, app.today() + abs(hashint4(n + 1)) % 10 AS ends_on,
       now() - make_interval(mins => abs(hashint4(n + 2)) % 3000) AS at
  FROM generate_series(1 + (SELECT count(*) FROM app.follow WHERE patient_id > 50000000)::integer, :people) n
  JOIN centre c ON c.place = n % (SELECT count(*) FROM centre)
 CROSS JOIN (SELECT organisation_id FROM app.account WHERE login = 'hoken1') a;
INSERT INTO app.follow (patient_id, contact_no, owner_id, name, kana, phone, channel, language, ask_at, due_at, begins_on, ends_on, because,
                        since, answered_at, urgency, raised_at, reasons, summary, next_due)
SELECT patient_id, 0, 0, '合成 ' || n, 'ゴウセイ', '09000000000', 'staff', 'ja', '7:30', '8:30', app.today() - 3, ends_on, 'onset', at, at,
       CASE WHEN draw < 3 THEN 1 + draw ELSE 0 END, CASE WHEN draw < 3 THEN at END, CASE WHEN draw < 3 THEN '{体温38.5℃以上}'::text[] ELSE '{}' END,
       '37.1℃　SpO2 97%', CASE WHEN draw % 10 = 9 THEN at ELSE now() + interval '1 day' END
  FROM person;
INSERT INTO app.follow_watch (organisation_id, patient_id, contact_no, name, kana, phone, channel, ends_on, answered_at, next_due, urgency, raised_at,
                              reasons, summary)
SELECT p.centre, f.patient_id, 0, f.name, f.kana, f.phone, f.channel, f.ends_on, f.answered_at, f.next_due, f.urgency, f.raised_at, f.reasons,
       f.summary
  FROM person p JOIN app.follow f ON f.patient_id = p.patient_id;
