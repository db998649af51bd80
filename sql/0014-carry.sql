-- What a merge of two records (0008-same.sql) takes along from the tables of links, clusters and grants.

-- What others have said about a patient goes along with a merge: infection links (as the infected and as the source), places in
-- clusters, agencies and emergency views. The rows as they stood are returned, for the undo. Where the survivor has its own
-- (a link that holds, the same cluster, the same agency), its own stands.
CREATE FUNCTION app.same_carry(p_gone bigint, p_into bigint) RETURNS jsonb
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    stood jsonb;
    shift integer;
BEGIN
    stood := jsonb_build_object(
        'patient_link', (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM app.patient_link l
                          WHERE l.patient_id IN (p_gone, p_into) OR l.source_id = p_gone),
        'cluster_member', (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM app.cluster_member c
                            WHERE c.patient_id = p_gone),
        'patient_grant', (SELECT coalesce(jsonb_agg(to_jsonb(g)), '[]') FROM app.patient_grant g
                           WHERE g.patient_id = p_gone));
    UPDATE app.patient_link l SET holds = false
     WHERE l.patient_id = p_gone AND l.holds
       AND EXISTS (SELECT FROM app.patient_link i WHERE i.patient_id = p_into AND i.holds);
    UPDATE app.patient_link l SET source_id = p_into, mark = CASE WHEN l.patient_id IN (p_gone, p_into) THEN 'self' ELSE l.mark END
     WHERE l.source_id = p_gone;
    SELECT coalesce(max(link_no), 0) INTO shift FROM app.patient_link WHERE patient_id = p_into;
    UPDATE app.patient_link SET patient_id = p_into, link_no = link_no + shift WHERE patient_id = p_gone;
    UPDATE app.cluster_member c SET patient_id = p_into
     WHERE c.patient_id = p_gone AND NOT EXISTS (
           SELECT FROM app.cluster_member i
            WHERE i.organisation_id = c.organisation_id AND i.cluster_id = c.cluster_id AND i.patient_id = p_into);
    SELECT coalesce(max(grant_no), 0) INTO shift FROM app.patient_grant WHERE patient_id = p_into;
    UPDATE app.patient_grant g SET patient_id = p_into, grant_no = g.grant_no + shift
     WHERE g.patient_id = p_gone AND NOT EXISTS (
           SELECT FROM app.patient_grant i
            WHERE i.patient_id = p_into AND i.organisation_id = g.organisation_id AND i.relation = g.relation
              AND i.ended_at IS NULL AND g.ended_at IS NULL);
    RETURN stood;
END
$$;

-- Puts back what app.same_carry has moved, as it stood then. What was said about the survivor since stays with it; of two
-- links that would hold, the newer one does.
CREATE FUNCTION app.same_carry_back(p_gone bigint, p_into bigint, p_stood jsonb, p_merged_at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    DELETE FROM app.patient_link l
     WHERE (l.patient_id IN (p_gone, p_into) AND l.entered_at < p_merged_at)
        OR (l.patient_id, l.link_no) IN (SELECT (x ->> 'patient_id')::bigint, (x ->> 'link_no')::integer
                                           FROM jsonb_array_elements(p_stood -> 'patient_link') x);
    INSERT INTO app.patient_link
    SELECT (jsonb_populate_record(x, jsonb_build_object('holds', x.holds AND NOT EXISTS (
               SELECT FROM app.patient_link newer WHERE newer.patient_id = x.patient_id AND newer.holds)))).*
      FROM jsonb_populate_recordset(NULL::app.patient_link, p_stood -> 'patient_link') x;
    UPDATE app.cluster_member c SET patient_id = p_gone
      FROM jsonb_populate_recordset(NULL::app.cluster_member, p_stood -> 'cluster_member') x
     WHERE c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id AND c.member_no = x.member_no;
    DELETE FROM app.patient_grant g
     WHERE g.patient_id = p_into AND (g.organisation_id, g.relation, g.granted_at) IN (
           SELECT x.organisation_id, x.relation, x.granted_at
             FROM jsonb_populate_recordset(NULL::app.patient_grant, p_stood -> 'patient_grant') x);
    DELETE FROM app.patient_grant WHERE patient_id = p_gone;
    INSERT INTO app.patient_grant SELECT * FROM jsonb_populate_recordset(NULL::app.patient_grant, p_stood -> 'patient_grant');
END
$$;

REVOKE ALL ON FUNCTION app.same_carry(bigint, bigint), app.same_carry_back(bigint, bigint, jsonb, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.same_carry(bigint, bigint), app.same_carry_back(bigint, bigint, jsonb, timestamptz) TO hersys_guard;
