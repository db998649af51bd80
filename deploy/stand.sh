#!/bin/sh
# stand.sh COMMAND - the whole system on one machine, for the demonstration and the tests.
#
#   up       start everything and return when it answers (again: in seconds)
#   down     stop everything; data stay
#   run      up, show how to sign in, stop on Ctrl-C
#   wipe     down, and forget all data
#   hersys   run the executable with the settings of this stand: stand.sh hersys rights --csv
#   psql     the database as its superuser
#   state    where the data lie
#
# HERSYS_STATE (./var), HERSYS_PORT (8443), HERSYS_BUILD (./build) choose another stand. As root everything runs as
# user postgres, because PostgreSQL refuses root and nothing here needs it.
set -eu

home=$(cd "$(dirname "$0")/.." && pwd)
build=${HERSYS_BUILD:-$home/build}
port=${HERSYS_PORT:-8443}
mail_port=$((port + 1)); sms_port=$((port + 2))
bin=/usr/lib/postgresql/15/bin

runas=
[ "$(id -u)" != 0 ] || runas=postgres
as() { (exec_as "$@"); }
exec_as() {
  if [ -n "$runas" ]; then exec setpriv --reuid="$runas" --regid="$(id -g "$runas")" --clear-groups env HOME=/ LC_ALL=C.UTF-8 "$@"
  else exec env LC_ALL=C.UTF-8 "$@"; fi
}

