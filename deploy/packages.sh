#!/bin/sh
# packages.sh [tests] - installs the Debian packages that are missing. With "tests", also what only `make check` needs.
set -eu

product="gcc make curl meson ninja-build pkg-config postgresql-15 libpq-dev nginx openssl libsodium-dev liboath-dev
 libqrencode-dev libfido2-dev libcbor-dev libcurl4-openssl-dev libjansson-dev libcsv-dev libutf8proc-dev
 libpango1.0-dev libcairo2-dev fonts-noto-cjk librec-dev recutils libxlsxwriter-dev
 libre-dev librem-dev libxml2-dev espeak-ng mecab mecab-ipadic-utf8 sox"
tests="clang libclang-rt-14-dev libcmocka-dev chromium default-jre-headless poppler-utils procps kannel zbar-tools unzip"

# Node.js may come from elsewhere; what counts is that the commands are there.
command -v node >/dev/null || product="$product nodejs"
command -v npm >/dev/null || product="$product npm"
[ "${1:-}" = tests ] || tests=

missing=
for package in $product $tests; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing:$missing"
# PostgreSQL's package would start a cluster of its own; ours is private.
$sudo mkdir -p /etc/postgresql-common/createcluster.d
echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.d/no-main.conf >/dev/null
$sudo apt-get update -q
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
# The packages of nginx and Kannel start servers where an init system runs; ours are private too.
for service in nginx kannel; do
  if command -v systemctl >/dev/null && systemctl is-active --quiet $service 2>/dev/null; then
    $sudo systemctl disable --now $service || true
  fi
done
