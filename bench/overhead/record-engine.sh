#!/usr/bin/env bash
# Stands for the engine's command line while a build is recorded: writes down its arguments and what it is given on standard input, then runs
# the real one. RECORD names the directory, REAL_DOCKER the program.
set -euo pipefail
entry=$RECORD/$(date +%s%N)-$$
printf '%q ' "$@" > "$entry.arguments"
case ${1:-} in
  cp | load) if [ "${2:-}" = - ] || [ "${1:-}" = load ]; then cat > "$entry.input"; exec "$REAL_DOCKER" "$@" < "$entry.input"; fi ;;
esac
exec "$REAL_DOCKER" "$@"
