# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by the other scripts: where the project is, how many jobs the machine carries, which Python runs the tests.
set -euo pipefail
SEAWORTHY_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$SEAWORTHY_ROOT"

# The packages come from Debian, and so does the interpreter that finds them, whatever else is first on PATH.
PYTHON=${PYTHON:-/usr/bin/python3}
export PYTHON PYTHONDONTWRITEBYTECODE=1

# One job a core, but no more than the memory carries: a translation unit takes up to about 1.2 GB.
compile_jobs() {
  local cores kilobytes by_memory
  cores=$(nproc)
  kilobytes=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
  by_memory=$((kilobytes / 1200000))
  echo $((by_memory < 1 ? 1 : by_memory < cores ? by_memory : cores))
}

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
  cmake --build "build/$preset" -j "$(compile_jobs)" ${1:+--target "$@"}
}
