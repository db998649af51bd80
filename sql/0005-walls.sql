-- Rights and row-level security: the second wall (design.md 4, security.md 5.8). Deny by default; every grant is
-- named; the roles own nothing.
--
--   hersys_staff   offices and clinics: patients within their relations; no credentials
--   hersys_door    sign-in and accounts: credentials; no patient at all
--   hersys_public  the public pages: three functions and the reference tables that they show
--   hersys_jobs    messages, anchors, purges, imports
--   hersys_guard   owns the functions of 0003 and 0004; nobody can sign in as it

-- From here on hersys_guard owns what reaches over the wall, and nobody may call it unless it is named below.
DO $$
DECLARE
    f record;
BEGIN
    FOR f IN SELECT p.oid::regprocedure AS name FROM pg_proc p
              WHERE p.pronamespace = 'app'::regnamespace AND p.prosecdef
    LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO hersys_guard', f.name);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f.name);
    END LOOP;
END
$$;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;

REVOKE ALL ON SCHEMA app FROM PUBLIC;
GRANT USAGE ON SCHEMA app TO hersys_staff, hersys_door, hersys_public, hersys_jobs, hersys_guard;
GRANT ALL ON ALL TABLES IN SCHEMA app TO hersys_guard;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA app TO hersys_guard;

GRANT SELECT ON app.prefecture, app.municipality, app.municipality_name, app.postal_code, app.holiday, app.form_adoption, app.setting,
    app.organisation, app.organisation_above, app.jurisdiction, app.tab_right, app.installation
    TO hersys_staff, hersys_door, hersys_jobs;
