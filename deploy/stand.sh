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
# HERSYS_STATE (./var), HERSYS_PORT (8443), HERSYS_BUILD (./build) choose another stand.
#
# Started by root, three users share the work, as far as one machine can hold them apart; all three are there on every
# Debian, and none can become another:
#   postgres   PostgreSQL; its superuser inside the database
#   www-data   nginx, workers, jobs: only the roles of the workers, so that not even a broken worker owns a table
#   daemon     the operator's commands (migrate, import, check ...): the roles of the product, never the superuser
# Started by anybody else, everything runs as that user, and inside the database this user may be every role.
set -eu

home=$(cd "$(dirname "$0")/.." && pwd)
build=${HERSYS_BUILD:-$home/build}
port=${HERSYS_PORT:-8443}
mail_port=$((port + 1)); sms_port=$((port + 2)); gateway_port=$((port + 100))
# orders for calls, SIP, and where a softphone may listen and be rung
orders_port=$((port + 3)); sip_port=$((port + 4)); phone_port=$((port + 5))
bin=/usr/lib/postgresql/15/bin

database=postgres; service=www-data; operator=daemon
service_group=$service
[ "$(id -u)" = 0 ] || { database=$(id -un); service=$database; operator=$database; service_group=$(id -gn); }

# as USER COMMAND... - services and operator share a group, in which they read keys and settings
as() { (exec_as "$@"); }
exec_as() {
  user=$1; shift
  [ "$(id -u)" = 0 ] || exec env LC_ALL=C.UTF-8 "$@"
  group=$service_group
  [ "$user" != "$database" ] || group=$database
  exec setpriv --reuid="$user" --regid="$group" --clear-groups env HOME=/ LC_ALL=C.UTF-8 "$@"
}
# own USER PATH... - these are this user's to write
own() { user=$1; shift; [ "$(id -u)" != 0 ] || chown -R "$user:" "$@"; }

# The state must lie where those users can go: under a closed home directory it goes to /var/lib instead.
state=${HERSYS_STATE:-$home/var}
case $state in /*) ;; *) state=$PWD/$state ;; esac
mkdir -p "$state"
if ! as "$service" test -x "$state"; then
  state=/var/lib/hersys-$(printf %s "$state" | cksum | cut -d' ' -f1)
  mkdir -p "$state"
fi

data=$state/postgresql; run=$state/run; app=$state/app
sock=$run
# A unix socket's path holds 107 bytes.
[ ${#sock} -le 80 ] || sock=$(dirname "$(mktemp -u)")/hersys-$(id -u)-$(printf %s "$state" | cksum | cut -d' ' -f1)
# PostgreSQL's socket and the workers' lie in a directory of their own each.
database_sock=$sock/database; web_sock=$sock/web
export HERSYS_CONF=$state/hersys.conf

# ---- PostgreSQL --------------------------------------------------------------------------------------------------------

# A postmaster works in its data directory; after a reboot its number may be anybody's.
postgres_runs() {
  pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [ "$(readlink "/proc/$pid/cwd")" = "$data" ] &&
    ! grep -q '^State:.Z' "/proc/$pid/status"
}

superuser() { psql -X -q -v ON_ERROR_STOP=1 -h "$database_sock" -U postgres "$@"; }

# Who may be which role.
identities() {
  for user in $(id -un) $database; do echo "hersys $user postgres"; done | sort -u
  for user in $(id -un) $operator; do echo "hersys $user hersys_owner"; done | sort -u
  for user in $(id -un) $operator $service; do
    for role in staff door public jobs; do echo "hersys $user hersys_$role"; done
  done | sort -u
}

# A quarter of the machine's memory for PostgreSQL's own pages, as its manual advises; it takes what it uses, not more.
memory() { awk '/^MemTotal:/ { m = int($2 / 4096); printf "-c shared_buffers=%dMB -c effective_cache_size=%dMB", m, 2 * m }' /proc/meminfo; }

postgres_up() {
  if [ ! -s "$data/PG_VERSION" ]; then
    rm -rf "$data.new"
    mkdir -m 700 "$data.new"; own $database "$data.new"
    as $database "$bin/initdb" -D "$data.new" -U postgres -E UTF8 --lc-collate=C --lc-ctype=C.UTF-8 --auth-local=peer \
      --auth-host=reject --data-checksums --no-instructions >"$state/initdb.log" 2>&1
    cp "$app/postgresql.conf" "$data.new/hersys.conf"
    printf "include 'hersys.conf'\nunix_socket_directories = '%s'\nunix_socket_permissions = 0777\n" "$database_sock" \
      >>"$data.new/postgresql.conf"
    echo 'local all all peer map=hersys' >"$data.new/pg_hba.conf"
    identities >"$data.new/pg_ident.conf"
    own $database "$data.new"
    mv "$data.new" "$data" # a half-made cluster is never mistaken for a whole one
  fi
  if ! postgres_runs; then
    # A postmaster that was killed a moment ago may still be a zombie.
    i=0
    while pid=$(head -1 "$data/postmaster.pid" 2>/dev/null) && [ -d "/proc/$pid" ] && [ $i -lt 50 ]; do
      sleep 0.1; i=$((i + 1))
    done
    : >>"$state/postgresql.log"; own $database "$state/postgresql.log"
    as $database "$bin/pg_ctl" -D "$data" -l "$state/postgresql.log" -s -w -t 60 -o "$(memory)" start
  fi
  # It may be there and still be recovering.
  i=0
  until "$bin/pg_isready" -q -h "$database_sock" || [ $i -ge 600 ]; do sleep 0.1; i=$((i + 1)); done
  superuser -d postgres -f "$app/roles.sql"
  [ "$(superuser -d postgres -At -c "SELECT count(*) FROM pg_database WHERE datname = 'hersys'")" = 1 ] ||
    superuser -d postgres -c 'CREATE DATABASE hersys OWNER hersys_owner TEMPLATE template0'
}

# ---- the rest ----------------------------------------------------------------------------------------------------------

# Puts what the build has made where those who run it can read it, and writes the settings and keys of this stand.
install_app() {
  mkdir -p "$app" "$run" "$database_sock" "$web_sock" "$state/log" "$state/nginx" "$state/anchors"
  mkdir -p -m 700 "$state/keys"
  for program in "$build/hersys" "$build/hersys-voice" "$home/deploy/speak.sh"; do
    name=${program##*/}
    cp -f "$program" "$app/$name.new" && mv -f "$app/$name.new" "$app/$name"
  done
  rm -rf "$app/web" "$app/reference"
  cp -r "$home/build-web/web" "$app/web"
  cp -r "$home/build-web/reference" "$app/reference"
  cp "$home/deploy/postgresql/roles.sql" "$app/roles.sql"
  cp "$home/deploy/postgresql/hersys.conf" "$app/postgresql.conf"
  cat >"$HERSYS_CONF" <<CONF
