#!/usr/bin/env bash
# Ends what start-engines.sh started with this directory, and removes the directory.
set -euo pipefail

[ $# -eq 1 ] || { echo "usage: stop-engines.sh DIRECTORY" >&2; exit 2; }
directory=$1
[ -d "$directory" ] || exit 0

runs() {
  [ -d "/proc/$1" ] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

if [ -f "$directory/podman/containers.conf" ]; then
  export CONTAINERS_CONF=$directory/podman/containers.conf CONTAINERS_STORAGE_CONF=$directory/podman/storage.conf
  podman rm --all --force --time 0 > /dev/null 2>&1 || true
  podman network prune --force > /dev/null 2>&1 || true
fi

if [ -f "$directory/dockerd.pid" ]; then
  pid=$(cat "$directory/dockerd.pid")
  DOCKER_HOST=unix://$directory/docker.sock timeout 20 docker network prune --force > /dev/null 2>&1 || true
  kill "$pid" 2> /dev/null || true
  for _ in $(seq 150); do
    runs "$pid" || break
    sleep 0.2
  done
  kill -9 "$pid" 2> /dev/null || true
fi

# what an engine that was killed left running: its containerd, the shims of its containers, and what runs in those
for pid in $(pgrep -f -- "$directory/docker-exec" || true); do
  kill -9 $(pgrep -P "$pid" || true) "$pid" 2> /dev/null || true
done

# overlay and shm mounts that an engine left would keep the directory from going
grep -o " $directory[^ ]* " /proc/mounts | sort -r | while read -r mount; do umount -l "$mount" 2> /dev/null || true; done
rm -rf "$directory"
