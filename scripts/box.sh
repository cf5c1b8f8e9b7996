# shellcheck shell=bash disable=SC2016 # what is quoted is for another shell
# A box: a throw-away copy of this machine's file system (an overlay) in which a systemd of its own is booted, with processes, devices,
# cgroups and a network of its own, so that nothing of this machine is reached or left behind. Sourced, after lib.sh; needs root.
#   live_in_namespaces "$@"    runs the script again in them, with `--in WORK`; returns there, and only there. BOX_WORK is its folder.
#   prepare_box                the copy, at $BOX_ROOT
#   with_network COMMAND…      a command in the copy before it is booted, on this machine's network
#   boot_box, power_off_box    may be repeated: what is written stays until the script ends
#   inside COMMAND…            an administrator's command in the booted box

BOX_WORK='' BOX_ROOT='' BOX_WAITS='' BOX_INIT=''

skip() {
  say "跳过 skipped: $*"
  exit 0
}

# shellcheck disable=SC2329 # called by the trap
end_of_box() {
  # Its cgroups stay empty when everything in them has ended; they are in no namespace.
  [[ ! -e $BOX_WORK/group ]] || unshare --mount bash -c '
    mount -t cgroup2 none "$1/cgroup"
    for _ in {1..50}; do find "$1/cgroup/$(<"$1/group")" -depth -type d -exec rmdir {} + 2>/dev/null && break; sleep 0.1; done
  ' bash "$BOX_WORK" || true
  rm -rf "$BOX_WORK"
}

live_in_namespaces() {
  if [[ ${1:-} == --in ]]; then
    BOX_WORK=$2 BOX_ROOT=$2/root
    # The first process of a namespace hears of no signal that it does not ask for.
    trap 'exit 130' INT TERM
    return
  fi
  ((EUID == 0)) || skip "需要 root 权限 needs root"
  [[ -x /lib/systemd/systemd ]] || skip "没有 systemd：apt-get install systemd"
  BOX_WORK=$(mktemp -d)
  trap end_of_box EXIT
  mkdir "$BOX_WORK"/{layer,root,cgroup}
  unshare --mount --pid true || skip "不能建立命名空间 no namespaces can be made"
  # Processes of its own too: whatever happens to us, all of them end with us.
  unshare --mount --pid --fork --kill-child --mount-proc bash "$0" --in "$BOX_WORK" "$@" || exit $?
  exit
}

prepare_box() {
  # An overlay cannot stand on another one.
  mount -t tmpfs none "$BOX_WORK/layer" || skip "不能挂载 cannot mount a tmpfs"
  mkdir "$BOX_WORK"/layer/{changes,work}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$BOX_WORK/layer/changes,workdir=$BOX_WORK/layer/work" "$BOX_ROOT" ||
    skip "不能挂载 cannot mount an overlay"
  mount -t cgroup2 none "$BOX_WORK/cgroup" || skip "没有 no cgroup v2"
  # A box that is new: nothing of this machine's is started, and no Jiesu was ever here.
  rm -rf "$BOX_ROOT"/etc/systemd/system/*.{wants,requires} "$BOX_ROOT/var/log/journal" "$BOX_ROOT/etc/jiesu" "$BOX_ROOT/var/lib/jiesu"
  mkdir -p "$BOX_ROOT/var/log/journal" "$BOX_ROOT/opt/packages" "$BOX_ROOT/opt/scripts"
  systemd-id128 new >"$BOX_ROOT/etc/machine-id"
}

with_network() {
  unshare --mount --pid --fork --kill-child bash -euo pipefail -c '
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs none "$root/run"
    mount -t tmpfs -o mode=1777 none "$root/tmp"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
  ' bash "$BOX_ROOT" "$@"
}

# What a machine has at its start. Run in the namespaces of the box; the last act is to become its first process.
power_on() {
  mount -t proc proc "$BOX_ROOT/proc"
  # The kernel is this machine's: it can be looked at, not set.
  mount --bind "$BOX_ROOT/proc/sys" "$BOX_ROOT/proc/sys"
  mount -o remount,bind,ro "$BOX_ROOT/proc/sys"
  # The network is the box's own.
  mount --bind "$BOX_ROOT/proc/sys/net" "$BOX_ROOT/proc/sys/net"
  mount -o remount,bind,rw "$BOX_ROOT/proc/sys/net"
  mount -t sysfs -o ro sysfs "$BOX_ROOT/sys"
  mount -t cgroup2 cgroup2 "$BOX_ROOT/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 none "$BOX_ROOT/run"
  mount -t tmpfs -o mode=1777 none "$BOX_ROOT/tmp"
  mount -t tmpfs -o mode=755 none "$BOX_ROOT/dev"
  mkdir "$BOX_ROOT"/dev/{pts,shm,before}
  for name in null zero full random urandom tty; do
    : >"$BOX_ROOT/dev/$name"
    mount --bind "/dev/$name" "$BOX_ROOT/dev/$name"
  done
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$BOX_ROOT/dev/pts"
  mount -t tmpfs -o mode=1777 none "$BOX_ROOT/dev/shm"
  ln -s pts/ptmx "$BOX_ROOT/dev/ptmx"
  ln -s /proc/self/fd "$BOX_ROOT/dev/fd"
  for name in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${name%:*}" "$BOX_ROOT/dev/${name#*:}"; done
  cd "$BOX_ROOT" || exit
  pivot_root . dev/before
  umount -l dev/before
  exec env -i container=jiesu-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set -sys_module,-sys_time,-sys_rawio,-syslog /lib/systemd/systemd
}

# Fails if its systemd does not come up; what was said is in $BOX_WORK/console.
boot_box() {
  local group
  group=jiesu-test-$(basename "$BOX_WORK")
  echo "$group" >"$BOX_WORK/group"
  mkdir -p "$BOX_WORK/cgroup/$group" || return
  export BOX_ROOT
  (
    echo "$BASHPID" >"$BOX_WORK/cgroup/$group/cgroup.procs"
    exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child bash -euo pipefail -c "$(declare -f power_on); power_on"
  ) </dev/null >"$BOX_WORK/console" 2>&1 &
  BOX_WAITS=$!
  for _ in {1..600}; do
    kill -0 "$BOX_WAITS" 2>/dev/null || return
    BOX_INIT=$(pgrep -P "$BOX_WAITS") || { sleep 0.1; continue; }
    # A group with processes has no groups below it that are accounted for: the one that only waits goes out.
    [[ $(<"/proc/$BOX_INIT/comm") != systemd ]] || { echo "$BOX_WAITS" >"$BOX_WORK/cgroup/cgroup.procs"; break; }
    sleep 0.1
  done
  # "degraded": something of this machine that cannot run here failed. Ours is looked at by name.
  for _ in {1..600}; do
    [[ ! $(inside systemctl is-system-running 2>&1) =~ ^(running|degraded)$ ]] || return 0
    kill -0 "$BOX_WAITS" 2>/dev/null || return
    sleep 0.1
  done
  return 1
}

inside() {
  nsenter --target "$BOX_INIT" --mount --net --pid --uts --ipc --root --wd env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

power_off_box() {
  # It may be gone before it answers.
  inside systemctl poweroff --no-wall 2>/dev/null || true
  for _ in {1..900}; do
    kill -0 "$BOX_WAITS" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$BOX_WAITS" 2>/dev/null || true
  wait "$BOX_WAITS" || true # what a first process that goes leaves behind is a signal
}
