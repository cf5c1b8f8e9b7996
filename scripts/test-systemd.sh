#!/usr/bin/env bash
# Boots systemd and lives with the Debian package under it, as docs/operating.md tells a county and then a city: installed, enabled, its
# confinement tried out, restarted and upgraded under requests, killed, stopped, booted again; then with PostgreSQL and jiesu-worker.
#   scripts/test-systemd.sh [BINARY]    default target/debug/jiesu
# In a box (scripts/box.sh) of which nothing is left behind. Where none can be had (no root, no systemd, no cgroup v2) it says "skipped" and
# why; what goes wrong after the boot is an error. Not part of `make test`: a minute and a half, and it asks for more than that does.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/box.sh
source scripts/box.sh

live_in_namespaces "$@"
shift 2
binary=${1:-target/debug/jiesu}
[[ -x $binary ]] || die "没有 $binary，请先构建 build it first: cargo build -p jiesu-server"

begin 1 4 "打包 packages"
two_packages "$binary" "$BOX_WORK"
finish

checks() {
  inside bash /opt/scripts/test-systemd-inside.sh "$1" || {
    say "── journalctl -b -n 40"
    inside journalctl -b --no-pager -n 40 -o short-precise || true
    die "$1"
  }
}

begin 2 4 "启动 systemd boot"
prepare_box
cp "$BOX_WORK"/*.deb "$BOX_ROOT/opt/packages"
cp scripts/{inside.sh,test-client.mjs,test-systemd-inside.sh} "$BOX_ROOT/opt/scripts"
boot_box || skip "systemd 没有启动 did not come up: $(tail -n 3 "$BOX_WORK/console")"
note "systemd $(inside systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'): $(inside systemctl is-system-running || true)"
finish

begin 3 4 "县：一台服务器 a county"
checks county
power_off_box
boot_box || die "重启后 systemd 没有启动 did not come up again: $(tail -n 3 "$BOX_WORK/console")"
checks again
finish

begin 4 4 "市：PostgreSQL 与 a city, with jiesu-worker"
checks city
power_off_box
finish
