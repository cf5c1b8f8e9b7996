#!/usr/bin/env bash
# Installs what a target needs and says so: scripts/setup.sh run | test. Safe to repeat; does nothing when all is there.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Versions of the tools that are built from source, so that every machine checks with the same.
NEXTEST=0.9.143
CARGO_DENY=0.20.2
NODE_MAJOR=20

mode=${1:-run}
[[ $mode == run || $mode == test ]] || die "用法 usage: scripts/setup.sh run|test"

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif ! have sudo; then
    die "需要 root 权限安装系统软件包，但没有 sudo。请以 root 运行 as root, run: $*"
  elif [[ -t 0 ]] || sudo -n true 2>/dev/null; then
    sudo "$@"
  else
    die "sudo 需要密码，而此处无法输入。请先在终端运行 in a terminal, run first: make setup-$mode"
  fi
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# The package of each tool that is missing; fonts have no command to look for.
missing_packages() {
  have gcc || printf '%s\n' gcc libc6-dev
  have make || echo make
  have pkg-config || echo pkg-config
  if [[ $mode == test ]]; then
    [[ -x /usr/bin/chromium ]] || echo chromium
    have systemd-analyze || echo systemd
    have adduser || echo adduser
    installed fonts-noto-cjk || echo fonts-noto-cjk
    # Debian has the module `ensurepip` of its Python in a package of its own.
    if ! have python3; then
      printf '%s\n' python3 python3-venv
    elif ! python3 -c 'import ensurepip' 2>/dev/null; then
      echo python3-venv
    fi
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || have initdb || echo postgresql
  fi
}

apt_install() {
  have apt-get || die "缺少 missing: $*。本机没有 apt-get，请用系统的包管理器安装 install them with your system's package manager"
  note "apt-get 安装 installs: $*"
  local quiet=(-q -y -o Dpkg::Use-Pty=0 --no-install-recommends -o DPkg::Lock::Timeout=300 -o APT::Color=0)
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update ||
    note "软件包列表未能全部更新，继续尝试 lists not fully updated, trying on"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${quiet[@]}" "$@" ||
    die "apt-get 未能安装 could not install: $*"
}

check_rust() {
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  have cargo || die "没有 cargo。请用 rustup 安装 Rust $wanted 或更新版本 install Rust with rustup: https://rustup.rs"
  found=$(rustc --version | awk '{print $2}')
  [[ $(printf '%s\n%s\n' "$wanted" "${found%%-*}" | sort -V | head -n 1) == "$wanted" ]] ||
    die "Rust $found 太旧，需要 $wanted 或更新 is too old: rustup update stable"
  note "Rust $found"
  [[ $mode == run ]] && return
  { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
    die "缺少 rustfmt 或 clippy missing: rustup component add rustfmt clippy"
}

check_node() {
  if ! have node && have apt-get; then
    # Debian 12 itself has Node 18; a machine with a newer source configured gets it from there.
    local candidate
    candidate=$(apt-cache policy nodejs 2>/dev/null | awk '/Candidate:/{print $2}')
    candidate=${candidate#*:}
    if [[ ${candidate%%.*} =~ ^[0-9]+$ ]] && ((${candidate%%.*} >= NODE_MAJOR)); then apt_install nodejs; fi
  fi
  have node || die "没有 Node.js。请安装 Node.js $NODE_MAJOR 或更新版本（含 npm）install Node.js with npm: https://nodejs.org"
  local version
  version=$(node --version)
  version=${version#v}
  ((${version%%.*} >= NODE_MAJOR)) || die "Node.js $version 太旧，需要 $NODE_MAJOR 或更新 is too old"
  have npm || apt_install npm
  local npm_version
  npm_version=$(npm --version)
  note "Node.js $version, npm $npm_version"
  ((${npm_version%%.*} >= 11)) ||
    note "npm 低于 11：若前端依赖安装失败，请运行 if installing fails, run: npm install -g npm@11"
}

# cargo_tool NAME VERSION: any version that is there will do; a missing one is built, with little optimisation to be
# ready sooner.
cargo_tool() {
  local found
  if found=$("$1" --version 2>/dev/null | head -n 1) && [[ -n $found ]]; then
    note "$found"
    return
  fi
  note "编译安装 $1 $2（首次约需数分钟）building it from source, once, takes some minutes"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_PROFILE_RELEASE_DEBUG=0 cargo install --locked --version "$2" "$1" || die "未能安装 could not install $1 $2"
}

steps=3
[[ $mode == test ]] && steps=4

begin 1 $steps "系统软件包 system packages"
mapfile -t missing < <(missing_packages)
if ((${#missing[@]})); then apt_install "${missing[@]}"; else note "已齐备 all there"; fi
finish

begin 2 $steps "Rust"
check_rust
finish

begin 3 $steps "Node.js"
check_node
finish

if [[ $mode == test ]]; then
  begin 4 $steps "检查工具 checking tools: cargo-nextest, cargo-deny, schemathesis"
  cargo_tool cargo-nextest $NEXTEST
  cargo_tool cargo-deny $CARGO_DENY
  scripts/schemathesis.sh --install
  finish
fi