GRANT SELECT ON app.prefecture, app.municipality, app.municipality_name, app.postal_code TO hersys_public;
GRANT EXECUTE ON FUNCTION app.application_submit(uuid, text, text, text, text, text, text, text) TO hersys_public;
GRANT EXECUTE ON FUNCTION app.competent_centre(text) TO hersys_public, hersys_staff, hersys_door, hersys_jobs;
REVOKE ALL ON FUNCTION app.token_hash_now(), app.todo_kinds(), app.folded_place(text), app.access_wanted(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.folded_place(text) TO hersys_staff, hersys_door, hersys_public, hersys_jobs;
REVOKE ALL ON FUNCTION app.readable(text), app.writable(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.token_hash_now(), app.todo_kinds(), app.access_wanted(bigint) TO hersys_guard;

-- ---- hersys_door ---------------------------------------------------------------------------------------------------

GRANT SELECT, INSERT, UPDATE ON app.account, app.organisation, app.organisation_above, app.jurisdiction,
    app.account_totp, app.account_passkey, app.account_letter, app.application, app.sign_in, app.proof,
    app.sign_in_throttle, app.session, app.device TO hersys_door;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.account_phone, app.recovery_code TO hersys_door;
GRANT DELETE ON app.account_totp, app.account_passkey, app.account_letter, app.sign_in, app.proof,
    app.sign_in_throttle, app.organisation_above TO hersys_door;
GRANT SELECT, INSERT ON app.sign_in_event TO hersys_door;
GRANT INSERT ON app.outbox TO hersys_door;
GRANT SELECT ON app.issuing TO hersys_door;
GRANT USAGE ON SEQUENCE app.account_account_id_seq, app.organisation_organisation_id_seq TO hersys_door;
GRANT EXECUTE ON FUNCTION app.require_issuing(bigint), app.require_issuing_account(bigint),
    app.require_jurisdiction(text, bigint), app.governs(bigint, text), app.next_code(text, text), app.next_login(text)
    TO hersys_door;
GRANT EXECUTE ON FUNCTION app.governs(bigint, text) TO hersys_guard;
GRANT EXECUTE ON FUNCTION app.session_enter(text), app.audit_append(text, text, bigint, bigint[], text),
    app.audit_link(bigint, bigint, text, text, text, bigint, bigint[], bigint, text) TO hersys_door;

-- ---- hersys_staff --------------------------------------------------------------------------------------------------

GRANT SELECT (account_id, organisation_id, holder, role, personal, suspended_at) ON app.account TO hersys_staff;
GRANT SELECT ON app.access, app.todo, app.search_key, app.patient, app.notification, app.notification_person,
    app.test_record, app.submission, app.patient_status, app.patient_related, app.patient_grant, app.entry, app.revision,
    app.audit, app.draft,
    app.receipt, app.form_template TO hersys_staff;
GRANT INSERT ON app.notification, app.notification_person, app.test_record, app.submission, app.patient_status,
    app.entry, app.revision, app.draft, app.receipt, app.form_template, app.outbox TO hersys_staff;
GRANT UPDATE (family_name, given_name, family_kana, given_kana, sex, birth_date, age_band, occupation,
    home_postal_code, home_address, home_municipality, phone, nationality, passport_number, guardian_name,
    guardian_address, guardian_phone) ON app.patient TO hersys_staff;
GRANT UPDATE (form_version, short_form, edited_by, confirmed_at, confirmed_by, frozen_at, category, diagnosis_date, symptoms,
    symptom_other, spo2, first_visit_date, infected_date, onset_date, death_date, route, route_certainty, route_detail,
    place_kind, place_name, area, area_certainty, area_detail, departure_date, entry_date, dose1_given, dose1_age,
    dose1_product, dose1_date, dose2_given, dose2_age, dose2_product, dose2_date, dose3_given, dose3_age,
    dose3_product, dose3_date, dose_count, hospitalised, hospitalised_date, risk, risk_factors, risk_other,
    immunosuppressed, pregnant, severity, needs_hospital, remote_visit, target_reasons, drug_needed, oxygen_needed,
    remarks, doctor_name, doctor_checked, institution_name, institution_address, institution_phone)
    ON app.notification TO hersys_staff;
GRANT UPDATE (frozen_items, age_years, age_months, stay_postal_code, stay_address, stay_municipality, stay_phone)
    ON app.notification_person TO hersys_staff;
GRANT UPDATE (method, specimen, specimen_other, sampled_on, result), DELETE ON app.test_record TO hersys_staff;
GRANT UPDATE (withdrawn_at, withdrawn_by) ON app.patient_status TO hersys_staff;
GRANT UPDATE (version, since, until, items, changed_by, changed_at, withdrawn_by, withdrawn_at) ON app.entry TO hersys_staff;
GRANT UPDATE, DELETE ON app.draft, app.form_template TO hersys_staff;
GRANT USAGE ON SEQUENCE app.patient_number TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.organisation_now(), app.account_now(), app.tab_mask(text, boolean), app.readable(text),
    app.sees_entries_of_all(), app.entry_next(bigint, text), app.writable(text), app.session_enter(text), app.draft_rescue(text, uuid, text, bigint, integer, integer, text, text),
    app.audit_append(text, text, bigint, bigint[], text), app.patient_open(bigint, bigint, jsonb),
    app.patient_publish(bigint, jsonb, text[], text[], text[], text[]), app.notification_seal(bigint, integer, text),
    app.notification_restore(bigint, integer, jsonb), app.notification_next(bigint), app.require_one(bigint), app.patient_assign(bigint, bigint, bigint[]),
    app.base_values(bigint, integer, integer), app.patient_bump(bigint, integer),
    app.patient_viewers(bigint), app.patient_publish_status(bigint, text, date, boolean) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.require_write(bigint, text[]), app.organisation_now(), app.account_now(),
    app.tab_mask(text, boolean), app.readable(text), app.writable(text),
    app.audit_link(bigint, bigint, text, text, text, bigint, bigint[], bigint, text) TO hersys_guard;

-- ---- hersys_jobs ---------------------------------------------------------------------------------------------------

GRANT SELECT (account_id, organisation_id, email, suspended_at, holder) ON app.account TO hersys_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.outbox TO hersys_jobs;
GRANT SELECT ON app.audit_head, app.audit TO hersys_jobs;
GRANT SELECT, DELETE ON app.draft, app.sign_in, app.proof, app.sign_in_throttle, app.account_letter, app.session TO hersys_jobs;
GRANT SELECT, INSERT, UPDATE, DELETE ON app.patient, app.notification, app.notification_person, app.test_record,
    app.submission, app.patient_status, app.patient_related, app.patient_grant, app.entry, app.revision, app.access,
    app.todo, app.search_key,
    app.import_key TO hersys_jobs;
GRANT SELECT ON app.label_right TO hersys_jobs;
GRANT USAGE ON SEQUENCE app.patient_number TO hersys_jobs;
GRANT EXECUTE ON FUNCTION app.audit_link(bigint, bigint, text, text, text, bigint, bigint[], bigint, text) TO hersys_jobs;

-- ---- row-level security --------------------------------------------------------------------------------------------

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['patient', 'notification', 'notification_person', 'test_record', 'submission',
                             'patient_status', 'patient_related', 'patient_grant', 'entry', 'revision', 'access', 'todo', 'search_key', 'audit',
                             'draft', 'receipt', 'form_template']
    LOOP
        EXECUTE format('ALTER TABLE app.%I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE app.%I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY jobs ON app.%I TO hersys_jobs USING (true) WITH CHECK (true)', t);
    END LOOP;
END
$$;

-- Own rows of an office.
CREATE POLICY office ON app.access FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY office ON app.todo FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY office ON app.search_key FOR SELECT TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()));
CREATE POLICY office ON app.form_template TO hersys_staff
    USING (organisation_id = (SELECT app.organisation_now()))
    WITH CHECK (organisation_id = (SELECT app.organisation_now()));

