-- 持ち出し: files of patients that people take away: the choice of columns that they keep under a name, and the log of who took
-- what, when, for which purpose.

CREATE TABLE app.export_choice (
    organisation_id bigint NOT NULL,
    choice_id uuid NOT NULL,
    account_id bigint NOT NULL,
    shared boolean NOT NULL,
    name text NOT NULL,
    columns text[] NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, choice_id)
);
COMMENT ON TABLE app.export_choice IS 'by organisation_id: columns of a file under a name, for the account that saved them or its whole office';
CREATE UNIQUE INDEX export_choice_name ON app.export_choice (organisation_id, account_id, name);

CREATE TABLE app.export (
    organisation_id bigint NOT NULL,
    export_id uuid NOT NULL,
    account_id bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind = 'patients'),
    format text NOT NULL,
    columns text[] NOT NULL,
    filter text NOT NULL,
    purpose text NOT NULL,
    people bigint,
    replaced bigint,
    finished_at timestamptz,
    PRIMARY KEY (organisation_id, export_id)
);
COMMENT ON TABLE app.export IS 'by organisation_id: 持ち出しの記録: every file of patients that was made, with its columns, what it was chosen by in words, and its purpose; whose data were in it stands in the trail (action export)';
COMMENT ON COLUMN app.export.people IS 'how many are in the file, once it is whole; NULL: it broke off';
CREATE INDEX export_at ON app.export (organisation_id, at DESC, export_id DESC);

-- The offices whose exports the session's office reads: its own, those of the centres below it, and those whose accounts it issues.
CREATE FUNCTION app.export_reach() RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT app.organisation_now()
    UNION SELECT u.organisation_id FROM app.organisation_above u WHERE u.above_id = app.organisation_now()
    UNION SELECT o.organisation_id FROM app.organisation o WHERE o.parent_id = app.organisation_now()
$$;

-- The newest report of each patient on the office's list, with its row there (who merely reported sees what it entered itself, seed 3
-- Q11): the same rule as in app.export_line; both change together.
CREATE VIEW app.export_reported WITH (security_invoker = true) AS
SELECT a.patient_id, a.relations, a AS access, n.notification_no, n AS report
  FROM app.access a
  JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
 WHERE a.organisation_id = (SELECT app.organisation_now()) AND a.relations & (SELECT app.readable('notification')) <> 0
   AND (n.reporter_id = a.organisation_id OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0);

-- What the session's office may see of its patients, for files of many thousand: the rules of the policies tab_read on these tables in
-- one join with app.access, where those ask them again for each row. The person, the newest report (as in app.export_reported), and what
-- it says of the person; NULL is what there is not or may not be seen. A view of the guard's, not a function: of a wide function's rows
-- each is kept and read again before it is sent.
CREATE VIEW app.export_line WITH (security_barrier = true) AS
SELECT a.organisation_id, a.patient_id,
       p.family_name, p.given_name, p.family_kana, p.given_kana, p.birth_date, p.age_band, p.occupation, p.home_postal_code,
       p.home_address, p.home_municipality, p.phone, p.nationality, p.passport_number, p.guardian_name, p.guardian_address,
       p.guardian_phone,
       h.age_years, h.age_months, h.stay_postal_code, h.stay_address, h.stay_municipality, h.stay_phone,
       n.category, n.diagnosis_date, n.symptoms, n.symptom_other, n.spo2, n.first_visit_date, n.infected_date, n.onset_date, n.death_date,
       n.route, n.route_certainty, n.route_detail, n.place_kind, n.place_name, n.area, n.area_certainty, n.area_detail,
       n.departure_date, n.entry_date, n.dose1_given, n.dose1_age, n.dose1_product, n.dose1_date, n.dose2_given, n.dose2_age,
       n.dose2_product, n.dose2_date, n.dose3_given, n.dose3_age, n.dose3_product, n.dose3_date, n.dose_count, n.hospitalised,
       n.hospitalised_date, n.risk, n.risk_factors, n.risk_other, n.immunosuppressed, n.pregnant, n.severity, n.needs_hospital,
       n.remote_visit, n.target_reasons, n.drug_needed, n.oxygen_needed, n.remarks, n.doctor_name, n.doctor_checked,
       n.institution_name, n.institution_address, n.institution_phone
  FROM app.access a
  LEFT JOIN app.patient p ON p.patient_id = a.patient_id AND a.relations & (SELECT app.readable('basic')) <> 0
  LEFT JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
        AND a.relations & (SELECT app.readable('notification')) <> 0
        AND (n.reporter_id = a.organisation_id OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0)
  LEFT JOIN app.notification_person h ON h.patient_id = n.patient_id AND h.notification_no = n.notification_no
        AND a.relations & (SELECT app.readable('basic')) <> 0
 WHERE a.organisation_id = (SELECT app.organisation_now());

