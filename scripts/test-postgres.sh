#!/usr/bin/env bash
# The PostgreSQL of the tests: prints the address of a temporary cluster, and starts one if none is running. It listens on a socket in
# its own folder and nowhere else, is not run by root, does not care for the disk (fsync off), and goes away by itself, with all its
# data, a minute after the last test has left it.
#   scripts/test-postgres.sh          start if need be, print the address
#   scripts/test-postgres.sh stop     end it now
# A test that pulls the plug has a cluster of its own, which does care for the disk, in an empty folder DIR:
#   scripts/test-postgres.sh private DIR PID   make and start it, print the address; it goes away with the process PID
#   scripts/test-postgres.sh tls DIR CERTIFICATE KEY PORT   from now on it also listens on 127.0.0.1:PORT, with TLS and not without
#   scripts/test-postgres.sh up DIR | down DIR | crash DIR   start it; stop it in order; kill every process of it
set -euo pipefail

BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [[ -z $BIN ]]; then
  command -v initdb >/dev/null || { echo "没有 PostgreSQL，请运行 not installed, run: make setup-test" >&2; exit 1; }
  BIN=$(dirname "$(command -v initdb)")
fi
DIR=${TMPDIR:-/tmp}/jiesu-test-postgres-$UID
IDLE=60

# PostgreSQL refuses to run as root.
as_owner() {
  if ((EUID == 0)); then setpriv --reuid=postgres --regid=postgres --clear-groups -- "$@"; else "$@"; fi
}

ready() { "$BIN/pg_isready" -q -h "$DIR" -t 1; }

clients() {
  "$BIN/psql" -h "$DIR" -U jiesu -d postgres -Atqc \
    "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
}

stop() {
  as_owner "$BIN/pg_ctl" -s -D "$DIR/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$DIR"
}

# A private cluster has the settings that a centre would have, but for its size.
up() {
  local settings="-c listen_addresses= -c unix_socket_directories=$DIR -c max_connections=100 -c shared_buffers=16MB"
  [[ ! -e $DIR/more ]] || settings+=" $(cat "$DIR/more")"
  as_owner "$BIN/pg_ctl" -s -w -D "$DIR/data" -l "$DIR/log" -o "$settings" start >"$DIR/start" 2>&1 </dev/null ||
    { cat "$DIR/start" "$DIR/log" >&2; exit 1; }
}

tls() {
  local owner=()
  ((EUID != 0)) || owner=(-o postgres)
  install "${owner[@]}" -m 0600 "$1" "$DIR/data/server.crt"
  install "${owner[@]}" -m 0600 "$2" "$DIR/data/server.key"
  printf 'local all all trust\nhostssl all all 127.0.0.1/32 trust\n' >"$DIR/data/pg_hba.conf"
  echo "-c ssl=on -c listen_addresses=127.0.0.1 -c port=$3" >"$DIR/more"
  down
  up
}

down() { as_owner "$BIN/pg_ctl" -s -w -D "$DIR/data" -m fast stop; }

# As a power cut does it: nobody is asked, nothing is finished.
crash() {
  local server process
  server=$(head -n 1 "$DIR/data/postmaster.pid")
  # It must not have another child while we look.
  kill -STOP "$server"
  local -a all=("$server")
  while read -r process; do all+=("$process"); done < <(ps -o pid= --ppid "$server" | tr -d ' ')
  kill -KILL "${all[@]}"
  # A dead process that nobody has buried yet is dead.
  for process in "${all[@]}"; do
    while [[ $(ps -o stat= -p "$process") == [^Z]* ]]; do sleep 0.02; done
  done
  # To the next one an unburied server would look like one that runs.
  rm -f "$DIR/data/postmaster.pid" "$DIR"/.s.PGSQL.*
}

private() {
  chmod 755 "$DIR"
  ((EUID != 0)) || chown postgres "$DIR"
  as_owner "$BIN/initdb" -D "$DIR/data" -U jiesu -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$DIR/init" 2>&1 ||
    { cat "$DIR/init" >&2; exit 1; }
  up
  setsid "$0" guard "$DIR" "$1" >/dev/null 2>&1 </dev/null &
}

# Ends a private cluster when its test is gone, however that went.
guard() {
  while kill -0 "$1" 2>/dev/null; do sleep 1; done
  stop
}

start() {
  rm -rf "$DIR"
  mkdir -m 755 "$DIR"
  ((EUID != 0)) || chown postgres "$DIR"
  as_owner "$BIN/initdb" -D "$DIR/data" -U jiesu -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$DIR.log" 2>&1 ||
    { cat "$DIR.log" >&2; exit 1; }
  local settings="-c listen_addresses= -c unix_socket_directories=$DIR -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  settings+=" -c max_connections=300 -c shared_buffers=64MB -c max_wal_size=256MB"
  as_owner "$BIN/pg_ctl" -s -w -D "$DIR/data" -l "$DIR/log" -o "$settings" start >"$DIR.log" 2>&1 </dev/null 9>&- ||
    { cat "$DIR.log" "$DIR/log" >&2; exit 1; }
  # Holds none of our files open: who waits for our output would wait for it.
  setsid "$0" watch "$DIR" >/dev/null 2>&1 </dev/null 9>&- &
}

# Ends the cluster when nobody has used it for a while.
watch() {
  local idle=0
  while ((idle < IDLE)); do
    sleep 5
    ready || break
    if [[ $(clients) == 0 ]]; then idle=$((idle + 5)); else idle=0; fi
  done
  exec 9>"$DIR.lock"
  flock 9
  stop
}

case ${1:-start} in
  start)
    exec 9>"$DIR.lock"
    flock 9
    ready || start
    echo "postgres://jiesu@localhost/postgres?host=$DIR"
    ;;
  stop) stop ;;
  watch) watch ;;
  private)
    DIR=$2
    private "$3"
    echo "postgres://jiesu@localhost/postgres?host=$DIR"
    ;;
  tls) DIR=$2; tls "$3" "$4" "$5" ;;
  up) DIR=$2; up ;;
  down) DIR=$2; down ;;
  crash) DIR=$2; crash ;;
  guard) DIR=$2; guard "$3" ;;
  *) sed -n '2,10p' "$0" >&2; exit 2 ;;
esac
