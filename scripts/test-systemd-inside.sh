# shellcheck shell=bash disable=SC2016 # what is quoted is for another shell
# The second half of test-systemd.sh: run as root in the box that it booted, with the packages in /opt/packages. The steps are those of
# docs/operating.md, in its words where it has commands. bash test-systemd-inside.sh county|again|city
set -euo pipefail
# shellcheck source=scripts/inside.sh
source /opt/scripts/inside.sh

CONFIG=/etc/jiesu/jiesu.toml DATA=/var/lib/jiesu
export DEBIAN_FRONTEND=noninteractive
cd /root

as_jiesu() { runuser -u jiesu -- jiesu "$@"; }
of() { systemctl show --property "$2" --value "$1"; }
active() { for unit; do is "$unit" "$(systemctl is-active "$unit")" active; done; }

# drop_in UNIT LINE…: what `systemctl edit UNIT` writes.
drop_in() {
  mkdir -p "/etc/systemd/system/$1.d"
  printf '%s\n' "${@:2}" >"/etc/systemd/system/$1.d/override.conf"
  systemctl daemon-reload
}

# The journal is whole, and what was acknowledged is there, each once.
verified() {
  local said
  said=$(as_jiesu verify) || fail "核对不符 verify: $said"
  has "核对 verify" "$said" "工单${TICKETS}件"
}

# Every line that a unit's program wrote is JSON, but for the one that says why it did not start, and none has what people typed.
logged() {
  journalctl --unit "$1" _SYSTEMD_UNIT="$1" --output cat --no-pager >/tmp/log
  [[ -s /tmp/log ]] || fail "$1 没有日志 no log"
  node -e 'for (const line of fs.readFileSync("/tmp/log", "utf8").trim().split("\n")) line.startsWith("出错：") || JSON.parse(line)' || fail "$1: 日志不是 JSON the log is not JSON"
  for word in 欧阳试用 13800005678 路灯不亮 盏路灯 试用话务员 $LOGIN "$PASSWORD"; do
    ! grep -F -m 1 -e "$word" /tmp/log || fail "$1: 日志中有 the log has: $word"
  done
}

# Runs a shell's words confined as jiesu.service is, as its user; prints what they say.
confined() {
  local probe=/run/systemd/system/jiesu-probe.service
  mkdir -p $probe.d
  cp /lib/systemd/system/jiesu.service.d/confined.conf $probe.d/
  cp /etc/systemd/system/jiesu.service.d/override.conf $probe.d/ 2>/dev/null || true
  printf '[Service]\nType=oneshot\nStandardOutput=truncate:/run/probe\nStandardError=inherit\nExecStart=/bin/bash -c '\''%s'\''\n' "$1" >$probe
  systemctl daemon-reload
  systemctl start jiesu-probe.service || true
  cat /run/probe
}

stage_county() {
  step "安装后什么也不启动 installed, and nothing is started"
  has "安装 install" "$(dpkg -i /opt/packages/old.deb 2>&1)" "systemctl enable --now jiesu.socket jiesu.service"
  is jiesu.service "$(systemctl is-enabled jiesu.service || true) $(systemctl is-active jiesu.service || true)" "disabled inactive"

  step "写错的配置，重启多次，改正后照常启动 wrong settings and many restarts; put right, it starts with its socket"
  has "没有写明地区 without a place" "$(systemctl enable --now jiesu.socket jiesu.service 2>&1)" "journalctl"
  for _ in {1..7}; do ! systemctl restart jiesu.service 2>/dev/null || fail "没有写明地区也启动了 it started without a place"; done
  has "日志 log" "$(journalctl -u jiesu --output cat --no-pager)" "没有写明地区"
  # As operating.md tells a county. Limits of requests have tests of their own.
  sed -i 's/^place = .*/place = "shangrao"/; s/^#backup = .*/backup = "\/backup\/jiesu"/; s/^#https = .*/https = true/
    s/^#metrics = .*/metrics = "127.0.0.1:9464"/; s/^#proxies = .*/proxies = ["127.0.0.1"]/; s/^#account = .*/account = 1000000/' $CONFIG
  install -d -o jiesu -g jiesu -m 0700 /backup/jiesu
  drop_in jiesu.service '[Service]' 'ReadWritePaths=/backup/jiesu'
  systemctl restart jiesu.service
  active jiesu.socket jiesu.service
  is "jiesu.service" "$(of jiesu.service Type) $(of jiesu.service SubState)" "notify running"
  has "jiesu ready" "$(jiesu ready)" "已就绪"

  step "账户；主密钥移到别处 the first account; the master key is moved"
  account_of as_jiesu
  install -d -o jiesu -m 0700 /etc/jiesu/keys
  mv $DATA/master.key /etc/jiesu/keys/
  sed -i 's#^\#key_file = .*#key_file = "/etc/jiesu/keys/master.key"#' $CONFIG
  systemctl restart jiesu.service
  [[ ! -e $DATA/master.key ]] || fail "又生成了主密钥 it made another master key"

  confinement
  requests
  killed
  stopped
  logged jiesu.service
}

