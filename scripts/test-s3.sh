#!/usr/bin/env bash
# Contents of attached files in a real S3 server: moto (PyPI), in a folder of its own that goes with it. Builds with the feature `s3`.
# Not part of `make test`: the TLS stack alone builds for minutes.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

WORK=$(mktemp -d)
SERVER=
# shellcheck disable=SC2329 # called by the trap
end() {
  [[ -z $SERVER ]] || kill "$SERVER" 2>/dev/null || true
  rm -rf "$WORK"
}
trap end EXIT

begin 1 3 "S3 服务器 an S3 server (moto)"
python3 -m venv "$WORK/moto"
"$WORK/moto/bin/pip" -q install 'moto[s3,server]==5.2.5'
finish

begin 2 3 "带 s3 的程序 the program with s3"
need_web_dist
cargo test --locked -p jiesu-server --features s3 --lib --no-run
finish

begin 3 3 "测试 tests"
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$WORK/moto/bin/moto_server" -H 127.0.0.1 -p "$PORT" >"$WORK/log" 2>&1 &
SERVER=$!
export AWS_ENDPOINT=http://127.0.0.1:$PORT AWS_ALLOW_HTTP=true AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
until curl -sf -X PUT "$AWS_ENDPOINT/jiesu" -o "$WORK/answer"; do
  kill -0 "$SERVER" 2>/dev/null || { cat "$WORK/log" >&2; die "S3 服务器没有启动 the S3 server did not start"; }
  sleep 0.2
done
JIESU_TEST_S3=s3://jiesu/files cargo test --locked -p jiesu-server --features s3 --lib bucket
finish
