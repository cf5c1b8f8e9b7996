#!/usr/bin/env bash
# Builds the Debian package and lives with it as an administrator does: installs, configures, starts, upgrades, removes, purges. In a
# throw-away copy of this machine's file system (an overlay in a mount namespace of its own), so that nothing is left behind.
#   scripts/test-package.sh [BINARY]    default target/debug/jiesu
#   LINTIAN=1                           also installs lintian in the copy and runs it
# systemd does not run there: the units are verified by systemd-analyze, and their ExecStart is started as their user, with their
# environment, on a file system that is read-only but for their StateDirectory.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

as_root() {
  if ((EUID == 0)); then "$@"; elif have sudo; then sudo "$@"; else die "需要 root 权限 needs root: scripts/test-package.sh"; fi
}

binary=${1:-target/debug/jiesu}
[[ -x $binary ]] || die "没有 $binary，请先构建 build it first: cargo build -p jiesu-server"
work=$(mktemp -d)
trap 'as_root rm -rf "$work"' EXIT

note "打包 building the packages"
two_packages "$binary" "$work"

mkdir "$work/layer" "$work/root"
as_root unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
  work=$1
  # An overlay cannot stand on another one.
  mount -t tmpfs none "$work/layer"
  mkdir "$work/layer/changes" "$work/layer/work" "$work/layer/packages"
  cp "$work"/*.deb "$work/layer/packages"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layer/changes,workdir=$work/layer/work" "$work/root"
  mount -t proc proc "$work/root/proc"
  mount --rbind /dev "$work/root/dev"
  mount -t tmpfs none "$work/root/run"
  mkdir "$work/root/run/packages"
  mount --bind "$work/layer/packages" "$work/root/run/packages"
  mount --bind "$2/scripts" "$work/root/mnt"
  exec chroot "$work/root" env LINTIAN="${LINTIAN:-}" bash -euo pipefail /mnt/test-package-inside.sh
' bash "$work" "$ROOT"
