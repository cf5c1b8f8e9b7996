#!/usr/bin/env bash
# `make screenshots`: retakes the pictures of docs/img from the running program: the release binary if it is there, else the debug one.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

begin 1 3 "前端依赖 the front end's dependencies"
need_web_deps
finish

begin 2 3 "程序 binary"
jiesu=target/release/jiesu
if [[ ! -x $jiesu ]]; then
  jiesu=target/debug/jiesu
  need_web_dist
  cargo build --locked -p jiesu-server
fi
note "$jiesu"
[[ -z $(find web/src crates -newer "$jiesu" -type f -print -quit) ]] ||
  note "注意：源文件比程序新，图片是旧程序的 sources are newer than the binary: the pictures show the older program"
finish

begin 3 3 "截图 pictures: docs/img"
(cd web && JIESU_BIN="$ROOT/$jiesu" CHROMIUM_BIN="${CHROMIUM_BIN:-/usr/bin/chromium}" npm run --silent screenshots)
finish
