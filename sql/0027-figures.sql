-- 数値: the eleven indicators (seed 4) come out of the records. What each patient counts as is one row, app.figure_case; a change of it
-- appends its signed difference in the transaction that made it, `hersys jobs` folds those into two tables by area, and a figure is
-- what is folded and what is not yet, read together: exact at once, and nobody waits for a row. Behind each figure stand the patients
-- whose row makes it.

CREATE TABLE app.figure_case (
    patient_id bigint PRIMARY KEY,
    organisation_id bigint NOT NULL,
    cell text NOT NULL,
    place text NOT NULL,
    new_on date NOT NULL,
    dead_on date,
    severe datemultirange,
    care datemultirange,
    released datemultirange,
    confirming datemultirange
);
COMMENT ON TABLE app.figure_case IS 'by patient_id: what a patient counts as in the figures: with the responsible centre, by sex and age, since the day of the report; days on which somebody was 重症, in care (入院治療等を要する), released, 確認中';
COMMENT ON COLUMN app.figure_case.cell IS 'm, f or x (その他・不明), and the age band (0, 10 ... 90, unknown) at the report';
COMMENT ON COLUMN app.figure_case.place IS '場所区分 of the infection (list place_kind), unknown where nothing is entered';
CREATE INDEX figure_case_new ON app.figure_case (organisation_id, new_on, patient_id);
CREATE INDEX figure_case_dead ON app.figure_case (organisation_id, dead_on) WHERE dead_on IS NOT NULL;

-- How long some days last, from the first to the last, with gaps: the least of some lengths that is not less; 0 for those without end. Who
-- looks for a day asks for each length (app.figure_reaching) for what began no longer ago: so a B-tree finds days that hold a day, without
-- reading all that began before it, and costs a writer less than a GiST index. (Inlined, so without a search_path.)
CREATE FUNCTION app.figure_length(p_days datemultirange) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN upper_inf(p_days) THEN 0
                WHEN upper(p_days) - lower(p_days) <= 8 THEN 8
                WHEN upper(p_days) - lower(p_days) <= 16 THEN 16
                WHEN upper(p_days) - lower(p_days) <= 32 THEN 32
                WHEN upper(p_days) - lower(p_days) <= 128 THEN 128
                WHEN upper(p_days) - lower(p_days) <= 1024 THEN 1024 ELSE 1000000 END
$$;

-- The lengths, and since when days of each may have begun that hold p_day.
CREATE FUNCTION app.figure_reaching(p_day date) RETURNS TABLE (length integer, since date)
LANGUAGE sql IMMUTABLE AS $$
    SELECT l.length, CASE l.length WHEN 0 THEN '-infinity'::date ELSE p_day - l.length END
      FROM (VALUES (0), (8), (16), (32), (128), (1024), (1000000)) l (length)
$$;
CREATE INDEX figure_case_severe ON app.figure_case (organisation_id, app.figure_length(severe), lower(severe)) WHERE severe IS NOT NULL;
CREATE INDEX figure_case_care ON app.figure_case (organisation_id, app.figure_length(care), lower(care)) WHERE care IS NOT NULL;
CREATE INDEX figure_case_confirming ON app.figure_case (organisation_id, app.figure_length(confirming), lower(confirming)) WHERE confirming IS NOT NULL;

CREATE TABLE app.figure_delta (
    organisation_id bigint NOT NULL,
    delta_id bigint GENERATED ALWAYS AS IDENTITY,
    series text NOT NULL,
    day date NOT NULL,
    cell text NOT NULL,
    change bigint NOT NULL,
    PRIMARY KEY (organisation_id, delta_id)
);
COMMENT ON TABLE app.figure_delta IS 'by organisation_id: what has changed since the figures were folded; only ever appended, so that no two people wait for a row';

CREATE TABLE app.figure_day (
    area text NOT NULL,
    series text NOT NULL,
    day date NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (area, series, day)
);
COMMENT ON TABLE app.figure_day IS 'by own key: the folded figures of a day: how many more (series new, death) or how many more and fewer (severe, care, released, confirming); the level of a day is the sum until then';

CREATE TABLE app.figure_week (
    area text NOT NULL,
    series text NOT NULL,
    week date NOT NULL,
    cell text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (area, series, week, cell)
);
COMMENT ON TABLE app.figure_week IS 'by own key: the same by sex and age, for the week that begins on a day; weeks begin as app.figure_series says';

CREATE TABLE app.figure_series (
    series text PRIMARY KEY,
    week_begins integer NOT NULL CHECK (week_begins BETWEEN 1 AND 7)
);
COMMENT ON TABLE app.figure_series IS 'reference: what is counted, and on which weekday the weeks of its tables by sex and age begin (1 is Monday); after a change: `hersys figures recount`';
INSERT INTO app.figure_series (series, week_begins) VALUES
    ('new', 3), ('place', 3), ('severe', 3), ('death', 3), ('care', 3), ('released', 3), ('confirming', 3); -- 公表の週は水曜から火曜

