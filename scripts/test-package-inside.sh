# shellcheck shell=bash
# The second half of test-package.sh: run as root in a throw-away copy of the machine, with the packages in /run/packages.
# shellcheck source=scripts/inside.sh
source /mnt/inside.sh

export DEBIAN_FRONTEND=noninteractive HOME=/root
CONFIG=/etc/jiesu/jiesu.toml DATA=/var/lib/jiesu
# Nothing of this machine's own Jiesu, if it has one.
for variable in ${!JIESU_@}; do unset "$variable"; done
rm -rf /etc/jiesu "$DATA"
mount -t tmpfs none /tmp
chmod 1777 /tmp

# What a unit says, its drop-ins included.
unit() { cat "/lib/systemd/system/$1" "/lib/systemd/system/$1.d/"*.conf | sed -n "s/^$2=//p"; }

# Starts a unit's program as systemd would: user, environment, working folder, umask, no privileges, everything read-only but its state.
start() {
  local environment command
  mapfile -t environment < <(unit "$1" Environment)
  command=$(unit "$1" ExecStart)
  is "StateDirectory" "/var/lib/$(unit "$1" StateDirectory)" "$DATA"
  # `exec` all the way, so that the process that is waited for is the program.
  unshare --mount bash -euo pipefail -c '
    data=$1 umask=$2 user=$3; shift 3
    mount --bind "$data" "$data"
    mount -o remount,bind,ro /
    mount -t tmpfs none /tmp && chmod 1777 /tmp
    umask "$umask"
    cd "$data"
    exec setpriv --reuid "$user" --regid "$user" --init-groups --no-new-privs --bounding-set -all -- "$@"
  ' bash "$DATA" "$(unit "$1" UMask)" "$(unit "$1" User)" env -i PATH=/usr/bin:/bin "${environment[@]}" $command >/tmp/said 2>&1 &
  SERVER=$!
}

as_jiesu() { (cd / && env -i PATH=/usr/bin:/bin setpriv --reuid jiesu --regid jiesu --init-groups -- "$@"); }

ready() {
  local tries
  for tries in {1..300}; do
    as_jiesu jiesu ready >/dev/null && return
    kill -0 "$SERVER" 2>/dev/null || fail "它结束了 it ended: $(cat /tmp/said)"
    sleep 0.1
  done
  fail "没有就绪 not ready after $tries tries: $(as_jiesu jiesu ready) $(cat /tmp/said)"
}

stop() {
  kill -TERM "$SERVER"
  wait "$SERVER" || fail "停止时退出码 exit code $? when stopped: $(cat /tmp/said)"
}

step "安装 install"
has "安装 install" "$(dpkg -i /run/packages/old.deb 2>&1)" "请在 /etc/jiesu/jiesu.toml 写明 place"
is "配置的属主与权限 owner and mode of the settings" "$(stat -c '%U:%G %a' $CONFIG)" "root:jiesu 640"
is "数据目录 data folder" "$(stat -c '%U:%G %a' $DATA)" "jiesu:jiesu 700"
is "jiesu 用户 user" "$(getent passwd jiesu | cut -d: -f6,7)" "$DATA:/usr/sbin/nologin"
[[ -s /usr/share/doc/jiesu/third-party.txt.gz ]] || fail "没有第三方许可 no third-party licences"

step "单元 units"
for name in jiesu.service jiesu-worker.service jiesu.socket; do
  is "systemd-analyze verify $name" "$(systemd-analyze verify --man=no /lib/systemd/system/$name 2>&1)" ""
done
for name in jiesu.service jiesu-worker.service; do
  # Out of 100: 20 and below is what systemd itself calls OK and well.
  security=$(systemd-analyze security --offline=yes --threshold=20 --no-pager $name 2>&1) || fail "$security"
  step "$name: $(grep -o 'exposure level.*' <<<"$security")"
done

step "没有写明地区不启动 without a place it does not start"
start jiesu.service
wait "$SERVER" && fail "没有写明地区也启动了 it started without a place"
has "没有写明地区 without a place" "$(cat /tmp/said)" "place"
[[ ! -e $DATA/jiesu.db ]] || fail "已经建立了数据库 it made a database"

step "写错的配置 a wrong setting"
sed -i 's/^place = .*/place = "shangrao"/; s/^#metrics = .*/metrics = "127.0.0.1:19464"/; s/^#listen = .*/listen = "127.0.0.1:18080"\nlsten = 1/' $CONFIG
start jiesu.service
wait "$SERVER" && fail "写错了也启动了 it started with a wrong setting"
has "写错的配置 a wrong setting" "$(cat /tmp/said)" "第$(grep -n '^lsten' $CONFIG | cut -d: -f1)行"
sed -i '/^lsten/d' $CONFIG

step "启动 start"
start jiesu.service
ready
echo 'Lu7mao-Xuq' | as_jiesu jiesu account add --login zhangsan --name 张三 --role centre-manager >/dev/null
has "日志 log" "$(cat /tmp/said)" '"level":"INFO"'
is "数据库的权限 mode of the database" "$(stat -c '%U %a' $DATA/jiesu.db)" "jiesu 600"

step "运行中升级 upgrade while it runs"
upgraded=$(dpkg --force-confold -i /run/packages/new.deb 2>&1) || fail "$upgraded"
has "改过的配置保留 changed settings stay" "$(cat $CONFIG)" 'place = "shangrao"'
[[ -e $CONFIG.dpkg-dist ]] || fail "新的配置没有放在旁边 the new settings are not beside it"
is "配置的权限保留 mode of the settings stays" "$(stat -c '%U:%G %a' $CONFIG)" "root:jiesu 640"
as_jiesu jiesu ready >/dev/null || fail "升级时停了 it went away during the upgrade"
stop
start jiesu.service
ready
has "账户还在 the account is there" "$(as_jiesu jiesu account list)" "zhangsan"
stop

step "只做定时处理的进程 worker"
sed -i 's/^metrics = .*/#&/' $CONFIG
start jiesu-worker.service
for _ in {1..300}; do
  env JIESU_METRICS=127.0.0.1:9465 jiesu --config $CONFIG ready >/dev/null && break
  sleep 0.1
done
env JIESU_METRICS=127.0.0.1:9465 jiesu --config $CONFIG ready >/dev/null || fail "worker: $(cat /tmp/said)"
stop

step "核对 verify"
as_jiesu jiesu verify >/dev/null || fail "核对不符 verify"

if [[ -n ${LINTIAN:-} ]]; then
  step "lintian"
  apt-get -q -y update >/dev/null && apt-get -q -y install --no-install-recommends lintian >/dev/null
  lintian --fail-on error,warning --suppress-tags-from-file /dev/null /run/packages/new.deb || fail "lintian"
fi

step "卸载 remove, purge"
dpkg -r jiesu >/dev/null 2>&1
[[ ! -e /usr/bin/jiesu && -e $CONFIG && -s $DATA/jiesu.db ]] || fail "卸载后 after removal: $(ls /usr/bin/jiesu $CONFIG $DATA)"
has "清除 purge" "$(dpkg -P jiesu 2>&1)" "接诉的数据仍在 /var/lib/jiesu"
[[ ! -e $CONFIG && -s $DATA/jiesu.db ]] || fail "清除后 after purging: $(ls /etc/jiesu $DATA)"

step "再装回来，数据还在 installed again, the data is there"
dpkg -i /run/packages/new.deb >/dev/null 2>&1
sed -i 's/^place = .*/place = "shangrao"/' $CONFIG
has "账户还在 the account is there" "$(as_jiesu jiesu account list)" "zhangsan"
