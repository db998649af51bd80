-- role: owner

-- name: demo_organisation
-- kind, code, name, prefecture, municipality, address, phone, parent's code, laboratory
INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, address, phone, parent_id, laboratory)
SELECT $1, $2, $3, $4, $5, $6, $7, p.organisation_id, $9::boolean FROM app.organisation p WHERE p.code = $8
ON CONFLICT (code) DO NOTHING;

-- name: demo_account
-- organisation's code, login, holder, personal, role, issuer, email, password hash
INSERT INTO app.account (organisation_id, login, holder, personal, role, issuer, email, password_hash,
                         password_initial, terms_version, terms_agreed_at)
SELECT o.organisation_id, $2, $3, $4::boolean, $5, $6::boolean, $7, $8, false,
       (SELECT value FROM app.setting WHERE name = 'terms_version'), now()
  FROM app.organisation o WHERE o.code = $1
ON CONFLICT (login) DO NOTHING;

-- name: demo_phone
-- login, phone
INSERT INTO app.account_phone (account_id, phone, verified_at)
SELECT account_id, $2, now() FROM app.account WHERE login = $1
ON CONFLICT DO NOTHING;

-- name: demo_exists
SELECT count(*) AS accounts FROM app.account WHERE login = $1;

-- name: demo_centre_phone
-- centre's code, phone: the published list has none
UPDATE app.organisation SET phone = $2 WHERE code = $1 AND phone = '';

-- name: demo_population
-- code of a city or a centre, people: so that its figures per 100,000 show
INSERT INTO app.population (area, since, people, source)
SELECT 'o' || o.organisation_id, '2019-10-01', $2::integer, 'デモ用の架空の値' FROM app.organisation o WHERE o.code = $1
ON CONFLICT DO NOTHING;

-- name: demo_local_items
-- head office's code: what it asks of its area besides (独自項目), once
INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at, saved_by,
                            saved_at)
SELECT o.organisation_id, v.tab, v.kind, v.label, v.hint, v.unit, v.least, v.most, v.choices::jsonb, v.place, a.account_id, now(),
       a.account_id, now()
  FROM app.organisation o
  JOIN (SELECT organisation_id, min(account_id) AS account_id FROM app.account GROUP BY 1) a USING (organisation_id)
 CROSS JOIN (VALUES
       ('local_shared', 'choice', '入院調整の要否', '入院が必要と考えるときは「要」を選んでください。', '', 0, 0,
        '[{"code":"1","label":"要","offered":true},{"code":"2","label":"不要","offered":true},{"code":"3","label":"検討中","offered":true}]', 10),
       ('local', 'number', '同居の65歳以上の方', '本人を除いた人数です。', '人', 0, 20, '[]', 10),
       ('local', 'date', '自宅訪問の予定日', '', '', 0, 0, '[]', 20)) v (tab, kind, label, hint, unit, least, most, choices, place)
 WHERE o.code = $1 AND NOT EXISTS (SELECT FROM app.local_item i WHERE i.owner_id = o.organisation_id);

-- role: jobs

-- name: demo_local_values
-- centre's code, today: every fifth of its patients has values for them, as the clinic and the centre would have entered them
INSERT INTO app.entry (patient_id, tab, entry_no, items, organisation_id, entered_by, entered_at)
SELECT p.patient_id, i.tab, 1, jsonb_object_agg('local_' || i.item_id, CASE i.kind WHEN 'date' THEN ($2::date + p.place::integer % 4)::text
                                                                       ELSE (1 + p.place % 3)::text END),
       CASE i.tab WHEN 'local_shared' THEN p.reporter_id ELSE p.responsible_id END, 0, now()
  FROM (SELECT a.patient_id, a.reporter_id, a.responsible_id, row_number() OVER (ORDER BY a.patient_id) AS place
          FROM app.access a JOIN app.organisation o ON o.organisation_id = a.organisation_id
         WHERE o.code = $1 AND a.relations & 2 <> 0) p
  JOIN app.organisation_above u ON u.organisation_id = p.responsible_id
  JOIN app.local_item i ON i.owner_id = u.above_id
 WHERE p.place % 5 = 0
   AND NOT EXISTS (SELECT FROM app.entry e WHERE e.patient_id = p.patient_id AND e.tab = i.tab)
 GROUP BY p.patient_id, i.tab, p.reporter_id, p.responsible_id;

