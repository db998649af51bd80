-- Access that is granted by name. The responsible centre (担当保健所) links a hospital (入院先), a follow-up agency
-- (健康フォローアップ機関, which a clinic may be too) or an accommodation (宿泊療養施設) with a patient (seed 3 Q20, seed 1). And 緊急閲覧: a
-- centre, or a doctor of a clinic, opens a patient by its number for a set time, says why, and the responsible centre
-- reviews it afterwards. That is a relation of its own, which only reads, so a proper link may stand beside it.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('emergency_hours', '24', '緊急閲覧で閲覧できる時間'),
    ('emergency_most', '10', '一つのアカウントが1日に行える緊急閲覧の数');

ALTER TABLE app.patient_grant DROP CONSTRAINT patient_grant_relation_check,
    ADD CONSTRAINT patient_grant_relation CHECK (CASE WHEN emergency THEN relation = 512 ELSE relation IN (64, 128, 256) END);

-- Links an agency; HS422 when the organisation is not one that fits the relation, HS409 when it is linked already.
CREATE FUNCTION app.grant_link(p_patient bigint, p_organisation bigint, p_relation integer, p_until date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    PERFORM 1 FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    IF NOT EXISTS (
        SELECT FROM app.organisation o
          JOIN (VALUES (64, 'clinic'), (128, 'clinic'), (128, 'followup'), (256, 'accommodation')) fits (relation, kind)
            ON fits.kind = o.kind
         WHERE o.organisation_id = p_organisation AND fits.relation = p_relation AND o.closed_at IS NULL)
       OR p_until < (now() AT TIME ZONE 'Asia/Tokyo')::date THEN
        RAISE EXCEPTION 'does not fit' USING ERRCODE = 'HS422';
    END IF;
    IF EXISTS (SELECT FROM app.patient_grant
                WHERE patient_id = p_patient AND organisation_id = p_organisation AND relation = p_relation
                  AND ended_at IS NULL) THEN
        RAISE EXCEPTION 'linked already' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.patient_grant (patient_id, grant_no, organisation_id, relation, emergency, reason, granted_by,
                                   granted_at, until)
    SELECT p_patient, coalesce(max(grant_no), 0) + 1, p_organisation, p_relation, false, '', app.account_now(), now(),
           (p_until + 1)::timestamp AT TIME ZONE 'Asia/Tokyo'
      FROM app.patient_grant WHERE patient_id = p_patient;
    PERFORM app.access_follow(p_patient);
END
$$;

-- Ends a link or an emergency view, and for the latter says that it was reviewed. HS409 when there is nothing to do.
CREATE FUNCTION app.grant_end(p_patient bigint, p_no integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    UPDATE app.patient_grant
       SET ended_at = coalesce(ended_at, now()), ended_by = coalesce(ended_by, app.account_now()),
           reviewed_at = CASE WHEN emergency THEN coalesce(reviewed_at, now()) END,
           reviewed_by = CASE WHEN emergency THEN coalesce(reviewed_by, app.account_now()) END
     WHERE patient_id = p_patient AND grant_no = p_no AND (ended_at IS NULL OR (emergency AND reviewed_at IS NULL));
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
    PERFORM app.emergency_todo(p_patient);
    PERFORM app.access_follow(p_patient);
END
$$;

-- The responsible centre has looked at an emergency view that may go on until its time is over.
CREATE FUNCTION app.emergency_review(p_patient bigint, p_no integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM app.require_write(p_patient, 'assignment');
    PERFORM FROM app.patient WHERE patient_id = p_patient FOR UPDATE;
    UPDATE app.patient_grant SET reviewed_at = now(), reviewed_by = app.account_now()
     WHERE patient_id = p_patient AND grant_no = p_no AND emergency AND reviewed_at IS NULL;
    PERFORM app.require_one(CASE WHEN FOUND THEN 1 ELSE 0 END);
    PERFORM app.emergency_todo(p_patient);
END
$$;

-- The responsible centre has an emergency view to review, or none any more. app.patient_publish calls it too, because a patient
-- may be handed over or merged; most patients were never opened so.
CREATE FUNCTION app.emergency_todo(p_patient bigint) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.patient_grant g WHERE g.patient_id = p_patient AND g.emergency) THEN
        RETURN;
    END IF;
    DELETE FROM app.todo t WHERE t.patient_id = p_patient AND t.kind = 'emergency_review';
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT p.responsible_id, 'emergency_review', p_patient, min(g.granted_at)
      FROM app.patient p JOIN app.patient_grant g ON g.patient_id = p.patient_id
     WHERE p.patient_id = p_patient AND g.emergency AND g.reviewed_at IS NULL
     GROUP BY p.responsible_id;
END
$$;

-- Opens a patient for the session's office; an emptied ID (統合) opens the record that it leads to. HS404 when there is none or it is
-- deleted, HS409 when the office reads the reports of all anyway, HS429 after too many on one day, HS403 for whom it is not meant.
CREATE FUNCTION app.emergency_open(p_patient bigint, p_reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    s app.session;
    target bigint := app.same_end(p_patient);
BEGIN
    SELECT * INTO s FROM app.session_now;
    IF (s.organisation_kind = 'centre' OR (s.organisation_kind = 'clinic' AND s.role = 'doctor')) IS NOT TRUE OR p_reason = '' THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    PERFORM FROM app.account WHERE account_id = s.account_id FOR NO KEY UPDATE; -- counted one after another
    IF (SELECT count(*) FROM app.patient_grant g
         WHERE g.granted_by = s.account_id AND g.emergency AND g.granted_at > now() - interval '1 day')
       >= (SELECT value::integer FROM app.setting WHERE name = 'emergency_most') THEN
        RAISE EXCEPTION 'too many' USING ERRCODE = 'HS429';
    END IF;
    PERFORM FROM app.patient WHERE patient_id = target FOR UPDATE;
    IF NOT EXISTS (SELECT FROM app.notification WHERE patient_id = target AND deleted_at IS NULL) THEN
        RAISE EXCEPTION 'no such patient' USING ERRCODE = 'HS404';
    END IF;
    IF EXISTS (SELECT FROM app.access a
                WHERE a.organisation_id = s.organisation_id AND a.patient_id = target
                  AND a.relations & app.readable('notification') & ~1 <> 0) THEN -- 1: a reporter reads its own reports alone
        RAISE EXCEPTION 'seen anyway' USING ERRCODE = 'HS409';
    END IF;
    INSERT INTO app.patient_grant (patient_id, grant_no, organisation_id, relation, emergency, reason, granted_by,
                                   granted_at, until)
    SELECT target, coalesce(max(g.grant_no), 0) + 1, s.organisation_id, 512, true, p_reason, s.account_id, now(),
           now() + make_interval(hours => (SELECT value::integer FROM app.setting WHERE name = 'emergency_hours'))
      FROM app.patient_grant g WHERE g.patient_id = target;
    INSERT INTO app.outbox (channel, template, to_organisation)
    SELECT 'mail', 'emergency_opened', p.responsible_id FROM app.patient p WHERE p.patient_id = target;
    PERFORM app.access_follow(target);
    PERFORM app.emergency_todo(target);
    PERFORM app.audit_append('emergency_open', 'allowed', target, NULL, '');
END
$$;

-- Ends what is over, of links, emergency views and centres that read for a set time; how many patients were done, at most p_limit.
CREATE FUNCTION app.access_expire(p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Tokyo')::date;
    patient bigint;
    done bigint := 0;
BEGIN
    FOR patient IN
        SELECT g.patient_id FROM app.patient_grant g WHERE g.ended_at IS NULL AND g.until <= now()
        UNION
        SELECT r.patient_id FROM app.patient_related r
         WHERE r.until < today AND NOT EXISTS (SELECT FROM app.related_now n
                WHERE n.patient_id = r.patient_id AND n.organisation_id = r.organisation_id)
        ORDER BY 1 LIMIT p_limit
    LOOP
        PERFORM FROM app.patient p WHERE p.patient_id = patient FOR UPDATE;
        UPDATE app.patient_grant SET ended_at = until WHERE patient_id = patient AND ended_at IS NULL AND until <= now();
        DELETE FROM app.patient_related r
         WHERE r.patient_id = patient AND r.until < today AND NOT EXISTS (SELECT FROM app.related_now n
                WHERE n.patient_id = r.patient_id AND n.organisation_id = r.organisation_id);
        PERFORM app.access_follow(patient);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- ---- rights --------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^(grant_(link|end)|emergency_(review|todo|open)|access_expire)$');
GRANT EXECUTE ON FUNCTION app.require_one(bigint) TO hersys_guard;
GRANT EXECUTE ON FUNCTION app.grant_link(bigint, bigint, integer, date), app.grant_end(bigint, integer),
    app.emergency_review(bigint, integer), app.emergency_open(bigint, text) TO hersys_staff;
GRANT EXECUTE ON FUNCTION app.access_expire(integer) TO hersys_jobs;
