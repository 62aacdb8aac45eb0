#!/usr/bin/env bash
# Installs upstream's real lifecycle and launcher as peers for tests and benches, once, and prints the directory that holds them.
#
# Exit 0: the directory is on standard output. Exit 3: Go is missing or too old. Exit 4: it could not be built (no network, say).
# Everything that is said goes to standard error. SLIPWAY_PEERS names another place than the cache directory.
set -euo pipefail

version=v0.21.17
module=github.com/buildpacks/lifecycle
needed=1.26.6

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peers=${SLIPWAY_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/slipway-peers}
target=$peers/lifecycle-$version

main() {
  if [ ! -x "$target/lifecycle" ] || [ ! -x "$target/launcher" ]; then
    local go
    go=$(find_go)
    mkdir -p "$peers"
    building=$(mktemp -d "$peers/.building.XXXXXX")
    trap 'rm -rf "$building"' EXIT
    as_released "$go" || without_extender "$go" || fail 4 "$module $version could not be built; what Go said stands above"
    publish
  fi
  printf '%s\n' "$target"
}

# Go may be older than needed when it is allowed to fetch another toolchain; whether it may is for `go version` inside a module to say.
find_go() {
  local go
  go=$(command -v go || true)
  if [ -z "$go" ] && [ -x /usr/local/go/bin/go ]; then go=/usr/local/go/bin/go; fi
  [ -n "$go" ] || fail 3 "upstream's lifecycle $version is built with Go >= $needed, and there is no go on the PATH: install Go, then run this again"
  local version
  version=$("$go" env GOVERSION)
  if [ "$(printf '%s\n' "$needed" "${version#go}" | sort -V | head -n 1)" != "$needed" ] && [ "$("$go" env GOTOOLCHAIN)" = local ]; then
    fail 3 "expected Go >= $needed, got $version at $go: install a newer Go, or let it fetch one (GOTOOLCHAIN=auto)"
  fi
  printf '%s\n' "$go"
}

as_released() {
  say "installing $module $version with $1"
  GOBIN=$building/bin "$1" install "$module/cmd/lifecycle@$version" "$module/cmd/launcher@$version" >&2 || return 1
  echo 'complete' > "$building/bin/built"
}

# Only the extender needs kaniko. Where that module cannot be had, everything else is built without it, from the same source.
without_extender() {
  say "that failed; building $version without kaniko, which only its extender needs"
  mkdir -p "$building/module" "$building/bin"
  printf 'module peer\n\ngo %s\n\nrequire %s %s\n\nreplace github.com/osscontainertools/kaniko => %s\n' \
    "$needed" "$module" "$version" "$here/no-kaniko" > "$building/module/go.mod"
  (cd "$building/module" && GOWORK=off GOFLAGS='-mod=mod -buildvcs=false' "$1" build -o "$building/bin/" "$module/cmd/lifecycle" "$module/cmd/launcher" >&2) || return 1
  echo 'without the extender' > "$building/bin/built"
}

# In one step, so that a second run at the same time finds all of it or nothing; whoever comes second leaves the first's.
publish() {
  mv -T "$building/bin" "$target" 2> "$building/refused" || [ -x "$target/lifecycle" ] || fail 4 "$(cat "$building/refused")"
}

say() {
  printf '%s\n' "get-lifecycle: $1" >&2
}

fail() {
  say "$2"
  exit "$1"
}

main
