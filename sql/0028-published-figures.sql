-- 公表との差: what a prefecture, a city or a centre has published for its days, beside what the system counts (seed 4); whom the
-- difference may concern; and what an office above asks about it (照会), with the answer.

CREATE TABLE app.published_figure (
    area text NOT NULL,
    series text NOT NULL CHECK (series IN ('new', 'severe', 'death')),
    day date NOT NULL,
    version integer NOT NULL,
    count bigint NOT NULL CHECK (count >= 0),
    organisation_id bigint NOT NULL,
    entered_by bigint NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (area, series, day, version)
);
COMMENT ON TABLE app.published_figure IS 'by own key: what the office of an area has published for a day: how many new cases and deaths, how many 重症 there were; the highest version holds, the others are its history';

CREATE TABLE app.figure_inquiry (
    organisation_id bigint NOT NULL,
    inquiry_id bigint GENERATED ALWAYS AS IDENTITY,
    area text NOT NULL,
    series text NOT NULL CHECK (series IN ('new', 'severe', 'death')),
    day date NOT NULL,
    published bigint,
    counted bigint NOT NULL,
    question text NOT NULL,
    asker_id bigint NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    answer text,
    answered_by bigint,
    answered_at timestamptz,
    read_at timestamptz,
    PRIMARY KEY (organisation_id, inquiry_id)
);
COMMENT ON TABLE app.figure_inquiry IS 'by organisation_id: 照会, to the office of an area, about a day; with both figures as they stood when it was asked, and the 回答; neither is ever changed';
CREATE INDEX figure_inquiry_asker ON app.figure_inquiry (asker_id, asked_at);
CREATE INDEX figure_inquiry_area ON app.figure_inquiry (area, asked_at);

-- The area that the session's office publishes for: its own; NULL for who publishes nothing here.
CREATE FUNCTION app.published_area() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT CASE o.kind WHEN 'prefecture' THEN o.prefecture_code ELSE app.figure_area_of(o.organisation_id) END
      FROM app.organisation o
     WHERE o.organisation_id = app.organisation_now() AND o.kind IN ('prefecture', 'city', 'centre') AND NOT o.laboratory
$$;

