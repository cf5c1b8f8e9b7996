#!/usr/bin/env bash
# `make test`: every check, in order, stopping at the first that fails. `make test STEP=NAME` runs one of them.
# Each step brings what it rests on up to date itself, so that it means the same alone as in the row.
# Optional: JIESU_DATA_FOLDER=DIR, a folder of real data that some tests also run on; without it they say they skip.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

STEPS=(setup fmt web clippy deny build unit postgres rehearse rulebook generated package api e2e)
JIESU=target/debug/jiesu

title() {
  case $1 in
    setup) echo "检查并安装所需软件 check and install what is needed" ;;
    fmt) echo "Rust 格式 formatting" ;;
    web) echo "工作台：类型检查、单元测试、构建 console: types, unit tests, build" ;;
    clippy) echo "静态检查 lints (clippy)" ;;
    deny) echo "依赖许可与来源 licences and sources of dependencies (cargo-deny, package-lock)" ;;
    build) echo "调试版程序 debug binary" ;;
    unit) echo "Rust 测试 tests (nextest)" ;;
    postgres) echo "在 PostgreSQL 上运行整个中心 a whole centre on PostgreSQL" ;;
    rehearse) echo "情景演练 scenarios (conformance/)" ;;
    rulebook) echo "办法检查 rulebooks" ;;
    generated) echo "生成文件是否最新 generated files are fresh" ;;
    package) echo "安装包：安装、升级、卸载 Debian package: install, upgrade, remove" ;;
    api) echo "接口与其说明相符 the API is as it is described (schemathesis)" ;;
    e2e) echo "端到端测试 end to end (Playwright)" ;;
  esac
}

# A compile of the workspace needs the folder it embeds; the binary is rebuilt only when something changed.
need_binary() {
  need_web_dist
  cargo build --locked -p jiesu-server
}

step_setup() { JIESU_NESTED=1 scripts/setup.sh test; }

step_fmt() { cargo fmt --all --check; }

step_web() {
  need_web_deps
  (
    cd web
    npm run typecheck
    CI=true npm run test --if-present
  )
  need_web_dist
}

step_clippy() {
  need_web_dist
  cargo clippy --locked --workspace --all-targets -- -D warnings
}

step_deny() {
  cargo deny --locked --log-level error check bans licenses sources
  node web/scripts/lock.mjs
}

step_build() { need_binary; }

step_unit() {
  need_web_dist
  # Documentation's own examples first, where there are any: nextest does not run them.
  if grep -rqE '^[[:space:]]*//[/!] ```(rust|should_panic|no_run)?[[:space:]]*$' crates/*/src; then
    cargo test --locked --doc --workspace --quiet
  fi
  # Each fuzz target for a minute, beside all the others.
  FUZZ_SECONDS=${FUZZ_SECONDS:-60} cargo nextest run --locked --workspace
}

# The store's own tests run on both databases in the step before; here a whole centre lives on PostgreSQL.
step_postgres() {
  need_web_dist
  JIESU_TEST_DATABASE=postgres cargo nextest run --locked -p jiesu-server -E 'binary(api) + binary(portal) + binary(demo) + binary(fuzz)'
}

step_rehearse() {
  need_binary
  $JIESU rehearse conformance/
}

step_rulebook() {
  need_binary
  $JIESU rulebook check rulebooks/*.toml
}

web_digests() {
  find web \( -name node_modules -o -name dist -o -name test-results -o -name playwright-report \) -prune \
    -o -type f -print0 | sort -z | xargs -0 sha256sum
}

# What is generated is committed; a difference means that somebody forgot to generate or edited the result.
step_generated() {
  need_binary
  local work
  work=$(mktemp -d)
  # shellcheck disable=SC2064 # expand now: `work` is gone when the trap runs
  trap "rm -rf '$work'" EXIT
  $JIESU openapi >"$work/openapi.json"
  diff -u docs/openapi.json "$work/openapi.json" ||
    die "docs/openapi.json 已过时 is stale, run: $JIESU openapi > docs/openapi.json"
  note "docs/openapi.json 最新 is fresh"
  need_web_deps
  web_digests >"$work/before"
  (cd web && npm run api)
  web_digests >"$work/after"
  diff "$work/before" "$work/after" ||
    die "前端的接口代码已过时，刚才已重新生成，请检查并提交 the client was stale and has been regenerated: review and commit it"
  # Written anew with the same content: no reason to build the console again.
  [[ ! -f $WEB_BUILT ]] || touch "$WEB_BUILT"
  note "前端接口代码最新 the console's client is fresh"
}

# With the debug binary: what is tested is how it is packed.
step_package() {
  need_binary
  scripts/test-package.sh "$JIESU"
}

step_api() {
  need_binary
  scripts/schemathesis.sh
}

step_e2e() {
  need_binary
  need_web_deps
  (cd web && JIESU_BIN="$ROOT/$JIESU" CHROMIUM_BIN=/usr/bin/chromium npm run e2e)
}

if [[ ${1:-} == --list ]]; then
  echo "${STEPS[*]}"
  exit 0
fi

chosen=("${STEPS[@]}")
if [[ -n ${1:-} ]]; then
  [[ " ${STEPS[*]} " == *" $1 "* ]] || die "没有这一步 no such step: $1。可选 choose from: ${STEPS[*]}"
  chosen=("$1")
fi

say "接诉 Jiesu：检查与测试 checks and tests: ${chosen[*]}"
if [[ -n ${JIESU_DATA_FOLDER:-} ]]; then
  say "真实数据 real data: $JIESU_DATA_FOLDER"
else
  say "未设 JIESU_DATA_FOLDER，需要真实数据的测试将跳过 tests on real data will be skipped"
fi

summary=()
total=${#chosen[@]}
for i in "${!chosen[@]}"; do
  name=${chosen[$i]}
  begin $((i + 1)) "$total" "$name · $(title "$name")"
  # A plain subshell, outside any condition, so that `set -e` holds inside the step.
  set +e
  (
    set -euo pipefail
    "step_$name"
  )
  code=$?
  set -e
  took=$(duration $((SECONDS - STEP_STARTED)))
  if ((code != 0)); then
    summary+=("$(printf '  失败 FAILED  %-10s %s' "$name" "$took")")
    say ""
    printf '%s\n' "${summary[@]}"
    say ""
    say "第 $((i + 1)) 步「$name」失败（退出码 $code），其后各步未运行。step $name failed, later ones were not run."
    say "单独重跑 run it alone: make test STEP=$name"
    exit 1
  fi
  finish
  summary+=("$(printf '  通过 ok      %-10s %s' "$name" "$took")")
done

say ""
printf '%s\n' "${summary[@]}"
say ""
say "全部通过 all steps passed · $(duration $SECONDS)"
