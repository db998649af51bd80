-- 独自項目: items that a head office (本庁, prefecture) adds to the record for its area (issue 3; domain.md wish 18). What is entered
-- stands in app.entry like everything else, in the tabs local and local_shared, under the keys local_<number>: the walls, the
-- history and merges know nothing special. Here are only the items themselves. None is ever deleted, its tab and its kind never
-- change, and a choice keeps its code, so that an old value keeps its meaning.

CREATE TABLE app.local_item (
    item_id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    owner_id bigint NOT NULL,
    tab text NOT NULL CHECK (tab IN ('local', 'local_shared')),
    kind text NOT NULL CHECK (kind IN ('text', 'number', 'date', 'choice')),
    label text NOT NULL CHECK (label <> ''),
    hint text NOT NULL,
    unit text NOT NULL,
    least integer NOT NULL,
    most integer NOT NULL CHECK (most >= least),
    choices jsonb NOT NULL CHECK (jsonb_typeof(choices) = 'array' AND (kind = 'choice') = (choices <> '[]')),
    place integer NOT NULL,
    version integer NOT NULL DEFAULT 1,
    retired_at timestamptz,
    created_by bigint NOT NULL,
    created_at timestamptz NOT NULL,
    saved_by bigint NOT NULL,
    saved_at timestamptz NOT NULL
);
COMMENT ON TABLE app.local_item IS 'reference: 独自項目 by head office; choices: [{code, label, offered}], codes stay; values stand in app.entry';
CREATE INDEX local_item_owner ON app.local_item (owner_id, tab, place, item_id);

-- An item with the names of its owner and of who saved it; items of a prefecture before those of a city.
CREATE VIEW app.local_item_row WITH (security_invoker = true) AS
SELECT i.*, i.retired_at IS NOT NULL AS retired, o.name AS owner, (o.kind = 'prefecture')::integer AS rank, h.holder AS saver,
       to_char(i.saved_at AT TIME ZONE 'Asia/Tokyo', 'YYYY/MM/DD HH24:MI') AS saved
  FROM app.local_item i
  JOIN app.organisation o ON o.organisation_id = i.owner_id
  LEFT JOIN app.account h ON h.account_id = i.saved_by;

-- The office of the session as an owner of items; HS403 for anybody but a head office.
CREATE FUNCTION app.local_item_owner_now() RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
    PERFORM 1 FROM app.session_now s WHERE s.organisation_kind IN ('city', 'prefecture');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not a head office' USING ERRCODE = 'HS403';
    END IF;
    RETURN app.organisation_now();
END
$$;

-- Adds an item (p_item 0), or changes one whose version is still p_version; returns its number. p_item is an object of the
-- columns label, hint, unit, least, most, choices, place, and for a new one tab and kind. HS403 when it is another office's, or a
-- choice is taken away; HS409 when somebody was faster; HS422 when the office has p_most_items in use in the tab already.
CREATE FUNCTION app.local_item_save(p_id bigint, p_version integer, p_item jsonb, p_most_items integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.local_item_owner_now();
    wanted app.local_item := jsonb_populate_record(NULL::app.local_item, p_item);
    former app.local_item;
    saved bigint;
BEGIN
    IF p_id = 0 THEN
        PERFORM 1 FROM app.organisation WHERE organisation_id = mine FOR UPDATE; -- one after another
        IF (SELECT count(*) FROM app.local_item i
             WHERE i.owner_id = mine AND i.tab = wanted.tab AND i.retired_at IS NULL) >= p_most_items THEN
            RAISE EXCEPTION 'too many items' USING ERRCODE = 'HS422';
        END IF;
        INSERT INTO app.local_item (owner_id, tab, kind, label, hint, unit, least, most, choices, place, created_by, created_at,
                                    saved_by, saved_at)
        VALUES (mine, wanted.tab, wanted.kind, wanted.label, wanted.hint, wanted.unit, wanted.least, wanted.most,
                wanted.choices, wanted.place, app.account_now(), now(), app.account_now(), now())
        RETURNING item_id INTO saved;
        RETURN saved;
    END IF;
    SELECT * INTO former FROM app.local_item WHERE item_id = p_id AND owner_id = mine FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    IF former.version <> p_version THEN
        RAISE EXCEPTION 'saved meanwhile' USING ERRCODE = 'HS409';
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(former.choices) f
                WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(wanted.choices) w WHERE w ->> 'code' = f ->> 'code')) THEN
        RAISE EXCEPTION 'a choice was taken away' USING ERRCODE = 'HS403';
    END IF;
    UPDATE app.local_item i
       SET label = wanted.label, hint = wanted.hint, unit = wanted.unit, least = wanted.least, most = wanted.most,
           choices = wanted.choices, place = wanted.place, version = i.version + 1, saved_by = app.account_now(),
           saved_at = now()
     WHERE i.item_id = p_id;
    RETURN p_id;
END
$$;

-- Retires an item, or brings it back; of an own item, whose version is still p_version (HS409), and only as often as it is open
-- for more (HS422: p_most_items are in use in its tab).
CREATE FUNCTION app.local_item_retire(p_id bigint, p_version integer, p_retired boolean, p_most_items integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    mine bigint := app.local_item_owner_now();
    former app.local_item;
BEGIN
    PERFORM 1 FROM app.organisation WHERE organisation_id = mine FOR UPDATE; -- one after another
    SELECT * INTO former FROM app.local_item WHERE item_id = p_id AND owner_id = mine;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'not permitted' USING ERRCODE = 'HS403';
    END IF;
    IF former.version <> p_version THEN
        RAISE EXCEPTION 'saved meanwhile' USING ERRCODE = 'HS409';
    END IF;
    IF NOT p_retired AND (SELECT count(*) FROM app.local_item i
                           WHERE i.owner_id = mine AND i.tab = former.tab AND i.retired_at IS NULL) >= p_most_items THEN
        RAISE EXCEPTION 'too many items' USING ERRCODE = 'HS422';
    END IF;
    UPDATE app.local_item i
       SET retired_at = CASE WHEN p_retired THEN now() END, version = i.version + 1, saved_by = app.account_now(),
           saved_at = now()
     WHERE i.item_id = p_id;
END
$$;

-- ---- rights --------------------------------------------------------------------------------------------------------

SELECT app.guard_functions('^local_item_');
GRANT EXECUTE ON FUNCTION app.local_item_save(bigint, integer, jsonb, integer), app.local_item_retire(bigint, integer, boolean, integer)
    TO hersys_staff;

GRANT ALL ON app.local_item TO hersys_guard;
GRANT SELECT ON app.local_item, app.local_item_row TO hersys_staff;
GRANT SELECT ON app.local_item TO hersys_jobs;
