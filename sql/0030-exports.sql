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
    kind text NOT NULL CHECK (kind IN ('patients', 'press', 'cross')),
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

-- What the session's office may see of some of its patients, for files of many thousand: the rules of the policies tab_read on these
-- tables in one join with app.access, where those ask them again for each row. The person;
CREATE FUNCTION app.export_person(p_patients bigint[]) RETURNS SETOF app.patient
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = u.patient_id
      JOIN app.patient x ON x.patient_id = a.patient_id
     WHERE a.relations & (SELECT app.readable('basic')) <> 0 ORDER BY x.patient_id
$$;

-- the newest report of the office's list (who merely reported sees what it entered itself, seed 3 Q11);
CREATE FUNCTION app.export_report(p_patients bigint[]) RETURNS SETOF app.notification
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = u.patient_id
      JOIN app.notification x ON x.patient_id = a.patient_id AND x.notification_no = a.notification_no AND x.deleted_at IS NULL
     WHERE a.relations & (SELECT app.readable('notification')) <> 0
       AND (x.reporter_id = a.organisation_id OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0) ORDER BY x.patient_id
$$;

-- what it says of the person;
CREATE FUNCTION app.export_report_person(p_patients bigint[]) RETURNS SETOF app.notification_person
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = u.patient_id
      JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
      JOIN app.notification_person x ON x.patient_id = n.patient_id AND x.notification_no = n.notification_no
     WHERE a.relations & (SELECT app.readable('basic')) <> 0 AND a.relations & (SELECT app.readable('notification')) <> 0
       AND (n.reporter_id = a.organisation_id OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0) ORDER BY x.patient_id
$$;

-- and its tests.
CREATE FUNCTION app.export_test(p_patients bigint[]) RETURNS SETOF app.test_record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT x.*
      FROM unnest(p_patients) u (patient_id)
      JOIN app.access a ON a.organisation_id = (SELECT app.organisation_now()) AND a.patient_id = u.patient_id
      JOIN app.notification n ON n.patient_id = a.patient_id AND n.notification_no = a.notification_no AND n.deleted_at IS NULL
      JOIN app.test_record x ON x.patient_id = n.patient_id AND x.notification_no = n.notification_no
     WHERE a.relations & (SELECT app.readable('notification')) <> 0
       AND (n.reporter_id = a.organisation_id OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0) ORDER BY x.patient_id, x.test_no
$$;

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_functions('^export_');
SELECT app.guard_tables('export_choice', 'export');
GRANT SELECT, INSERT, UPDATE, DELETE ON app.export_choice TO hersys_staff;
GRANT SELECT, INSERT ON app.export TO hersys_staff;
GRANT UPDATE (people, replaced, finished_at) ON app.export TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.export_reach(), app.export_person(bigint[]), app.export_report(bigint[]), app.export_report_person(bigint[]),
    app.export_test(bigint[]) TO hersys_staff;

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
