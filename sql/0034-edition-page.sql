-- 公表の版の画面: what the ministry sees of the editions, when they are made by themselves, and 「いま公表する」.

-- How many numbers of an edition there are, for each indicator and area; written with it, as an edition may have a million of them.
CREATE TABLE app.edition_count (
    edition_id bigint NOT NULL,
    indicator integer NOT NULL,
    area text NOT NULL,
    fresh bigint NOT NULL,
    corrected bigint NOT NULL,
    hidden bigint NOT NULL,
    PRIMARY KEY (edition_id, indicator, area)
);
COMMENT ON TABLE app.edition_count IS 'by own key: what an edition published of an indicator and an area: numbers that are new, numbers that differ from the edition before, and how many of both are hidden';

ALTER TABLE app.edition ADD COLUMN withheld bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN app.edition.withheld IS 'rows by sex and age that wait: their correction would tell somebody';

-- 「いま公表する」, until the jobs have done it. One for each last day: pressed twice, it is one.
CREATE TABLE app.edition_order (
    through date PRIMARY KEY,
    organisation_id bigint NOT NULL,
    account_id bigint NOT NULL,
    ordered_at timestamptz NOT NULL,
    done_at timestamptz,
    outcome text CHECK (outcome IN ('released', 'held_back', 'nothing', 'backwards')),
    CHECK ((done_at IS NULL) = (outcome IS NULL))
);
COMMENT ON TABLE app.edition_order IS 'by own key: the last order of the ministry to publish now what is counted until a day, and what came of it';

-- What each comparison of the figures with the records found, of the night or by hand.
CREATE TABLE app.figure_check (
    checked_at timestamptz PRIMARY KEY DEFAULT now(),
    patients bigint NOT NULL CHECK (patients >= 0),
    figures bigint NOT NULL CHECK (figures >= 0)
);
COMMENT ON TABLE app.figure_check IS 'by own key: how many patients counted as something else than their record said, and how many figures were not what the patients made';

-- The corrections of an edition are looked up by indicator and area.
CREATE INDEX published_edition_area ON app.published (edition_id, indicator, area, day, cell);
DROP INDEX app.published_edition;

-- How many published numbers each edition corrected, for the feed of corrections.
CREATE VIEW app.edition_corrected WITH (security_invoker = true) AS
SELECT e.edition_id, e.released_at, e.through,
       (SELECT coalesce(sum(c.corrected), 0) FROM app.edition_count c WHERE c.edition_id = e.edition_id)::bigint AS corrected
  FROM app.edition e WHERE e.released_at IS NOT NULL;

-- ---- the jobs ----------------------------------------------------------------------------------------------------------

-- Is an edition due: has the time of the day come, and was none made since; or has somebody ordered one?
CREATE FUNCTION app.edition_due() RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (SELECT FROM app.setting s
                    WHERE s.name = 'publish_at' AND s.value ~ '^([01]?[0-9]|2[0-3]):[0-5][0-9]$'
                      AND (now() AT TIME ZONE 'Asia/Tokyo')::time >= s.value::time
                      AND NOT EXISTS (SELECT FROM app.edition e
                                       WHERE e.made_at >= (app.today() + s.value::time) AT TIME ZONE 'Asia/Tokyo'))
        OR EXISTS (SELECT FROM app.edition_order o WHERE o.done_at IS NULL)
$$;

-- ---- the ministry ------------------------------------------------------------------------------------------------------