CREATE TABLE app.figure_first (
    area text NOT NULL,
    series text NOT NULL,
    day date NOT NULL,
    count bigint NOT NULL,
    level bigint NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (area, series, day)
);
COMMENT ON TABLE app.figure_first IS 'by own key: the figures of a day as they stood at its end in Japan; never changed, so that a page can say by how much a past day has moved. What was published first, some hours later, stays in app.published';

CREATE TABLE app.population (
    area text NOT NULL CHECK (area ~ '^([0-4][0-9]|o[0-9]+)$' AND area <> '00'),
    since date NOT NULL,
    people integer NOT NULL CHECK (people > 0),
    source text NOT NULL,
    PRIMARY KEY (area, since)
);
COMMENT ON TABLE app.population IS 'reference: 人口 by area, from a date on, for the figures per 100,000; the country is the sum of its prefectures. The owner alone writes it: `hersys population load`';
-- In thousands, as the ministry reckons (docs/decisions/0020-figures.md).
INSERT INTO app.population (area, since, people, source)
SELECT p.code, v.since, v.thousands * 1000, v.source FROM (VALUES
    ('01', 5250, 5225), ('02', 1246, 1238), ('03', 1227, 1211), ('04', 2306, 2302), ('05', 966, 960), ('06', 1078, 1068),
    ('07', 1846, 1833), ('08', 2860, 2867), ('09', 1934, 1933), ('10', 1942, 1939), ('11', 7350, 7345), ('12', 6259, 6284),
    ('13', 13921, 14048), ('14', 9198, 9237), ('15', 2223, 2201), ('16', 1044, 1035), ('17', 1138, 1133), ('18', 768, 767),
    ('19', 811, 810), ('20', 2049, 2048), ('21', 1987, 1979), ('22', 3644, 3633), ('23', 7552, 7542), ('24', 1781, 1770),
    ('25', 1414, 1414), ('26', 2583, 2578), ('27', 8809, 8838), ('28', 5466, 5465), ('29', 1330, 1324), ('30', 925, 923),
    ('31', 556, 553), ('32', 674, 671), ('33', 1890, 1888), ('34', 2804, 2800), ('35', 1358, 1342), ('36', 728, 720),
    ('37', 956, 950), ('38', 1339, 1335), ('39', 698, 692), ('40', 5104, 5135), ('41', 815, 811), ('42', 1327, 1312),
    ('43', 1748, 1738), ('44', 1135, 1124), ('45', 1073, 1070), ('46', 1602, 1588), ('47', 1453, 1467)
) p (code, in_2019, in_2020)
 CROSS JOIN LATERAL (VALUES (date '2019-10-01', p.in_2019, '総務省統計局 人口推計（2019年10月1日現在、千人単位）'),
                            (date '2020-10-01', p.in_2020, '総務省統計局 令和2年国勢調査（2020年10月1日現在、千人単位に四捨五入）')) v (since, thousands, source);

-- ---- areas -----------------------------------------------------------------------------------------------------------

-- The key of an area: '00' the country, '01' to '47' a prefecture, 'o' and its number a city (保健所設置市) or a centre.
CREATE FUNCTION app.figure_area_of(p_organisation bigint) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$ SELECT 'o' || p_organisation $$;

-- The people of every area, from a date on; of the country as soon as any prefecture has a new number.
CREATE VIEW app.figure_population WITH (security_invoker = true) AS
SELECT p.area, p.since, p.people::bigint AS people, p.source FROM app.population p
UNION ALL
SELECT '00', s.since, sum(p.people), string_agg(DISTINCT p.source, '、')
  FROM (SELECT DISTINCT y.since FROM app.population y WHERE y.area !~ '^o') s
  JOIN app.population p ON p.area !~ '^o'
   AND p.since = (SELECT max(y.since) FROM app.population y WHERE y.area = p.area AND y.since <= s.since)
 GROUP BY s.since;

-- The same in one text, as core/figures.h reads it: "2020-10-01 5225000 2019-10-01 5250000", the newest first.
CREATE VIEW app.figure_people WITH (security_invoker = true) AS
SELECT p.area, string_agg(p.since || ' ' || p.people, ' ' ORDER BY p.since DESC) AS people FROM app.figure_population p GROUP BY p.area;

-- Where the patients of a centre count: itself, its city, its prefecture, the country.
CREATE VIEW app.figure_area WITH (security_invoker = true) AS
SELECT o.organisation_id, '00' AS area FROM app.organisation o
UNION ALL SELECT o.organisation_id, o.prefecture_code FROM app.organisation o WHERE o.prefecture_code IS NOT NULL
UNION ALL SELECT o.organisation_id, 'o' || o.organisation_id FROM app.organisation o
UNION ALL SELECT u.organisation_id, 'o' || u.above_id
            FROM app.organisation_above u JOIN app.organisation a ON a.organisation_id = u.above_id WHERE a.kind = 'city';

