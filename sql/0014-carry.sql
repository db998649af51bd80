-- What a merge of two records (0008-same.sql) takes along from the tables of links, clusters and grants, and gives back.

-- What others have said about a patient goes along with a merge: infection links (as the infected and as the source), places in
-- clusters, agencies and emergency views. Where the survivor has its own (a link that holds, the same cluster, the same agency),
-- its own stands. Returned is what the undo needs to move things back as they are by then: the numbers that came over
-- (first < number <= last), and what was changed besides.
CREATE FUNCTION app.same_carry(p_gone bigint, p_into bigint) RETURNS jsonb
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    links integer; -- the numbers that the survivor has given: those of the other come behind
    entries integer;
    grants integer;
    carried jsonb;
    members jsonb;
BEGIN
    SELECT coalesce(max(link_no), 0) INTO links FROM app.patient_link WHERE patient_id = p_into;
    SELECT coalesce(max(entry_no), 0) INTO entries FROM app.entry WHERE patient_id = p_into AND tab = 'link';
    SELECT coalesce(max(grant_no), 0) INTO grants FROM app.patient_grant WHERE patient_id = p_into;
    carried := jsonb_build_object(
        'links', jsonb_build_array(links, links + (
            SELECT coalesce(max(link_no), 0) FROM app.patient_link WHERE patient_id = p_gone)),
        'entries', jsonb_build_array(entries, entries + (
            SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_gone AND tab = 'link')),
        'grants', jsonb_build_array(grants, grants + (
            SELECT coalesce(max(grant_no), 0) FROM app.patient_grant WHERE patient_id = p_gone)),
        'sources', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'patient_id', CASE l.patient_id WHEN p_gone THEN p_into ELSE l.patient_id END,
                       'link_no', CASE l.patient_id WHEN p_gone THEN l.link_no + links ELSE l.link_no END,
                       'source_id', l.source_id, 'mark', l.mark)), '[]')
              FROM app.patient_link l
             WHERE l.source_id = p_gone OR (l.patient_id = p_gone AND l.source_id = p_into)),
        'doubled', (
            SELECT coalesce(jsonb_agg(g.grant_no + grants), '[]')
              FROM app.patient_grant g
              JOIN app.patient_grant i ON i.patient_id = p_into AND i.organisation_id = g.organisation_id
                                      AND i.relation = g.relation AND i.ended_at IS NULL
             WHERE g.patient_id = p_gone AND g.ended_at IS NULL),
        'refused', (
            SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]') FROM app.todo t
             WHERE t.patient_id = p_gone AND t.kind = 'handover_refused'));
    UPDATE app.patient_link l SET holds = false
     WHERE l.patient_id = p_gone AND l.holds
       AND EXISTS (SELECT FROM app.patient_link i WHERE i.patient_id = p_into AND i.holds);
    UPDATE app.patient_link l SET source_id = p_into, mark = CASE WHEN l.patient_id IN (p_gone, p_into) THEN 'self' ELSE l.mark END
     WHERE l.source_id = p_gone OR (l.patient_id = p_gone AND l.source_id = p_into);
    UPDATE app.patient_link SET patient_id = p_into, link_no = link_no + links, entry_no = entry_no + entries
     WHERE patient_id = p_gone;
    WITH moved AS (
        UPDATE app.cluster_member c SET patient_id = p_into
         WHERE c.patient_id = p_gone AND NOT EXISTS (
               SELECT FROM app.cluster_member i
                WHERE i.organisation_id = c.organisation_id AND i.cluster_id = c.cluster_id AND i.patient_id = p_into)
        RETURNING c.organisation_id, c.cluster_id, c.member_no)
    SELECT coalesce(jsonb_agg(to_jsonb(moved)), '[]') INTO members FROM moved;
    UPDATE app.patient_grant g
       SET patient_id = p_into, grant_no = g.grant_no + grants,
           ended_at = CASE WHEN carried -> 'doubled' @> to_jsonb(g.grant_no + grants) THEN now() ELSE g.ended_at END
     WHERE g.patient_id = p_gone;
    RETURN carried || jsonb_build_object('members', members);
END
$$;

-- Gives back what app.same_carry has moved, as it is by now: what was ended, reviewed or withdrawn since stays so, and what was
-- said about the survivor since stays with it. An agency that both had is the other's again, unless a person has ended it since.
CREATE FUNCTION app.same_carry_back(p_gone bigint, p_into bigint, p_carried jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    links integer := (p_carried -> 'links' -> 0)::integer;
    entries integer := (p_carried -> 'entries' -> 0)::integer;
    grants integer := (p_carried -> 'grants' -> 0)::integer;
BEGIN
    UPDATE app.patient_link SET holds = false WHERE patient_id = p_into AND holds;
    UPDATE app.patient_link l SET source_id = x.source_id, mark = x.mark
      FROM jsonb_to_recordset(p_carried -> 'sources') x (patient_id bigint, link_no integer, source_id bigint, mark text)
     WHERE l.patient_id = x.patient_id AND l.link_no = x.link_no AND l.source_id = p_into;
    -- With an entry goes what it says by now.
    UPDATE app.patient_link l SET patient_id = p_gone, link_no = l.link_no - links, entry_no = l.entry_no - entries
     WHERE l.patient_id = p_into
       AND (l.link_no > links AND l.link_no <= (p_carried -> 'links' -> 1)::integer
            OR l.entry_no > entries AND l.entry_no <= (p_carried -> 'entries' -> 1)::integer);
    UPDATE app.patient_link l SET holds = true
     WHERE l.patient_id IN (p_gone, p_into)
       AND l.link_no = (SELECT max(n.link_no) FROM app.patient_link n
                         WHERE n.patient_id = l.patient_id AND n.withdrawn_at IS NULL);
    UPDATE app.cluster_member c SET patient_id = p_gone
      FROM jsonb_to_recordset(p_carried -> 'members') x (organisation_id bigint, cluster_id bigint, member_no integer)
     WHERE c.organisation_id = x.organisation_id AND c.cluster_id = x.cluster_id AND c.member_no = x.member_no;
    UPDATE app.patient_grant g
       SET patient_id = p_gone, grant_no = g.grant_no - grants,
           ended_at = CASE WHEN p_carried -> 'doubled' @> to_jsonb(g.grant_no) AND g.ended_by IS NULL AND NOT EXISTS (
                                SELECT FROM app.patient_grant i
                                 WHERE i.patient_id = p_into AND i.organisation_id = g.organisation_id
                                   AND i.relation = g.relation AND i.ended_at >= g.ended_at AND i.ended_by IS NOT NULL)
                           THEN NULL ELSE g.ended_at END
     WHERE g.patient_id = p_into AND g.grant_no > grants AND g.grant_no <= (p_carried -> 'grants' -> 1)::integer;
    DELETE FROM app.todo WHERE patient_id = p_into AND kind = 'emergency_review'; -- app.patient_publish says it anew
    INSERT INTO app.todo (organisation_id, kind, patient_id, since)
    SELECT t.organisation_id, t.kind, p_gone, t.since
      FROM jsonb_populate_recordset(NULL::app.todo, p_carried -> 'refused') t
      JOIN app.patient p ON p.patient_id = p_gone AND p.responsible_id = t.organisation_id;
END
$$;

SELECT app.guard_functions('^same_carry');
