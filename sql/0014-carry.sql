-- What a merge of two records (0008-same.sql) takes along from the tables of links, clusters and grants, and of 健康観察 (0019, 0021 and 0023),
-- and gives back.

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

-- ---- 健康観察 ----------------------------------------------------------------------------------------------------------

-- The number of somebody who is observed, when the contacts are renumbered; 0 is the patient.
CREATE FUNCTION app.same_observed(p_contact integer, p_shift integer) RETURNS integer
LANGUAGE sql IMMUTABLE SET search_path = '' AS $$ SELECT CASE p_contact WHEN 0 THEN 0 ELSE p_contact + p_shift END $$;

-- Where the answers of contacts stand, the number of the contact moves on by p_shift.
CREATE FUNCTION app.same_renumber_answers(p_patient bigint, p_shift integer) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
    UPDATE app.entry e
       SET items = e.items || jsonb_build_object('observation_of', ((e.items ->> 'observation_of')::integer + p_shift)::text)
     WHERE e.patient_id = p_patient AND e.tab = 'observation' AND e.items ? 'observation_of'
$$;

-- Whoever is observed goes on being observed, under the survivor: their state, their link, their telephones, the calls of today, what was done
-- about them. Where the survivor has its own, that stands; but no urgent answer is taken for settled because the other record was.
-- To be called before the entries move. Returned is what the undo needs.
CREATE FUNCTION app.same_carry_follow(p_gone bigint, p_into bigint) RETURNS jsonb
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    contacts integer := (SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_into AND tab = 'contact');
    answers integer := (SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_into AND tab = 'observation');
    actions integer := (SELECT coalesce(max(action_no), 0) FROM app.follow_action WHERE patient_id = p_into);
    carried jsonb;
BEGIN
    carried := jsonb_build_object(
        'contacts', jsonb_build_array(contacts, contacts + (
            SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_gone AND tab = 'contact')),
        'answers', jsonb_build_array(answers, answers + (
            SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_gone AND tab = 'observation')),
        'actions', jsonb_build_array(actions, actions + (
            SELECT coalesce(max(action_no), 0) FROM app.follow_action WHERE patient_id = p_gone)),
        'own', (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM app.follow f WHERE f.patient_id = p_into AND f.contact_no = 0),
        'follow', (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]') FROM app.follow f WHERE f.patient_id = p_gone),
        'links', (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM app.follow_link l WHERE l.patient_id = p_gone),
        'persons', (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM app.my_person p WHERE p.patient_id = p_gone),
        'accounts', (SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]') FROM app.my_account_person p WHERE p.patient_id = p_gone),
        'calls', (SELECT coalesce(jsonb_agg(jsonb_build_object('token', c.token, 'contact_no', c.contact_no)), '[]') FROM app.call c
                   WHERE c.patient_id = p_gone AND c.state IN ('waiting', 'dialled', 'talking')));
    PERFORM app.same_renumber_answers(p_gone, contacts);
    INSERT INTO app.observation_key (patient_id, key, entry_no)
    SELECT p_into, k.key, k.entry_no + answers FROM app.observation_key k WHERE k.patient_id = p_gone ON CONFLICT DO NOTHING;
    DELETE FROM app.observation_key WHERE patient_id = p_gone;
    INSERT INTO app.follow_action
    SELECT (jsonb_populate_record(x, jsonb_build_object('patient_id', p_into, 'action_no', x.action_no + actions,
                                                        'contact_no', app.same_observed(x.contact_no, contacts)))).*
      FROM app.follow_action x WHERE x.patient_id = p_gone;
    DELETE FROM app.follow_action WHERE patient_id = p_gone;
    UPDATE app.follow i
       SET since = least(i.since, g.since),
           settled_at = CASE WHEN i.settled_at IS NOT NULL AND g.settled_at IS NOT NULL THEN least(i.settled_at, g.settled_at) END
      FROM app.follow g
     WHERE i.patient_id = p_into AND i.contact_no = 0 AND g.patient_id = p_gone AND g.contact_no = 0 AND g.urgency > 0;
    INSERT INTO app.follow -- those of the emptied ID go with app.close_refresh
    SELECT (jsonb_populate_record(f, jsonb_build_object('patient_id', p_into, 'contact_no', app.same_observed(f.contact_no, contacts)))).*
      FROM app.follow f WHERE f.patient_id = p_gone ON CONFLICT DO NOTHING;
    UPDATE app.follow_link l SET patient_id = p_into, contact_no = app.same_observed(l.contact_no, contacts)
     WHERE l.patient_id = p_gone AND NOT EXISTS (
           SELECT FROM app.follow_link i WHERE i.patient_id = p_into AND i.contact_no = app.same_observed(l.contact_no, contacts));
    DELETE FROM app.follow_link WHERE patient_id = p_gone;
    UPDATE app.my_person p SET patient_id = p_into, contact_no = app.same_observed(p.contact_no, contacts)
     WHERE p.patient_id = p_gone AND NOT EXISTS (
           SELECT FROM app.my_person i
            WHERE i.token_hash = p.token_hash AND i.patient_id = p_into AND i.contact_no = app.same_observed(p.contact_no, contacts));
    DELETE FROM app.my_person WHERE patient_id = p_gone;
    INSERT INTO app.my_account_person (mail_hash, patient_id, contact_no, added_at)
    SELECT p.mail_hash, p_into, app.same_observed(p.contact_no, contacts), p.added_at FROM app.my_account_person p
     WHERE p.patient_id = p_gone ON CONFLICT DO NOTHING;
    DELETE FROM app.my_account_person WHERE patient_id = p_gone;
    UPDATE app.call c SET patient_id = p_into, contact_no = app.same_observed(c.contact_no, contacts)
     WHERE c.patient_id = p_gone AND c.state IN ('waiting', 'dialled', 'talking') AND (c.inbound OR NOT EXISTS (
           SELECT FROM app.call i WHERE i.patient_id = p_into AND i.contact_no = app.same_observed(c.contact_no, contacts)
                                    AND i.day = c.day AND NOT i.inbound));
    RETURN carried;