-- Own rows of an account.
CREATE POLICY own ON app.draft TO hersys_staff
    USING (account_id = (SELECT app.account_now()))
    WITH CHECK (account_id = (SELECT app.account_now()) AND organisation_id = (SELECT app.organisation_now()));
CREATE POLICY own_read ON app.receipt FOR SELECT TO hersys_staff USING (account_id = (SELECT app.account_now()));
CREATE POLICY own_write ON app.receipt FOR INSERT TO hersys_staff
    WITH CHECK (account_id = (SELECT app.account_now()));

-- A patient's tables: readable and writable as tab_right says for the session's kind of organisation.
CREATE POLICY tab_read ON app.patient FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient.patient_id AND a.relations & (SELECT app.readable('basic')) <> 0));
CREATE POLICY tab_write ON app.patient FOR UPDATE TO hersys_staff
    USING (EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = patient.patient_id
           AND a.relations & (SELECT app.writable('basic')) <> 0));

CREATE POLICY tab_read ON app.notification FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = notification.patient_id
       AND a.relations & (CASE WHEN notification.deleted_at IS NULL THEN (SELECT app.readable('notification'))
                               ELSE (SELECT app.writable('restoration')) END) <> 0
       -- who merely reported sees what it entered itself, not what another did for the same patient (seed 3 Q11)
       AND (notification.reporter_id = a.organisation_id
            OR a.relations & (SELECT app.readable('notification')) & ~1 <> 0)));
CREATE POLICY tab_insert ON app.notification FOR INSERT TO hersys_staff
    WITH CHECK (reporter_id = (SELECT app.organisation_now()) AND deleted_at IS NULL AND confirmed_at IS NULL
        AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = notification.patient_id
           AND a.relations & (SELECT app.writable('notification')) <> 0));
CREATE POLICY tab_write ON app.notification FOR UPDATE TO hersys_staff
    USING (frozen_at IS NULL AND deleted_at IS NULL AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = notification.patient_id
           AND a.relations & (SELECT app.writable('notification')) <> 0
           AND (notification.reporter_id = a.organisation_id
                OR a.relations & (SELECT app.writable('notification')) & ~1 <> 0)))
    WITH CHECK (confirmed_at IS NULL OR EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = notification.patient_id
           AND a.relations & (SELECT app.writable('confirmation')) <> 0));

-- What belongs to a notification follows it: the sub-selects are themselves under the notification's policies.
CREATE POLICY tab_read ON app.test_record FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.notification n WHERE n.patient_id = test_record.patient_id
       AND n.notification_no = test_record.notification_no));
CREATE POLICY tab_read ON app.notification_person FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.notification n JOIN app.access a ON a.patient_id = n.patient_id
     WHERE a.organisation_id = (SELECT app.organisation_now()) AND n.patient_id = notification_person.patient_id
       AND n.notification_no = notification_person.notification_no
       AND a.relations & (SELECT app.readable('basic')) <> 0));
-- One statement makes both halves of a notification, and neither sees the other yet; the foreign key binds them.
CREATE POLICY tab_insert ON app.notification_person FOR INSERT TO hersys_staff
    WITH CHECK (frozen_items IS NULL AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = notification_person.patient_id
           AND a.relations & (SELECT app.writable('notification') & app.writable('basic')) <> 0));
DO $$
DECLARE
    policy record;