# The state must lie where the user that runs it can go: under a closed home directory it goes to /var/lib instead.
state=${HERSYS_STATE:-$home/var}
case $state in /*) ;; *) state=$PWD/$state ;; esac
mkdir -p "$state"
if [ -n "$runas" ] && ! as test -x "$state"; then
  state=/var/lib/hersys-$(printf %s "$state" | cksum | cut -d' ' -f1)
  mkdir -p "$state"
fi
[ -z "$runas" ] || chown "$runas:" "$state"

data=$state/postgresql; run=$state/run; app=$state/app
sock=$run
# A unix socket's path holds 107 bytes.
[ ${#sock} -le 80 ] || sock=/tmp/hersys-$(id -u)-$(printf %s "$state" | cksum | cut -d' ' -f1)
export HERSYS_CONF=$state/hersys.conf

# ---- PostgreSQL --------------------------------------------------------------------------------------------------------

postgres_runs() {
  pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = postgres ] &&
    ! grep -q '^State:.Z' "/proc/$pid/status"
}

superuser() { psql -X -q -v ON_ERROR_STOP=1 -h "$sock" -U postgres "$@"; }

postgres_up() {
  if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$data.new"
    as "$bin/initdb" -D "$data.new" -U postgres -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8 --auth-local=peer \
      --auth-host=reject --data-checksums --no-instructions >"$state/initdb.log" 2>&1
    as cp "$app/postgresql.conf" "$data.new/hersys.conf"
    printf "include 'hersys.conf'\nunix_socket_directories = '%s'\nunix_socket_permissions = 0777\n" "$sock" |
      as sh -c "cat >>'$data.new/postgresql.conf'"
    echo 'local all all peer map=hersys' | as sh -c "cat >'$data.new/pg_hba.conf'"
    for user in $(id -un) $runas; do
      for role in postgres hersys_owner hersys_staff hersys_door hersys_public hersys_jobs; do echo "hersys $user $role"; done
    done | as sh -c "cat >'$data.new/pg_ident.conf'"
    as mv "$data.new" "$data" # a half-made cluster is never mistaken for a whole one
  fi
  if ! postgres_runs; then
    # A postmaster that was killed a moment ago may still be a zombie.
    i=0
    while pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [ -d "/proc/$pid" ] && [ $i -lt 50 ]; do
      sleep 0.1; i=$((i + 1))
    done
    as "$bin/pg_ctl" -D "$data" -l "$state/postgresql.log" -s -w -t 60 start
  fi
  # It may be there and still be recovering.
  i=0
  until "$bin/pg_isready" -q -h "$sock" || [ $i -ge 600 ]; do sleep 0.1; i=$((i + 1)); done
  superuser -d postgres -f "$app/roles.sql"
  [ "$(superuser -d postgres -At -c "SELECT count(*) FROM pg_database WHERE datname = 'hersys'")" = 1 ] ||
    superuser -d postgres -c 'CREATE DATABASE hersys OWNER hersys_owner TEMPLATE template0'
}

# ---- the rest ----------------------------------------------------------------------------------------------------------

# Puts what the build has made where the running user can read it, and writes the settings of this stand.
install_app() {
  mkdir -p "$app" "$run" "$sock" "$state/log" "$state/nginx" "$state/keys" "$state/anchors"
  cp -f "$build/hersys" "$app/hersys.new" && mv -f "$app/hersys.new" "$app/hersys"
  rm -rf "$app/web" "$app/reference"
  cp -r "$home/build-web/web" "$app/web"
  cp -r "$home/build-web/reference" "$app/reference"
  cp "$home/deploy/postgresql/roles.sql" "$app/roles.sql"
  cp "$home/deploy/postgresql/hersys.conf" "$app/postgresql.conf"
  cat >"$HERSYS_CONF" <<CONF
database = host=$sock dbname=hersys
run_directory = $sock
key_directory = $state/keys
data_directory = $app/reference
anchor_directory = $state/anchors
address = https://localhost:$port
mail_url = smtp://127.0.0.1:$mail_port
mail_from = hersys@example.jp
sms_url = http://127.0.0.1:$sms_port
sms_user = hersys
sms_password = demonstration
sms_from = 0005
demonstration = yes
measure = ${HERSYS_MEASURE:-no}
staff_workers = ${HERSYS_WORKERS:-8}
CONF
  if [ ! -s "$state/keys/tls.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj /CN=localhost \
      -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$state/keys/tls.key" -out "$state/keys/tls.crt" 2>/dev/null
  fi
  sed -e "s|@STATE@|$state|g" -e "s|@RUN@|$sock|g" -e "s|@APP@|$app|g" -e "s|@PORT@|$port|g" -e "s|@SMS_PORT@|$sms_port|g" \
    "$home/deploy/nginx/hersys.conf.in" >"$state/nginx/nginx.conf"
  [ -z "$runas" ] || chown -R "$runas:" "$app" "$run" "$sock" "$state/log" "$state/nginx" "$state/keys" "$state/anchors" "$HERSYS_CONF"
  chmod 700 "$state/keys"; chmod 711 "$sock"
}

# start NAME COMMAND... - in the background, its own session, pid in a file
start() {
  name=$1; shift
  ! alive "$name" || return 0
  # exec, so that no shell is left that holds the caller's output open
  (exec >>"$state/log/$name.log" 2>&1 </dev/null; exec_as setsid sh -c 'echo $$ >"$0"; exec "$@"' "$run/$name.pid" "$@") &
}

alive() { pid=$(cat "$run/$1.pid" 2>/dev/null) && [ -d "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; }

stop() {
  for name in "$@"; do
    alive "$name" && kill "$(cat "$run/$name.pid")" 2>/dev/null || true
  done
  for name in "$@"; do
    i=0
    while alive "$name" && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
    ! alive "$name" || kill -9 -- "-$(cat "$run/$name.pid")" 2>/dev/null || true
    rm -f "$run/$name.pid"
  done
}

services="nginx staff door heavy public jobs receiver"

up() {
  # A new executable replaces the running one: stop the old workers first.
  if ! cmp -s "$build/hersys" "$app/hersys" || ! cmp -s "$home/deploy/nginx/hersys.conf.in" "$state/nginx/source"; then
    # shellcheck disable=SC2086
    stop $services
  fi
  install_app
  cp "$home/deploy/nginx/hersys.conf.in" "$state/nginx/source"
  postgres_up
  as "$app/hersys" migrate >"$state/log/migrate.log" 2>&1 || { cat "$state/log/migrate.log"; exit 1; }
  as "$app/hersys" reference load >>"$state/log/migrate.log" 2>&1 || { cat "$state/log/migrate.log"; exit 1; }
  as "$app/hersys" demo seed >"$state/log/demo.log" || { cat "$state/log/demo.log"; exit 1; }
  start receiver env HERSYS_MESSAGES="$state/log/messages.jsonl" node "$home/demo/receiver.js" "$mail_port" "$sms_port"
  for pool in staff door heavy public; do start "$pool" "$app/hersys" web "--pool=$pool"; done
  start jobs "$app/hersys" jobs
  start nginx nginx -p "$state/nginx" -c "$state/nginx/nginx.conf" -e "$state/log/nginx-error.log" -g 'daemon off;'
  i=0
  until curl -ksf -o /dev/null "https://localhost:$port/sign-in" && curl -s -o /dev/null "http://127.0.0.1:$sms_port/"; do
    i=$((i + 1))
    [ $i -lt 100 ] || does_not_answer
    sleep 0.1
  done
  for name in $services; do alive "$name" || does_not_answer; done
}

# Most often another program holds one of the three ports.
does_not_answer() {
  echo "it does not answer (ports $port, $mail_port, $sms_port; HERSYS_PORT chooses others); see $state/log:" >&2
  grep -hE 'EADDRINUSE|emerg' "$state/log/receiver.log" "$state/log/nginx.log" "$state/log/nginx-error.log" | tail -n 3 >&2
  exit 1
}

down() {
  # shellcheck disable=SC2086
  stop $services
  if postgres_runs; then as "$bin/pg_ctl" -D "$data" -s -w -m fast stop; fi
}

case ${1:-} in
up) up ;;
down) down ;;
wipe) down; rm -rf "$state" ;;
run)
  trap 'exit 0' INT TERM
  trap 'echo; echo "stopping ..."; down' EXIT
  up
  cat "$state/log/demo.log"
  echo "  Ctrl-C で終了します。届いたSMSとメールは、ここにも表示されます。"
  touch "$state/log/messages.txt"
  tail -n 0 -F "$state/log/receiver.log" 2>/dev/null &
  wait $! ;;
hersys) shift; cd /; as "$app/hersys" "$@" ;;
state) echo "$state" ;;
psql) shift; superuser -d hersys "$@" ;;
*) sed -n '2,14p' "$0"; exit 2 ;;
esac
