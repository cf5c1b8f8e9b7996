# shellcheck shell=bash
# Shared by the scripts beside it; sourced, never run. Steps with numbers and times, and the builds that several need.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
# rustup and `cargo install` put their programs here; a fresh shell may not have it.
PATH="$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin"

say() { printf '%s\n' "$*"; }
note() { printf '      %s\n' "$*"; }
die() {
  printf '\n错误 error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# 75 -> "1 分 15 秒"
duration() {
  if (($1 >= 60)); then printf '%d 分 %d 秒' $(($1 / 60)) $(($1 % 60)); else printf '%d 秒' "$1"; fi
}

# begin N TOTAL TITLE, then the work, then finish. Inside another script's step the numbers are set in: (1/3).
begin() {
  STEP_STARTED=$SECONDS
  if [[ -n ${JIESU_NESTED:-} ]]; then
    printf '  (%s/%s) %s\n' "$1" "$2" "$3"
  else
    printf '\n[%s/%s] %s\n' "$1" "$2" "$3"
  fi
}
finish() { note "完成 done · $(duration $((SECONDS - STEP_STARTED)))"; }

# Newer than $1 anywhere in the sources of web/?
web_sources_newer_than() {
  [[ -n $(find web \( -name node_modules -o -name dist -o -name test-results -o -name playwright-report \) -prune \
    -o -type f -newer "$1" -print -quit) ]]
}

# Exactly what package-lock.json names; again only after it changed.
need_web_deps() {
  [[ -f web/package-lock.json ]] || die "缺少 web/package-lock.json（前端未签出？）web/ is incomplete"
  local stamp=web/node_modules/.package-lock.json
  if [[ ! -f $stamp || web/package-lock.json -nt $stamp || web/package.json -nt $stamp ]]; then
    note "npm ci：按 package-lock.json 安装前端依赖 install the front end's dependencies"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund)
    mkdir -p web/node_modules
    touch "$stamp"
  else
    note "前端依赖已是最新 dependencies are up to date"
  fi
}

# Touched after each build of the console; gone with node_modules, so that new dependencies rebuild it too.
WEB_BUILT=web/node_modules/.jiesu-built

# The binary embeds web/dist, so it comes before every cargo build.
need_web_dist() {
  if [[ ! -f web/dist/index.html || ! -f $WEB_BUILT ]] || web_sources_newer_than "$WEB_BUILT"; then
    need_web_deps
    note "npm run build：构建工作台 build the console"
    (cd web && npm run build)
    touch "$WEB_BUILT"
  else
    note "web/dist 已是最新 is up to date"
  fi
}

has_npm_script() { node -e "process.exit(require('./web/package.json').scripts?.['$1'] ? 0 : 1)"; }

# two_packages BINARY FOLDER: the package, as `new.deb`, and `old.deb`, an older one with another file of settings, as an upgrade meets it.
two_packages() {
  local built
  export COMPRESSION=gzip
  need_web_deps
  built=$(packaging/build-deb.sh "$1" "$2")
  mv "$built" "$2/new.deb"
  dpkg-deb --raw-extract "$2/new.deb" "$2/older"
  sed -i 's/^Version: .*/Version: 0.0.9/' "$2/older/DEBIAN/control"
  echo '# 旧版的最后一行' >>"$2/older/etc/jiesu/jiesu.toml"
  dpkg-deb --root-owner-group -Znone --build "$2/older" "$2/old.deb" >/dev/null
  rm -r "$2/older"
}