-- The tests of the newest report.
CREATE FUNCTION app.export_test(p_patients bigint[]) RETURNS SETOF app.test_record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM unnest(p_patients) u (patient_id)
      JOIN app.export_reported r ON r.patient_id = u.patient_id
      JOIN app.test_record x ON x.patient_id = r.patient_id AND x.notification_no = r.notification_no
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^export_');
SELECT app.guard_tables('export_choice', 'export');
GRANT SELECT ON app.export_reported TO hersys_guard;
GRANT CREATE ON SCHEMA app TO hersys_guard; -- who takes over an object must be able to make it
ALTER VIEW app.export_line OWNER TO hersys_guard;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;
GRANT SELECT ON app.export_line TO hersys_staff;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.export_choice TO hersys_staff;
GRANT SELECT, INSERT ON app.export TO hersys_staff;
GRANT UPDATE (people, replaced, finished_at) ON app.export TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.export_reach(), app.export_test(bigint[]) TO hersys_staff;

CREATE POLICY read ON app.export_choice FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND (shared OR account_id = (SELECT app.account_now())));
CREATE POLICY own ON app.export_choice TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND account_id = (SELECT app.account_now()))
    WITH CHECK (organisation_id = (SELECT app.organisation_now()) AND account_id = (SELECT app.account_now()));

CREATE POLICY read ON app.export FOR SELECT TO hersys_staff
    USING (organisation_id IN (SELECT app.export_reach()));
CREATE POLICY own_insert ON app.export FOR INSERT TO hersys_staff
    WITH CHECK (organisation_id = (SELECT app.organisation_now()) AND account_id = (SELECT app.account_now())
                AND finished_at IS NULL);
CREATE POLICY own_finish ON app.export FOR UPDATE TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND account_id = (SELECT app.account_now()) AND finished_at IS NULL)
    WITH CHECK (finished_at IS NOT NULL);

-- ---- 報道発表 ------------------------------------------------------------------------------------------------------------

-- The daily table that an authority gives to the press: what is new since the table before, by its own template, and what has changed
-- of what was announced. Fixed, a table stays as it was published, and the numbers of its cases (県内N例目) go on with the next.
CREATE TABLE app.press_template (
    organisation_id bigint PRIMARY KEY,
    title text NOT NULL,
    prefix text NOT NULL,
    cutoff time NOT NULL,
    first_no integer NOT NULL CHECK (first_no BETWEEN 1 AND 99999999),
    parts text[] NOT NULL,
    attributes text[] NOT NULL,
    begins_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    secret uuid NOT NULL DEFAULT gen_random_uuid(),
    saved_by bigint NOT NULL,
    saved_at timestamptz NOT NULL
);
COMMENT ON TABLE app.press_template IS 'by organisation_id: how an office announces: title, cut-off, by what its table divides, and which attributes of a case it publishes';
COMMENT ON COLUMN app.press_template.begins_at IS 'who was reported before it is not announced here: it was elsewhere';
COMMENT ON COLUMN app.press_template.secret IS 'part of every digest of its tables, so that nobody makes one but app.press_table; read by nobody else';

