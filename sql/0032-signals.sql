-- 早期の兆し: where, at what age and at what kind of place a week has more new cases than the weeks before let expect; found by the jobs
-- from the folded figures, looked at by the offices.

CREATE TABLE app.signal (
    area text NOT NULL,
    week date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('all', 'age', 'place')),
    cell text NOT NULL,
    count bigint NOT NULL,
    mean numeric(12, 2) NOT NULL,
    threshold numeric(12, 2) NOT NULL,
    weeks bigint[] NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (area, week, kind, cell)
);
COMMENT ON TABLE app.signal IS 'by own key: a week of an area whose new cases (all, of an age band, of a 場所区分) exceed the threshold of EARS C2; weeks: the counts of the nine weeks before';

CREATE TABLE app.signal_seen (
    area text NOT NULL,
    week date NOT NULL,
    kind text NOT NULL,
    cell text NOT NULL,
    organisation_id bigint NOT NULL,
    account_id bigint NOT NULL,
    at timestamptz NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (area, week, kind, cell, organisation_id)
);
COMMENT ON TABLE app.signal_seen IS 'by own key: which office has looked at a signal, who, and what came of it';

-- Finds the signals of a week by EARS C2 (Hutwagner et al. 2003; weeks in the place of days): the seven weeks that end two weeks before
-- give mean and standard deviation, a signal is more than mean + 3 standard deviations (at least 1, as the baseline may be even), and
-- five people. What was found before and holds no more goes, unless somebody has looked at it. How many there are.
CREATE FUNCTION app.signal_find(p_week date) RETURNS bigint
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    found bigint;
BEGIN
    WITH counted AS (
        SELECT f.area, k.kind, k.cell, (p_week - f.week) / 7 AS back, sum(f.count) AS count
          FROM app.figure_week f
         CROSS JOIN LATERAL (
               SELECT 'place' AS kind, f.cell WHERE f.series = 'place'
               UNION ALL SELECT v.kind, v.cell FROM (VALUES ('all', ''), ('age', substr(f.cell, 2))) v (kind, cell) WHERE f.series = 'new') k
         WHERE f.series IN ('new', 'place') AND f.week BETWEEN p_week - 63 AND p_week AND k.cell <> 'unknown'
         GROUP BY 1, 2, 3, 4
    ), series AS (
        SELECT c.area, c.kind, c.cell, coalesce(sum(c.count) FILTER (WHERE c.back = 0), 0) AS count,
               coalesce(sum(c.count) FILTER (WHERE c.back > 2), 0) / 7 AS mean,
               coalesce(sum(c.count * c.count) FILTER (WHERE c.back > 2), 0) AS squares,
               ARRAY(SELECT coalesce(sum(x.count), 0)::bigint FROM generate_series(9, 1, -1) n
                       LEFT JOIN unnest(array_agg(c.back), array_agg(c.count)) x (back, count) ON x.back = n GROUP BY n ORDER BY n DESC) AS weeks
          FROM counted c GROUP BY 1, 2, 3
    ), judged AS (
        SELECT s.*, s.mean + 3 * greatest(1, sqrt(greatest(0, (s.squares - 7 * s.mean * s.mean) / 6))) AS threshold FROM series s
    ), signals AS MATERIALIZED (
        SELECT j.* FROM judged j WHERE j.count >= 5 AND j.count > j.threshold
    ), gone AS (
        DELETE FROM app.signal g
         WHERE g.week = p_week AND NOT EXISTS (SELECT FROM signals s WHERE s.area = g.area AND s.kind = g.kind AND s.cell = g.cell)
           AND NOT EXISTS (SELECT FROM app.signal_seen n WHERE n.area = g.area AND n.week = g.week AND n.kind = g.kind AND n.cell = g.cell)
    ), kept AS (
        INSERT INTO app.signal AS g (area, week, kind, cell, count, mean, threshold, weeks)
        SELECT s.area, p_week, s.kind, s.cell, s.count, s.mean, s.threshold, s.weeks FROM signals s
        ON CONFLICT (area, week, kind, cell) DO UPDATE
           SET count = EXCLUDED.count, mean = EXCLUDED.mean, threshold = EXCLUDED.threshold, weeks = EXCLUDED.weeks
         WHERE (g.count, g.mean) <> (EXCLUDED.count, EXCLUDED.mean)
    )
    SELECT count(*) INTO found FROM signals;
    RETURN found;
END
$$;

-- The name of an area.
CREATE FUNCTION app.signal_area_name(p_area text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT CASE WHEN p_area = '00' THEN '全国'
                WHEN p_area ~ '^o' THEN (SELECT o.name FROM app.organisation o WHERE o.organisation_id = substr(p_area, 2)::bigint)
                ELSE (SELECT p.name FROM app.prefecture p WHERE p.code = p_area) END
$$;

SELECT app.guard_functions('^signal_');
SELECT app.guard_tables('signal', 'signal_seen');
GRANT SELECT, INSERT, UPDATE, DELETE ON app.signal TO hersys_jobs;
GRANT SELECT ON app.signal_seen TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.signal_find(date) TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.signal_area_name(text) TO hersys_staff;
GRANT SELECT ON app.signal TO hersys_staff;
GRANT SELECT, INSERT ON app.signal_seen TO hersys_staff;
CREATE POLICY office ON app.signal FOR SELECT TO hersys_staff USING (area IN (SELECT r.area FROM app.figure_reach() r));
-- What an office notes about a signal, whoever sees the signal reads.
CREATE POLICY office ON app.signal_seen FOR SELECT TO hersys_staff USING (area IN (SELECT r.area FROM app.figure_reach() r));
CREATE POLICY own ON app.signal_seen FOR INSERT TO hersys_staff
    WITH CHECK (organisation_id = (SELECT app.organisation_now()) AND account_id = (SELECT app.account_now())
                AND area IN (SELECT r.area FROM app.figure_reach() r));
