-- role: staff

-- name: cross_counts
-- row, column, from, to, how many people at most
SELECT c.row_value, c.column_value, c.count FROM app.cross_counts($1, $2, $3::date, $4::date, $5::integer) c;

-- name: cross_list
-- organisation, row, column, keys of their values (NULL: of a total), from, to, how many people at most, after (day, patient): 51 of those
-- whom a number of the table counts, with this office's labels and how many they are
SELECT a.patient_id, a.name, a.kana, a.birth_date, a.sex, a.age_years, a.age_band, a.category, a.diagnosis_date, a.status,
       a.confirmed, a.deemed, r.name AS reporter, c.name AS responsible, to_char(f.new_on, 'YYYY/FMMM/FMDD') AS reported,
       f.new_on - date '1970-01-01' AS cursor, f.people, f.row_value, f.column_value
  FROM app.cross_list($2, $3, $4, $5, $6::date, $7::date, $8::integer, date '1970-01-01' + ($9::bigint % 1000000)::integer,
                      $10::bigint) f
  JOIN app.access a ON a.organisation_id = $1::bigint AND a.patient_id = f.patient_id
  JOIN app.organisation r ON r.organisation_id = a.reporter_id
  JOIN app.organisation c ON c.organisation_id = a.responsible_id
 ORDER BY f.new_on DESC, f.patient_id DESC;
