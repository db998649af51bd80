#!/bin/sh
# import.sh FILE... - how fast `hersys import cases` is, as a part of plain COPY of the same rows.
#
# Three times in turn: imports the files into an emptied stand, then copies every row that this wrote into fresh copies
# of the same tables (same columns, keys, indexes and foreign keys, no row-level security), table by table in one
# transaction. The medians are compared; the aim is at least 0.15. Uses the stand of HERSYS_STATE and HERSYS_PORT, and
# wipes it first.
set -eu
[ $# -gt 0 ] || { sed -n '2,7p' "$0"; exit 2; }
cd "$(dirname "$0")/.."
rounds=3
tables="patient notification notification_person test_record submission patient_status revision import_key access search_key todo"
psql() { deploy/stand.sh psql -q -At "$@"; }
now() { date +%s.%N; }
seconds() { awk "BEGIN { printf \"%.3f\", $2 - $1 }"; }
median() { printf '%s\n' "$@" | sort -n | sed -n "$((rounds / 2 + 1))p"; }

# The same tables once more, empty.
make_baseline() {
  {
    echo 'SET client_min_messages = warning; DROP SCHEMA IF EXISTS baseline CASCADE; CREATE SCHEMA baseline;'
    for table in $tables; do echo "CREATE TABLE baseline.$table (LIKE app.$table INCLUDING ALL);"; done
    for table in notification submission patient_status revision; do
      echo "ALTER TABLE baseline.$table ADD FOREIGN KEY (patient_id) REFERENCES baseline.patient;"
    done
    for table in test_record notification_person; do
      echo "ALTER TABLE baseline.$table ADD FOREIGN KEY (patient_id, notification_no) REFERENCES baseline.notification;"
    done
    echo 'ALTER TABLE baseline.revision ALTER revision_no DROP IDENTITY IF EXISTS;'
  } | psql -f -
}

deploy/stand.sh wipe
deploy/stand.sh up >/dev/null 2>&1
dump=$(mktemp -d)
trap 'rm -rf "$dump"' EXIT
{
  echo 'BEGIN;'
  for table in $tables; do printf "\\\\copy baseline.%s FROM '%s'\\n" "$table" "$dump/$table"; done
  echo 'COMMIT;'
} >"$dump/copy.sql"
imports= copies=
for round in $(seq $rounds); do
  # Everything goes, the demonstration's own patients too, so that both sides write the same rows.
  psql -c 'SET client_min_messages = warning; TRUNCATE app.patient, app.access, app.search_key, app.todo, app.import_key CASCADE' -c CHECKPOINT
  start=$(now)
  for file in "$@"; do deploy/stand.sh hersys import cases "$file" >/dev/null; done
  imports="$imports $(seconds "$start" "$(now)")"

  for table in $tables; do psql -c "COPY (SELECT * FROM app.$table) TO STDOUT" >"$dump/$table"; done
  make_baseline
  psql -c CHECKPOINT
  start=$(now)
  psql -f "$dump/copy.sql"
  copies="$copies $(seconds "$start" "$(now)")"
done
psql -c 'SET client_min_messages = warning; DROP SCHEMA baseline CASCADE'
# shellcheck disable=SC2086
rows=$(cd "$dump" && cat $tables | wc -l)
# shellcheck disable=SC2086
import=$(median $imports) copy=$(median $copies)
echo "import:$imports s; COPY of the same $rows rows:$copies s"
awk "BEGIN { printf \"medians: import %s s, COPY %s s; COPY/import = %.2f\n\", $import, $copy, $copy / $import }"
