#!/usr/bin/env bash
# Holds the running program against its own description: schemathesis sends requests made from docs/openapi.json, whole and damaged, to a
# demo centre with a fixed clock, signed in as several roles. No server error, no status, type or form of an answer that the description
# does not know, nothing taken that it forbids, nothing opened without signing in.
#   scripts/schemathesis.sh            some minutes, the same requests each time
#   EXAMPLES=500 SEED=7 scripts/schemathesis.sh    more requests an operation, others each time
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

VERSION=4.32.5
JIESU=${JIESU_BIN:-target/debug/jiesu}
VENV=$ROOT/target/schemathesis-$VERSION
EXAMPLES=${EXAMPLES:-25}
# The first one also goes through every edge of the schemas; the others differ in what they may do.
ROLES=(seat dispatcher chengguan centre-manager)

if [[ ! -x $VENV/bin/schemathesis ]]; then
  note "安装 installs: schemathesis $VERSION（PyPI）"
  rm -rf "$VENV"
  python3 -m venv "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$VERSION"
fi
if [[ ${1:-} == --install ]]; then exit 0; fi
[[ -x $JIESU ]] || die "没有 missing: $JIESU。请先运行 run first: make test STEP=build"

work=$(mktemp -d)
centre=
cleanup() {
  [[ -z $centre ]] || kill "$centre" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Its own settings and no others; Thursday before the May holiday. Limits of requests have tests of their own.
printf '[limits]\naccount = 1000000\n' >"$work/jiesu.toml"
: >"$work/out" # there before anybody looks into it
env -u JIESU_DATABASE -u JIESU_BACKUP JIESU_CONFIG="$work/jiesu.toml" JIESU_DATA="$work/data" JIESU_LISTEN=127.0.0.1:0 \
  JIESU_CLOCK=2026-04-30T09:00:00+08:00 "$JIESU" demo >"$work/out" 2>"$work/err" &
centre=$!
address=
until [[ -n $address ]]; do
  kill -0 "$centre" 2>/dev/null || { cat "$work/err" >&2; die "演示中心没有启动 the demo centre did not start"; }
  address=$(sed -n 's#.*http://\([^/]*\)/console/.*#\1#p' "$work/out")
  sleep 0.1
done

# Signs in and prints the cookie.
sign_in() {
  "$VENV/bin/python" - "http://$address/api/v1/session" "$1" <<'PY'
import http.cookies, json, sys, urllib.request
body = json.dumps({"login": sys.argv[2], "password": "jiesu-demo"}).encode()
asked = urllib.request.Request(sys.argv[1], body, {"content-type": "application/json"})
cookie = http.cookies.SimpleCookie(urllib.request.urlopen(asked).headers["set-cookie"])
print(f"jiesu_session={cookie['jiesu_session'].value}")
PY
}

# What is not asked: whether input of the right form is taken (that is the rulebook's to say), and what needs things that can be deleted.
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance
checks+=,response_schema_conformance,negative_data_rejection,missing_required_header,unsupported_method,allow_header_conformance
checks+=,ignored_auth
# The stream of events has no end, whoever signs out is out for the rest of the run, and it cannot make pieces of a file; all have
# tests of their own.
options=(--url "http://$address" --checks "$checks" --exclude-path /api/v1/events --exclude-operation-id log_out
  --exclude-operation-id send_piece
  --generation-with-security-parameters false --max-examples "$EXAMPLES" --request-timeout 30 --continue-on-failure --no-color --warnings off)
if [[ -n ${SEED:-} ]]; then options+=(--seed "$SEED" --generation-database none); else options+=(--generation-deterministic); fi

failed=()
phases=examples,coverage,fuzzing
for role in "${ROLES[@]}"; do
  note "$role"
  cookie=$(sign_in "$role")
  # It leaves a folder of its own where it is run.
  (cd "$work" && "$VENV/bin/schemathesis" run "$ROOT/docs/openapi.json" "${options[@]}" --phases "$phases" -H "Cookie: $cookie" \
    >"$work/$role" 2>&1) || failed+=("$role")
  sed -n 's/^  \([0-9]* generated.*\)/      \1/p' "$work/$role"
  phases=examples,fuzzing
done
kill -0 "$centre" 2>/dev/null || { cat "$work/err" >&2; die "演示中心中途结束 the centre ended on the way"; }
for role in "${failed[@]}"; do cat "$work/$role"; done
[[ ! -s $work/err ]] || ! grep -q ERROR "$work/err" || { grep ERROR "$work/err" >&2; failed+=(log); }
((${#failed[@]} == 0)) || die "接口与说明不符 the API is not as described: ${failed[*]}"
