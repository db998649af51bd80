-- 公表: what has been published, edition by edition (版). An edition holds what the figures said when it was made, with cells hidden so
-- that nobody can be told from it (src/core/disclose.h); a row stands only where it differs from the edition before, so that the rows
-- of a later edition are its corrections and its new days.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('publish_at', '16:00', '公表: 前日までの数値の版を毎日つくる時刻（日本時間）。空にすると自動ではつくらない');

CREATE TABLE app.edition (
    edition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL,
    through date NOT NULL,
    released_at timestamptz,
    reason text,
    CHECK ((released_at IS NULL) <> (reason IS NULL))
);
COMMENT ON TABLE app.edition IS 'by own key: 版: the figures as published at a time; what was held back has published nothing';
COMMENT ON COLUMN app.edition.through IS 'the last day that it holds';
COMMENT ON COLUMN app.edition.reason IS 'why it was held back, in Japanese; NULL: it was released';

CREATE TABLE app.published (
    indicator integer NOT NULL CHECK (indicator BETWEEN 1 AND 11),
    area text NOT NULL,
    day date NOT NULL,
    cell text NOT NULL,
    edition_id bigint NOT NULL,
    value bigint,
    PRIMARY KEY (indicator, area, day, cell, edition_id)
);
COMMENT ON TABLE app.published IS 'by own key: what an edition says that the one before did not; NULL: hidden (*). Public, and only ever appended';
COMMENT ON COLUMN app.published.area IS '00: the country; 01 to 47: a prefecture';
COMMENT ON COLUMN app.published.day IS 'the day, or the first day of the week';
COMMENT ON COLUMN app.published.cell IS '"" of indicators 1, 5, 6, 8; care, released, confirming of 10; m0 to f90 of 3, 4, 7, 9; the column of 11, 0 to 10. Indicator 2 is reckoned from 1';
CREATE INDEX published_edition ON app.published (edition_id);

CREATE TABLE app.published_now (
    indicator integer NOT NULL,
    area text NOT NULL,
    day date NOT NULL,
    cell text NOT NULL,
    edition_id bigint NOT NULL,
    first_edition_id bigint NOT NULL,
    value bigint,
    PRIMARY KEY (indicator, area, day, cell)
);
COMMENT ON TABLE app.published_now IS 'by own key: the newest row of app.published for each key, and the edition that had it first; moved on in the transaction that releases';
-- All of the key, in another order: whichever index a plan chose while the table was empty, a number is found at once.
CREATE INDEX published_now_day ON app.published_now (indicator, day, area, cell);

CREATE TABLE app.edition_base (
    series text NOT NULL,
    area text NOT NULL,
    week date NOT NULL,
    cell text NOT NULL,
    value bigint NOT NULL,
    least bigint NOT NULL,
    owed smallint NOT NULL,
    owed_sum smallint NOT NULL,
    PRIMARY KEY (series, area, week, cell)
);
COMMENT ON TABLE app.edition_base IS 'by own key: the numbers by sex and age behind the newest edition, hidden ones too, of the country and the prefectures; corrections that would tell somebody are not in it';
COMMENT ON COLUMN app.edition_base.least IS 'the fewest that any edition had behind this number';
COMMENT ON COLUMN app.edition_base.owed IS 'how far apart its least and most possible must lie, as when it was first few (1 to 4) in an edition; 0: it never was';
COMMENT ON COLUMN app.edition_base.owed_sum IS 'the same of the sum until the end of the week';

-- ---- what is to be published --------------------------------------------------------------------------------------------

-- The country and the prefectures.
CREATE VIEW app.edition_area WITH (security_invoker = true) AS
SELECT '00' AS area UNION ALL SELECT p.code FROM app.prefecture p;

-- The first day that any case counts on, or that is published: what was withdrawn there is to be corrected. NULL when there is none.
CREATE FUNCTION app.edition_first() RETURNS date
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT least((SELECT min(f.day) FROM app.figure_day f WHERE f.area = '00' AND f.series = 'new' AND f.count > 0),
                 (SELECT min(d.day) FROM app.figure_delta d WHERE d.series = 'new' AND d.change > 0),
                 (SELECT min(n.day) FROM app.published_now n WHERE n.indicator = 1))
$$;

