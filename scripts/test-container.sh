#!/usr/bin/env bash
# Builds the image of packaging/Containerfile and lives with a container of it, run by the commands at the head of that file: healthy,
# confined, stopped under requests, killed, replaced by a newer image, back after the machine was started again.
#   scripts/test-container.sh [BINARY]    default target/debug/jiesu: the last stage as it stands, with the package made out of it
#   WHOLE=1 scripts/test-container.sh     the whole file as it stands: compiles in the container, needs docker.io
# In a box (scripts/box.sh) of which nothing is left behind. podman is installed there where this machine has none; where docker.io cannot
# be reached, debootstrap makes the base image. Where these cannot be had it says "skipped" and why. Not part of `make test`: it needs
# Debian's mirror.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/box.sh
source scripts/box.sh

live_in_namespaces "$@"
shift 2
binary=${1:-target/debug/jiesu}
[[ -x $binary ]] || die "没有 $binary，请先构建 build it first: cargo build -p jiesu-server"

begin 1 5 "打包 packages"
two_packages "$binary" "$BOX_WORK"
finish

checks() {
  inside bash -euo pipefail /opt/scripts/test-container-inside.sh "$1" || {
    say "── journalctl -b -n 40"
    inside journalctl -b --no-pager -n 40 -o short-precise || true
    die "$1"
  }
}

begin 2 5 "podman 与基础镜像 and the base image"
prepare_box
# podman's own overlays cannot stand on the box's.
mkdir -p "$BOX_WORK/storage" "$BOX_ROOT/var/lib/containers" "$BOX_ROOT/opt/source"
mount --bind "$BOX_WORK/storage" "$BOX_ROOT/var/lib/containers"
mount --bind "$ROOT" "$BOX_ROOT/opt/source"
mkdir "$BOX_WORK"/storage/{old,new}
mv "$BOX_WORK/old.deb" "$BOX_WORK/storage/old/jiesu_old.deb"
mv "$BOX_WORK/new.deb" "$BOX_WORK/storage/new/jiesu_new.deb"
cp scripts/{inside.sh,test-client.mjs,test-container-inside.sh} packaging/Containerfile "$BOX_ROOT/opt/scripts"
with_network bash -euo pipefail /opt/scripts/test-container-inside.sh tools >"$BOX_WORK/said" 2>&1 || skip "$(tail -n 3 "$BOX_WORK/said")"
note "$(tail -n 1 "$BOX_WORK/said")"
finish

begin 3 5 "镜像 images"
with_network env WHOLE="${WHOLE:-}" bash -euo pipefail /opt/scripts/test-container-inside.sh images
finish

begin 4 5 "运行 run"
boot_box || skip "systemd 没有启动 did not come up: $(tail -n 3 "$BOX_WORK/console")"
checks run
finish

begin 5 5 "重启后 after a reboot"
power_off_box
boot_box || die "重启后 systemd 没有启动 did not come up again: $(tail -n 3 "$BOX_WORK/console")"
checks again
power_off_box
finish
