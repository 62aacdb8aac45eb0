#!/usr/bin/env bash
# Locates a registry server (distribution's, as Debian packages it) and prints its path; installs the package where that can be done.
#
# Exit 0: the path is on standard output. Exit 3: there is none here. `--install` installs it first when it is missing (needs root and apt-get).
# Exit 4: it could not be installed. Everything that is said goes to standard error. SLIPWAY_REGISTRY names another program.
set -euo pipefail

main() {
  if find_registry; then return; fi
  if [ "${1:-}" != --install ]; then
    fail 3 'there is no docker-registry on this machine: apt-get install docker-registry, or name the program in SLIPWAY_REGISTRY'
  fi
  install_registry || fail 4 'docker-registry could not be installed; what apt-get said stands above'
  find_registry || fail 4 'the package docker-registry was installed, but there is no docker-registry on the PATH'
}

# Newer packages call the program registry.
find_registry() {
  local name
  for name in ${SLIPWAY_REGISTRY:+"$SLIPWAY_REGISTRY"} docker-registry /usr/bin/docker-registry registry; do
    if command -v "$name" 2> /dev/null; then return 0; fi
  done
  return 1
}

install_registry() {
  [ "$(id -u)" = 0 ] || fail 4 'docker-registry is missing, and only root can install it: sudo apt-get install docker-registry'
  command -v apt-get > /dev/null || fail 4 'docker-registry is missing, and there is no apt-get to install it with'
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends docker-registry >&2 && return 0
  apt-get update >&2 && apt-get install -y --no-install-recommends docker-registry >&2
}

fail() {
  printf '%s\n' "get-registry: $2" >&2
  exit "$1"
}

main "$@"
