-- role: staff

-- name: link_state
-- patient, entry (0: the newest; NULL: a contact), source or NULL, its text, certainty
SELECT app.link_state($1::bigint, $2::integer, $3::bigint, $4, $5);
