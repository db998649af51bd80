-- Who issues accounts for whom, and what the public page may do: views and functions (seeds 0 Q16 to Q19, seed 1).

-- ---- accounts and organisations ------------------------------------------------------------------------------------

-- For which organisations the issuers (利用者認証実施者) of one issue accounts and keep the particulars, and whether such
-- an account may be an issuer itself (no, may, must):
--   own    their own; a clinic's issuer makes no second one, it hands over
--   below  clinics, agencies, accommodation and laboratories under a prefecture, a city or a centre
--   first  prefectures, cities and centres, for the ministry: their issuers and no other account (seed 1)
CREATE VIEW app.issuing WITH (security_invoker = true) AS
SELECT o.organisation_id AS issuer_id, o.organisation_id, 'own' AS relation,
       CASE WHEN o.kind IN ('ministry', 'prefecture', 'city', 'centre') THEN 'may' ELSE 'no' END AS issuer_flag
  FROM app.organisation o
UNION ALL
SELECT up.organisation_id, o.organisation_id, 'below', 'may'
  FROM app.organisation up
  JOIN app.organisation o ON o.parent_id = up.organisation_id
 WHERE up.kind IN ('prefecture', 'city', 'centre')
   AND (o.kind IN ('clinic', 'followup', 'accommodation') OR o.laboratory)
UNION ALL
SELECT up.organisation_id, o.organisation_id, 'below', 'may'
  FROM app.organisation up
  JOIN app.organisation centre ON centre.parent_id = up.organisation_id AND centre.kind = 'centre'
  JOIN app.organisation o ON o.parent_id = centre.organisation_id
 WHERE up.kind IN ('prefecture', 'city')
   AND (o.kind IN ('clinic', 'followup', 'accommodation') OR o.laboratory)
UNION ALL
SELECT up.organisation_id, o.organisation_id, 'first', 'must'
  FROM app.organisation up
  CROSS JOIN app.organisation o
 WHERE up.kind = 'ministry' AND o.kind IN ('prefecture', 'city', 'centre') AND NOT o.laboratory;

-- Raises HS403 unless the session's account issues for this organisation: the first statement of every batch that
-- changes an organisation or adds an account to it.
CREATE FUNCTION app.require_issuing(p_organisation bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1
       FROM app.session_now s
       JOIN app.issuing i ON i.issuer_id = s.organisation_id AND i.organisation_id = p_organisation
      WHERE s.issuer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- The same for an account that is there already; of the offices below the ministry only the issuers are its business.
CREATE FUNCTION app.require_issuing_account(p_account bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1
       FROM app.session_now s
       JOIN app.account a ON a.account_id = p_account
       JOIN app.issuing i ON i.issuer_id = s.organisation_id AND i.organisation_id = a.organisation_id
      WHERE s.issuer AND (i.relation <> 'first' OR a.issuer);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- The next free code of an organisation: a letter for its kind, the municipality, a number of two digits or more.
CREATE FUNCTION app.next_code(p_letter text, p_municipality text) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT p_letter || p_municipality || lpad((coalesce(max(substr(o.code, 7)::integer), 0) + 1)::text, 2, '0')
      FROM app.organisation o
     WHERE starts_with(o.code, p_letter || p_municipality) AND o.code ~ '^[A-Z][0-9]{7,9}$'
$$;
REVOKE ALL ON FUNCTION app.next_code(text, text) FROM PUBLIC;

-- The next free login of an organisation: its code and a number.
CREATE FUNCTION app.next_login(p_code text) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT lower(p_code) || '-' || n FROM generate_series(1, 9999) n
     WHERE NOT EXISTS (SELECT FROM app.account a WHERE a.login = lower(p_code) || '-' || n)
     ORDER BY n LIMIT 1
$$;
REVOKE ALL ON FUNCTION app.next_login(text) FROM PUBLIC;

-- May this organisation say which centre is competent for a municipality? The ministry for all, a prefecture for its
-- own, a city for itself and its wards.
CREATE FUNCTION app.governs(p_organisation bigint, p_municipality text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM app.organisation o
         WHERE o.organisation_id = p_organisation
           AND (o.kind = 'ministry'
                OR (o.kind = 'prefecture' AND o.prefecture_code = left(p_municipality, 2))
                OR (o.kind = 'city'
                    AND o.municipality_code IN (
                        p_municipality, (SELECT m.parent_code FROM app.municipality m WHERE m.code = p_municipality)))))
$$;
REVOKE ALL ON FUNCTION app.governs(bigint, text) FROM PUBLIC;

-- Raises HS403 unless the session's account may set this centre (of the same prefecture; a city: one of its own) for
-- this municipality.
CREATE FUNCTION app.require_jurisdiction(p_municipality text, p_centre bigint) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM 1
       FROM app.session_now s
       JOIN app.organisation mine ON mine.organisation_id = s.organisation_id
       JOIN app.organisation c ON c.organisation_id = p_centre
      WHERE s.issuer AND app.governs(s.organisation_id, p_municipality)
        AND c.kind = 'centre' AND NOT c.laboratory AND c.closed_at IS NULL
        AND c.prefecture_code = left(p_municipality, 2)
        AND (mine.kind <> 'city' OR c.parent_id = mine.organisation_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
END
$$;

-- ---- the public page -----------------------------------------------------------------------------------------------

-- A clinic asks for an ID. Goes to the centre that is competent for its municipality, which is told by mail; a
-- municipality without one is refused (HS422).
CREATE FUNCTION app.application_submit(p_id uuid, p_institution text, p_postal text, p_municipality text, p_address text,
                                       p_phone text, p_doctor text, p_email text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    centre app.organisation;
BEGIN
    SELECT o.* INTO centre FROM app.organisation o
     WHERE o.organisation_id = app.competent_centre(p_municipality);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no competent centre' USING ERRCODE = 'HS422';
    END IF;
    INSERT INTO app.application (application_id, institution, postal_code, municipality_code, address, phone, doctor,
                                 email, centre_id)
    VALUES (p_id, p_institution, p_postal, p_municipality, p_address, p_phone, p_doctor, p_email,
            centre.organisation_id)
    ON CONFLICT (application_id) DO NOTHING;
    IF FOUND THEN
        INSERT INTO app.outbox (channel, template, to_organisation)
        VALUES ('mail', 'application_received', centre.organisation_id);
        PERFORM app.audit_link(NULL, NULL, 'public', 'application_submit', 'allowed', NULL, NULL, NULL, p_id::text);
    END IF;
    RETURN centre.name;
END
$$;

-- The health centre that is competent for a municipality: its own row, its city's, or the prefecture's fallback.
CREATE FUNCTION app.competent_centre(p_municipality text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    result bigint;
BEGIN
    SELECT j.centre_id INTO result
      FROM unnest(ARRAY[p_municipality,
                        (SELECT m.parent_code FROM app.municipality m WHERE m.code = p_municipality),
                        left(p_municipality, 2) || '000']) WITH ORDINALITY candidate (code, rank)
      JOIN app.jurisdiction j ON j.municipality_code = candidate.code
     ORDER BY candidate.rank LIMIT 1;
    RETURN result;
END
$$;