-- Publishes numbers as far as they differ from what is published; how many did. Each is looked up by its key (LIMIT keeps the planner from
-- joining): the plan is made once for all areas of an edition, of the first one while the table is still empty.
CREATE FUNCTION app.edition_write(p_edition bigint, p_indicators integer[], p_areas text[], p_days date[], p_cells text[], p_values bigint[])
RETURNS bigint
LANGUAGE sql SET search_path = '' SET enable_seqscan = off AS $$
    WITH moved AS MATERIALIZED (
        SELECT f.* FROM unnest(p_indicators, p_areas, p_days, p_cells, p_values) f (indicator, area, day, cell, value)
          LEFT JOIN LATERAL (SELECT p.indicator, p.value FROM app.published_now p
                              WHERE p.indicator = f.indicator AND p.area = f.area AND p.day = f.day AND p.cell = f.cell LIMIT 1) n ON true
         WHERE n.indicator IS NULL OR n.value IS DISTINCT FROM f.value
    ), appended AS (
        INSERT INTO app.published (indicator, area, day, cell, edition_id, value)
        SELECT m.indicator, m.area, m.day, m.cell, p_edition, m.value FROM moved m
    ), newest AS (
        INSERT INTO app.published_now (indicator, area, day, cell, edition_id, first_edition_id, value)
        SELECT m.indicator, m.area, m.day, m.cell, p_edition, p_edition, m.value FROM moved m
        ON CONFLICT (indicator, area, day, cell) DO UPDATE SET edition_id = EXCLUDED.edition_id, value = EXCLUDED.value
    )
    SELECT count(*) FROM moved
$$;

-- By how much more (or fewer) is published of each day than is counted of a prefecture, so that the rows by sex and age that wait (series,
-- area, week) have the totals that they were published with. Who is published and not counted is given as 確認中.
CREATE FUNCTION app.edition_waiting(p_through date, p_series text[], p_areas text[], p_weeks date[])
RETURNS TABLE (series text, area text, day date, change numeric)
LANGUAGE sql STABLE SET search_path = '' SET enable_seqscan = off AS $$
    WITH counted AS MATERIALIZED (
        SELECT w.series, w.area, d.day, d.count, d.level, CASE w.series WHEN 'new' THEN 1 WHEN 'severe' THEN 6 ELSE 8 END AS indicator
          FROM unnest(p_series, p_areas, p_weeks) w (series, area, week)
         CROSS JOIN LATERAL app.figure_daily(w.area, ARRAY[w.series], w.week, least(w.week + 6, p_through)) d
    ), waiting AS MATERIALIZED ( -- each number by its key, as in app.edition_write
        SELECT c.series, c.area, c.day,
               CASE c.series WHEN 'severe' THEN n.value - c.level WHEN 'new' THEN n.value - c.count
                             ELSE n.value - coalesce(b.value, 0) - c.count END AS change
          FROM counted c
         CROSS JOIN LATERAL (SELECT p.value FROM app.published_now p
                              WHERE p.indicator = c.indicator AND p.area = c.area AND p.day = c.day AND p.cell = '' LIMIT 1) n
          LEFT JOIN LATERAL (SELECT p.value FROM app.published_now p
                              WHERE p.indicator = c.indicator AND p.area = c.area AND p.day = c.day - 1 AND p.cell = '' LIMIT 1) b ON true
    ), every AS (
        SELECT w.series, w.area, w.day, w.change FROM waiting w
        UNION ALL
        SELECT 'confirming', w.area, w.day, CASE w.series WHEN 'new' THEN w.change ELSE -w.change END FROM waiting w WHERE w.series <> 'severe'
    )
    SELECT e.series, e.area, e.day, sum(e.change) FROM every e WHERE e.change <> 0 GROUP BY 1, 2, 3
$$;