-- Enters what the session's office has published; a row for each of three arrays of one length. What stands so already adds nothing.
-- How many figures are new or changed. HS403 for who publishes nothing.
CREATE FUNCTION app.published_save(p_series text[], p_days date[], p_counts bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine text := app.published_area();
    saved bigint;
BEGIN
    IF mine IS NULL THEN
        RAISE EXCEPTION 'publishes nothing' USING ERRCODE = 'HS403';
    END IF;
    PERFORM FROM app.organisation o WHERE o.organisation_id = app.organisation_now() FOR NO KEY UPDATE; -- one after another
    INSERT INTO app.published_figure (area, series, day, version, count, organisation_id, entered_by, entered_at)
    SELECT mine, x.series, x.day, coalesce(p.version, 0) + 1, x.count, app.organisation_now(), app.account_now(), now()
      FROM unnest(p_series, p_days, p_counts) x (series, day, count)
      LEFT JOIN LATERAL (SELECT y.version, y.count FROM app.published_figure y
                          WHERE y.area = mine AND y.series = x.series AND y.day = x.day ORDER BY y.version DESC LIMIT 1) p ON true
     WHERE p.count IS DISTINCT FROM x.count;
    GET DIAGNOSTICS saved = ROW_COUNT;
    RETURN saved;
END
$$;

-- What an area has published, day by day, and how often that was corrected.
CREATE FUNCTION app.published_newest(p_area text, p_from date, p_to date)
RETURNS TABLE (series text, day date, count bigint, corrected integer)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT DISTINCT ON (p.series, p.day) p.series, p.day, p.count, p.version - 1
      FROM app.published_figure p
     WHERE p.area = p_area AND p.day BETWEEN p_from AND p_to
     ORDER BY p.series, p.day, p.version DESC
$$;

-- The same, for whoever works with the area.
CREATE FUNCTION app.published_seen(p_area text, p_from date, p_to date)
RETURNS TABLE (series text, day date, count bigint, corrected integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.* FROM app.published_newest(p_area, p_from, p_to) n WHERE app.figure_readable(p_area, false)
$$;

-- What is counted of what an area publishes, for each day: new and death of that day, severe on it. As app.figure_daily, but of days before
-- p_from it reads severe alone.
CREATE FUNCTION app.published_counted(p_area text, p_from date, p_to date) RETURNS TABLE (series text, day date, value numeric)
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH asked AS (
        SELECT s.series, CASE s.series WHEN 'severe' THEN '-infinity' ELSE p_from END AS since
          FROM unnest('{new,severe,death}'::text[]) s (series)
    ), moved AS (
        SELECT f.series, f.day, f.count
          FROM asked a JOIN app.figure_day f ON f.area = p_area AND f.series = a.series AND f.day BETWEEN a.since AND p_to
        UNION ALL
        SELECT d.series, d.day, d.change
          FROM app.figure_area r JOIN app.figure_delta d USING (organisation_id)
          JOIN asked a ON a.series = d.series AND d.day BETWEEN a.since AND p_to
         WHERE r.area = p_area
        UNION ALL
        SELECT a.series, p_from + n, 0 FROM asked a CROSS JOIN generate_series(0, p_to - p_from) n
    ), by_day AS (
        SELECT m.series, greatest(m.day, p_from) AS day, sum(m.count) AS count FROM moved m GROUP BY 1, 2
    )
    SELECT b.series, b.day,
           CASE b.series WHEN 'severe' THEN sum(b.count) OVER (PARTITION BY b.series ORDER BY b.day) ELSE b.count END
      FROM by_day b
$$;

-- The areas that the session's office works with and that have published something for some days, in the country's order (`place`: prefecture,
-- then its cities and centres), 51 behind a place (NULL: from the first): what they published and what is counted on exactly those days, and on
-- how many of them that differs. The `count` of new and death, the level of severe.
CREATE FUNCTION app.published_below(p_from date, p_to date, p_place text)
RETURNS TABLE (place text, area text, name text, series text, days bigint, differing bigint, published numeric, counted numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    WITH named AS (
        SELECT r.area, coalesce(f.code, o.prefecture_code || o.code) COLLATE "C" AS place, coalesce(f.name, o.name) AS name
          FROM app.figure_reach() r
          LEFT JOIN app.prefecture f ON f.code = r.area
          LEFT JOIN app.organisation o ON o.organisation_id = CASE WHEN r.area ~ '^o' THEN substr(r.area, 2)::bigint END
    ), few AS MATERIALIZED (
        SELECT n.* FROM named n
         WHERE (p_place IS NULL OR n.place > p_place)
           AND EXISTS (SELECT FROM app.published_figure x
                        WHERE x.area = n.area AND x.series IN ('new', 'severe', 'death') AND x.day BETWEEN p_from AND p_to)
         ORDER BY n.place LIMIT 51
    )
    SELECT n.place, n.area, n.name, x.*
      FROM few n
     CROSS JOIN LATERAL ( -- area by area, so that its days are joined with its days; all of them are within the reach
           SELECT series, count(*), count(*) FILTER (WHERE p.count <> c.value), sum(p.count), sum(c.value)
             FROM app.published_counted(n.area, p_from, p_to) c
             JOIN app.published_newest(n.area, p_from, p_to) p USING (series, day)
            GROUP BY series) x
     ORDER BY n.place, x.series
$$;

-- ---- whom a difference may concern -----------------------------------------------------------------------------------

-- Patients of an area, 51 behind a row, of whom something is missing that a figure of a day needs, and what:
--   new     reported on the day, and not counted (疑似症 not decided, 陰性, 取下げ, no 診断分類)
--   severe  in hospital on the day and not counted as severe, without any entry of 重症度
--   death   whose date or place of death is missing; or without a status, reported in the 60 days before
CREATE FUNCTION app.figure_missing(p_area text, p_series text, p_day date, p_centre bigint, p_patient bigint)
RETURNS TABLE (organisation_id bigint, patient_id bigint, missing text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT f.organisation_id, x.patient_id, x.missing
      FROM app.figure_centres(p_area, p_series, p_centre) f
     CROSS JOIN LATERAL (
        SELECT m.patient_id, m.missing
          FROM (SELECT a.patient_id, 'uncounted' AS missing FROM app.access a
                 WHERE p_series = 'new' AND a.organisation_id = f.organisation_id AND a.relations & 2 <> 0 AND NOT a.sealed
                   AND a.listed_at >= p_day::timestamp AT TIME ZONE 'Asia/Tokyo' AND a.listed_at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
                   AND NOT EXISTS (SELECT FROM app.figure_case c WHERE c.patient_id = a.patient_id)
                UNION ALL
                SELECT c.patient_id, 'severity' FROM app.figure_case c
                 WHERE p_series = 'severe' AND c.organisation_id = f.organisation_id AND c.new_on <= p_day AND c.care @> p_day
                   AND EXISTS (SELECT FROM app.patient_status s WHERE s.patient_id = c.patient_id AND s.status = 'hospital'
                                  AND s.since <= p_day AND s.withdrawn_at IS NULL)
                   AND NOT EXISTS (SELECT FROM app.entry e WHERE e.patient_id = c.patient_id AND e.tab = 'grade' AND e.withdrawn_at IS NULL)
                   AND NOT coalesce(c.severe @> p_day, false)
                UNION ALL
                SELECT t.patient_id, t.kind FROM app.todo t
                 WHERE p_series = 'death' AND t.organisation_id = f.organisation_id AND t.kind = 'death_incomplete'
                UNION ALL
                SELECT t.patient_id, t.kind FROM app.figure_case c JOIN app.todo t ON t.patient_id = c.patient_id
                 WHERE p_series = 'death' AND c.organisation_id = f.organisation_id AND c.new_on BETWEEN p_day - 60 AND p_day
                   AND t.organisation_id = f.organisation_id AND t.kind = 'status_missing') m
         WHERE (p_centre IS NULL OR f.organisation_id > p_centre OR m.patient_id > p_patient)
           AND EXISTS (SELECT FROM app.access a WHERE a.organisation_id = f.office_id AND a.patient_id = m.patient_id
                                                  AND a.relations & f.mask <> 0 AND NOT a.sealed)
         ORDER BY m.patient_id LIMIT 51) x
     LIMIT 51
$$;

-- ---- 照会 and 回答 ----------------------------------------------------------------------------------------------------

-- Asks the office of an area below the session's own about a day. HS403 when it is not below, or nobody there
-- could answer.
CREATE FUNCTION app.figure_ask(p_area text, p_series text, p_day date, p_question text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    office bigint;
    asked bigint;
BEGIN
    IF NOT app.figure_readable(p_area, false) OR p_area IS NOT DISTINCT FROM app.published_area() OR p_area = '00' THEN
        RAISE EXCEPTION 'not below' USING ERRCODE = 'HS403';
    END IF;
    SELECT o.organisation_id INTO office FROM app.organisation o
     WHERE CASE WHEN p_area ~ '^o' THEN app.figure_area_of(o.organisation_id) = p_area
                ELSE o.kind = 'prefecture' AND o.prefecture_code = p_area END AND o.closed_at IS NULL
     ORDER BY o.organisation_id LIMIT 1;
    IF office IS NULL THEN
        RAISE EXCEPTION 'nobody to ask' USING ERRCODE = 'HS403';
    END IF;
    INSERT INTO app.figure_inquiry (organisation_id, area, series, day, published, counted, question, asker_id, asked_by, asked_at)
    SELECT office, p_area, p_series, p_day,
           (SELECT p.count FROM app.published_seen(p_area, p_day, p_day) p WHERE p.series = p_series),
           (SELECT CASE p_series WHEN 'severe' THEN d.level ELSE d.count END FROM app.figure_daily(p_area, ARRAY[p_series], p_day, p_day) d),
           p_question, app.organisation_now(), app.account_now(), now()
    RETURNING inquiry_id INTO asked;
    RETURN asked;
END
$$;

-- Answers an inquiry to the session's own office; once. HS409 when it was answered already, or is none.
CREATE FUNCTION app.figure_answer(p_inquiry bigint, p_answer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE app.figure_inquiry i SET answer = p_answer, answered_by = app.account_now(), answered_at = now()
     WHERE i.organisation_id = app.organisation_now() AND i.inquiry_id = p_inquiry AND i.answered_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'answered already' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- The office that asked has read the answer.
CREATE FUNCTION app.figure_answer_read(p_inquiry bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE app.figure_inquiry i SET read_at = coalesce(i.read_at, now())
     WHERE i.asker_id = app.organisation_now() AND i.inquiry_id = p_inquiry AND i.answered_at IS NOT NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not yours' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- Inquiries that concern the session's office: those about an area of its reach (NULL: every area). First those that wait for it, to be
-- answered or their answer to be read, then the others, the newest first; 51 behind a row (p_asked NULL: from the first).
CREATE FUNCTION app.figure_inquiries(p_area text, p_waiting boolean, p_asked timestamptz, p_inquiry bigint)
RETURNS TABLE (inquiry_id bigint, area text, series text, day date, published bigint, counted bigint, question text, asker text,
               asked_at timestamptz, office text, answer text, answered_at timestamptz, to_answer boolean, to_read boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT i.inquiry_id, i.area, i.series, i.day, i.published, i.counted, i.question, k.name, i.asked_at, o.name, i.answer, i.answered_at,
           w.to_answer, w.to_read
      FROM app.figure_inquiry i
      JOIN app.organisation k ON k.organisation_id = i.asker_id
      JOIN app.organisation o ON o.organisation_id = i.organisation_id
     CROSS JOIN LATERAL (
           SELECT i.organisation_id = app.organisation_now() AND i.answered_at IS NULL AS to_answer,
                  i.asker_id = app.organisation_now() AND i.answered_at IS NOT NULL AND i.read_at IS NULL AS to_read) w
     WHERE (p_area IS NULL OR i.area = p_area) AND i.area IN (SELECT r.area FROM app.figure_reach() r)
       AND (p_asked IS NULL OR (w.to_answer OR w.to_read, i.asked_at, i.inquiry_id) < (p_waiting, p_asked, p_inquiry))
     ORDER BY (w.to_answer OR w.to_read) DESC, i.asked_at DESC, i.inquiry_id DESC LIMIT 51
$$;

-- For the page of the day: inquiries that the session's office has to answer, and answers that it has not read.
CREATE FUNCTION app.figure_inquiry_counts() RETURNS TABLE (to_answer bigint, to_read bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT (SELECT count(*) FROM app.figure_inquiry i WHERE i.organisation_id = app.organisation_now() AND i.answered_at IS NULL),
           (SELECT count(*) FROM app.figure_inquiry i
             WHERE i.asker_id = app.organisation_now() AND i.answered_at IS NOT NULL AND i.read_at IS NULL)
$$;

SELECT app.guard_functions('^(published_|figure_(missing|ask|answer|inquir))');
SELECT app.guard_tables('published_figure', 'figure_inquiry');
GRANT SELECT ON app.published_figure TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.published_area(), app.published_save(text[], date[], bigint[]), app.published_seen(text, date, date),
    app.published_below(date, date, text), app.figure_missing(text, text, date, bigint, bigint), app.figure_ask(text, text, date, text),
    app.figure_answer(bigint, text), app.figure_answer_read(bigint), app.figure_inquiries(text, boolean, timestamptz, bigint), app.figure_inquiry_counts() TO hersys_staff;
