-- role: staff

-- name: cross_counts
-- row, column, from, to, how many people at most
SELECT c.row_value, c.column_value, c.count FROM app.cross_counts($1, $2, $3::date, $4::date, $5::integer) c;
