-- 総数報告 (日次報告, from 2022-09-26): how many people a clinic, or a follow-up centre those who registered themselves, has found
-- positive on a day, by age band; whether or not a 発生届 followed. One row for each reporter and day, so nobody counts twice.

CREATE TABLE app.daily_report (
    organisation_id bigint NOT NULL,
    day date NOT NULL,
    version integer NOT NULL DEFAULT 1,
    centre_id bigint NOT NULL,
    counts integer[] NOT NULL CHECK (cardinality(counts) = 14 AND 0 <= ALL (counts) AND 9999 >= ALL (counts)),
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, day)
);
COMMENT ON TABLE app.daily_report IS 'by organisation_id: 総数報告 of a day as it stands, by age band (core/daily.h), with the centre of whose area the reporter was then';
CREATE INDEX daily_report_centre ON app.daily_report (centre_id, day);

CREATE TABLE app.daily_report_change (
    organisation_id bigint NOT NULL,
    day date NOT NULL,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    account_id bigint NOT NULL,
    office_id bigint NOT NULL,
    counts integer[] NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (organisation_id, day, version)
);
COMMENT ON TABLE app.daily_report_change IS 'by organisation_id: every version of a 総数報告, the first too, with who entered it';

INSERT INTO app.setting (name, value, meaning) VALUES
    ('daily_report_from', '2022-09-26', '総数報告を入力できる最初の日');

