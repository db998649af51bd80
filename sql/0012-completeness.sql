-- 入力状況: how many patients of a centre lack what the sources of the system found missing, kept as the patients change; the
-- weekly trend, and the mail that reminds a centre. Nothing of it is counted on a page: every change appends its signed
-- difference in its own transaction, `hersys jobs` folds those, and a page adds up the two. And whose 療養期間 has passed without
-- anybody having entered it: proposed to the centre, which ends it with one press, or does not.

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

-- ---- counting ------------------------------------------------------------------------------------------------------

-- Where patients count, as "organisation kind" for each: with the responsible centre, unless all of it is deleted.
CREATE FUNCTION app.tally_state(VARIADIC p_patients bigint[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT coalesce(array_agg(a.organisation_id || ' ' || k.kind), '{}')
      FROM app.access a
     CROSS JOIN LATERAL (
           SELECT 'patients' AS kind
           UNION ALL SELECT t.kind FROM app.todo t JOIN app.tally_kind USING (kind)
                      WHERE t.organisation_id = a.organisation_id AND t.patient_id = a.patient_id) k
     WHERE a.patient_id = ANY (p_patients) AND a.relations & 2 <> 0 AND NOT a.sealed
$$;

-- Appends what is different from how the patients counted before. Whoever changes app.access or app.todo asks for the state
-- first and ends with this.
CREATE FUNCTION app.tally_follow(p_before text[], VARIADIC p_patients bigint[]) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    INSERT INTO app.tally_delta (organisation_id, kind, change)
    SELECT split_part(x.counted, ' ', 1)::bigint, split_part(x.counted, ' ', 2), sum(x.change)
      FROM (SELECT unnest(p_before) AS counted, -1 AS change
            UNION ALL SELECT unnest(app.tally_state(VARIADIC p_patients)), 1) x
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

-- ---- closing what is over --------------------------------------------------------------------------------------------

CREATE TABLE app.care_rule (
    valid_from date PRIMARY KEY,
    symptomatic_days integer NOT NULL CHECK (symptomatic_days BETWEEN 1 AND 60),
    facility_days integer NOT NULL CHECK (facility_days BETWEEN 1 AND 60),
    asymptomatic_days integer NOT NULL CHECK (asymptomatic_days BETWEEN 1 AND 60),
    notice text NOT NULL
);
COMMENT ON TABLE app.care_rule IS 'reference: 療養期間 in days behind day 0, by day 0: with symptoms (発症日), with symptoms in hospital or a facility, without symptoms (検体採取日)';
INSERT INTO app.care_rule (valid_from, symptomatic_days, facility_days, asymptomatic_days, notice) VALUES
    ('2020-01-01', 10, 10, 7, '令和4年9月6日までの療養期間'),
    ('2022-09-07', 7, 10, 7, '令和4年9月7日からの療養期間');

CREATE TABLE app.close_proposal (
    organisation_id bigint NOT NULL,
    patient_id bigint NOT NULL,
    started date NOT NULL,
    basis text NOT NULL CHECK (basis IN ('onset', 'sampled', 'diagnosed')),
    days integer NOT NULL,
    until date NOT NULL,
    PRIMARY KEY (organisation_id, patient_id)
);
COMMENT ON TABLE app.close_proposal IS 'by organisation_id: whose 療養期間 has passed without an entry against it, and why; goes with the kind close_proposed of app.todo';
CREATE INDEX close_proposal_list ON app.close_proposal (organisation_id, until, patient_id);
CREATE INDEX close_proposal_patient ON app.close_proposal (patient_id);

CREATE TABLE app.close_batch (
    organisation_id bigint NOT NULL,
    batch_id uuid NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by bigint NOT NULL,
    people integer NOT NULL,
    undone_at timestamptz,
    undone_by bigint,
    PRIMARY KEY (organisation_id, batch_id)
);
COMMENT ON TABLE app.close_batch IS 'by organisation_id: one press of まとめて療養解除; can be undone for seven days';

CREATE TABLE app.close_member (
    patient_id bigint NOT NULL,
    batch_id uuid NOT NULL,
    status_no integer NOT NULL,
    PRIMARY KEY (patient_id, batch_id)
);
COMMENT ON TABLE app.close_member IS 'by patient_id: the status that such a press has entered';
CREATE INDEX close_member_batch ON app.close_member (batch_id);

-- The statuses of somebody in care, and those who are: the jobs walk through these alone.
CREATE FUNCTION app.in_care(p_status text) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
    SELECT p_status IN ('arranging', 'arranging_hospital', 'hospital', 'hotel', 'home', 'facility')
$$;
CREATE INDEX access_in_care ON app.access (patient_id) WHERE relations & 2 <> 0 AND NOT sealed AND app.in_care(status);

-- The next few people in care behind a patient who are not proposed yet; the last one looked at, or NULL at the end.
CREATE FUNCTION app.close_step(p_after bigint, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    few bigint[] := ARRAY(
        SELECT a.patient_id FROM app.access a
         WHERE a.patient_id > p_after AND a.relations & 2 <> 0 AND NOT a.sealed AND app.in_care(a.status)
           AND NOT EXISTS (SELECT FROM app.close_proposal c WHERE c.patient_id = a.patient_id)
         ORDER BY a.patient_id LIMIT p_limit);
BEGIN
    PERFORM app.close_refresh(VARIADIC few); -- 0019-follow.sql: what follows for those in care
    RETURN few[cardinality(few)];
END
$$;

-- Enters 療養解除 for these patients from the day after their period on, all or none: HS409 when a record has another version than the
-- list showed (p_versions), or is not proposed any more, or to another day (p_until); HS403 for whom this office may not write.
CREATE FUNCTION app.close_do(p_batch uuid, p_patients bigint[], p_versions integer[], p_until date[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    one record;
    number integer;
    fields jsonb;
BEGIN
    INSERT INTO app.close_batch (organisation_id, batch_id, closed_at, closed_by, people)
    VALUES (app.organisation_now(), p_batch, now(), app.account_now(), cardinality(p_patients));
    FOR one IN SELECT x.patient_id, x.version, x.until FROM unnest(p_patients, p_versions, p_until) x (patient_id, version, until)
                ORDER BY x.patient_id
    LOOP
        PERFORM app.patient_bump(one.patient_id, one.version);
        -- What was proposed yesterday need not hold now: asked again, once nobody else can change the record.
        PERFORM app.close_refresh(one.patient_id);
        PERFORM 1 FROM app.close_proposal c
          WHERE c.organisation_id = app.organisation_now() AND c.patient_id = one.patient_id AND c.until = one.until;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'not proposed' USING ERRCODE = 'HS409';
        END IF;
        SELECT coalesce(max(s.status_no), 0) + 1 INTO number FROM app.patient_status s WHERE s.patient_id = one.patient_id;
        INSERT INTO app.patient_status (patient_id, status_no, status, since, entered_by, entered_at)
        VALUES (one.patient_id, number, 'released', one.until + 1, app.account_now(), now());
        INSERT INTO app.close_member (patient_id, batch_id, status_no) VALUES (one.patient_id, p_batch, number);
        fields := jsonb_build_object('status', 'released', 'since', one.until + 1);
        INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after, reason)
        VALUES (one.patient_id, one.version + 1, 'status', now(), app.account_now(), app.organisation_now(), '{}', fields,
                'まとめて療養解除');
        PERFORM app.patient_publish_status(one.patient_id, 'released', one.until + 1, false);
        PERFORM app.audit_append('status_add', 'allowed', one.patient_id, NULL, number::text);
    END LOOP;
END
$$;

-- Takes such a press back within its days: the statuses it entered are withdrawn, and what was before holds again. One that was
-- withdrawn by hand meanwhile, or whose patient is another centre's by now, stays as it is. Undone before, it changes nothing;
-- HS410 when its days are over, HS409 when it is no press of this office.
CREATE FUNCTION app.close_undo(p_batch uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    batch app.close_batch;
    one record;
    stands app.patient_status;
BEGIN
    SELECT * INTO batch FROM app.close_batch b WHERE b.organisation_id = app.organisation_now() AND b.batch_id = p_batch FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such press' USING ERRCODE = 'HS409';
    ELSIF batch.undone_at IS NOT NULL THEN
        RETURN;
    ELSIF batch.closed_at <= now() - interval '7 days' THEN
        RAISE EXCEPTION 'its days are over' USING ERRCODE = 'HS410';
    END IF;
    UPDATE app.close_batch SET undone_at = now(), undone_by = app.account_now()
     WHERE organisation_id = batch.organisation_id AND batch_id = p_batch;
    -- Locked first, in the order of their numbers: what the loop reads then stands.
    PERFORM 1 FROM app.patient p WHERE p.patient_id IN (SELECT m.patient_id FROM app.close_member m WHERE m.batch_id = p_batch)
      ORDER BY p.patient_id FOR NO KEY UPDATE;
    FOR one IN SELECT m.patient_id, m.status_no, p.version
                 FROM app.close_member m JOIN app.patient p USING (patient_id) JOIN app.patient_status s USING (patient_id, status_no)
                WHERE m.batch_id = p_batch AND s.withdrawn_at IS NULL AND p.responsible_id = app.organisation_now()
                ORDER BY m.patient_id
    LOOP
        PERFORM app.patient_bump(one.patient_id, one.version);
        UPDATE app.patient_status SET withdrawn_at = now(), withdrawn_by = app.account_now()
         WHERE patient_id = one.patient_id AND status_no = one.status_no;
        stands := NULL;
        SELECT * INTO stands FROM app.patient_status s
         WHERE s.patient_id = one.patient_id AND s.withdrawn_at IS NULL ORDER BY s.since DESC, s.status_no DESC LIMIT 1;
        INSERT INTO app.revision (patient_id, version, subject, at, account_id, organisation_id, before, after, reason)
        VALUES (one.patient_id, one.version + 1, 'status', now(), app.account_now(), app.organisation_now(),
                jsonb_build_object('status_no', one.status_no::text), '{}', 'まとめて療養解除の取消し');
        PERFORM app.patient_publish_status(one.patient_id, stands.status, stands.since,
                                           stands.death_date IS NOT NULL AND stands.death_place IS NOT NULL);
        PERFORM app.audit_append('status_withdraw', 'allowed', one.patient_id, NULL, one.status_no::text);
    END LOOP;
END
$$;

-- ---- owners, grants, walls -----------------------------------------------------------------------------------------

SELECT app.guard_functions('^((tally|digest|close)_|(oversees|week_of|in_care)$)');
SELECT app.guard_tables('tally', 'tally_delta', 'tally_week', 'digest', 'digest_sent', 'close_proposal', 'close_batch', 'close_member');
GRANT SELECT, INSERT, UPDATE, DELETE ON app.tally, app.tally_delta, app.tally_week, app.digest, app.digest_sent, app.close_proposal, app.close_batch, app.close_member TO hersys_jobs;
-- Figures are for the centre and for those above it.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['tally', 'tally_delta', 'tally_week'] LOOP
        EXECUTE format('CREATE POLICY office ON app.%I FOR SELECT TO hersys_staff USING (
            organisation_id = (SELECT app.organisation_now())
            OR organisation_id IN (SELECT u.organisation_id FROM app.organisation_above u
                                    WHERE u.above_id = (SELECT app.organisation_now())))', t);
    END LOOP;
END
$$;
GRANT SELECT ON app.tally, app.tally_delta, app.tally_week TO hersys_staff;

GRANT SELECT ON app.care_rule TO hersys_guard, hersys_staff;
GRANT SELECT ON app.tally_kind TO hersys_staff, hersys_jobs, hersys_guard;
GRANT SELECT, INSERT ON app.tally_week_done TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.oversees(bigint), app.tally_of(bigint), app.tally_list(bigint, text, timestamptz, bigint) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.tally_of(bigint), app.tally_differences(bigint), app.week_of(timestamptz), app.tally_keep_week(date),
    app.digest_due(timestamptz), app.digest_send(bigint, date) TO hersys_jobs;

CREATE POLICY office ON app.digest TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now())) WITH CHECK (organisation_id = (SELECT app.organisation_now()));
GRANT SELECT, INSERT, UPDATE ON app.digest TO hersys_staff;

-- The wall of the record: whoever may not read the status of a patient does not learn that it is proposed to end.
CREATE POLICY office ON app.close_proposal FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()) AND (SELECT app.readable('record')) <> 0);
CREATE POLICY office ON app.close_batch FOR SELECT TO hersys_staff USING (organisation_id = (SELECT app.organisation_now()));
GRANT SELECT ON app.close_proposal, app.close_batch TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.close_do(uuid, bigint[], integer[], date[]), app.close_undo(uuid) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.close_step(bigint, integer), app.in_care(text) TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.patient_bump(bigint, integer), app.patient_publish_status(bigint, text, date, boolean) TO hersys_guard;