database = host=$database_sock dbname=hersys
run_directory = $web_sock
key_directory = $state/keys
data_directory = $app/reference
anchor_directory = $state/anchors
address = https://localhost:$port
mail_url = smtp://127.0.0.1:$mail_port
mail_from = hersys@example.jp
mail_returns = bounce@example.jp
sms_url = http://127.0.0.1:$sms_port
sms_user = hersys
sms_password = demonstration
sms_from = 0005
call_url = http://127.0.0.1:$sms_port/calls
call_user = hersys
call_password = demonstration
call_from = 0312345678
gateway_address = http://127.0.0.1:$gateway_port
demonstration = yes
measure = ${HERSYS_MEASURE:-no}
staff_workers = ${HERSYS_WORKERS:-8}
heavy_workers = ${HERSYS_HEAVY_WORKERS:-2}
CONF
  # Each only where it is missing: with the old key goes what was sealed or signed with it.
  for key in pepper seal anchor; do
    [ -s "$state/keys/$key.key" ] || openssl rand -out "$state/keys/$key.key" 32
  done
  if [ ! -s "$state/keys/tls.crt" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj /CN=localhost \
      -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$state/keys/tls.key" -out "$state/keys/tls.crt" 2>/dev/null
  fi
  sed -e "s|@STATE@|$state|g" -e "s|@RUN@|$web_sock|g" -e "s|@APP@|$app|g" -e "s|@PORT@|$port|g" -e "s|@SMS_PORT@|$sms_port|g" \
    -e "s|@GATEWAY_PORT@|$gateway_port|g" \
    "$home/deploy/nginx/hersys.conf.in" >"$state/nginx/nginx.conf"
  own $database "$database_sock"
  own $service "$web_sock" "$state/log" "$state/nginx" "$state/anchors"
  # Keys and settings: read by the group, written by nobody.
  chgrp -R "$service_group" "$state/keys" "$HERSYS_CONF"
  chmod 440 "$state/keys"/*; chmod 750 "$state/keys"; chmod 640 "$HERSYS_CONF"; chmod 711 "$sock" "$database_sock" "$web_sock"
}

# The settings of the telephone gateway; one of them is a secret address that the keys give.
voice_settings() {
  incoming=$(as $operator "$app/hersys" telephone)
  cat >"$state/voice.conf" <<CONF
application = http://127.0.0.1:$gateway_port
account = hersys
password = demonstration
incoming = $incoming
peers = 127.0.0.1
orders = 127.0.0.1:$orders_port
sip = 127.0.0.1:$sip_port
trunk = sip:127.0.0.1:$phone_port
speech = $app/speak.sh
CONF
  chgrp "$service_group" "$state/voice.conf"; chmod 640 "$state/voice.conf"
}

# start NAME COMMAND... - in the background, its own session; pid and birth in files that only we write
start() {
  name=$1; shift
  ! alive "$name" || return 0
  # exec, so that no shell is left that holds the caller's output open; the log is opened by its own user
  (exec >/dev/null 2>&1 </dev/null
    exec_as $service setsid sh -c 'exec >>"$0" 2>&1; exec "$@"' "$state/log/$name.log" "$@") &
  birth $! >"$run/$name.birth"
  echo $! >"$run/$name.pid"
}

# When a process began, and in which boot: two processes may have had the same number, but never both of these.
birth() { cat /proc/sys/kernel/random/boot_id && sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

alive() {
  pid=$(cat "$run/$1.pid" 2>/dev/null) && [ "$(birth "$pid")" = "$(cat "$run/$1.birth" 2>/dev/null)" ] &&
    grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null
}

stop() {
  for name in "$@"; do
    alive "$name" && kill "$(cat "$run/$name.pid")" 2>/dev/null || true
  done
  for name in "$@"; do
    i=0
    while alive "$name" && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
    ! alive "$name" || kill -9 -- "-$(cat "$run/$name.pid")" 2>/dev/null || true
    rm -f "$run/$name.pid" "$run/$name.birth"
  done
}

services="nginx staff door heavy public jobs receiver voice"

# Those that do not run.
start_services() {
  start receiver env HERSYS_MESSAGES="$state/log/messages.jsonl" node "$home/demo/receiver.js" "$mail_port" "$sms_port" "$orders_port"
  voice_settings
  start voice env HERSYS_VOICE_CONF="$state/voice.conf" "$app/hersys-voice"
  for pool in staff door heavy public; do start "$pool" "$app/hersys" web "--pool=$pool"; done
  start jobs "$app/hersys" jobs
  start nginx nginx -p "$state/nginx" -c "$state/nginx/nginx.conf" -e "$state/log/nginx-error.log" -g 'daemon off;'
}

up() {
  # A new executable replaces the running one: stop the old workers first.
  if ! cmp -s "$build/hersys" "$app/hersys" || ! cmp -s "$build/hersys-voice" "$app/hersys-voice" || ! cmp -s "$home/deploy/nginx/hersys.conf.in" "$state/nginx/source"; then
    # shellcheck disable=SC2086
    stop $services
  fi
  install_app
  cp "$home/deploy/nginx/hersys.conf.in" "$state/nginx/source"
  postgres_up
  as $operator "$app/hersys" migrate >"$state/migrate.log" 2>&1 || { cat "$state/migrate.log"; exit 1; }
  as $operator "$app/hersys" reference load >>"$state/migrate.log" 2>&1 || { cat "$state/migrate.log"; exit 1; }
  as $operator "$app/hersys" demo seed >"$state/demo.log" || { cat "$state/demo.log"; exit 1; }
  start_services
  # On a busy machine it takes its time. What was killed a moment ago may have looked alive; what ends once more will never answer.
  i=0 again=yes
  until all_alive && answers; do
    i=$((i + 1))
    if ! all_alive; then
      [ $again = yes ] || does_not_answer
      again=no
      start_services
    fi
    [ $i -lt 600 ] || does_not_answer
    sleep 0.1
  done
}

answers() {
  curl -ksf -o /dev/null "https://localhost:$port/sign-in" && curl -s -o /dev/null "http://127.0.0.1:$sms_port/" &&
    curl -s -o /dev/null "http://127.0.0.1:$orders_port/"
}

all_alive() { for name in $services; do alive "$name" || return 1; done; }

# Most often another program holds one of the ports.
does_not_answer() {
  echo "it does not answer (ports $port to $sip_port, $gateway_port; HERSYS_PORT chooses others); see $state/log:" >&2
  grep -hE 'EADDRINUSE|emerg|fatal' "$state/log/receiver.log" "$state/log/voice.log" "$state/log/nginx.log" "$state/log/nginx-error.log" | tail -n 3 >&2
  exit 1
}

down() {
  # shellcheck disable=SC2086
  stop $services
  if postgres_runs; then as $database "$bin/pg_ctl" -D "$data" -s -w -m fast stop; fi
}

case ${1:-} in
up) up ;;
down) down ;;
wipe) down; rm -rf "$state" "$sock" ;;
run)
  trap 'exit 0' INT TERM
  shown=
  # Until it is gone: a signal that comes before the job has become tail is lost.
  trap 'while [ -n "$shown" ] && kill "$shown" 2>/dev/null; do sleep 0.1; done; echo; echo "stopping ..."; down' EXIT
  up
  cat "$state/demo.log"
  # A shell's background job does not hear Ctrl-C, and one that outlived us would hold our caller's output open. So it looks
  # for us itself too: Ctrl-C may come before its number is known.
  tail -n 0 -F "--pid=$$" "$state/log/receiver.log" 2>/dev/null &
  shown=$!
  echo "  Ctrl-C で終了します。届いたSMSとメールは、ここにも表示されます。"
  wait $shown ;;
hersys) shift; cd /; as $operator "$app/hersys" "$@" ;;
state) echo "$state" ;;
psql) shift; superuser -d hersys "$@" ;;
*) sed -n '2,20p' "$0"; exit 2 ;;
esac
