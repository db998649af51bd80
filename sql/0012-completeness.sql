-- 入力状況: how many patients of a centre lack what the sources of the system found missing, kept as the patients change; the
-- weekly trend, and the mail that reminds a centre. Nothing of it is counted on a page: every change appends its signed
-- difference in its own transaction, `hersys jobs` folds those, and a page adds up the two.

CREATE TABLE app.tally_kind (
    kind text PRIMARY KEY,
    place integer NOT NULL,
    tab text NOT NULL
);
COMMENT ON TABLE app.tally_kind IS 'reference: the kinds of app.todo that the completeness counts, and the tab whose readers may see whom it concerns';
INSERT INTO app.tally_kind (kind, place, tab) VALUES
    ('unconfirmed', 1, 'confirmation'), ('status_missing', 2, 'record'), ('place_missing', 3, 'notification'),
    ('passport_missing', 4, 'basic'), ('death_incomplete', 5, 'record'), ('items_missing', 6, 'notification');

CREATE TABLE app.tally (
    organisation_id bigint NOT NULL,
    kind text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (organisation_id, kind)
);
COMMENT ON TABLE app.tally IS 'by organisation_id: of how many of its patients a responsible centre has still to enter something, by kind; the kind patients counts all of them';

CREATE TABLE app.tally_delta (
    organisation_id bigint NOT NULL,
    delta_id bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    change bigint NOT NULL,
    PRIMARY KEY (organisation_id, delta_id)
);
COMMENT ON TABLE app.tally_delta IS 'by organisation_id: what has changed since app.tally was folded; only ever appended, so that no two people wait for a row';

CREATE TABLE app.tally_week (
    organisation_id bigint NOT NULL,
    week date NOT NULL,
    kind text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (organisation_id, week, kind)
);
COMMENT ON TABLE app.tally_week IS 'by organisation_id: the same as it stood on a Monday (Asia/Tokyo)';

CREATE TABLE app.tally_week_done (
    week date PRIMARY KEY,
    done_at timestamptz NOT NULL
);
COMMENT ON TABLE app.tally_week_done IS 'reference: the Mondays that app.tally_week holds; one row is one run';

CREATE TABLE app.digest (
    organisation_id bigint PRIMARY KEY,
    weekday integer NOT NULL CHECK (weekday BETWEEN 0 AND 7)
);
COMMENT ON TABLE app.digest IS 'by organisation_id: the weekday on which a centre is reminded by mail, 1 is Monday, 0 never; without a row Monday';

CREATE TABLE app.digest_sent (
    organisation_id bigint NOT NULL,
    week date NOT NULL,
    queued_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, week)
);
COMMENT ON TABLE app.digest_sent IS 'by organisation_id: the weeks, by their Monday, for which a centre got its mail; the key sends it once';

ALTER TABLE app.outbox ADD COLUMN numbers jsonb;
COMMENT ON COLUMN app.outbox.numbers IS 'figures that the words of the message show, by kind; never anything of a patient';

GRANT CREATE ON SCHEMA app TO hersys_guard;

-- ---- counting ------------------------------------------------------------------------------------------------------

-- Where a patient counts, as "organisation kind": with the responsible centre, unless all of it is deleted.
CREATE FUNCTION app.tally_state(p_patient bigint) RETURNS text[]
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce(array_agg(a.organisation_id || ' ' || k.kind), '{}')
      FROM app.access a
     CROSS JOIN LATERAL (
           SELECT 'patients' AS kind
           UNION ALL SELECT t.kind FROM app.todo t JOIN app.tally_kind USING (kind)
                      WHERE t.organisation_id = a.organisation_id AND t.patient_id = a.patient_id) k
     WHERE a.patient_id = p_patient AND a.relations & 2 <> 0 AND NOT a.sealed
$$;