BEGIN
    FOR policy IN SELECT * FROM (VALUES
        ('test_record', 'ALL', 'notification'), ('notification_person', 'UPDATE', 'basic')) v (part, command, tab)
    LOOP
        EXECUTE format($policy$
            CREATE POLICY tab_write ON app.%1$I FOR %2$s TO hersys_staff USING (EXISTS (
                SELECT FROM app.notification n JOIN app.access a ON a.patient_id = n.patient_id
                 WHERE a.organisation_id = (SELECT app.organisation_now()) AND n.patient_id = %1$I.patient_id
                   AND n.notification_no = %1$I.notification_no AND n.frozen_at IS NULL AND n.deleted_at IS NULL
                   AND a.relations & (SELECT app.writable('notification') & app.writable(%3$L)) <> 0
                   AND (n.reporter_id = a.organisation_id
                        OR a.relations & (SELECT app.writable('notification')) & ~1 <> 0)))
            $policy$, policy.part, policy.command, policy.tab);
    END LOOP;
END
$$;

CREATE POLICY tab_read ON app.submission FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = submission.patient_id AND a.relations & (SELECT app.readable('notification')) <> 0));
CREATE POLICY tab_insert ON app.submission FOR INSERT TO hersys_staff WITH CHECK (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = submission.patient_id AND a.relations & (SELECT app.writable('notification')) <> 0));

CREATE POLICY tab_read ON app.patient_status FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient_status.patient_id AND a.relations & (SELECT app.readable('record')) <> 0));
CREATE POLICY tab_insert ON app.patient_status FOR INSERT TO hersys_staff
    WITH CHECK (entered_by = (SELECT app.account_now()) AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = patient_status.patient_id AND a.relations & (SELECT app.writable('record')) <> 0));
CREATE POLICY tab_write ON app.patient_status FOR UPDATE TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient_status.patient_id AND a.relations & (SELECT app.writable('record')) <> 0));

CREATE POLICY tab_read ON app.patient_related FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient_related.patient_id AND a.relations & (SELECT app.readable('assignment')) <> 0));

CREATE POLICY tab_read ON app.patient_grant FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = patient_grant.patient_id AND a.relations & (SELECT app.readable('assignment')) <> 0));

CREATE POLICY tab_read ON app.entry FOR SELECT TO hersys_staff USING (
    (organisation_id = (SELECT app.organisation_now()) OR (SELECT app.sees_entries_of_all()))
    AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = entry.patient_id AND a.relations & app.readable(entry.tab) <> 0));
CREATE POLICY tab_insert ON app.entry FOR INSERT TO hersys_staff
    WITH CHECK (organisation_id = (SELECT app.organisation_now()) AND entered_by = (SELECT app.account_now())
        AND EXISTS (
            SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
               AND a.patient_id = entry.patient_id AND a.relations & app.writable(entry.tab) <> 0));
CREATE POLICY tab_write ON app.entry FOR UPDATE TO hersys_staff USING (
    withdrawn_at IS NULL
    AND (organisation_id = (SELECT app.organisation_now()) OR (SELECT app.sees_entries_of_all()))
    AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = entry.patient_id AND a.relations & app.writable(entry.tab) <> 0))
    WITH CHECK (true);

-- The history of a report that was deleted goes with it: only who may restore it still sees either.
CREATE POLICY tab_read ON app.revision FOR SELECT TO hersys_staff USING (EXISTS (
    SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
       AND a.patient_id = revision.patient_id AND a.relations & (SELECT app.readable('history')) <> 0)
    AND (notification_no IS NULL OR EXISTS (
        SELECT FROM app.notification n WHERE n.patient_id = revision.patient_id
           AND n.notification_no = revision.notification_no)));
CREATE POLICY tab_insert ON app.revision FOR INSERT TO hersys_staff
    WITH CHECK (account_id = (SELECT app.account_now()) AND organisation_id = (SELECT app.organisation_now())
        AND EXISTS (
        SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
           AND a.patient_id = revision.patient_id
           AND a.relations & ((SELECT app.writable('basic') | app.writable('notification') | app.writable('record')
                                      | app.writable('assignment') | app.writable('restoration'))
                              | app.writable(revision.subject)) <> 0)); -- a tab of entries is its own subject

-- A centre reads who looked at its patients; whoever may see the viewers of a patient sees them all.
CREATE POLICY viewers ON app.audit FOR SELECT TO hersys_staff USING (
    (owner_id = (SELECT app.organisation_now()) AND (SELECT app.readable('viewers')) <> 0)
    OR EXISTS (SELECT FROM app.access a WHERE a.organisation_id = (SELECT app.organisation_now())
                  AND a.patient_id = audit.patient_id AND a.relations & (SELECT app.readable('viewers')) <> 0));