CREATE TABLE app.press (
    organisation_id bigint NOT NULL,
    day date NOT NULL,
    title text NOT NULL,
    prefix text NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    attributes text[] NOT NULL,
    parts text[] NOT NULL,
    last_no integer NOT NULL,
    cases integer NOT NULL,
    counts jsonb NOT NULL,
    levels jsonb NOT NULL,
    corrections jsonb NOT NULL,
    fixed_by bigint NOT NULL,
    fixed_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, day)
);
COMMENT ON TABLE app.press IS 'by organisation_id: the press table of a day as it was published; never changed';

CREATE TABLE app.press_case (
    organisation_id bigint NOT NULL,
    case_no integer NOT NULL,
    patient_id bigint NOT NULL,
    day date NOT NULL,
    published jsonb NOT NULL,
    announced jsonb,
    PRIMARY KEY (organisation_id, case_no)
);
COMMENT ON TABLE app.press_case IS 'by organisation_id: the cases that an office has announced, as published on their day; announced: as corrected since, NULL when the case was taken back';
CREATE UNIQUE INDEX press_case_patient ON app.press_case (organisation_id, patient_id);
CREATE INDEX press_case_day ON app.press_case (organisation_id, day, case_no);

-- The centres whose cases the session's office announces.
CREATE FUNCTION app.press_centres() RETURNS SETOF bigint
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT o.organisation_id FROM app.organisation o
     WHERE o.organisation_id = app.organisation_now() AND o.kind = 'centre'
    UNION
    SELECT u.organisation_id FROM app.organisation_above u JOIN app.organisation me ON me.organisation_id = u.above_id
     WHERE u.above_id = app.organisation_now() AND me.kind IN ('city', 'prefecture')
$$;