-- Appends what is different from how the patient counted before. Whoever changes app.access or app.todo asks for the state
-- first and ends with this.
CREATE FUNCTION app.tally_follow(p_patient bigint, p_before text[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.tally_delta (organisation_id, kind, change)
    SELECT split_part(x.counted, ' ', 1)::bigint, split_part(x.counted, ' ', 2), sum(x.change)
      FROM (SELECT unnest(p_before) AS counted, -1 AS change
            UNION ALL SELECT unnest(app.tally_state(p_patient)), 1) x
     GROUP BY x.counted HAVING sum(x.change) <> 0
$$;

-- What folded and unfolded together say of a centre.
CREATE FUNCTION app.tally_of(p_centre bigint) RETURNS TABLE (kind text, count bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT x.kind, sum(x.count)::bigint
      FROM (SELECT t.kind, t.count FROM app.tally t WHERE t.organisation_id = p_centre
            UNION ALL SELECT d.kind, d.change FROM app.tally_delta d WHERE d.organisation_id = p_centre) x
     GROUP BY x.kind
$$;

-- Counts the patients of a centre one by one and says where that differs from what is kept: nowhere, unless there is a bug.
CREATE FUNCTION app.tally_differences(p_centre bigint) RETURNS TABLE (kind text, kept bigint, counted bigint)
LANGUAGE sql STABLE SET search_path = '' AS $$
    WITH mine AS (
        SELECT a.patient_id FROM app.access a
         WHERE a.organisation_id = p_centre AND a.relations & 2 <> 0 AND NOT a.sealed
    ), counted AS (
        SELECT 'patients' AS kind, count(*) AS count FROM mine
        UNION ALL
        SELECT t.kind, count(*) FROM app.todo t JOIN app.tally_kind USING (kind) JOIN mine USING (patient_id)
         WHERE t.organisation_id = p_centre GROUP BY t.kind
    )
    SELECT kind, coalesce(k.count, 0), coalesce(c.count, 0)
      FROM app.tally_of(p_centre) k FULL JOIN counted c USING (kind)
     WHERE coalesce(k.count, 0) <> coalesce(c.count, 0)
$$;

-- Puts right what the comparison found; for the operator, after the bug is found.
CREATE FUNCTION app.tally_mend(p_centre bigint) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.tally_delta (organisation_id, kind, change)
    SELECT p_centre, kind, counted - kept FROM app.tally_differences(p_centre)
$$;

SELECT app.tally_mend(o.organisation_id) FROM app.organisation o WHERE o.kind = 'centre';

-- ---- showing -------------------------------------------------------------------------------------------------------

-- May the session's office see the figures of this centre: its own, or those of a centre below it?
CREATE FUNCTION app.oversees(p_centre bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT p_centre = app.organisation_now()
        OR EXISTS (SELECT FROM app.organisation_above u
                    WHERE u.organisation_id = p_centre AND u.above_id = app.organisation_now())
$$;

-- Of whom a centre lacks something, the oldest 51 behind a row: as far as the session's office sees both the centre and,
-- through its own relation to each patient, the tab where it is missing.
CREATE FUNCTION app.tally_list(p_centre bigint, p_kind text, p_since timestamptz, p_patient bigint)
RETURNS TABLE (patient_id bigint, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT t.patient_id, t.since
      FROM app.tally_kind k
      JOIN app.todo t ON t.organisation_id = p_centre AND t.kind = k.kind
      JOIN app.access r ON r.organisation_id = t.organisation_id AND r.patient_id = t.patient_id
                       AND r.relations & 2 <> 0 AND NOT r.sealed
      JOIN app.access a ON a.organisation_id = app.organisation_now() AND a.patient_id = t.patient_id
     WHERE k.kind = p_kind AND app.oversees(p_centre) AND a.relations & app.readable(k.tab) <> 0
       AND (t.since, t.patient_id) > (p_since, p_patient)
     ORDER BY t.since, t.patient_id LIMIT 51
$$;

-- ---- every week ----------------------------------------------------------------------------------------------------

-- The Monday of a moment, in Japan.
CREATE FUNCTION app.week_of(p_at timestamptz) RETURNS date
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT date_trunc('week', p_at AT TIME ZONE 'Asia/Tokyo')::date
$$;

-- Keeps how the centres stand at this Monday; once, whoever asks how often.
CREATE FUNCTION app.tally_keep_week(p_week date) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH first AS (
        INSERT INTO app.tally_week_done (week, done_at) VALUES (p_week, now()) ON CONFLICT DO NOTHING RETURNING week)
    INSERT INTO app.tally_week (organisation_id, week, kind, count)
    SELECT x.organisation_id, first.week, x.kind, sum(x.count)
      FROM first
     CROSS JOIN (SELECT t.organisation_id, t.kind, t.count FROM app.tally t
                 UNION ALL SELECT d.organisation_id, d.kind, d.change FROM app.tally_delta d) x
     GROUP BY x.organisation_id, first.week, x.kind
$$;

-- Which centres are to be reminded at a moment: from 8:30 of their weekday on, for two days, so that a mail may be late after
-- a failure but is never about something long past. `week` is the Monday of that weekday.
CREATE FUNCTION app.digest_due(p_at timestamptz) RETURNS TABLE (organisation_id bigint, week date)
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT o.organisation_id, w.week
      FROM (SELECT app.week_of(p_at) - 7 * back AS week FROM generate_series(0, 1) back) w
     CROSS JOIN app.organisation o
      LEFT JOIN app.digest d USING (organisation_id)
     CROSS JOIN LATERAL (SELECT (w.week + coalesce(d.weekday, 1) - 1 + time '8:30') AT TIME ZONE 'Asia/Tokyo' AS at) due
     WHERE o.kind = 'centre' AND NOT o.laboratory AND o.closed_at IS NULL AND coalesce(d.weekday, 1) > 0
       AND p_at >= due.at AND p_at < due.at + interval '2 days'
       AND EXISTS (SELECT FROM app.tally t WHERE t.organisation_id = o.organisation_id AND t.kind = 'patients' AND t.count > 0)
       AND NOT EXISTS (SELECT FROM app.digest_sent s WHERE s.organisation_id = o.organisation_id AND s.week = w.week)
$$;

-- Puts the mail of a week into the outbox: once, by the key of app.digest_sent, even if two processes do it.
CREATE FUNCTION app.digest_send(p_centre bigint, p_week date) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    WITH first AS (
        INSERT INTO app.digest_sent (organisation_id, week, queued_at) VALUES (p_centre, p_week, now())
        ON CONFLICT DO NOTHING RETURNING organisation_id)
    INSERT INTO app.outbox (channel, template, to_organisation, numbers)
    SELECT 'mail', 'completeness', first.organisation_id,
           (SELECT jsonb_object_agg(t.kind, t.count) FROM app.tally_of(p_centre) t)
      FROM first
$$;

-- ---- owners, grants, walls -----------------------------------------------------------------------------------------

DO $$
DECLARE
    f record;
    t text;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS name, p.prosecdef FROM pg_proc p
              WHERE p.pronamespace = 'app'::regnamespace
                AND (p.proname LIKE 'tally\_%' OR p.proname LIKE 'digest\_%' OR p.proname IN ('oversees', 'week_of'))
    LOOP
        IF f.prosecdef THEN
            EXECUTE format('ALTER FUNCTION %s OWNER TO hersys_guard', f.name);
        END IF;
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hersys_guard', f.name);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['tally', 'tally_delta', 'tally_week', 'digest', 'digest_sent'] LOOP
        EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY jobs ON app.%I TO hersys_jobs USING (true) WITH CHECK (true)', t);
        EXECUTE format('GRANT ALL ON app.%I TO hersys_guard', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON app.%I TO hersys_jobs', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['tally', 'tally_delta', 'tally_week'] LOOP
        EXECUTE format('CREATE POLICY office ON app.%I FOR SELECT TO hersys_staff USING (
            organisation_id = (SELECT app.organisation_now())
            OR organisation_id IN (SELECT u.organisation_id FROM app.organisation_above u
                                    WHERE u.above_id = (SELECT app.organisation_now())))', t);
        EXECUTE format('GRANT SELECT ON app.%I TO hersys_staff', t);
    END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;

GRANT SELECT ON app.tally_kind TO hersys_staff, hersys_jobs, hersys_guard;
GRANT SELECT, INSERT ON app.tally_week_done TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.oversees(bigint), app.tally_of(bigint), app.tally_list(bigint, text, timestamptz, bigint) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.tally_of(bigint), app.tally_differences(bigint), app.week_of(timestamptz), app.tally_keep_week(date),
    app.digest_due(timestamptz), app.digest_send(bigint, date) TO hersys_jobs;

CREATE POLICY office ON app.digest TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now())) WITH CHECK (organisation_id = (SELECT app.organisation_now()));
GRANT SELECT, INSERT, UPDATE ON app.digest TO hersys_staff;