-- name: demo_my
-- centre's code: a link of My HER-SYS to try, and the birth date that opens it
SELECT app.follow_link_new(f.patient_id, 0) AS token, f.birth_date
  FROM app.organisation o
  JOIN app.follow_watch w ON w.organisation_id = o.organisation_id AND w.contact_no = 0
  JOIN app.follow f ON f.patient_id = w.patient_id AND f.contact_no = 0 AND f.birth_date IS NOT NULL
 WHERE o.code = $1 ORDER BY f.patient_id LIMIT 1;

-- name: demo_household
-- centre's code, today: the family of its newest patient, once; whom nobody has reached, and whose observation ends
INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
SELECT p.patient_id, 'contact', m.no, $2::date - m.days, jsonb_strip_nulls(jsonb_build_object(
           'contact_name', p.family_name || '　' || m.name, 'contact_kana', p.family_kana || ' ' || m.kana,
           'contact_sex', m.sex, 'contact_phone', p.phone, 'contact_address', p.home_address,
           'contact_relation', 'household', 'contact_close', 'yes', 'contact_reasons', '["living"]'::jsonb,
           'contact_last_on', ($2::date - m.days)::text, 'contact_reached', m.reached, 'contact_follow', m.follow)),
       p.responsible_id, 0, now()
  FROM (SELECT p.* FROM app.patient p JOIN app.organisation o ON o.organisation_id = p.responsible_id
         WHERE o.code = $1 AND p.family_name IS NOT NULL ORDER BY p.patient_id DESC LIMIT 1) p
 CROSS JOIN (VALUES (1, '架空子', 'カクウコ', 'female', 1, 'not_yet', NULL), (2, '合成太', 'ゴウセイタ', 'male', 2, 'no_answer', 'sms'),
                    (3, '実演美', 'ジツエンミ', 'female', 5, 'reached', NULL)) m (no, name, kana, sex, days, reached, follow)
 WHERE NOT EXISTS (SELECT FROM app.entry e WHERE e.patient_id = p.patient_id AND e.tab = 'contact');

-- name: demo_household_watch
SELECT app.contact_watch_refresh(p.patient_id)
  FROM (SELECT p.patient_id FROM app.patient p JOIN app.organisation o ON o.organisation_id = p.responsible_id
         WHERE o.code = $1 AND p.family_name IS NOT NULL ORDER BY p.patient_id DESC LIMIT 1) p;

-- name: demo_follow
-- centre's code: whom it observes (健康観察)
SELECT app.follow_refresh(VARIADIC ARRAY(
       SELECT a.patient_id FROM app.access a JOIN app.organisation o USING (organisation_id)
        WHERE o.code = $1 AND a.relations & 2 <> 0 AND NOT a.sealed AND app.in_care(a.status)));

-- name: demo_answers
-- centre's code, how many people: a week of answers; the first gets worse, the second has been silent for two days; once
WITH person AS (
    SELECT f.patient_id, row_number() OVER (ORDER BY f.begins_on, f.patient_id) AS n
      FROM app.follow f JOIN app.patient p USING (patient_id) JOIN app.organisation o ON o.organisation_id = p.responsible_id
     WHERE o.code = $1 AND f.contact_no = 0 AND f.begins_on < app.today() AND f.ends_on > app.today()
       AND NOT EXISTS (SELECT FROM app.entry e WHERE e.patient_id = f.patient_id AND e.tab = 'observation')
     ORDER BY f.begins_on, f.patient_id LIMIT $2::integer
), longer AS (
    UPDATE app.follow f SET since = now() - interval '8 days' FROM person p WHERE f.patient_id = p.patient_id AND f.contact_no = 0
)
INSERT INTO app.entry (patient_id, tab, entry_no, since, items, organisation_id, entered_by, entered_at)
SELECT p.patient_id, 'observation', 7 - d.back, app.today() - d.back, jsonb_build_object(
           'observation_on', (app.today() - d.back)::text, 'observation_time', '8:0' || p.n,
           'observation_temperature', to_char(CASE WHEN p.n = 1 THEN 37.1 + (6 - d.back) * 0.3 ELSE 37.5 - p.n * 0.05 - (6 - d.back) * 0.15 END, 'FM90.0'),
           'observation_spo2', (CASE WHEN p.n = 1 THEN 97 - (6 - d.back) * 2 / 3 ELSE 96 + (6 - d.back) / 3 END)::text,
           'observation_cough', CASE WHEN d.back > 1 THEN 'yes' ELSE 'no' END,
           'observation_fatigue', CASE WHEN p.n = 1 OR d.back > 3 THEN 'yes' ELSE 'no' END,
           'observation_breathless', CASE WHEN p.n = 1 AND d.back = 0 THEN 'yes' ELSE 'no' END,
           'observation_source', (ARRAY['phone', 'call', 'sms'])[1 + (p.n - 1) % 3])
           || CASE WHEN p.n = 1 AND d.back = 0 THEN '{"observation_call_back": "yes", "observation_words": "夜から息が苦しいです（合成データ）"}'::jsonb
                   ELSE '{}' END,
       -1, -1, CASE d.back WHEN 0 THEN now() ELSE (app.today() - d.back + time '8:05') AT TIME ZONE 'Asia/Tokyo' END
  FROM person p CROSS JOIN generate_series(0, 6) d (back)
 WHERE p.n <> 2 OR d.back > 1;

