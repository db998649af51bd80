#!/bin/sh
# run.sh [WORD...] - all tests, or only the suites whose name contains one of the words. Prints what fails and ends with
# one line "N passed, N failed".
#
# Everything runs against a stand of its own (other directory, other ports) that is built with the sanitizers. Each suite
# prints TAP; what stands at the left margin counts.
set -u
cd "$(dirname "$0")/.."

export HERSYS_STATE="$PWD/var/check" HERSYS_PORT="${HERSYS_CHECK_PORT:-21443}" HERSYS_BUILD="$PWD/build-asan"
export HERSYS_MEASURE=yes HERSYS_SHARED="${HERSYS_SHARED:-$PWD/../shared}"
export ASAN_OPTIONS=detect_leaks=1:disable_coredump=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0"
export CMOCKA_MESSAGE_OUTPUT=TAP
FUZZ_SECONDS=${FUZZ_SECONDS:-15}

out=$PWD/build-check
words=$*
passed=0 failed=0 skipped=0
rm -rf "$out"; mkdir -p "$out"

wanted() {
  [ -n "$words" ] || return 0
  for word in $words; do case $1 in *"$word"*) return 0 ;; esac; done
  return 1
}

# suite NAME COMMAND... - runs it and counts its TAP; a suite that says nothing or ends badly without a "not ok" failed too.
suite() {
  name=$1; shift
  wanted "$name" || return 0
  log=$out/$(printf %s "$name" | tr '/ ' '--').tap
  began=$(date +%s)
  ("$@") >"$log" 2>&1; status=$? # in a shell of its own: it keeps its variables
  good=$(grep -cE '^ok' "$log"); bad=$(grep -cE '^not ok' "$log"); left=$(grep -cE '^ok.*# SKIP' "$log")
  if [ $status -ne 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  if [ "$good$bad" = 00 ]; then bad=1; fi
  passed=$((passed + good - left)) failed=$((failed + bad)) skipped=$((skipped + left))
  printf '%-34s %4d passed %3d failed %5d s\n' "$name" "$((good - left))" "$bad" "$(($(date +%s) - began))"
  grep -E '^ok.*# SKIP' "$log" | sed 's/^/    /'
  if [ "$bad" != 0 ]; then
    grep -nE '^not ok' "$log" | sed 's/^/    /'
    grep -vE '^ok|^# Subtest|^  (---|\.\.\.)|duration_ms|^TAP' "$log" | tail -n 60 | sed 's/^/    | /'
  fi
}

# A command as one test: `tap NAME COMMAND...`
tap() {
  name=$1; shift
  if "$@" >"$out/command.log" 2>&1; then echo "ok - $name"; else echo "not ok - $name"; sed 's/^/# /' "$out/command.log"; fi
}

# No file may hold up the others; the longest takes six minutes on two cores.
node_test() {
  timeout --foreground -k 10 900 node --test --test-reporter=tap "$@" && return
  ended=$?
  case $ended in 124|137) echo "not ok - it ends within 15 minutes" ;; esac
  return $ended
}

# ---- builds --------------------------------------------------------------------------------------------------------------

build_gcc() { tools/configure.sh build-asan -Db_sanitize=address,undefined -Db_lundef=false && ninja -C build-asan; }
build_clang() {
  CC=clang tools/configure.sh build-fuzz -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false && ninja -C build-fuzz
}
builds() {
  tap "gcc builds everything without a warning" build_gcc
  tap "clang builds everything without a warning" build_clang
}

# ---- the stand -----------------------------------------------------------------------------------------------------------

stand_up() {
  tap "the stand starts from nothing" sh -c 'deploy/stand.sh wipe && deploy/stand.sh up'
  tap "and again when it is there" deploy/stand.sh up
  HERSYS_STATE=$(deploy/stand.sh state) # as root it may lie elsewhere
}

checks() {
  tap "every statement keeps the rules and is allowed to its roles" deploy/stand.sh hersys check sql
  tap "database and dictionary agree" deploy/stand.sh hersys check dictionary
}

# programs BUILD PREFIX - what the build made of tests/PREFIX_*
programs() { find "$1/tests" -maxdepth 1 -type f -executable -name "$2_*" | sort; }

record_files() { for file in dictionary/*.rec; do tap "$file" recfix --check "$file"; done; }

unit() {
  for program in $(programs build-asan unit); do "$program" || echo "not ok - $program ended with $?"; done
}

# Fuzzes each target for a while, two side by side; what it found before is kept in the corpus of this machine.
fuzz_one() {
  target=$1; name=$(basename "$target")
  mkdir -p "$out/corpus/$name"
  "$target" -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$out/$name-" \
    "$out/corpus/$name" >"$out/$name.log" 2>&1
  if [ $? = 0 ]; then echo "ok - $name $(grep -o 'Done [0-9]* runs' "$out/$name.log")"; else
    echo "not ok - $name"; tail -n 40 "$out/$name.log" | sed 's/^/# /'; fi
}
fuzz() {
  export out FUZZ_SECONDS
  # shellcheck disable=SC2046
  set -- $(programs build-fuzz fuzz)
  while [ $# -gt 0 ]; do
    fuzz_one "$1" >"$out/fuzz-1" &
    if [ $# -gt 1 ]; then fuzz_one "$2" >"$out/fuzz-2"; else : >"$out/fuzz-2"; fi
    wait $!
    cat "$out/fuzz-1" "$out/fuzz-2"
    shift; [ $# = 0 ] || shift
  done
}

# ---- all of it -----------------------------------------------------------------------------------------------------------

trap 'deploy/stand.sh down >/dev/null 2>&1' EXIT
trap 'exit 130' INT TERM

suite lint tests/lint.sh
suite builds builds
suite records record_files
suite unit unit
suite stand stand_up
HERSYS_STATE=$(deploy/stand.sh state)
suite check checks
for directory in database http browser gateway kill after; do
  for file in tests/"$directory"/*.test.js; do
    suite "$directory/$(basename "$file" .test.js)" node_test "$file"
  done
done
suite fuzz fuzz

[ "$skipped" = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
