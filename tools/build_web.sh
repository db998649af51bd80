#!/bin/sh
# build_web.sh - bundles web/ and exports the reference data into build-web/, when a source is newer than the result.
set -eu
cd "$(dirname "$0")/.."
out=build-web
newer() { [ ! -e "$1" ] || [ -n "$(find web reference package-lock.json -newer "$1" -type f | head -1)" ]; }
newer $out/stamp || exit 0
mkdir -p $out/web $out/reference
npx --no-install esbuild web/css/hersys.css --bundle --minify --log-level=warning --outfile=$out/web/hersys.css
npx --no-install esbuild web/js/hersys.js --bundle --minify --format=esm --target=es2020 --log-level=warning --outfile=$out/web/hersys.js
# Apache ECharts is large, so each page that draws has a script of its own; so has My HER-SYS, for telephones on a bad network.
for page in chain follow my figures map; do
  npx --no-install esbuild web/js/$page.js --bundle --minify --format=esm --target=es2020 --log-level=warning --outfile=$out/web/$page.js
done
cp web/static/* $out/web/
node reference/export.js $out/reference
touch $out/stamp