confinement() {
  local pid status said
  step "限制 confinement: $(systemd-analyze security --threshold=20 --no-pager jiesu.service | grep -o 'exposure level.*')"
  pid=$(of jiesu.service MainPID)
  status=$(cat "/proc/$pid/status")
  is "用户 user" "$(stat -c %U "/proc/$pid")" jiesu
  for line in 'CapEff:	0000000000000000' 'CapBnd:	0000000000000000' 'NoNewPrivs:	1' 'Seccomp:	2'; do has "/proc/PID/status" "$status" "$line"; done
  has "内存转储 core dumps" "$(grep core "/proc/$pid/limits")" "0                    0"
  # The same confinement around a shell. First that it can do what it must, then everything else.
  said=$(confined 'for where in /var/lib/jiesu /backup/jiesu /tmp; do echo 1 >$where/probe && echo "$where: $(<$where/probe)"; rm $where/probe; done')
  is "可写 can be written" "$said" $'/var/lib/jiesu: 1\n/backup/jiesu: 1\n/tmp: 1'
  said=$(confined 'for where in / /etc /etc/jiesu /usr/bin /usr/lib /var /var/lib /var/log /var/tmp/.. /home /root /run /dev/shm/.. /opt /srv /sys/fs/cgroup /proc/sys/kernel; do { echo 1 >$where/probe; } 2>/dev/null && echo $where; done; true')
  is "不可写 cannot be written" "$said" ""
  said=$(confined 'ls /root /home 2>/dev/null; ls -d /proc/1 2>/dev/null; cat /proc/kmsg /etc/shadow 2>/dev/null; ls /dev/kvm /dev/vda 2>/dev/null; true')
  is "看不见 cannot be seen" "$said" ""
  said=$(confined 'unshare --user true 2>&1 || echo no; unshare --mount true 2>&1 || echo no; mount -t tmpfs none /tmp 2>&1 || echo no')
  is "命名空间与挂载 namespaces, mounts" "$(grep -c '^no$' <<<"$said")" 3
  # A call that is not on the list fails; the program goes on.
  said=$(confined 'chroot / true 2>&1; echo "still here"')
  has "不许的系统调用 a call that is not allowed" "$said" "Operation not permitted"
  has "不许的系统调用 a call that is not allowed" "$said" "still here"
  rm -r /run/systemd/system/jiesu-probe.service*
}

requests() {
  step "不断有请求时，重启五次 five restarts under requests"
  work_begins
  for _ in {1..5}; do
    systemctl restart jiesu.service
    sleep 0.5
  done
  work_ends
  none_lost "重启 restart"
  step "  $ANSWERED 个请求都有答复 requests, all answered"
  verified

  step "不断有请求时，升级 upgrade under requests"
  work_begins
  dpkg --force-confold -i /opt/packages/new.deb >/tmp/dpkg 2>&1 || fail "$(cat /tmp/dpkg)"
  active jiesu.socket jiesu.service
  work_ends
  none_lost "升级 upgrade"
  step "  $ANSWERED 个请求都有答复 requests, all answered"
  verified
}

restarted() { (($(of jiesu.service NRestarts) > $1)); }

killed() {
  local before signal
  for signal in KILL ABRT; do
    step "SIG$signal：自行恢复 comes back by itself"
    before=$(of jiesu.service NRestarts)
    work_begins
    kill -$signal "$(of jiesu.service MainPID)"
    until_it restarted "$before"
    until_it jiesu ready
    work_ends
    active jiesu.socket jiesu.service
    step "  $ANSWERED 个请求有答复，$LOST 个须再问一次 requests answered, as many asked again"
    verified
    is "内存转储 core dumps" "$(find $DATA / -maxdepth 1 -name 'core*')" ""
  done
}