-- Indicators 1, 5, 6, 8 and 10 of every day up to one, for all areas: totals, of which nothing is hidden, but which wait where the rows
-- by sex and age do. The country is the sum of its prefectures as published, also where more than the 確認中 of one would have to be taken off
-- and 0 stays. How many have moved.
CREATE FUNCTION app.edition_write_totals(p_edition bigint, p_through date, p_series text[], p_areas text[], p_weeks date[]) RETURNS bigint
LANGUAGE sql SET search_path = '' AS $$
    WITH waiting AS MATERIALIZED (
        SELECT w.* FROM app.edition_waiting(p_through, p_series, p_areas, p_weeks) w
    ), told AS MATERIALIZED (
        SELECT a.area, d.series, d.day, d.count + coalesce(w.change, 0) AS count,
               greatest(0, d.level + CASE WHEN d.series = 'severe' THEN coalesce(w.change, 0)
                                          ELSE coalesce(sum(w.change) OVER (PARTITION BY a.area, d.series ORDER BY d.day), 0) END) AS level
          FROM app.edition_area a
         CROSS JOIN LATERAL app.figure_daily(a.area, ARRAY['new', 'severe', 'death', 'care', 'released', 'confirming'],
                                             app.edition_first(), p_through) d
          LEFT JOIN waiting w ON w.series = d.series AND w.area = a.area AND w.day = d.day
         WHERE a.area <> '00'
    ), summed AS (
        SELECT t.* FROM told t UNION ALL SELECT '00', t.series, t.day, sum(t.count), sum(t.level) FROM told t GROUP BY t.series, t.day
    )
    SELECT coalesce(sum(app.edition_write(p_edition, x.indicators, x.areas, x.days, x.cells, x."values")), 0)::bigint
      FROM (SELECT array_agg(v.indicator) AS indicators, array_agg(t.area) AS areas, array_agg(t.day) AS days, array_agg(v.cell) AS cells,
                   array_agg(v.value::bigint) AS "values"
              FROM summed t
             CROSS JOIN LATERAL (VALUES ('new', 1, '', t.count), ('new', 5, '', t.level), ('severe', 6, '', t.level),
                                        ('death', 8, '', t.level), ('care', 10, 'care', t.level), ('released', 10, 'released', t.level),
                                        ('confirming', 10, 'confirming', t.level)) v (series, indicator, cell, value)
             WHERE v.series = t.series
             GROUP BY t.area) x
$$;

-- Indicator 11 of every whole week up to a day. p_places and p_kinds: which kinds of place a column names; column 0 has all, the last
-- what no other names.
CREATE FUNCTION app.edition_write_places(p_edition bigint, p_through date, p_columns integer, p_places integer[], p_kinds text[])
RETURNS bigint
LANGUAGE sql SET search_path = '' AS $$
    WITH week AS MATERIALIZED (
        SELECT app.figure_week_of(app.edition_first(), 1) + 7 * n AS week
          FROM generate_series(0, (p_through - 6 - app.figure_week_of(app.edition_first(), 1)) / 7) n
         WHERE app.figure_week_of(app.edition_first(), 1) + 6 <= p_through
    ), named AS (
        SELECT * FROM unnest(p_places, p_kinds) n (place, kind)
    ), counted AS MATERIALIZED (
        SELECT a.area, c.week, p.place, sum(c.count) AS count
          FROM app.edition_area a
         CROSS JOIN LATERAL app.figure_clusters(a.area, app.edition_first(), p_through) c
         CROSS JOIN LATERAL (SELECT 0 UNION ALL SELECT n.place FROM named n WHERE n.kind = c.kind
                             UNION ALL SELECT p_columns - 1 WHERE NOT EXISTS (SELECT FROM named n WHERE n.kind = c.kind)) p (place)
         GROUP BY a.area, c.week, p.place
    )
    SELECT app.edition_write(p_edition, array_agg(11), array_agg(a.area), array_agg(w.week), array_agg(p.place::text),
                             array_agg(coalesce(c.count, 0)::bigint))
      FROM app.edition_area a CROSS JOIN week w CROSS JOIN generate_series(0, p_columns - 1) p (place)
      LEFT JOIN counted c ON c.area = a.area AND c.week = w.week AND c.place = p.place
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^edition_');
SELECT app.guard_tables('edition', 'published', 'published_now', 'edition_base');
GRANT EXECUTE ON FUNCTION app.edition_first(),
    app.edition_write(bigint, integer[], text[], date[], text[], bigint[]), app.edition_waiting(date, text[], text[], date[]),
    app.edition_write_totals(bigint, date, text[], text[], date[]),
    app.edition_write_places(bigint, date, integer, integer[], text[]) TO hersys_jobs;
GRANT SELECT ON app.edition_area, app.prefecture TO hersys_jobs, hersys_guard;
GRANT SELECT, INSERT, UPDATE ON app.edition_base TO hersys_jobs;
GRANT SELECT, INSERT ON app.edition, app.published TO hersys_jobs;
GRANT SELECT, INSERT, UPDATE ON app.published_now TO hersys_jobs;
GRANT SELECT ON app.edition, app.published, app.published_now TO hersys_public, hersys_staff;
CREATE POLICY released ON app.edition FOR SELECT TO hersys_public, hersys_staff USING (released_at IS NOT NULL);
CREATE POLICY everybody ON app.published FOR SELECT TO hersys_public, hersys_staff USING (true);
CREATE POLICY everybody ON app.published_now FOR SELECT TO hersys_public, hersys_staff USING (true);
