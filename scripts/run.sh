#!/usr/bin/env bash
# `make run`: builds the console and the binary and starts the demo centre on embedded SQLite in data/demo.
# JIESU_LISTEN=ADDR:PORT overrides the address.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

listen=${JIESU_LISTEN:-127.0.0.1:8080}
say "接诉 Jiesu：构建并启动演示热线中心 build and start a demo hotline centre（首次约十分钟 the first time some ten minutes）"

begin 1 4 "检查并安装所需软件 check and install what is needed"
JIESU_NESTED=1 scripts/setup.sh run
finish

begin 2 4 "工作台 console (web/)"
need_web_dist
finish

begin 3 4 "程序 binary: cargo build --release"
cargo build --release --locked -p jiesu-server
finish

begin 4 4 "启动 start: http://$listen（Ctrl-C 停止 stops it；数据在 data/demo，删除即重来 delete it to begin anew）"
exec target/release/jiesu demo --data ./data/demo --listen "$listen"
