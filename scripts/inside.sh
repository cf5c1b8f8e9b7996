# shellcheck shell=bash disable=SC2016,SC2034 # what is quoted is for node; who sources it uses the variables
# Shared by what runs inside of a throw-away copy of the machine (test-…-inside.sh); sourced, never run. Each check says what it found
# where it fails.

step() { printf '      %s\n' "$*"; }
fail() { printf '\n错误 error: %s\n' "$*" >&2; exit 1; }
is() { [[ $2 == "$3" ]] || fail "$1: $2, 应为 should be $3"; }
has() { [[ $2 == *"$3"* ]] || fail "$1: $2 ——没有 has no: $3"; }

# Waits until a command succeeds.
until_it() {
  local tries
  for tries in {1..600}; do
    "$@" >/tmp/said 2>&1 && return
    sleep 0.1
  done
  fail "$tries 次后仍不行 not after as many tries: $*: $(cat /tmp/said)"
}

# Somebody who registers, at $URL.
URL=http://127.0.0.1:8080 LOGIN=shiyong PASSWORD='Qing2shan-Wuyu'
client() { node "$(dirname "${BASH_SOURCE[0]}")/test-client.mjs" "$@"; }
# account_of COMMAND…: makes the account by it (`jiesu`, however it is called), and logs in for the first time.
account_of() {
  echo 'Lu7mao-Xuqi' | "$@" account add --login $LOGIN --name 试用话务员 --role seat >/dev/null
  client first $URL $LOGIN 'Lu7mao-Xuqi' "$PASSWORD"
}

# People begin to work, and go on until `work_ends`.
work_begins() {
  rm -f /tmp/work*
  client work $URL $LOGIN "$PASSWORD" /tmp/work 2>/tmp/work.said &
  WORK=$!
  until [[ -e /tmp/work.begun ]]; do
    kill -0 "$WORK" 2>/dev/null || fail "$(cat /tmp/work.said)"
    sleep 0.1
  done
}

# ANSWERED, LOST: how many requests were, and were not. Every registered ticket is in TICKETS.
work_ends() {
  touch /tmp/work.stop
  wait "$WORK" || fail "$(cat /tmp/work.said)"
  read -r ANSWERED LOST < <(node -p 'const w = JSON.parse(fs.readFileSync("/tmp/work")); `${w.answered} ${w.lost.length}`')
  node -p 'JSON.parse(fs.readFileSync("/tmp/work")).registered.join("\n")' >>/root/tickets
  TICKETS=$(wc -l </root/tickets)
  is "每件一个编号 each ticket has a number of its own" "$(sort -u /root/tickets | wc -l)" "$TICKETS"
}
none_lost() { ((LOST == 0)) || fail "$1: $LOST 个请求没有得到答复 requests were not answered: $(node -p 'JSON.parse(fs.readFileSync("/tmp/work")).lost.slice(0, 5).join("\n")')"; }
