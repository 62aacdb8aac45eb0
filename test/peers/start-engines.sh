#!/usr/bin/env bash
# Starts a Docker engine and prepares a podman, both with everything of theirs below DIRECTORY, so that nothing of this machine's own engines
# is touched. Prints one line of JSON: for each engine its program and environment, or what stood in the way.
#
#   start-engines.sh DIRECTORY        as root; the directory is made. The socket's path must stay short: choose one below /tmp
#   stop-engines.sh DIRECTORY         ends what runs and removes the directory
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: start-engines.sh DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
directory=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

main() {
  printf '{"docker":%s,"podman":%s}\n' "$(start_docker)" "$(prepare_podman)"
}

start_docker() {
  local socket=$directory/docker.sock
  if [ "$(id -u)" != 0 ]; then obstacle "a Docker engine of our own is started only as root"; return; fi
  if ! command -v dockerd > /dev/null; then obstacle "dockerd is not installed (see $here/get-engines.sh)"; return; fi
  # a machine that forbids raising limits refuses containers that ask for more than it has
  if run_dockerd "$socket"; then
    found docker DOCKER_HOST "unix://$socket"
  elif run_dockerd "$socket" --iptables=false --bridge=none; then
    # such an engine still has networks of its own making, but what is on them reaches nothing outside
    found docker DOCKER_HOST "unix://$socket"
    echo "start-engines: docker runs without iptables: builds reach no network" >&2
  else
    obstacle "dockerd does not start: $(tail -n 1 "$directory/dockerd.log" | tr -d '"\\' | cut -c 1-300)"
  fi
}

run_dockerd() {
  local socket=$1
  shift
  # one that was killed left its number, and perhaps its zombie, which dockerd takes for another engine
  if [ -f "$directory/dockerd.pid" ] && ! runs "$(cat "$directory/dockerd.pid")"; then rm "$directory/dockerd.pid"; fi
  dockerd --host "unix://$socket" --data-root "$directory/docker" --exec-root "$directory/docker-exec" \
    --pidfile "$directory/dockerd.pid" --default-ulimit nofile=1024:1024 "$@" > "$directory/dockerd.log" 2>&1 < /dev/null &
  local pid=$!
  for _ in $(seq 150); do
    if DOCKER_HOST=unix://$socket docker info > /dev/null 2>&1; then return 0; fi
    runs "$pid" || return 1
    sleep 0.2
  done
  kill "$pid" 2> /dev/null
  return 1
}

runs() {
  [ -d "/proc/$1" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

# podman has no process of its own: what makes it ours is where it keeps things.
prepare_podman() {
  if ! command -v podman > /dev/null; then obstacle "podman is not installed (see $here/get-engines.sh)"; return; fi
  mkdir -p "$directory/podman/networks"
  cat > "$directory/podman/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "$directory/podman/networks"
CONF
  cat > "$directory/podman/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$directory/podman/storage"
runroot = "$directory/podman/run"
CONF
  local conf=$directory/podman/containers.conf storage=$directory/podman/storage.conf
  if CONTAINERS_CONF=$conf CONTAINERS_STORAGE_CONF=$storage podman info > /dev/null 2> "$directory/podman/log"; then
    found podman CONTAINERS_CONF "$conf" CONTAINERS_STORAGE_CONF "$storage"
  else
    obstacle "podman does not work: $(tail -n 1 "$directory/podman/log" | tr -d '"\\' | cut -c 1-300)"
  fi
}

found() {
  local program=$1 variables=''
  shift
  while [ $# -gt 0 ]; do
    variables="$variables${variables:+,}\"$1\":\"$2\""
    shift 2
  done
  printf '{"kind":"%s","program":"%s","environment":{%s}}' "$program" "$program" "$variables"
}

obstacle() {
  printf '{"obstacle":"%s"}' "$1"
}

main
