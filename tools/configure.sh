#!/bin/sh
# configure.sh DIRECTORY [meson options] - sets a build directory up, and again when source files have come or gone.
set -eu
cd "$(dirname "$0")/.."
directory=$1; shift
list=$(for kind in 'src *.c' 'src *.sql' 'sql *.sql' 'templates *.html' 'dictionary *.rec' 'tests *.c'; do
  # shellcheck disable=SC2086
  set -f; tools/list.sh $kind; set +f; done)
if [ ! -f "$directory/build.ninja" ]; then
  meson setup "$directory" "$@" >/dev/null
elif [ "$list" != "$(cat "$directory/files" 2>/dev/null)" ]; then
  meson setup --reconfigure "$directory" >/dev/null
fi
printf '%s\n' "$list" >"$directory/files"
