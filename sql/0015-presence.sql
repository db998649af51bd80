-- Who else has a patient's record open: seen from the trail, which holds every look anyway, and from the drafts, which are saved
-- while somebody types, so that it costs no write.

CREATE INDEX draft_patient ON app.draft (patient_id, saved_at) WHERE patient_id IS NOT NULL;

-- Other accounts that looked at this patient, or typed into a form about it, in the last five minutes, each with the last time, for
-- an office that sees the patient: its own people, and everybody if it may see the viewers (閲覧記録).
CREATE FUNCTION app.patient_presence(p_patient bigint)
RETURNS TABLE (account_id bigint, organisation_id bigint, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.organisation_now();
    sees_all boolean;
BEGIN
    SELECT a.relations & app.readable('viewers') <> 0 INTO sees_all
      FROM app.access a WHERE a.organisation_id = mine AND a.patient_id = p_patient;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT there.account_id, there.organisation_id, max(there.at)
      FROM (SELECT u.account_id, u.organisation_id, u.at
              FROM app.audit u
             WHERE u.patient_id = p_patient AND u.at > now() - interval '5 minutes' AND u.outcome = 'allowed'
               AND (u.action LIKE '%\_view' OR u.action LIKE '%\_open')
            UNION ALL
            SELECT d.account_id, d.organisation_id, d.saved_at
              FROM app.draft d WHERE d.patient_id = p_patient AND d.saved_at > now() - interval '5 minutes') there
     WHERE there.account_id <> app.account_now() AND (sees_all OR there.organisation_id = mine)
     GROUP BY there.account_id, there.organisation_id;
END
$$;

GRANT CREATE ON SCHEMA app TO hersys_guard;
ALTER FUNCTION app.patient_presence(bigint) OWNER TO hersys_guard;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;
REVOKE ALL ON FUNCTION app.patient_presence(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.patient_presence(bigint) TO hersys_staff;
GRANT SELECT ON app.draft TO hersys_guard;