stopped() {
  step "还有人连着时停止 stop while somebody is connected"
  # Says half of a request and nothing more.
  exec 7<>/dev/tcp/127.0.0.1/8080
  printf 'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{' >&7
  sleep 0.3
  systemctl stop jiesu.socket jiesu.service
  exec 7>&-
  # systemd's own patience (45 s) did not end: it would be `timeout`.
  is "停止 stop" "$(of jiesu.service Result) $(of jiesu.service ExecMainStatus)" "success 0"
  is "地址 address" "$(ss -Hltn 'sport = :8080')" ""
  verified
  systemctl start jiesu.socket jiesu.service
  active jiesu.socket jiesu.service
}

stage_again() {
  step "开机自行启动 started at boot, by itself"
  until_it jiesu ready
  active jiesu.socket jiesu.service
  TICKETS=$(wc -l </root/tickets)
  verified
  work_begins
  work_ends
  none_lost "开机后 after boot"
}

stage_city() {
  local role
  step "PostgreSQL，两个角色 two roles"
  if ! compgen -G '/etc/postgresql/*/main' >/dev/null; then
    step "跳过 skipped: 没有 PostgreSQL 集群 no cluster (apt-get install postgresql)"
    removed
    return
  fi
  systemctl start postgresql.service
  until_it runuser -u postgres -- pg_isready -q
  cd / # where `postgres` may be too
  for role in jiesu_owner jiesu; do runuser -u postgres -- psql -q -c "CREATE ROLE $role LOGIN PASSWORD 'mima'"; done
  runuser -u postgres -- createdb -O jiesu_owner -E UTF8 -T template0 --locale=C.UTF-8 jiesu

  step "从县迁到市 from a county's box to a city"
  TICKETS=$(wc -l </root/tickets)
  systemctl stop jiesu.socket jiesu.service
  PGPASSWORD=mima as_jiesu copy --to postgres://jiesu_owner@127.0.0.1/jiesu >/tmp/said || fail "$(cat /tmp/said)"
  JIESU_DATABASE=postgres://jiesu_owner:mima@127.0.0.1/jiesu as_jiesu migrate --application-role jiesu >/dev/null
  sed -i 's#^\#database = .*#database = "postgres://jiesu:mima@127.0.0.1/jiesu"#; s/^backup = .*/#&/' $CONFIG
  systemctl enable --now jiesu.socket jiesu.service jiesu-worker.service
  active jiesu.socket jiesu.service jiesu-worker.service
  JIESU_METRICS=127.0.0.1:9465 jiesu ready >/dev/null
  verified

  step "不断有请求时，都重启 both restarted under requests"
  work_begins
  for _ in {1..3}; do systemctl restart jiesu.service jiesu-worker.service; done
  work_ends
  none_lost "重启 restart"
  step "  $ANSWERED 个请求都有答复 requests, all answered"
  verified

  step "数据库不在时启动，等它回来 started without its database, it waits for it to come back"
  systemctl stop postgresql.service
  systemctl kill --signal=KILL jiesu.service jiesu-worker.service
  # More often than systemd's own limit of five starts in ten seconds allows.
  for _ in {1..7}; do ! timeout 60 systemctl restart jiesu.service jiesu-worker.service 2>/dev/null || fail "没有数据库也启动了 it started without a database"; done
  systemctl start postgresql.service
  until_it jiesu ready
  JIESU_METRICS=127.0.0.1:9465 until_it jiesu ready
  until_it systemctl is-active jiesu.socket jiesu.service jiesu-worker.service
  verified
  logged jiesu.service
  logged jiesu-worker.service
  removed
}

removed() {
  step "卸载 remove, purge"
  dpkg -r jiesu >/tmp/dpkg 2>&1 || fail "$(cat /tmp/dpkg)"
  for unit in jiesu.socket jiesu.service jiesu-worker.service; do
    is "$unit" "$(systemctl is-active $unit || true)" inactive
    ! find /etc/systemd/system -name "$unit" | grep . || fail "$unit 仍启用 is still enabled"
  done
  dpkg -P jiesu >/dev/null 2>&1
  [[ -s $DATA/jiesu.db && ! -e $CONFIG ]] || fail "清除后 after purging: $(ls -a $DATA /etc/jiesu)"
}

"stage_$1"
