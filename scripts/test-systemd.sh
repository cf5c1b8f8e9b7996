#!/usr/bin/env bash
# Boots systemd and lives with the Debian package under it, as docs/operating.md tells a county and then a city: installed, enabled, its
# confinement tried out, restarted and upgraded under requests, killed, stopped, booted again; then with PostgreSQL and jiesu-worker.
#   scripts/test-systemd.sh [BINARY]    default target/debug/jiesu
# The box is a throw-away copy of this machine's file system (an overlay), with processes, network, cgroups and devices of its own, so
# that nothing is left behind and nothing of this machine is reached. Needs root and /lib/systemd/systemd. Where a systemd cannot be
# booted this way it says "skipped" and why; what goes wrong after that is an error. Not part of `make test`, which asks for no cgroup.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

skip() {
  say "跳过 skipped: $*"
  exit 0
}

if [[ ${1:-} != --in ]]; then
  binary=${1:-target/debug/jiesu}
  [[ -x $binary ]] || die "没有 $binary，请先构建 build it first: cargo build -p jiesu-server"
  ((EUID == 0)) || skip "需要 root 权限 needs root"
  [[ -x /lib/systemd/systemd ]] || skip "没有 systemd：apt-get install systemd"
  work=$(mktemp -d)
  # shellcheck disable=SC2329 # called by the trap
  end() {
    # Its cgroups stay empty when everything in them has ended; they are in no namespace.
    [[ ! -e $work/group ]] || unshare --mount bash -c '
      mount -t cgroup2 none "$1/cgroup"
      for _ in {1..50}; do find "$1/cgroup/$(<"$1/group")" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.1; done
    ' bash "$work" || true
    rm -rf "$work"
  }
  trap end EXIT
  mkdir "$work/layer" "$work/root" "$work/cgroup"
  begin 1 4 "打包 packages"
  two_packages "$binary" "$work"
  finish
  # Processes of its own too: whatever happens to us, all of them end with us.
  unshare --mount --net --pid --fork --kill-child --mount-proc bash "$0" --in "$work" || exit $?
  exit
fi

# From here on in namespaces of our own, where the layer lives across the boots of the box.
work=$2 root=$2/root
box='' init='' box_root=''

prepare() {
  # An overlay cannot stand on another one.
  mount -t tmpfs none "$work/layer" || skip "不能挂载 cannot mount a tmpfs"
  mkdir "$work/layer/changes" "$work/layer/work"
  mount -t overlay overlay -o "lowerdir=/,upperdir=$work/layer/changes,workdir=$work/layer/work" "$root" || skip "不能挂载 cannot mount an overlay"
  mount -t cgroup2 none "$work/cgroup" || skip "没有 no cgroup v2"
  # A box that is new: nothing of this machine's is started, and no Jiesu was ever here.
  rm -rf "$root"/etc/systemd/system/*.{wants,requires} "$root/var/log/journal" "$root/etc/jiesu" "$root/var/lib/jiesu"
  mkdir -p "$root/var/log/journal" "$root/opt/packages" "$root/opt/scripts"
  systemd-id128 new >"$root/etc/machine-id"
  cp "$work"/*.deb "$root/opt/packages"
  cp scripts/test-systemd-* "$root/opt/scripts"
}

# What a machine has at its start. Run in the namespaces of the box; the last act is to become its first process.
power_on() {
  mount -t proc proc "$root/proc"
  # The kernel is this machine's: it can be looked at, not set.
  mount --bind "$root/proc/sys" "$root/proc/sys"
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 none "$root/run"
  mount -t tmpfs -o mode=1777 none "$root/tmp"
  mount -t tmpfs -o mode=755 none "$root/dev"
  mkdir "$root"/dev/{pts,shm,before}
  for name in null zero full random urandom tty; do
    : >"$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
  mount -t tmpfs -o mode=1777 none "$root/dev/shm"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  for name in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${name%:*}" "$root/dev/${name#*:}"; done
  cd "$root"
  pivot_root . dev/before
  umount -l dev/before
  exec env -i container=jiesu-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set -sys_module,-sys_time,-sys_rawio,-syslog /lib/systemd/systemd --unit=multi-user.target
}

# Starts the box. Fails, with what was said, if its systemd does not come up.
boot() {
  local group tries
  group=jiesu-test-$(basename "$work")
  echo "$group" >"$work/group"
  mkdir -p "$work/cgroup/$group" || return
  export root
  (
    echo "$BASHPID" >"$work/cgroup/$group/cgroup.procs"
    exec unshare --mount --pid --uts --ipc --cgroup --fork --kill-child bash -euo pipefail -c "$(declare -f power_on); power_on"
  ) </dev/null >"$work/console" 2>&1 &
  box=$!
  for tries in {1..600}; do
    kill -0 "$box" 2>/dev/null || return
    init=$(pgrep -P "$box") || { sleep 0.1; continue; }
    box_root=/proc/$init/root
    # A group with processes has no groups below it that are accounted for: the one that only waits goes out.
    [[ $(<"/proc/$init/comm") != systemd ]] || { echo "$box" >"$work/cgroup/cgroup.procs"; break; }
    sleep 0.1
  done
  # "degraded": something of this machine that cannot run here failed. Ours is looked at by name.
  for tries in {1..600}; do
    [[ ! $(inside systemctl is-system-running 2>&1) =~ ^(running|degraded)$ ]] || return 0
    kill -0 "$box" 2>/dev/null || return
    sleep 0.1
  done
  return 1
}

# A command in the box, as an administrator's.
inside() {
  nsenter --target "$init" --mount --pid --uts --ipc --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

checks() {
  inside bash -euo pipefail /opt/scripts/test-systemd-inside.sh "$1" || {
    say "── journalctl -b -n 40"
    inside journalctl -b --no-pager -n 40 -o short-precise || true
    die "$1"
  }
}

power_off() {
  inside systemctl poweroff --no-wall
  wait "$box" || true # what a first process that goes leaves behind is a signal
}

begin 2 4 "启动 systemd boot"
prepare
boot || skip "systemd 没有启动 did not come up: $(tail -n 3 "$work/console")"
note "systemd $(inside systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p'): $(inside systemctl is-system-running || true)"
finish

begin 3 4 "县：一台服务器 a county"
checks county
power_off
boot || die "重启后 systemd 没有启动 did not come up again: $(tail -n 3 "$work/console")"
checks again
finish

begin 4 4 "市：PostgreSQL 与 a city, with jiesu-worker"
checks city
power_off
finish
