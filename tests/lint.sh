#!/bin/sh
# lint.sh - the house rules that a machine can check, as TAP: where includes may point, how long things may grow, what no
# file may name. docs/architecture.md says why.
set -u
cd "$(dirname "$0")/.."

# rule NAME - reads the offences from standard input; none is a pass.
rule() {
  offences=$(cat)
  if [ -z "$offences" ]; then echo "ok - $1"; return; fi
  echo "not ok - $1"
  printf '%s\n' "$offences" | sed 's/^/# /'
}

ours() { git ls-files -- "$@" ':!package-lock.json'; }

# ---- the direction of #include -------------------------------------------------------------------------------------------

# What each directory of src/ may include besides itself.
allowed="base:
db:base
dictionary:base
web:base
core:base db dictionary web
page:base db dictionary web core exchange
exchange:base db dictionary core
gateway:base
voice:base web
main:base db dictionary web core page exchange gateway"

for file in $(ours 'src/*.c' 'src/*.h'); do
  from=$(echo "$file" | cut -d/ -f2)
  may=" $from $(echo "$allowed" | sed -n "s/^$from://p") "
  for to in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$file" | sort -u); do
    case $may in *" $to "*) ;; *) echo "$file includes $to/" ;; esac
  done
done | rule "includes point one way: base <- db, dictionary, web <- core <- exchange, page <- main"

# ---- shape ---------------------------------------------------------------------------------------------------------------

ours '*.c' '*.h' '*.js' '*.sh' '*.css' '*.sql' | while read -r file; do
  lines=$(wc -l <"$file")
  [ "$lines" -le 650 ] || case $file in sql/0001*) ;; *) echo "$file: $lines lines" ;; esac
done | rule "no file is longer than 650 lines (the table definitions apart)"

# shellcheck disable=SC2046
awk 'FNR == 1 { inside = 0 } /^\{/ { start = FNR; inside = 1 }
     /^\}/ { if (inside && FNR - start > 75) print FILENAME ":" start ": " FNR - start " lines"; inside = 0 }' \
  $(ours '*.c') | rule "no function is longer than 75 lines"

for file in $(ours '*.c' '*.h' '*.js' '*.css'); do
  case $(head -n 1 "$file") in '/*'* | '//'*) ;; *) echo "$file" ;; esac
done | rule "every source file begins by saying what it is for"

ours | grep -vE '\.(png|ico|svg|woff2|csv)$' | xargs grep -nE '[[:space:]]+$' | grep -v '^tests/.*fixture' | cut -c1-100 |
  rule "no line ends in blanks"

# ---- what must not be there ----------------------------------------------------------------------------------------------

ours 'src/*.c' | grep -v '^src/base/' | xargs grep -nE '\b(malloc|calloc|realloc|strdup|strndup)\(' |
  rule "memory comes from arenas: no malloc outside src/base"

ours 'src/*.c' | xargs grep -nE '"[^"]*\b(SELECT|INSERT INTO|UPDATE [a-z.]+ SET|DELETE FROM) ' |
  rule "SQL stands in .sql files, never in C"

ours 'src/*.c' | xargs grep -nE '\b(strcpy|strcat|sprintf|gets|strtok|atoi|system|popen)\(' |
  rule "none of the functions that cannot be used safely"

ours | grep -v '^tests/lint.sh$' | xargs grep -nIE '((\b|_)(TO''DO|FIX''ME|XX''X+)\b|/tmp/|/work/|/home/[a-z]|registry\.npm|deb\.debian)' |
  rule "no unfinished marks, machine paths or registry hosts"

ours 'templates/*' | xargs grep -nE '<script>|<style|\sstyle=|\son[a-z]+=' | rule "no inline script or style (the content policy refuses it)"
