#!/bin/sh
# run.sh [WORD...] - all tests, or only the suites whose name contains one of the words. Prints what fails and ends with
# one line "N passed, N failed".
#
# Everything runs against stands of its own (other directories, other ports) that are built with the sanitizers. The long suites
# run in two lanes side by side, each with a stand of its own, as none of them alone keeps two cores busy. Each suite prints TAP;
# what stands at the left margin counts.
set -u
cd "$(dirname "$0")/.."

export HERSYS_BUILD="$PWD/build-asan"
export HERSYS_MEASURE=yes HERSYS_SHARED="${HERSYS_SHARED:-$PWD/../shared}"
export ASAN_OPTIONS=detect_leaks=1:disable_coredump=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp:print_suppressions=0"
export CMOCKA_MESSAGE_OUTPUT=TAP
FUZZ_SECONDS=${FUZZ_SECONDS:-15}

out=$PWD/build-check
words=$*
rm -rf "$out"; mkdir -p "$out"; : >"$out/counts"; : >"$out/failures"

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
  echo "$((good - left)) $bad $left" >>"$out/counts"
  report >"$log.report"; cat "$log.report" # at once, as the other lane writes too
}

report() {
  printf '%-34s %4d passed %3d failed %5d s\n' "$name" "$((good - left))" "$bad" "$(($(date +%s) - began))"
  grep -E '^ok.*# SKIP' "$log" | sed 's/^/    /'
  if [ "$bad" != 0 ]; then
    { echo "$name: $bad failed"
      sed -n "/^not ok/,/^  \\.\\.\\./p" "$log" | grep -vE "duration_ms|^  (---|\\.\\.\\.)" | head -n 20 | sed "s/^/    /"; } \
      >>"$out/failures"
    grep -nE '^not ok' "$log" | sed 's/^/    /'
    grep -vE '^ok|^# Subtest|^  (---|\.\.\.)|duration_ms|^TAP' "$log" | tail -n 60 | sed 's/^/    | /'
  fi
}

# A command as one test: `tap NAME COMMAND...`
tap() {
  name=$1; shift
  if "$@" >"$log.command" 2>&1; then echo "ok - $name"; else echo "not ok - $name"; sed 's/^/# /' "$log.command"; fi
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
}

# own_stand NAME PORT - what follows in this lane runs against it
own_stand() {
  export HERSYS_STATE="$PWD/var/$1" HERSYS_PORT="$2"
  trap 'deploy/stand.sh down >/dev/null 2>&1' EXIT
  trap 'exit 130' INT TERM
  suite "stand/$1" stand_up
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

# test_files FILE... - each a suite
test_files() {
  for file in "$@"; do
    suite "$(basename "$(dirname "$file")")/$(basename "$file" .test.js)" node_test "$file"
  done
}

# Both lanes take about as long. The first one's stand fills with tens of thousands of imported cases; its last suite says what
# they have left behind, as that of the second does (after/traces).
first_lane() {
  own_stand check "$port"
  suite check checks
  test_files tests/database/*.test.js tests/http/[!p-z]*.test.js
  suite after/first_traces node_test tests/after/traces.test.js
}

second_lane() {
  own_stand check-2 $((port + 300))
  test_files tests/http/[p-z]*.test.js tests/browser/*.test.js tests/gateway/*.test.js tests/kill/*.test.js tests/after/*.test.js
  suite fuzz fuzz
}

# below PROCESS - what it has started, and what that has
below() {
  for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do echo "$child"; (below "$child"); done
}

# Ends the lanes first, that they start nothing more, then all that they have started; their shells take their stands down.
interrupted() {
  # shellcheck disable=SC2046
  kill $(for lane in $first $second; do echo "$lane"; below "$lane"; done) 2>/dev/null
  wait
  exit 130
}

port=${HERSYS_CHECK_PORT:-21443}
first='' second=''
trap interrupted INT TERM

suite lint tests/lint.sh
suite builds builds
suite records record_files
suite unit unit
(first_lane; exit 0) & first=$!
(second_lane; exit 0) & second=$!
for lane in $first $second; do
  wait $lane || { echo "a lane broke off"; echo "0 1 0" >>"$out/counts"; }
done

cat "$out/failures" # once more: what the suites said of them stands far above
awk '{ passed += $1; failed += $2; skipped += $3 }
  END { if (skipped) print skipped " skipped"; print passed + 0 " passed, " failed + 0 " failed"; exit failed > 0 || NR == 0 }' "$out/counts"