-- name: demo_trend
-- centre's code, weeks: how it would have stood on the Mondays before this one, more the longer ago; once. Not people: figures.
INSERT INTO app.tally_week (organisation_id, week, kind, count)
SELECT o.organisation_id, app.week_of(now()) - 7 * back, t.kind,
       CASE t.kind WHEN 'patients' THEN greatest(t.count - back * 2, 1)
                   ELSE t.count + back * (1 + k.place % 3) / 2 + (back * k.place) % 4 END
  FROM app.organisation o
 CROSS JOIN LATERAL app.tally_of(o.organisation_id) t
  LEFT JOIN app.tally_kind k ON k.kind = t.kind
 CROSS JOIN generate_series(1, $2::integer) back
 WHERE o.code = $1
ON CONFLICT DO NOTHING;

-- role: owner

-- name: demo_clinics
-- beginning of their codes, how many under each centre: clinics that are nowhere, for synthetic patients
INSERT INTO app.organisation (kind, code, name, prefecture_code, municipality_code, address, phone, parent_id)
SELECT 'clinic', $1 || substr(h.code, 2) || '-' || lpad(n::text, 3, '0'),
       regexp_replace(h.name, '保健所$', '') || ' 合成クリニック' || n, h.prefecture_code, h.municipality_code,
       p.name || '（架空）', '0500000' || lpad(n::text, 4, '0'), h.organisation_id
  FROM app.organisation h JOIN app.prefecture p ON p.code = h.prefecture_code
 CROSS JOIN generate_series(1, $2::integer) n
 WHERE h.kind = 'centre' AND NOT h.laboratory
ON CONFLICT (code) DO NOTHING;

-- role: jobs

-- name: demo_links
-- key of the recent synthetic patients: every seventh of them in one chain, each infecting three, the earlier the later
WITH person AS (
    SELECT patient_id, row_number() OVER (ORDER BY app.first_reported(patient_id), patient_id) AS place
      FROM app.import_key WHERE source = $1 AND external_no::integer % 7 = 0
)
INSERT INTO app.patient_link (patient_id, link_no, source_id, source_text, certainty, mark, origin, holds, organisation_id,
                              entered_by, entered_at)
SELECT i.patient_id, 1, s.patient_id, '', (ARRAY['confirmed', 'presumed', 'unknown'])[1 + i.place % 3], '', 'import', true, 0, 0, now()
  FROM person i JOIN person s ON s.place = 1 + (i.place - 2) / 3
 WHERE i.place > 1;

-- name: demo_links_publish
-- the same key
SELECT app.links_publish(array_agg(patient_id)) FROM app.import_key WHERE source = $1;

-- name: demo_cluster
-- code of the centre, name, kind, place, municipality
INSERT INTO app.cluster (organisation_id, name, kind, place_name, municipality_code, first_day, note, entered_by, entered_at)
SELECT o.organisation_id, $2, $3, $4, $5, current_date - 10, '',
       (SELECT min(a.account_id) FROM app.account a WHERE a.organisation_id = o.organisation_id), now()
  FROM app.organisation o WHERE o.code = $1;

-- name: demo_cluster_members
-- code of the centre, name of the cluster, how many: patients of its chains
INSERT INTO app.cluster_member (organisation_id, cluster_id, member_no, patient_id, role, added_by, added_at)
SELECT c.organisation_id, c.cluster_id, row_number() OVER (ORDER BY e.patient_id), e.patient_id,
       (ARRAY['user', 'staff', 'visitor'])[1 + e.patient_id % 3], c.entered_by, now()
  FROM app.organisation o
  JOIN app.cluster c ON c.organisation_id = o.organisation_id
  JOIN app.chain_edge e ON e.organisation_id = o.organisation_id
  JOIN app.access a ON a.organisation_id = e.organisation_id AND a.patient_id = e.patient_id AND a.relations & 2 <> 0
 WHERE o.code = $1 AND c.name = $2
 ORDER BY e.patient_id LIMIT $3::integer;