-- Every edition, also those that were held back: 21 from this one on (NULL: the newest) to the older ones. Nothing for anybody else.
CREATE FUNCTION app.edition_list(p_from bigint)
RETURNS TABLE (edition_id bigint, made_at timestamptz, through date, released boolean, reason text, withheld bigint,
               fresh bigint, corrected bigint, hidden bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT e.edition_id, e.made_at, e.through, e.released_at IS NOT NULL, e.reason, e.withheld,
           coalesce(sum(c.fresh), 0)::bigint, coalesce(sum(c.corrected), 0)::bigint, coalesce(sum(c.hidden), 0)::bigint
      FROM (SELECT x.* FROM app.edition x
             WHERE app.is_ministry() AND (p_from IS NULL OR x.edition_id <= p_from) ORDER BY x.edition_id DESC LIMIT 21) e
      LEFT JOIN app.edition_count c ON c.edition_id = e.edition_id
     GROUP BY e.edition_id, e.made_at, e.through, e.released_at, e.reason, e.withheld
     ORDER BY e.edition_id DESC
$$;

-- What an edition published of each indicator and area. Nothing for anybody but the ministry.
CREATE FUNCTION app.edition_counts(p_edition bigint) RETURNS SETOF app.edition_count
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT c.* FROM app.edition_count c WHERE app.is_ministry() AND c.edition_id = p_edition
$$;

-- The newest order, and who gave it. Nothing for anybody but the ministry.
CREATE FUNCTION app.edition_ordered()
RETURNS TABLE (through date, ordered_at timestamptz, done_at timestamptz, outcome text, holder text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT o.through, o.ordered_at, o.done_at, o.outcome, a.holder
      FROM app.edition_order o LEFT JOIN app.account a ON a.account_id = o.account_id
     WHERE app.is_ministry() ORDER BY o.ordered_at DESC LIMIT 1
$$;

-- The newest comparison. Nothing for anybody but the ministry.
CREATE FUNCTION app.edition_checked() RETURNS SETOF app.figure_check
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT k.* FROM app.figure_check k WHERE app.is_ministry() ORDER BY k.checked_at DESC LIMIT 1
$$;

-- Orders an edition up to yesterday, which must be the day that the page has named (HS409 when it is past midnight). One that waits
-- already is left as it is.
CREATE FUNCTION app.edition_order_now(p_through date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    IF p_through IS DISTINCT FROM app.today() - 1 THEN
        RAISE EXCEPTION 'another day' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.edition_order AS o (through, organisation_id, account_id, ordered_at)
    VALUES (p_through, app.organisation_now(), app.account_now(), now())
    ON CONFLICT (through) DO UPDATE
       SET organisation_id = EXCLUDED.organisation_id, account_id = EXCLUDED.account_id, ordered_at = EXCLUDED.ordered_at,
           done_at = NULL, outcome = NULL
     WHERE o.done_at IS NOT NULL;
END
$$;

-- Sets the time of the day at which an edition is made ('': never by itself; HS422 when it is none), in the place of the one that the page has
-- shown (HS409).
CREATE FUNCTION app.edition_time_set(p_shown text, p_value text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_ministry();
    IF p_value !~ '^(|([01][0-9]|2[0-3]):[0-5][0-9])$' THEN
        RAISE EXCEPTION 'no time of the day' USING ERRCODE = 'HS422';
    END IF;
    UPDATE app.setting s SET value = p_value WHERE s.name = 'publish_at' AND s.value = p_shown;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'changed meanwhile' USING ERRCODE = 'HS409';
    END IF;
END
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^edition_(due|list|counts|ordered|checked|order_now|time_set)$');
SELECT app.guard_tables('edition_count', 'edition_order', 'figure_check');
GRANT SELECT ON app.edition, app.account TO hersys_guard;
GRANT SELECT, UPDATE ON app.setting TO hersys_guard;
GRANT SELECT, INSERT ON app.edition_count TO hersys_jobs;
GRANT SELECT, UPDATE ON app.edition_order TO hersys_jobs;
GRANT SELECT, INSERT ON app.figure_check TO hersys_jobs;
GRANT SELECT ON app.edition_corrected TO hersys_public;
GRANT SELECT (edition_id, indicator, area, corrected) ON app.edition_count TO hersys_public;
CREATE POLICY everybody ON app.edition_count FOR SELECT TO hersys_public USING (true); -- only what was released has counts
GRANT EXECUTE ON FUNCTION app.edition_due() TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.edition_list(bigint), app.edition_counts(bigint), app.edition_ordered(), app.edition_checked(),
    app.edition_order_now(date), app.edition_time_set(text, text) TO hersys_staff;
