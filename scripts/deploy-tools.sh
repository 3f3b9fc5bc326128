#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Helm and kustomize, built from the Go modules that tests/e2e/tools/go.mod names, and hadolint, once for each state of that folder.
# Prints the folder that holds the programs.
set -euo pipefail
tools=$(cd "$(dirname "$0")/../tests/e2e/tools" && pwd)
key=$(cat "$tools/go.mod" "$tools/go.sum" "$tools/requirements.txt" | sha256sum | cut -c1-16)
cache=${SEAWORTHY_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy/tools}/$key

if [ ! -x "$cache/helm" ] || [ ! -x "$cache/kustomize" ] || [ ! -x "$cache/hadolint" ]; then
  if ! command -v go >/dev/null; then
    echo "Helm and kustomize are built from Go modules, and there is no go on PATH." >&2
    echo "Install Go 1.26 or newer from https://go.dev/dl (Debian 12's golang package is too old)." >&2
    exit 1
  fi
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  echo "building helm and kustomize (once; some minutes) into $cache" >&2
  # Renamed only when whole, so that an interrupted or a second build at the same time does no harm.
  (cd "$tools" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$fresh/" helm.sh/helm/v4/cmd/helm sigs.k8s.io/kustomize/kustomize/v5) >&2
  "${PYTHON:-/usr/bin/python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --require-hashes --target "$fresh/python" --requirement "$tools/requirements.txt" >&2
  mv "$fresh/helm" "$fresh/kustomize" "$fresh/python/bin/hadolint" "$cache/"
fi
echo "$cache"
