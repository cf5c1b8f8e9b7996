#!/usr/bin/env bash
# `make fmt`: formats Rust, and the console where it has a formatter.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

begin 1 2 "cargo fmt"
cargo fmt --all
finish

begin 2 2 "web: npm run fmt"
if [[ -f web/package.json ]] && has_npm_script fmt; then
  need_web_deps
  (cd web && npm run fmt)
else
  note "没有 fmt 脚本，跳过 no such script, skipped"
fi
finish
