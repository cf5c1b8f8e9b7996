# shellcheck shell=bash disable=SC2016 # what is quoted is for another shell
# The second half of test-container.sh: run as root in the box. bash test-container-inside.sh tools|images|run|again
# `tools` and `images` have the machine's network, the others the box's own and its systemd.
set -euo pipefail
# shellcheck source=scripts/inside.sh
source /opt/scripts/inside.sh

FILE=/opt/scripts/Containerfile BASE=docker.io/library/debian:12-slim STORE=/var/lib/containers
cd /root

# The command of the Containerfile's head that begins with these words.
documented() { sed -n "s/^#   \($1 .*\)/\1/p" $FILE; }
in_it() { podman exec jiesu "$@"; }
state() { podman inspect jiesu --format "{{.State.$1}}"; }
healthy() { [[ $(state Health.Status) == healthy ]]; }

verified() {
  local said
  said=$(in_it jiesu verify) || fail "核对不符 verify: $said"
  has "核对 verify" "$said" "工单${TICKETS}件"
}

# Runs the image TAG by the documented command, with what this machine wants beside.
run_it() {
  local words options
  read -r -a words <<<"$(documented 'podman run')"
  read -r -a options </root/options
  [[ ${words[-1]} == jiesu ]] || fail "说明中的 the documented: ${words[*]}"
  podman run "${options[@]}" "${words[@]:2:${#words[@]}-3}" "jiesu:$1" >/dev/null
  until_it healthy
  is "运行的版本 the version that runs" "$(in_it dpkg-query -W -f '${Version}' jiesu)" "$(cat "/root/$1")"
}

stage_tools() {
  local missing=() name
  for name in podman crun debootstrap iptables; do command -v $name >/dev/null || missing+=("$name"); done
  [[ -x /usr/lib/podman/netavark ]] || missing+=(netavark)
  if ((${#missing[@]})); then
    apt-get -q -y update
    apt-get -q -y install --no-install-recommends "${missing[@]}"
  fi
  printf '[storage]\ndriver = "overlay"\nrunroot = "/run/containers/storage"\ngraphroot = "%s/storage"\n' $STORE >/etc/containers/storage.conf
  if timeout 60 podman pull -q $BASE; then
    echo "podman，基础镜像取自 with the base image of docker.io"
  else
    debootstrap --variant=minbase bookworm $STORE/debian "$(apt-cache policy | sed -n 's/.* \(http[^ ]*\/debian\) bookworm\/main.*/\1/p' | head -n 1)"
    tar -C $STORE/debian -c . | podman import - $BASE
    rm -r $STORE/debian
    echo "podman；docker.io 不通，基础镜像由 debootstrap 制作 cannot be reached: the base image is debootstrap's"
  fi
}

stage_images() {
  local tag words
  read -r -a words <<<"$(documented 'podman build')"
  has "说明中的 the documented" "${words[*]}" "podman build --format docker"
  if [[ -n $WHOLE ]]; then
    cd /opt/source
    podman build --isolation chroot --network host "${words[@]:2}"
  fi
  for tag in old new; do
    dpkg-deb -f $STORE/$tag/*.deb Version >/root/$tag
    (cd $STORE/$tag && sha256sum ./*.deb >digest)
    [[ -z $WHOLE || $tag == old ]] || { podman tag jiesu jiesu:new; continue; }
    # The last stage as it stands; the one that it takes the package from is a folder.
    { printf 'FROM %s AS build\nCOPY %s /packages\n' $BASE $tag && sed -n '/^FROM .*debian:12-slim$/,$p' $FILE; } >$STORE/last
    podman build --isolation chroot --network host --format docker -q -f $STORE/last -t jiesu:$tag $STORE
  done
  podman image inspect jiesu:new --format '{{.HealthCheck}}' | grep -q 'jiesu ready' || fail "镜像中没有健康检查 the image has no health check"
}

stage_run() {
  local said before
  # A machine that may not set limits of its own (a virtual machine without CAP_SYS_RESOURCE).
  echo >/root/options
  if ! podman run --rm --ulimit core=0 --entrypoint true jiesu:old >/dev/null 2>&1; then
    echo "--cgroups disabled --ulimit nofile=$(ulimit -Hn):$(ulimit -Hn) --ulimit nproc=4096:4096" >/root/options
    step "本机不能设置资源限制 this machine cannot set limits: $(cat /root/options)"
  fi
  systemctl enable podman-restart.service 2>/dev/null

  step "按说明运行 run as documented: $(documented 'podman run')"
  run_it old
  is "健康检查的定时器 timers of health checks" "$(systemctl list-timers --all --no-pager | grep -c "$(podman inspect jiesu --format '{{.Id}}')")" 1
  has "日志 log" "$(podman logs jiesu 2>&1)" "接诉已启动"
  account_of podman exec -i jiesu jiesu

  step "限制 confinement"
  is "用户 user" "$(in_it id -un)" jiesu
  said=$(in_it cat /proc/1/status)
  for line in 'CapEff:	0000000000000000' 'CapBnd:	0000000000000000' 'NoNewPrivs:	1'; do has "/proc/1/status" "$said" "$line"; done
  has "内存转储 core dumps" "$(in_it grep core /proc/1/limits)" "0                    0"
  said=$(in_it sh -c 'for where in / /etc /etc/jiesu /usr/bin /usr/lib /var /var/lib /var/log /home /root /opt /srv /var/lib/jiesu; do { echo 1 >$where/probe; } 2>/dev/null && echo $where && rm $where/probe; done; true')
  is "可写 can be written" "$said" /var/lib/jiesu

  step "工作中停止，再启动 stopped while people work, and started"
  work_begins
  podman stop jiesu >/dev/null
  is "停止 stop" "$(state ExitCode)" 0
  podman start jiesu >/dev/null
  until_it healthy
  work_ends
  verified
  step "  $ANSWERED 个请求有答复，$LOST 个须再问一次 requests answered, as many asked again"

  step "SIGKILL：自行恢复 comes back by itself"
  before=$(state Pid)
  work_begins
  kill -KILL "$before"
  until_it restarted "$before"
  work_ends
  verified

  step "换成新的镜像，数据还在 replaced by a newer image, the data is there"
  podman stop jiesu >/dev/null
  podman rm jiesu >/dev/null
  run_it new
  verified
  work_begins
  work_ends
  none_lost "新的镜像 the newer image"

  step "还有人连着时停止 stop while somebody is connected"
  exec 7<>/dev/tcp/127.0.0.1/8080
  printf 'POST /api/v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{' >&7
  sleep 0.3
  podman stop jiesu >/dev/null
  exec 7>&-
  # Killed by podman it would be 137.
  is "停止 stop" "$(state ExitCode)" 0
  podman start jiesu >/dev/null
  until_it healthy
  verified
}

restarted() { [[ $(state Pid) != "$1" ]] && in_it jiesu ready; }

stage_again() {
  step "开机自行启动 started at boot, by itself"
  TICKETS=$(wc -l </root/tickets)
  until_it healthy
  verified
}

"stage_$1"