-- In whose area a reporter is: its own centre, or that of its municipality, or the prefecture's fallback; NULL when nobody knows.
CREATE FUNCTION app.daily_report_centre(p_organisation bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT coalesce((SELECT p.organisation_id FROM app.organisation p WHERE p.organisation_id = o.parent_id AND p.kind = 'centre'),
                    (SELECT j.centre_id FROM app.jurisdiction j WHERE j.municipality_code = o.municipality_code),
                    (SELECT j.centre_id FROM app.jurisdiction j WHERE j.municipality_code = o.prefecture_code || '000'))
      FROM app.organisation o WHERE o.organisation_id = p_organisation
$$;

-- As what the session's office may enter the report of a day: 'own', for the reporter itself until the day ends on which it first
-- entered it (医療機関の訂正は当日のみ); 'above', for the prefecture or the city over its centre, any time (訂正機能①); NULL: not.
CREATE FUNCTION app.daily_report_right(p_organisation bigint, p_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT CASE WHEN s.organisation_id = p_organisation AND s.organisation_kind IN ('clinic', 'followup')
                     AND NOT EXISTS (SELECT FROM app.daily_report d WHERE d.organisation_id = p_organisation AND d.day = p_day
                                        AND (d.entered_at AT TIME ZONE 'Asia/Tokyo')::date < app.today()) THEN 'own'
                WHEN s.organisation_kind IN ('prefecture', 'city')
                     AND EXISTS (SELECT FROM app.organisation r WHERE r.organisation_id = p_organisation AND r.kind IN ('clinic', 'followup'))
                     AND EXISTS (SELECT FROM app.organisation_above u
                                  WHERE u.above_id = s.organisation_id
                                    AND u.organisation_id = coalesce((SELECT d.centre_id FROM app.daily_report d
                                                                       WHERE d.organisation_id = p_organisation AND d.day = p_day),
                                                                     app.daily_report_centre(p_organisation))) THEN 'above' END
      FROM app.session_now s
     WHERE p_day BETWEEN (SELECT value::date FROM app.setting WHERE name = 'daily_report_from') AND app.today()
$$;

-- Stores a report. p_version: of what the form showed, 0 for none. The same numbers again change nothing. HS403 without the right, HS422
-- without a reason where another's report is corrected, HS409 when somebody else was faster.
CREATE FUNCTION app.daily_report_store(p_organisation bigint, p_day date, p_version integer, p_counts integer[], p_reason text)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    as_what text := app.daily_report_right(p_organisation, p_day);
    stands app.daily_report;
    moment timestamptz;
BEGIN
    IF as_what IS NULL THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    ELSIF as_what = 'above' AND p_reason = '' THEN
        RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'HS422';
    END IF;
    PERFORM FROM app.organisation WHERE organisation_id = p_organisation FOR NO KEY UPDATE; -- one after another, also for the first
    moment := clock_timestamp();
    SELECT * INTO stands FROM app.daily_report WHERE organisation_id = p_organisation AND day = p_day;
    IF stands.counts = p_counts THEN
        RETURN;
    ELSIF coalesce(stands.version, 0) <> p_version THEN
        RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.daily_report AS d (organisation_id, day, centre_id, counts, entered_at)
    SELECT p_organisation, p_day, app.daily_report_centre(p_organisation), p_counts, moment
    ON CONFLICT (organisation_id, day) DO UPDATE SET version = d.version + 1, counts = EXCLUDED.counts;
    INSERT INTO app.daily_report_change (organisation_id, day, version, at, account_id, office_id, counts, reason)
    VALUES (p_organisation, p_day, p_version + 1, moment, app.account_now(), app.organisation_now(), p_counts, p_reason);
    PERFORM app.audit_append('daily_report', 'allowed', NULL, NULL, 'organisation ' || p_organisation || ' ' || p_day);
END
$$;

-- The table of a day, as it stands and as it stood at the cut-off (24:00 Japan): by prefecture for the ministry, by centre for the others
-- who see the centre; follow-up centres apart. One row for each band.
CREATE FUNCTION app.daily_report_table(p_day date)
RETURNS TABLE (code text, name text, followup boolean, band integer, count bigint, at_cutoff bigint, reporters bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH me AS (
        SELECT s.organisation_id, s.organisation_kind = 'ministry' AS nation FROM app.session_now s
    ), area AS (
        SELECT c.organisation_id AS centre_id, CASE WHEN me.nation THEN p.code ELSE c.code END AS code,
               CASE WHEN me.nation THEN p.name ELSE c.name END AS name
          FROM me CROSS JOIN app.organisation c JOIN app.prefecture p ON p.code = c.prefecture_code
         WHERE c.organisation_id = me.organisation_id
            OR EXISTS (SELECT FROM app.organisation_above u WHERE u.organisation_id = c.organisation_id AND u.above_id = me.organisation_id)
    )
    SELECT a.code, a.name, r.kind = 'followup', b.band::integer, sum(b.count), sum(b.at_cutoff), count(DISTINCT d.organisation_id)
      FROM area a
      JOIN app.daily_report d ON d.centre_id = a.centre_id AND d.day = p_day
      JOIN app.organisation r ON r.organisation_id = d.organisation_id
      LEFT JOIN LATERAL (SELECT h.counts FROM app.daily_report_change h
                          WHERE h.organisation_id = d.organisation_id AND h.day = d.day
                            AND h.at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
                          ORDER BY h.version DESC LIMIT 1) k ON true
     CROSS JOIN LATERAL (SELECT x.n AS band, d.counts[x.n] AS count, coalesce(k.counts[x.n], 0) AS at_cutoff
                           FROM generate_series(1, 14) x (n)) b
     GROUP BY a.code, a.name, r.kind = 'followup', b.band
     ORDER BY a.code, 3, b.band
$$;

SELECT app.guard_functions('^daily_report_');
SELECT app.guard_tables('daily_report', 'daily_report_change');
GRANT EXECUTE ON FUNCTION app.daily_report_right(bigint, date), app.daily_report_store(bigint, date, integer, integer[], text),
    app.daily_report_table(date) TO hersys_staff;
-- A reporter reads its own, the centre those of its area, and those above the centre.
CREATE POLICY office ON app.daily_report FOR SELECT TO hersys_staff USING (
    organisation_id = (SELECT app.organisation_now()) OR centre_id = (SELECT app.organisation_now())
    OR centre_id IN (SELECT u.organisation_id FROM app.organisation_above u WHERE u.above_id = (SELECT app.organisation_now())));
CREATE POLICY office ON app.daily_report_change FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.daily_report d WHERE d.organisation_id = daily_report_change.organisation_id AND d.day = daily_report_change.day));
GRANT SELECT ON app.daily_report, app.daily_report_change TO hersys_staff;