END
$$;

-- Gives it back, when the entries are back: what was settled or asked since counts for both, and what contacts have answered since goes
-- with the contact.
CREATE FUNCTION app.same_carry_follow_back(p_gone bigint, p_into bigint, p_merged timestamptz, p_carried jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    contacts integer := (p_carried -> 'contacts' -> 0)::integer;
    answers integer := (p_carried -> 'answers' -> 0)::integer;
    actions integer := (p_carried -> 'actions' -> 0)::integer;
    number integer := (SELECT coalesce(max(entry_no), 0) FROM app.entry WHERE patient_id = p_gone AND tab = 'observation');
    theirs integer[] := ARRAY(SELECT entry_no FROM app.entry WHERE patient_id = p_into AND tab = 'observation' AND items ? 'observation_of'
                                 AND (items ->> 'observation_of')::integer > contacts
                                 AND (items ->> 'observation_of')::integer <= (p_carried -> 'contacts' -> 1)::integer ORDER BY 1);
BEGIN
    FOR i IN 1 .. cardinality(theirs) LOOP
        PERFORM app.same_move_rows(p_into, p_gone, 'observation', theirs[i] - 1, theirs[i], number + i - theirs[i]);
    END LOOP;
    PERFORM app.same_renumber_answers(p_gone, -contacts);
    INSERT INTO app.observation_key (patient_id, key, entry_no)
    SELECT p_gone, k.key, k.entry_no - answers FROM app.observation_key k
     WHERE k.patient_id = p_into AND k.entry_no > answers AND k.entry_no <= (p_carried -> 'answers' -> 1)::integer ON CONFLICT DO NOTHING;
    DELETE FROM app.observation_key k
     WHERE k.patient_id = p_into AND k.entry_no > answers AND k.entry_no <= (p_carried -> 'answers' -> 1)::integer;
    INSERT INTO app.follow_action
    SELECT (jsonb_populate_record(x, jsonb_build_object('patient_id', p_gone, 'action_no', x.action_no - actions,
                                                        'contact_no', app.same_observed(x.contact_no, -contacts)))).*
      FROM app.follow_action x
     WHERE x.patient_id = p_into AND x.action_no > actions AND x.action_no <= (p_carried -> 'actions' -> 1)::integer;
    DELETE FROM app.follow_action x
     WHERE x.patient_id = p_into AND x.action_no > actions AND x.action_no <= (p_carried -> 'actions' -> 1)::integer;
    INSERT INTO app.follow
    SELECT (jsonb_populate_record(x, jsonb_build_object(
               'asked_on', greatest(x.asked_on, n.asked_on),
               'settled_at', CASE WHEN n.settled_at > p_merged THEN n.settled_at ELSE x.settled_at END))).*
      FROM jsonb_populate_recordset(NULL::app.follow, p_carried -> 'follow') x
      LEFT JOIN app.follow n ON n.patient_id = p_into AND n.contact_no = app.same_observed(x.contact_no, contacts)
    ON CONFLICT DO NOTHING;
    UPDATE app.follow f SET since = o.since, settled_at = CASE WHEN f.settled_at > p_merged THEN f.settled_at ELSE o.settled_at END
      FROM jsonb_populate_recordset(NULL::app.follow, p_carried -> 'own') o
     WHERE f.patient_id = p_into AND f.contact_no = 0;
    DELETE FROM app.follow_link l USING jsonb_populate_recordset(NULL::app.follow_link, p_carried -> 'links') x WHERE l.token_hash = x.token_hash;
    INSERT INTO app.follow_link SELECT * FROM jsonb_populate_recordset(NULL::app.follow_link, p_carried -> 'links') ON CONFLICT DO NOTHING;
    DELETE FROM app.my_person p USING jsonb_populate_recordset(NULL::app.my_person, p_carried -> 'persons') x
     WHERE p.token_hash = x.token_hash AND p.person_no = x.person_no AND p.patient_id = p_into;
    INSERT INTO app.my_person
    SELECT x.* FROM jsonb_populate_recordset(NULL::app.my_person, p_carried -> 'persons') x
     WHERE EXISTS (SELECT FROM app.my_session s WHERE s.token_hash = x.token_hash) ON CONFLICT DO NOTHING;
    DELETE FROM app.my_account_person p USING jsonb_populate_recordset(NULL::app.my_account_person, p_carried -> 'accounts') x
     WHERE p.mail_hash = x.mail_hash AND p.patient_id = p_into AND p.contact_no = app.same_observed(x.contact_no, contacts)
       AND p.added_at = x.added_at;
    INSERT INTO app.my_account_person
    SELECT x.* FROM jsonb_populate_recordset(NULL::app.my_account_person, p_carried -> 'accounts') x
     WHERE EXISTS (SELECT FROM app.my_account a WHERE a.mail_hash = x.mail_hash) ON CONFLICT DO NOTHING;
    UPDATE app.call c SET patient_id = p_gone, contact_no = x.contact_no
      FROM jsonb_to_recordset(p_carried -> 'calls') x (token text, contact_no integer)
     WHERE c.token = x.token AND c.patient_id = p_into AND c.state IN ('waiting', 'dialled', 'talking');
END
$$;

SELECT app.guard_functions('^same_(carry|observed$|renumber_answers$)');
