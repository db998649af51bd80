#!/bin/sh
# import.sh FILE... - how fast `hersys import cases` is, as a part of plain COPY of the same rows.
#
# Imports the files into an emptied stand, then copies every row that this wrote into fresh copies of the same tables
# (same columns, keys, indexes and foreign keys, no row-level security), table by table in one transaction, three times.
# Uses the stand of HERSYS_STATE and HERSYS_PORT, and wipes it first.
set -eu
cd "$(dirname "$0")/.."
tables="patient notification test_record submission patient_status revision import_key access search_key todo"
psql() { deploy/stand.sh psql -At "$@"; }
now() { date +%s.%N; }
seconds() { awk "BEGIN { printf \"%.3f\", $2 - $1 }"; }

deploy/stand.sh wipe
deploy/stand.sh up >/dev/null 2>&1
# The demonstration's own patients are out of the way, so that both sides write the same rows.
psql -c 'TRUNCATE app.patient, app.notification, app.test_record, app.submission, app.patient_status, app.patient_related,
  app.revision, app.import_key, app.access, app.search_key, app.todo'
start=$(now)
for file in "$@"; do deploy/stand.sh hersys import cases "$file" >/dev/null; done
import=$(seconds "$start" "$(now)")

dump=$(mktemp -d)
trap 'rm -rf "$dump"' EXIT
for table in $tables; do psql -c "COPY (SELECT * FROM app.$table) TO STDOUT" >"$dump/$table"; done
rows=$(cat "$dump"/* | wc -l)
{
  echo 'BEGIN;'
  for table in $tables; do printf "\\\\copy baseline.%s FROM '%s'\\n" "$table" "$dump/$table"; done
  echo 'COMMIT;'
} >"$dump/copy.sql"
best=
for round in 1 2 3; do
  {
    echo 'SET client_min_messages = warning; DROP SCHEMA IF EXISTS baseline CASCADE; CREATE SCHEMA baseline;'
    for table in $tables; do echo "CREATE TABLE baseline.$table (LIKE app.$table INCLUDING ALL);"; done
    for table in notification submission patient_status revision; do
      echo "ALTER TABLE baseline.$table ADD FOREIGN KEY (patient_id) REFERENCES baseline.patient;"
    done
    echo 'ALTER TABLE baseline.test_record ADD FOREIGN KEY (patient_id, notification_no) REFERENCES baseline.notification;'
    echo 'ALTER TABLE baseline.revision ALTER revision_no DROP IDENTITY IF EXISTS; CHECKPOINT;'
  } | psql -q -f -
  start=$(now)
  psql -q -f "$dump/copy.sql" >/dev/null
  copy=$(seconds "$start" "$(now)")
  best=$(printf '%s\n' $best "$copy" | sort -n | head -1)
  echo "COPY, round $round: $copy s"
done
psql -q -c 'SET client_min_messages = warning; DROP SCHEMA baseline CASCADE'
awk "BEGIN { printf \"import: %s s; COPY of the same %d rows: %s s at best; import/COPY = %.2f\n\", \"$import\", $rows, \"$best\", $best / $import }"