-- The areas whose figures the session's office works with: its own, and those of the centres below it.
CREATE FUNCTION app.figure_reach() RETURNS TABLE (area text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT CASE o.kind WHEN 'ministry' THEN '00' WHEN 'prefecture' THEN o.prefecture_code ELSE 'o' || o.organisation_id END
      FROM app.organisation o
     WHERE o.organisation_id = app.organisation_now() AND o.kind IN ('ministry', 'prefecture', 'city', 'centre')
    UNION
    SELECT f.area FROM app.organisation_above u JOIN app.figure_area f USING (organisation_id)
      JOIN app.organisation me ON me.organisation_id = u.above_id
     WHERE u.above_id = app.organisation_now()
       AND CASE me.kind WHEN 'ministry' THEN true WHEN 'prefecture' THEN f.area <> '00' ELSE f.area ~ '^o' END
$$;

-- ---- what a patient counts as ----------------------------------------------------------------------------------------

-- Whether a 診断分類 counts as 新規陽性者: 患者, 無症状病原体保有者, 感染症死亡者の死体, and 疑似症 only as みなし陽性.
CREATE FUNCTION app.figure_counts(p_category text, p_deemed boolean) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_category IN ('confirmed', 'asymptomatic', 'body') OR (p_category = 'suspected' AND coalesce(p_deemed, false))
$$;

-- Sex and age as the cell of a table.
CREATE FUNCTION app.figure_cell(p_sex text, p_age_years integer, p_age_band text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_sex WHEN 'male' THEN 'm' WHEN 'female' THEN 'f' ELSE 'x' END
        || coalesce(CASE WHEN p_age_years >= 90 THEN 90 ELSE p_age_years / 10 * 10 END::text, p_age_band, 'unknown')
$$;

-- The days from one entry to the next (NULL: there is none), none of them before the report.
CREATE FUNCTION app.figure_days(p_since date, p_next date, p_new date) RETURNS daterange
LANGUAGE sql IMMUTABLE AS $$
    SELECT daterange(greatest(p_since, p_new), CASE WHEN p_next IS NOT NULL THEN greatest(p_next, p_new) END)
$$;

-- What some patients count as by their records; no row for whom does not count (negative, withdrawn, deleted). The day of the
-- report is its 提出日; 保健所確認済 makes no difference (seed 4). A status holds from its date, or the day of the report if that is
-- later, until the next. On every day from the report to the death on which nobody is in care by it, nor released, they are 確認中: so the
-- three and the deaths add up, whatever was entered. 重症 is what 重症度 says from its date on, until it says
-- otherwise, the release or the death. Whoever had died before the report counts as dead since then.
CREATE FUNCTION app.figure_case_of(p_patients bigint[]) RETURNS SETOF app.figure_case
LANGUAGE plpgsql STABLE SET search_path = ''
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN -- planned once for each connection, since planning costs ten times what it does; and so also for when the tables have grown
    RETURN QUERY
    SELECT b.patient_id, b.organisation_id, b.cell, coalesce(n.place_kind, 'unknown'), b.new_on, d.dead_on,
           nullif((coalesce(g.severe, '{}') - s.released) * l.life, '{}'),
           nullif(s.care * l.life, '{}'), nullif(s.released * l.life, '{}'), nullif(l.life - s.care - s.released, '{}')
      FROM unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.patient_id = u.patient_id AND a.relations & 2 <> 0 AND NOT a.sealed
      JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no
     CROSS JOIN LATERAL (
           SELECT a.patient_id, a.organisation_id, app.figure_cell(a.sex, a.age_years, a.age_band) AS cell,
                  (min(x.submitted_at) AT TIME ZONE 'Asia/Tokyo')::date AS new_on
             FROM app.submission x WHERE x.patient_id = a.patient_id AND app.figure_counts(x.category, n.deemed)) b
     CROSS JOIN LATERAL (
           SELECT coalesce(range_agg(t.days) FILTER (WHERE app.in_care(t.status)), '{}') AS care,
                  coalesce(range_agg(t.days) FILTER (WHERE t.status IN ('released', 'discharged')), '{}') AS released,
                  (array_agg(t.status ORDER BY t.since DESC NULLS LAST, t.status_no DESC))[1] AS status,
                  (array_agg(coalesce(t.death_date, t.since) ORDER BY t.since DESC NULLS LAST, t.status_no DESC))[1] AS since
             FROM (SELECT x.status, x.since, x.status_no, x.death_date,
                          app.figure_days(x.since, lead(x.since) OVER (ORDER BY x.since NULLS FIRST, x.status_no), b.new_on) AS days
                     FROM app.patient_status x WHERE x.patient_id = a.patient_id AND x.withdrawn_at IS NULL) t) s
     CROSS JOIN LATERAL (
           SELECT greatest(b.new_on, CASE WHEN s.status = 'dead' THEN s.since WHEN n.category = 'body'
                                          THEN coalesce(n.death_date, b.new_on) ELSE n.death_date END) AS dead_on
            WHERE s.status = 'dead' OR n.category = 'body' OR n.death_date IS NOT NULL
           UNION ALL SELECT NULL LIMIT 1) d
     CROSS JOIN LATERAL (SELECT datemultirange(daterange(b.new_on, d.dead_on)) AS life) l
     CROSS JOIN LATERAL (
           SELECT range_agg(t.days) FILTER (WHERE t.severity = 'severe') AS severe
             FROM (SELECT h.severity, app.figure_days(h.since, lead(h.since) OVER (ORDER BY h.since, h.entry_no), b.new_on) AS days
                     FROM (SELECT e.items ->> 'grade_severity' AS severity, e.since, e.entry_no FROM app.entry e
                            WHERE e.patient_id = a.patient_id AND e.tab = 'grade' AND e.withdrawn_at IS NULL AND e.since IS NOT NULL
                           UNION ALL SELECT n.severity, b.new_on, 0 WHERE n.severity IS NOT NULL) h) t) g
     WHERE app.figure_counts(a.category, a.deemed) AND coalesce(s.status, '') NOT IN ('negative', 'withdrawn') AND b.new_on IS NOT NULL;
END
$$;

-- What a row of app.figure_case adds to the figures, by series, day and cell: of the series place the 場所区分, of all others sex and
-- age. (No search_path of its own, so that it is inlined. src/main/recount.c counts by the same rule, on its own.)
CREATE FUNCTION app.figure_parts(p_cell text, p_place text, p_new date, p_dead date, p_severe datemultirange, p_care datemultirange,
                                 p_released datemultirange, p_confirming datemultirange)
RETURNS TABLE (series text, day date, cell text, change integer)
LANGUAGE sql IMMUTABLE AS $$
    SELECT e.series, e.day, p_cell, e.change
      FROM (VALUES ('severe', p_severe), ('care', p_care), ('released', p_released), ('confirming', p_confirming)) d (series, days)
     CROSS JOIN LATERAL unnest(d.days) span
     CROSS JOIN LATERAL (VALUES (d.series, lower(span), 1), (d.series, upper(span), -1)) e (series, day, change)
     WHERE e.day IS NOT NULL
    UNION ALL SELECT 'new', p_new, p_cell, 1
    UNION ALL SELECT 'place', p_new, p_place, 1
    UNION ALL SELECT 'death', p_dead, p_cell, 1 WHERE p_dead IS NOT NULL
$$;

-- Brings what some patients count as into step with their records, and appends the difference. Whoever changes what a patient
-- counts as ends with it; app.tally_follow does.
CREATE FUNCTION app.figure_follow(VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    -- One after another: who waits here sees in the next statement what the one before wrote, of the first row too.
    PERFORM FROM app.patient p WHERE p.patient_id = ANY (p_patients) ORDER BY p.patient_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM app.figure_case_of(p_patients) w FULL JOIN (
                        SELECT c.* FROM app.figure_case c WHERE c.patient_id = ANY (p_patients)) c USING (patient_id)
                    WHERE w IS DISTINCT FROM c) THEN
        RETURN;
    END IF;
    WITH want AS MATERIALIZED (
        SELECT * FROM app.figure_case_of(p_patients)
    ), stands AS MATERIALIZED (
        SELECT c.* FROM app.figure_case c WHERE c.patient_id = ANY (p_patients)
    ), appended AS (
        INSERT INTO app.figure_delta (organisation_id, series, day, cell, change)
        SELECT x.organisation_id, x.series, x.day, x.cell, sum(x.change)
          FROM (SELECT w.organisation_id, p.cell, p.series, p.day, p.change FROM want w CROSS JOIN LATERAL app.figure_parts(w.cell, w.place, w.new_on, w.dead_on, w.severe, w.care, w.released, w.confirming) p
                UNION ALL
                SELECT c.organisation_id, p.cell, p.series, p.day, -p.change FROM stands c CROSS JOIN LATERAL app.figure_parts(c.cell, c.place, c.new_on, c.dead_on, c.severe, c.care, c.released, c.confirming) p) x
         GROUP BY x.organisation_id, x.series, x.day, x.cell HAVING sum(x.change) <> 0
    ), gone AS (
        DELETE FROM app.figure_case c USING stands s
         WHERE c.patient_id = s.patient_id AND NOT EXISTS (SELECT FROM want w WHERE w.patient_id = s.patient_id)
    )
    INSERT INTO app.figure_case AS c SELECT * FROM want
    ON CONFLICT (patient_id) DO UPDATE
       SET organisation_id = EXCLUDED.organisation_id, cell = EXCLUDED.cell, place = EXCLUDED.place, new_on = EXCLUDED.new_on, dead_on = EXCLUDED.dead_on,
           severe = EXCLUDED.severe, care = EXCLUDED.care, released = EXCLUDED.released, confirming = EXCLUDED.confirming
     WHERE c IS DISTINCT FROM EXCLUDED;
END
$$;

-- What the patients of a list count as is part of what is counted of them.
CREATE OR REPLACE FUNCTION app.tally_follow(p_before text[], VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.tally_delta (organisation_id, kind, change)
    SELECT split_part(x.counted, ' ', 1)::bigint, split_part(x.counted, ' ', 2), sum(x.change)
      FROM (SELECT unnest(p_before) AS counted, -1 AS change
            UNION ALL SELECT unnest(app.tally_state(VARIADIC p_patients)), 1) x
     GROUP BY x.counted HAVING sum(x.change) <> 0;
    SELECT app.figure_follow(VARIADIC p_patients)
$$;

-- ---- folding ---------------------------------------------------------------------------------------------------------

-- The first day of the week of a day, for weeks that begin on p_begins (1 is Monday).
CREATE FUNCTION app.figure_week_of(p_day date, p_begins integer) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_day - (extract(isodow FROM p_day)::integer - p_begins + 7) % 7
$$;

-- One at a time changes what is folded: whoever comes second waits for the first.
CREATE FUNCTION app.figure_turn() RETURNS void
LANGUAGE sql SET search_path = '' AS $$ SELECT pg_advisory_xact_lock(20210408) $$;

-- Folds at most p_limit differences, in one statement, so that a reader finds each in one place; how many there were. None, rather
-- than to wait, while all are counted again.
CREATE FUNCTION app.figure_fold(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = '' SET enable_nestloop = off AS $$ -- a plan of when little waited compares each row with each
DECLARE
    folded bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(20210408) THEN -- the lock of app.figure_turn
        RETURN 0;
    END IF;
    WITH taken AS (
        DELETE FROM app.figure_delta d
         WHERE (d.organisation_id, d.delta_id) IN (SELECT x.organisation_id, x.delta_id FROM app.figure_delta x LIMIT p_limit)
        RETURNING d.organisation_id, d.series, d.day, d.cell, d.change
    ), spread AS MATERIALIZED (
        SELECT f.area, t.series, t.day, t.cell, sum(t.change) AS change
          FROM taken t JOIN app.figure_area f USING (organisation_id) GROUP BY f.area, t.series, t.day, t.cell
    ), by_day AS (
        INSERT INTO app.figure_day AS f (area, series, day, count)
        SELECT s.area, s.series, s.day, sum(s.change) FROM spread s GROUP BY s.area, s.series, s.day
        ON CONFLICT (area, series, day) DO UPDATE SET count = f.count + EXCLUDED.count
    ), by_week AS (
        INSERT INTO app.figure_week AS f (area, series, week, cell, count)
        SELECT s.area, s.series, app.figure_week_of(s.day, i.week_begins), s.cell, sum(s.change)
          FROM spread s JOIN app.figure_series i USING (series) GROUP BY 1, 2, 3, 4
        ON CONFLICT (area, series, week, cell) DO UPDATE SET count = f.count + EXCLUDED.count
    )
    SELECT count(*) INTO folded FROM taken;
    RETURN folded;
END
$$;

-- ---- reading ---------------------------------------------------------------------------------------------------------

-- The figures of an area, day by day: how many more on the day (`count`), how many until then (`level`), and how both stood when
-- the day was over (NULL: it is not, yet). Of severe, care, released and confirming the level is the figure. Added up, not
-- joined: of years there are ten thousand rows on either side, and a plan that was made while the tables were small would compare each
-- with each.
CREATE FUNCTION app.figure_daily(p_area text, p_series text[], p_from date, p_to date)
RETURNS TABLE (series text, day date, count bigint, level bigint, first_count bigint, first_level bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH moved AS (
        SELECT f.series, f.day, f.count FROM app.figure_day f
         WHERE f.area = p_area AND f.series = ANY (p_series) AND f.day <= p_to
        UNION ALL
        SELECT d.series, d.day, d.change FROM app.figure_delta d JOIN app.figure_area a USING (organisation_id)
         WHERE a.area = p_area AND d.series = ANY (p_series) AND d.day <= p_to
        UNION ALL
        SELECT s.series, p_from - 1 + n, 0 FROM unnest(p_series) s (series) CROSS JOIN generate_series(0, p_to - p_from + 1) n
    ), by_day AS (
        SELECT m.series, greatest(m.day, p_from - 1) AS day, sum(m.count) AS count FROM moved m GROUP BY 1, 2
    ), told AS (
        SELECT b.series, b.day, b.count, sum(b.count) OVER (PARTITION BY b.series ORDER BY b.day) AS level,
               NULL::bigint AS first_count, NULL::bigint AS first_level
          FROM by_day b
        UNION ALL
        SELECT f.series, f.day, 0, 0, f.count, f.level FROM app.figure_first f
         WHERE f.area = p_area AND f.series = ANY (p_series) AND f.day BETWEEN p_from AND p_to
        UNION ALL -- a day that was kept; an area without a row had none
        SELECT s.series, k.day, 0, 0, 0, 0 FROM app.figure_first k CROSS JOIN unnest(p_series) s (series)
         WHERE k.area = '00' AND k.series = 'new' AND k.day BETWEEN p_from AND p_to
    )
    SELECT t.series, t.day, sum(t.count)::bigint, sum(t.level)::bigint, sum(t.first_count)::bigint, sum(t.first_level)::bigint
      FROM told t WHERE t.day >= p_from GROUP BY t.series, t.day ORDER BY t.series, t.day
$$;

-- The same by sex and age for the weeks that begin between two days: a row for each cell that has been counted until then.
CREATE FUNCTION app.figure_weekly(p_area text, p_series text, p_from date, p_to date)
RETURNS TABLE (week date, cell text, count bigint, level bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH begins AS (
        SELECT i.week_begins FROM app.figure_series i WHERE i.series = p_series
    ), first AS (
        SELECT app.figure_week_of(p_from, b.week_begins) AS week FROM begins b
    ), moved AS (
        SELECT f.week, f.cell, f.count FROM app.figure_week f
         WHERE f.area = p_area AND f.series = p_series AND f.week <= p_to
        UNION ALL
        SELECT app.figure_week_of(d.day, b.week_begins), d.cell, d.change
          FROM begins b CROSS JOIN app.figure_delta d JOIN app.figure_area a USING (organisation_id)
         WHERE a.area = p_area AND d.series = p_series AND d.day < p_to + 7
    ), by_week AS (
        SELECT greatest(m.week, first.week - 7) AS week, m.cell, sum(m.count) AS count
          FROM moved m CROSS JOIN first WHERE m.week <= p_to GROUP BY 1, 2
    ), every AS (
        SELECT w.week, c.cell, coalesce(b.count, 0) AS count,
               sum(coalesce(b.count, 0)) OVER (PARTITION BY c.cell ORDER BY w.week) AS level
          FROM first CROSS JOIN LATERAL (SELECT first.week - 7 + 7 * n AS week
                                           FROM generate_series(0, (p_to - first.week) / 7 + 1) n) w
         CROSS JOIN (SELECT DISTINCT x.cell FROM by_week x) c
          LEFT JOIN by_week b ON b.week = w.week AND b.cell = c.cell
    )
    SELECT e.week, e.cell, e.count::bigint, e.level::bigint
      FROM every e CROSS JOIN first WHERE e.week >= first.week ORDER BY e.week, e.cell
$$;

-- ⑪: the clusters (集団感染) of an area by week (Monday to Sunday, Japan) and kind of place, by the day on which they were registered.
CREATE FUNCTION app.figure_clusters(p_area text, p_from date, p_to date) RETURNS TABLE (week date, kind text, count bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT app.figure_week_of((c.entered_at AT TIME ZONE 'Asia/Tokyo')::date, 1), c.kind, count(*)
      FROM app.figure_area a JOIN app.cluster c USING (organisation_id)
     WHERE a.area = p_area AND c.entered_at >= app.figure_week_of(p_from, 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
       AND c.entered_at < (app.figure_week_of(p_to, 1) + 7)::timestamp AT TIME ZONE 'Asia/Tokyo'
     GROUP BY 1, 2
$$;
CREATE INDEX cluster_entered ON app.cluster (organisation_id, entered_at);

-- Whether the session's office reads the figures of an area: its own reach; and of the country and every prefecture the totals
-- of a day, which are public.
CREATE FUNCTION app.figure_readable(p_area text, p_totals boolean) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM app.figure_reach() r WHERE r.area = p_area OR (p_totals AND p_area !~ '^o'))
$$;

-- For staff: as app.figure_daily, app.figure_weekly and app.figure_clusters, and no row of what the office does not read.
CREATE FUNCTION app.figure_daily_seen(p_area text, p_series text[], p_from date, p_to date)
RETURNS TABLE (series text, day date, count bigint, level bigint, first_count bigint, first_level bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT d.* FROM app.figure_daily(p_area, p_series, p_from, p_to) d WHERE app.figure_readable(p_area, true)
$$;

CREATE FUNCTION app.figure_weekly_seen(p_area text, p_series text, p_from date, p_to date)
RETURNS TABLE (week date, cell text, count bigint, level bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT w.* FROM app.figure_weekly(p_area, p_series, p_from, p_to) w WHERE app.figure_readable(p_area, false)
$$;

CREATE FUNCTION app.figure_clusters_seen(p_area text, p_from date, p_to date) RETURNS TABLE (week date, kind text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.* FROM app.figure_clusters(p_area, p_from, p_to) c WHERE app.figure_readable(p_area, false)
$$;

-- Whom the figures of a centre count in a series. p_from and p_to are the days of new and death ('-infinity': until then); of the others
-- p_to is the day whose level it is. One branch each, so that each has its index. New and released, of whom there may be a million, come
-- the newest report first, as a list wants them: who wants fifty reads fifty. (Inlined, so without a search_path.)
CREATE FUNCTION app.figure_behind(p_organisation bigint, p_series text, p_from date, p_to date) RETURNS SETOF app.figure_case
LANGUAGE sql STABLE AS $$
    (SELECT n.* FROM app.figure_case n
      WHERE p_series IN ('new', 'place') AND n.organisation_id = p_organisation AND n.new_on BETWEEN p_from AND p_to
      ORDER BY n.new_on DESC, n.patient_id DESC)
    UNION ALL
    (SELECT n.* FROM app.figure_case n
      WHERE p_series = 'released' AND n.organisation_id = p_organisation AND n.new_on <= p_to AND n.released @> p_to
      ORDER BY n.new_on DESC, n.patient_id DESC)
    UNION ALL
    (SELECT n.* FROM app.figure_case n
      WHERE p_series = 'death' AND n.organisation_id = p_organisation AND n.dead_on BETWEEN p_from AND p_to)
    UNION ALL
    (SELECT n.* FROM app.figure_reaching(p_to) r JOIN app.figure_case n ON app.figure_length(n.severe) = r.length AND lower(n.severe) BETWEEN r.since AND p_to
      WHERE p_series = 'severe' AND n.organisation_id = p_organisation AND n.severe @> p_to)
    UNION ALL
    (SELECT n.* FROM app.figure_reaching(p_to) r JOIN app.figure_case n ON app.figure_length(n.care) = r.length AND lower(n.care) BETWEEN r.since AND p_to
      WHERE p_series = 'care' AND n.organisation_id = p_organisation AND n.care @> p_to)
    UNION ALL
    (SELECT n.* FROM app.figure_reaching(p_to) r JOIN app.figure_case n ON app.figure_length(n.confirming) = r.length AND lower(n.confirming) BETWEEN r.since AND p_to
      WHERE p_series = 'confirming' AND n.organisation_id = p_organisation AND n.confirming @> p_to)
$$;

-- Is somebody of those whom a list is asked for? NULL: all; of the series place a 場所区分; otherwise sex and age ('m30'), an age of both
-- sexes ('30'), or 'other', those that the published tables leave out.
CREATE FUNCTION app.figure_in_cell(p_series text, p_cell text, p_place text, p_wanted text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_wanted IS NULL OR CASE WHEN p_series = 'place' THEN p_place = p_wanted
                                    WHEN p_wanted = 'other' THEN p_cell !~ '^[mf](0|[1-9]0)$'
                                    ELSE p_wanted IN (p_cell, substr(p_cell, 2)) END
$$;

-- Does somebody count on one of some days, NULL: on any? A sum over days with gaps, as of those that were published, counts such people.
CREATE FUNCTION app.figure_on_day(p_series text, p_new date, p_dead date, p_days date[]) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_days IS NULL OR CASE p_series WHEN 'death' THEN p_dead ELSE p_new END = ANY (p_days)
$$;

-- What a patient must have let an office read before it learns whom a figure of this series counts.
CREATE FUNCTION app.figure_mask(p_series text) RETURNS integer
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT app.readable(CASE p_series WHEN 'new' THEN 'notification' WHEN 'place' THEN 'notification' WHEN 'severe' THEN 'grade' ELSE 'record' END)
$$;

-- The centres of an area from one on (NULL: from the first), in the order of a list, each with the session's office and with what a patient
-- must have let it read; none for who does not read the area. (Inlined, so without a search_path.)
CREATE FUNCTION app.figure_centres(p_area text, p_series text, p_centre bigint)
RETURNS TABLE (organisation_id bigint, office_id bigint, mask integer)
LANGUAGE sql STABLE AS $$
    WITH me AS MATERIALIZED (
        SELECT app.organisation_now() AS office_id, app.figure_mask(p_series) AS mask WHERE app.figure_readable(p_area, false)
    )
    SELECT f.organisation_id, me.office_id, me.mask
      FROM me CROSS JOIN (SELECT a.organisation_id FROM app.figure_area a
                           WHERE a.area = p_area AND a.organisation_id >= coalesce(p_centre, 0) ORDER BY a.organisation_id) f
$$;

-- Whom a figure counts: 51 patients of an area behind a row (NULLs: from the first), centre by centre, the newest report first, as
-- far as the session's office sees the patient and the tab that the figure is made of. Days as for app.figure_behind; p_cell: of these
-- alone (app.figure_in_cell); p_days: of new and death only those of these days (app.figure_on_day).
CREATE FUNCTION app.figure_list(p_area text, p_series text, p_from date, p_to date, p_cell text,
                                p_centre bigint, p_day date, p_patient bigint, p_days date[] DEFAULT NULL)
RETURNS TABLE (organisation_id bigint, new_on date, patient_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET enable_bitmapscan = off AS $$ -- what comes in order need not be fetched whole
    SELECT f.organisation_id, x.new_on, x.patient_id
      FROM app.figure_centres(p_area, p_series, p_centre) f
     CROSS JOIN LATERAL (
        SELECT c.new_on, c.patient_id
          FROM app.figure_behind(f.organisation_id, p_series, p_from, p_to) c
         WHERE app.figure_in_cell(p_series, c.cell, c.place, p_cell) AND app.figure_on_day(p_series, c.new_on, c.dead_on, p_days)
           AND (p_centre IS NULL OR f.organisation_id > p_centre OR (c.new_on, c.patient_id) < (p_day, p_patient))
           AND EXISTS (SELECT FROM app.access a WHERE a.organisation_id = f.office_id AND a.patient_id = c.patient_id
                                                  AND a.relations & f.mask <> 0 AND NOT a.sealed)
         ORDER BY c.new_on DESC, c.patient_id DESC LIMIT 51) x
     LIMIT 51
$$;

-- How many of those counted, of whom p_most are looked at, the session's office does not see.
CREATE FUNCTION app.figure_unseen(p_area text, p_series text, p_from date, p_to date, p_cell text, p_most integer,
                                  p_days date[] DEFAULT NULL) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' SET enable_bitmapscan = off AS $$
    WITH me AS MATERIALIZED (
        SELECT app.organisation_now() AS organisation_id, app.figure_mask(p_series) AS mask WHERE app.figure_readable(p_area, false)
    ), counted AS MATERIALIZED (
        SELECT c.patient_id FROM me CROSS JOIN app.figure_area f
         CROSS JOIN LATERAL app.figure_behind(f.organisation_id, p_series, p_from, p_to) c
         WHERE f.area = p_area AND app.figure_in_cell(p_series, c.cell, c.place, p_cell)
           AND app.figure_on_day(p_series, c.new_on, c.dead_on, p_days) LIMIT p_most
    )
    SELECT count(*) FROM me CROSS JOIN counted c
     WHERE NOT EXISTS (SELECT FROM app.access a WHERE a.organisation_id = me.organisation_id AND a.patient_id = c.patient_id
                                                  AND a.relations & me.mask <> 0 AND NOT a.sealed)
$$;

-- ---- keeping -----------------------------------------------------------------------------------------------------------

-- Keeps the figures of a day as it ended, of all areas; what was kept before stays. No row of an area: none was counted there
-- until then. New cases of the country have one in any case: that row says that the day was kept.
CREATE FUNCTION app.figure_keep(p_day date) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.figure_first (area, series, day, count, level, kept_at)
    SELECT x.area, x.series, p_day, coalesce(sum(x.count) FILTER (WHERE x.day = p_day), 0), sum(x.count), now()
      FROM (SELECT f.area, f.series, f.day, f.count FROM app.figure_day f WHERE f.day <= p_day
            UNION ALL
            SELECT a.area, d.series, d.day, d.change FROM app.figure_delta d JOIN app.figure_area a USING (organisation_id)
             WHERE d.day <= p_day
            UNION ALL
            SELECT '00', 'new', p_day, 0) x
     WHERE NOT EXISTS (SELECT FROM app.figure_first k WHERE k.area = '00' AND k.series = 'new' AND k.day = p_day)
     GROUP BY x.area, x.series
    ON CONFLICT DO NOTHING
$$;

-- ---- counting again ------------------------------------------------------------------------------------------------------

-- (All of them are counted again in memory, by src/main/recount.c, which adds what a row means on its own: two ways to the same numbers.)

-- Compares what the next p_limit patients behind p_after count as with their records: the last one looked at (NULL at the end), and
-- of whom it differs; also of who counts, but is not there any more.
CREATE FUNCTION app.figure_verify(p_after bigint, p_limit integer) RETURNS TABLE (last bigint, differs bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    few bigint[] := ARRAY((SELECT p.patient_id FROM app.patient p WHERE p.patient_id > p_after ORDER BY p.patient_id LIMIT p_limit)
                          UNION
                          (SELECT c.patient_id FROM app.figure_case c WHERE c.patient_id > p_after ORDER BY c.patient_id LIMIT p_limit)
                          ORDER BY 1 LIMIT p_limit);
BEGIN
    RETURN QUERY
    SELECT few[cardinality(few)], ARRAY(
        SELECT coalesce(w.patient_id, c.patient_id) FROM app.figure_case_of(few) w
          FULL JOIN (SELECT x.* FROM app.figure_case x WHERE x.patient_id = ANY (few)) c USING (patient_id)
         WHERE w IS DISTINCT FROM c);
END
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^figure_');
SELECT app.guard_tables('figure_case', 'figure_delta', 'figure_day', 'figure_week', 'figure_first');
GRANT SELECT ON app.figure_area, app.figure_series, app.population, app.figure_population, app.figure_people TO hersys_guard, hersys_jobs, hersys_staff;
GRANT SELECT ON app.population, app.figure_population, app.figure_people TO hersys_public; -- the published figures per 100,000
GRANT SELECT, DELETE ON app.figure_case TO hersys_jobs; -- of patients that are purged
GRANT SELECT, INSERT, UPDATE, DELETE ON app.figure_delta, app.figure_day, app.figure_week, app.figure_first TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.figure_follow(bigint[]) TO hersys_staff, hersys_jobs; -- derives, and changes nothing but what is derived
GRANT EXECUTE ON FUNCTION app.figure_daily_seen(text, text[], date, date), app.figure_weekly_seen(text, text, date, date),
    app.figure_clusters_seen(text, date, date), app.figure_reach(), app.figure_readable(text, boolean),
    app.figure_list(text, text, date, date, text, bigint, date, bigint, date[]),
    app.figure_unseen(text, text, date, date, text, integer, date[]), app.figure_week_of(date, integer) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.figure_fold(integer), app.figure_turn(), app.figure_keep(date), app.figure_verify(bigint, integer),
    app.figure_week_of(date, integer), app.figure_daily(text, text[], date, date), app.figure_weekly(text, text, date, date), app.figure_clusters(text, date, date)
    TO hersys_jobs;
GRANT SELECT ON app.cluster, app.organisation_above TO hersys_jobs;

-- Whoever was there before.
SELECT app.figure_follow(VARIADIC array_agg(p.patient_id)) FROM app.patient p GROUP BY p.patient_id / 10000;