-- What may be announced of some patients who count as cases (app.figure_case), as far as the session's office sees them: the items of
-- a case by name, those without a value left out. A city names its wards, others the city; people from elsewhere live in a prefecture.
CREATE FUNCTION app.press_items(p_patients bigint[])
RETURNS TABLE (patient_id bigint, reported_at timestamptz, items jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.patient_id, s.at, jsonb_strip_nulls(jsonb_build_object(
               'age', substr(c.cell, 2), 'sex', coalesce(a.sex, 'unknown'),
               'municipality', CASE WHEN m.prefecture_code <> me.prefecture_code THEN f.name
                                    WHEN me.kind = 'prefecture' THEN coalesce(b.name, m.name) ELSE m.name END,
               'centre', o.name, 'category', a.category, 'status', a.status, 'occupation', nullif(p.occupation, ''),
               'onset_date', n.onset_date, 'diagnosis_date', n.diagnosis_date, 'severity', n.severity, 'route', n.route,
               'place_kind', n.place_kind))
      FROM app.organisation me
     CROSS JOIN unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.organisation_id = me.organisation_id AND a.patient_id = u.patient_id AND NOT a.sealed
      JOIN app.figure_case c ON c.patient_id = u.patient_id
      JOIN app.patient p ON p.patient_id = u.patient_id
      JOIN app.organisation o ON o.organisation_id = c.organisation_id
     CROSS JOIN LATERAL (SELECT min(x.submitted_at) AS at FROM app.submission x
                          WHERE x.patient_id = u.patient_id AND app.figure_counts(x.category, a.deemed)) s
      LEFT JOIN app.notification n ON n.patient_id = u.patient_id AND n.notification_no = a.notification_no
      LEFT JOIN app.notification_person h ON h.patient_id = u.patient_id AND h.notification_no = a.notification_no
      LEFT JOIN app.municipality m ON m.code = coalesce(p.home_municipality, h.stay_municipality)
      LEFT JOIN app.municipality b ON b.code = m.parent_code
      LEFT JOIN app.prefecture f ON f.code = m.prefecture_code
     WHERE me.organisation_id = app.organisation_now() AND c.organisation_id IN (SELECT app.press_centres())
       AND a.relations & app.readable('basic') <> 0 AND a.relations & app.readable('notification') <> 0
$$;

-- Of the items of a case, those that are announced.
CREATE FUNCTION app.press_ticked(p_items jsonb, p_attributes text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(p_items) e WHERE e.key = ANY (p_attributes)
$$;

-- The table that is due: the last day whose cut-off has passed, since when, until when, and the last number given. No row without a
-- template, or when that day is fixed.
CREATE FUNCTION app.press_due() RETURNS TABLE (day date, from_at timestamptz, until_at timestamptz, last_no integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.day, coalesce(f.until_at, t.begins_at), (d.day + t.cutoff) AT TIME ZONE 'Asia/Tokyo', coalesce(f.last_no, t.first_no - 1)
      FROM app.press_template t
     CROSS JOIN LATERAL (SELECT ((now() AT TIME ZONE 'Asia/Tokyo') - t.cutoff)::date AS day) d
      LEFT JOIN LATERAL (SELECT x.until_at, x.last_no, x.day FROM app.press x
                          WHERE x.organisation_id = t.organisation_id ORDER BY x.day DESC LIMIT 1) f ON true
     WHERE t.organisation_id = app.organisation_now() AND (f.day IS NULL OR f.day < d.day)
$$;

-- The cases that are new for it, in the order in which they get their numbers: reported until the cut-off and not announced. Who counts
-- late, because an earlier report has become a case since, is one too, for a fortnight; and after a longer pause everybody since the
-- table before.
CREATE FUNCTION app.press_new() RETURNS TABLE (patient_id bigint, reported_at timestamptz, items jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.patient_id, i.reported_at, i.items
      FROM app.press_due() d
      JOIN app.press_template t ON t.organisation_id = app.organisation_now()
     CROSS JOIN LATERAL app.press_items(ARRAY(
           SELECT c.patient_id FROM app.press_centres() o (centre) JOIN app.figure_case c ON c.organisation_id = o.centre
            WHERE c.new_on BETWEEN greatest((t.begins_at AT TIME ZONE 'Asia/Tokyo')::date,
                                            least((d.from_at AT TIME ZONE 'Asia/Tokyo')::date, d.day - 14)) AND d.day + 1
              AND NOT EXISTS (SELECT FROM app.press_case k
                               WHERE k.organisation_id = t.organisation_id AND k.patient_id = c.patient_id))) i
     WHERE i.reported_at >= t.begins_at AND i.reported_at < d.until_at
     ORDER BY i.reported_at, i.patient_id
$$;

-- What has changed of the cases announced in the last fortnight since it was last said (after NULL: no case any more). A status is
-- expected to change, and is no correction; nor is it one that somebody is with another authority now.
CREATE FUNCTION app.press_corrections() RETURNS TABLE (case_no integer, day date, patient_id bigint, before jsonb, after jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH said AS MATERIALIZED (
        SELECT k.case_no, k.day, k.patient_id, k.announced, f.attributes
          FROM app.press_due() d
          JOIN app.press_case k ON k.organisation_id = app.organisation_now() AND k.day >= d.day - 14
          JOIN app.press f ON f.organisation_id = k.organisation_id AND f.day = k.day
    )
    SELECT s.case_no, s.day, s.patient_id, s.announced, n.ticked
      FROM said s
      LEFT JOIN app.press_items(ARRAY(SELECT patient_id FROM said)) i ON i.patient_id = s.patient_id
     CROSS JOIN LATERAL (SELECT CASE WHEN i.patient_id IS NOT NULL THEN app.press_ticked(i.items, s.attributes) END AS ticked) n
     WHERE s.announced - 'status' IS DISTINCT FROM n.ticked - 'status'
       AND (i.patient_id IS NOT NULL OR NOT EXISTS (SELECT FROM app.figure_case c WHERE c.patient_id = s.patient_id))
     ORDER BY s.case_no
$$;

-- The last day that a table covers: with a cut-off at 0:00 that of the evening before, which moves no more.
CREATE FUNCTION app.press_last_day(p_until timestamptz) RETURNS date
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT ((p_until - interval '1 microsecond') AT TIME ZONE 'Asia/Tokyo')::date
$$;

-- 入院治療等を要する者, 重症者, 死亡者（累積） of the area on a day.
CREATE FUNCTION app.press_levels(p_day date) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT jsonb_object_agg(f.series, f.level)
      FROM app.organisation o
     CROSS JOIN LATERAL app.figure_daily(CASE o.kind WHEN 'prefecture' THEN o.prefecture_code ELSE app.figure_area_of(o.organisation_id) END,
                                         ARRAY['care', 'severe', 'death'], p_day, p_day) f
     WHERE o.organisation_id = app.organisation_now()
$$;

-- A value of a case as an address may name it: a code as it is, a name (of a municipality, of a centre) as its digest.
CREATE FUNCTION app.press_key(p_value text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT CASE WHEN p_value ~ '^[a-z0-9_]*$' THEN p_value ELSE left(encode(sha256(convert_to(p_value, 'UTF8')), 'hex'), 16) END
$$;

-- The table that is due, all of it as it stands at one moment: its new cases by the parts of the template, the first p_most of them with
-- what is ticked (NULL: all), its corrections and its levels. No row when nothing is due. The digest is what a person's consent stands
-- for; who gives the levels that it was made with gets the same, although they move while the day lasts.
CREATE FUNCTION app.press_table(p_most integer, p_levels text)
RETURNS TABLE (day date, from_at timestamptz, until_at timestamptz, last_no integer, cases integer, levels text, counts jsonb,
               corrections jsonb, list jsonb, digest text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH n AS MATERIALIZED (
        SELECT x.place, x.patient_id, x.reported_at, x.items
          FROM app.press_new() WITH ORDINALITY x (patient_id, reported_at, items, place)
    )
    SELECT d.day, d.from_at, d.until_at, d.last_no + a.cases, a.cases, l.levels, k.counts, c.corrections, a.list,
           encode(sha256(convert_to(jsonb_build_array(t.secret, d.day, d.last_no, t.title, t.prefix, t.parts, t.attributes, a.all_items,
                                                      c.corrections, l.levels)::text, 'UTF8')), 'hex')
      FROM app.press_due() d
      JOIN app.press_template t ON t.organisation_id = app.organisation_now()
     CROSS JOIN LATERAL (
           SELECT count(*)::integer AS cases, jsonb_agg(jsonb_build_array(n.patient_id, n.items) ORDER BY n.place) AS all_items,
                  coalesce(jsonb_agg(jsonb_build_object('case_no', d.last_no + n.place, 'patient_id', n.patient_id,
                                                        'items', app.press_ticked(n.items, t.attributes), 'late', n.reported_at < d.from_at)
                                     ORDER BY n.place) FILTER (WHERE p_most IS NULL OR n.place <= p_most), '[]') AS list
             FROM n) a
     CROSS JOIN LATERAL (
           SELECT coalesce(jsonb_agg(to_jsonb(x)), '[]') AS counts
             FROM (SELECT p.part, v.value, app.press_key(v.value) AS key, count(*) AS count
                     FROM n CROSS JOIN unnest(t.parts) p (part)
                    CROSS JOIN LATERAL (SELECT coalesce(n.items ->> p.part, '') AS value) v GROUP BY 1, 2) x) k
     CROSS JOIN LATERAL (SELECT coalesce(jsonb_agg(to_jsonb(x) ORDER BY x.case_no), '[]') AS corrections FROM app.press_corrections() x) c
     CROSS JOIN LATERAL (SELECT coalesce(p_levels, app.press_levels(app.press_last_day(d.until_at))::text, '{}') AS levels) l
$$;

-- Fixes the table of a day as it was shown, with the digest and the levels that stood there. False when it is fixed already; 'HS409'
-- when it has changed since it was shown.
CREATE FUNCTION app.press_fix(p_day date, p_digest text, p_levels text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
BEGIN
    -- One press after the other: whoever waits here finds the table fixed.
    PERFORM FROM app.press_template t WHERE t.organisation_id = mine FOR UPDATE;
    IF EXISTS (SELECT FROM app.press f WHERE f.organisation_id = mine AND f.day = p_day) THEN
        RETURN false;
    END IF;
    -- One statement, so that what is kept is what the digest was compared with.
    WITH shown AS MATERIALIZED (
        SELECT * FROM app.press_table(NULL, p_levels) x WHERE x.day = p_day AND x.digest = p_digest
    ), corrected AS (
        UPDATE app.press_case k SET announced = c.after
          FROM shown s CROSS JOIN LATERAL jsonb_to_recordset(s.corrections) c (case_no integer, after jsonb)
         WHERE k.organisation_id = mine AND k.case_no = c.case_no
    ), numbered AS (
        INSERT INTO app.press_case (organisation_id, case_no, patient_id, day, published, announced)
        SELECT mine, n.case_no, n.patient_id, s.day, n.items, n.items
          FROM shown s CROSS JOIN LATERAL jsonb_to_recordset(s.list) n (case_no integer, patient_id bigint, items jsonb)
    )
    INSERT INTO app.press (organisation_id, day, title, prefix, from_at, until_at, attributes, parts, last_no, cases, counts,
                           levels, corrections, fixed_by, fixed_at)
    SELECT mine, s.day, t.title, t.prefix, s.from_at, s.until_at, t.attributes, t.parts, s.last_no, s.cases, s.counts,
           s.levels::jsonb, (SELECT coalesce(jsonb_agg(c - 'patient_id'), '[]') FROM jsonb_array_elements(s.corrections) c),
           app.account_now(), now()
      FROM shown s JOIN app.press_template t ON t.organisation_id = mine;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not what was shown' USING ERRCODE = 'HS409';
    END IF;
    PERFORM app.audit_append('press_fix', 'allowed', NULL, NULL, p_day::text);
    RETURN true;
END
$$;

-- Who the new cases of the table of a day are, of one that is due or fixed: 51 behind a case, in the order of their numbers, as far as the
-- session's office sees them; of those that have the value with this key in a part (NULL: of all). How many they are, how many of them it
-- does not see, and the value, stand in a row by themselves where there is nobody to list. Of a fixed table only what was published of a
-- case is known.
CREATE FUNCTION app.press_cases(p_day date, p_part text, p_key text, p_after bigint)
RETURNS TABLE (people bigint, unseen bigint, value text, case_no integer, patient_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH me AS MATERIALIZED (
        SELECT app.organisation_now() AS organisation_id, app.readable('notification') AS mask
    ), every AS (
        SELECT (d.last_no + n.place)::integer AS case_no, n.patient_id, n.items
          FROM app.press_due() d CROSS JOIN app.press_new() WITH ORDINALITY n (patient_id, reported_at, items, place)
         WHERE d.day = p_day
        UNION ALL
        SELECT k.case_no, k.patient_id, k.published
          FROM me JOIN app.press_case k ON k.organisation_id = me.organisation_id AND k.day = p_day
    ), cases AS MATERIALIZED (
        SELECT e.case_no, e.patient_id, coalesce(e.items ->> p_part, '') AS value,
               EXISTS (SELECT FROM app.access a WHERE a.organisation_id = me.organisation_id AND a.patient_id = e.patient_id
                                                  AND a.relations & me.mask <> 0 AND NOT a.sealed) AS seen
          FROM me CROSS JOIN every e WHERE p_part IS NULL OR app.press_key(coalesce(e.items ->> p_part, '')) = p_key
    )
    SELECT c.people, c.unseen, c.value, x.case_no, x.patient_id
      FROM (SELECT count(*) AS people, count(*) FILTER (WHERE NOT y.seen) AS unseen, min(y.value) AS value FROM cases y) c
      LEFT JOIN LATERAL (SELECT y.case_no, y.patient_id FROM cases y WHERE y.seen AND y.case_no > coalesce(p_after, 0)
                          ORDER BY y.case_no LIMIT 51) x ON true
     ORDER BY x.case_no
$$;

-- Saves the template of the session's office over the version that was shown (0: none yet); 'HS409' when somebody else was faster. The
-- first time says from when on it announces: the cut-off before. Without a first number (the office has begun to announce) it stays.
CREATE FUNCTION app.press_template_save(p_version integer, p_title text, p_prefix text, p_cutoff time, p_first integer, p_parts text[],
                                        p_attributes text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.press_centres()) THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    IF p_version = 0 THEN
        INSERT INTO app.press_template (organisation_id, title, prefix, cutoff, first_no, parts, attributes, begins_at, saved_by, saved_at)
        SELECT app.organisation_now(), p_title, p_prefix, p_cutoff, p_first, p_parts, p_attributes,
               (((now() AT TIME ZONE 'Asia/Tokyo') - p_cutoff)::date - 1 + p_cutoff) AT TIME ZONE 'Asia/Tokyo', app.account_now(), now()
        ON CONFLICT (organisation_id) DO NOTHING;
    ELSE
        UPDATE app.press_template t
           SET version = t.version + 1, title = p_title, prefix = p_prefix, cutoff = p_cutoff, first_no = coalesce(p_first, t.first_no),
               parts = p_parts, attributes = p_attributes, saved_by = app.account_now(), saved_at = now()
         WHERE t.organisation_id = app.organisation_now() AND t.version = p_version;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'saved by somebody else' USING ERRCODE = 'HS409';
    END IF;
    PERFORM app.audit_append('press_template', 'allowed', NULL, NULL, '');
END
$$;

SELECT app.guard_functions('^press_');
SELECT app.guard_tables('press_template', 'press', 'press_case');
GRANT SELECT ON app.press, app.press_case TO hersys_staff;
GRANT SELECT (organisation_id, title, prefix, cutoff, first_no, parts, attributes, begins_at, version, saved_by, saved_at)
    ON app.press_template TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.press_due(), app.press_new(), app.press_corrections(), app.press_table(integer, text),
    app.press_fix(date, text, text), app.press_cases(date, text, text, bigint), app.press_last_day(timestamptz),
    app.press_template_save(integer, text, text, time, integer, text[], text[]) TO hersys_staff;
CREATE POLICY own ON app.press_template FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY own ON app.press FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY own ON app.press_case FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));

-- ---- クロス集計 -----------------------------------------------------------------------------------------------------------

-- What a case is in an item: age, sex, status, category, centre (its key, a blank and its name), week (its Monday), or a column of app.notification;
-- '' stands for nothing entered, and for no item (NULL). (Inlined, so without a search_path: a report is made JSON only for an item of it.)
CREATE FUNCTION app.cross_value(p_item text, p_cell text, p_sex text, p_status text, p_category text, p_centre text, p_day date, p_report jsonb)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(CASE p_item WHEN 'age' THEN substr(p_cell, 2)
                                WHEN 'sex' THEN coalesce(p_sex, 'unknown')
                                WHEN 'status' THEN p_status
                                WHEN 'category' THEN p_category
                                WHEN 'centre' THEN p_centre
                                WHEN 'week' THEN app.figure_week_of(p_day, 1)::text
                                ELSE p_report ->> p_item END, '')
$$;

-- The cases by two items, of those reported between two days whom the session's office sees with the tab of the report, p_most + 1 of them at
-- most. Nothing is looked up of more than p_most. Who counts them and who lists them asks here, so that both mean the same people.
CREATE FUNCTION app.cross_cases(p_row text, p_column text, p_from date, p_to date, p_most integer)
RETURNS TABLE (patient_id bigint, new_on date, row_value text, column_value text)
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH wanted AS MATERIALIZED (
        SELECT c.patient_id, c.organisation_id, c.cell, c.new_on, a.sex, a.status, a.category, a.notification_no
          FROM (SELECT app.organisation_now() AS organisation_id
                UNION SELECT u.organisation_id FROM app.organisation_above u WHERE u.above_id = app.organisation_now()) o
          JOIN app.figure_case c ON c.organisation_id = o.organisation_id AND c.new_on BETWEEN p_from AND p_to
          JOIN app.access a ON a.organisation_id = app.organisation_now() AND a.patient_id = c.patient_id AND NOT a.sealed
           AND a.relations & (SELECT app.readable('notification')) <> 0
         LIMIT p_most + 1
    )
    SELECT w.patient_id, w.new_on,
           app.cross_value(p_row, w.cell, w.sex, w.status, w.category, c.centre, w.new_on, to_jsonb(n)),
           app.cross_value(p_column, w.cell, w.sex, w.status, w.category, c.centre, w.new_on, to_jsonb(n))
      FROM wanted w
      LEFT JOIN app.notification n ON n.patient_id = w.patient_id AND n.notification_no = w.notification_no
       AND NOT ARRAY[coalesce(p_row, 'sex'), coalesce(p_column, 'sex')] <@ ARRAY['age', 'sex', 'status', 'category', 'centre', 'week']
      JOIN (SELECT o.organisation_id, app.figure_area_of(o.organisation_id) || ' ' || o.name AS centre FROM app.organisation o) c
        ON c.organisation_id = w.organisation_id
     WHERE (SELECT count(*) FROM wanted) <= p_most
    UNION ALL
    SELECT w.patient_id, w.new_on, '', '' FROM wanted w WHERE (SELECT count(*) FROM wanted) > p_most
$$;

-- How many there are. One row of NULLs when there are more than p_most: then nobody waits for them.
CREATE FUNCTION app.cross_counts(p_row text, p_column text, p_from date, p_to date, p_most integer)
RETURNS TABLE (row_value text, column_value text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH cases AS MATERIALIZED (SELECT * FROM app.cross_cases(p_row, p_column, p_from, p_to, p_most))
    SELECT c.row_value, c.column_value, count(*) FROM cases c WHERE (SELECT count(*) FROM cases) <= p_most GROUP BY 1, 2
    UNION ALL
    SELECT NULL, NULL, NULL WHERE (SELECT count(*) FROM cases) > p_most
$$;

-- Whom a number of that table counts: 51 behind a row (NULLs: from the first), the newest report first, each with how many they are, and with
-- the values that they have in common. The values are asked for by their keys, without what may stand behind a blank; NULL: of a total.
CREATE FUNCTION app.cross_list(p_row text, p_column text, p_row_key text, p_column_key text, p_from date, p_to date, p_most integer,
                               p_day date, p_patient bigint)
RETURNS TABLE (people bigint, row_value text, column_value text, new_on date, patient_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH cases AS MATERIALIZED (
        SELECT * FROM app.cross_cases(CASE WHEN p_row_key IS NOT NULL THEN p_row END, CASE WHEN p_column_key IS NOT NULL THEN p_column END,
                                      p_from, p_to, p_most)),
    listed AS MATERIALIZED (
        SELECT c.* FROM cases c
         WHERE (p_row_key IS NULL OR split_part(c.row_value, ' ', 1) = p_row_key)
           AND (p_column_key IS NULL OR split_part(c.column_value, ' ', 1) = p_column_key) AND (SELECT count(*) FROM cases) <= p_most
    )
    SELECT (SELECT count(*) FROM listed), l.row_value, l.column_value, l.new_on, l.patient_id
      FROM listed l WHERE p_day IS NULL OR (l.new_on, l.patient_id) < (p_day, p_patient)
     ORDER BY l.new_on DESC, l.patient_id DESC LIMIT 51
$$;

SELECT app.guard_functions('^cross_');
GRANT EXECUTE ON FUNCTION app.cross_counts(text, text, date, date, integer),
    app.cross_list(text, text, text, text, date, date, integer, date, bigint) TO hersys_staff;
