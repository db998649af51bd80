-- Who else has a patient's record open: seen from the trail, which holds every look anyway, so that it costs no write.

-- Other accounts that looked at this patient in the last five minutes, each with its last look, for an office that sees the
-- patient: its own people, and everybody if it may see the viewers (閲覧記録).
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
    SELECT u.account_id, u.organisation_id, max(u.at)
      FROM app.audit u
     WHERE u.patient_id = p_patient AND u.at > now() - interval '5 minutes' AND u.outcome = 'allowed'
       AND (u.action LIKE '%\_view' OR u.action LIKE '%\_open') AND u.account_id <> app.account_now() AND (sees_all OR u.organisation_id = mine)
     GROUP BY u.account_id, u.organisation_id;
END
$$;

GRANT CREATE ON SCHEMA app TO hersys_guard;
ALTER FUNCTION app.patient_presence(bigint) OWNER TO hersys_guard;
REVOKE CREATE ON SCHEMA app FROM hersys_guard;
REVOKE ALL ON FUNCTION app.patient_presence(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.patient_presence(bigint) TO hersys_staff;
