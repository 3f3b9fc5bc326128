#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# goprograms.sh MODULE NAME PACKAGE: builds one program of the Go module tests/e2e/MODULE, once for each go.mod, go.sum and own source,
# and prints its path.
set -euo pipefail
modules=$(cd "$(dirname "$0")/../tests/e2e/$1" && pwd)
key=$(cat "$modules"/go.mod "$modules"/go.sum "$modules"/*.go 2>/dev/null | sha256sum | cut -c1-16)
cache=${SEAWORTHY_GO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy/$1}/$key
if [ ! -x "$cache/$2" ]; then
  if ! command -v go >/dev/null; then
    echo "make e2e builds $2 from Go modules and found no go on PATH." >&2
    echo "Install Go 1.26 or newer from https://go.dev/dl (Debian 12's golang package is too old)." >&2
    exit 1
  fi
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  echo "building $2 (once; some minutes) into $cache" >&2
  # Renamed only when whole, so that an interrupted or a second build at the same time does no harm.
  (cd "$modules" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$fresh/$2" "$3") >&2
  mv "$fresh/$2" "$cache/"
fi
echo "$cache/$2"
