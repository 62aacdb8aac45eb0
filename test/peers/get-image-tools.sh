#!/usr/bin/env bash
# Makes sure that skopeo and umoci, which judge exported images, are on this machine: with --install, as root on Debian or Ubuntu, it installs them.
#
# Exit 0: both are there. Exit 3: something is missing; what, and how to get it, stands on standard error.
set -euo pipefail

programs=(skopeo umoci)

main() {
  local missing
  missing=$(missing_programs)
  if [ -n "$missing" ] && [ "${1:-}" = --install ]; then
    install_packages
    missing=$(missing_programs)
  fi
  [ -z "$missing" ] || fail "not installed: $missing. Debian, Ubuntu: sudo apt-get install ${programs[*]}"
}

missing_programs() {
  local program found=()
  for program in "${programs[@]}"; do
    command -v "$program" > /dev/null || found+=("$program")
  done
  printf '%s' "${found[*]:-}"
}

install_packages() {
  command -v apt-get > /dev/null || fail "they can be installed by themselves only where there is apt-get"
  [ "$(id -u)" = 0 ] || fail "they can be installed by themselves only as root"
  DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${programs[@]}" >&2
}

fail() {
  printf 'get-image-tools: %s\n' "$1" >&2
  exit 3
}

main "$@"
