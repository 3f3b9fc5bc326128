#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds etcd and kube-apiserver from the Go modules that tests/e2e/controlplane/go.mod names, once for each go.sum,
# and prints the folder that holds the two programs.
set -euo pipefail
modules=$(cd "$(dirname "$0")/../tests/e2e/controlplane" && pwd)
key=$(cat "$modules/go.mod" "$modules/go.sum" | sha256sum | cut -c1-16)
cache=${SEAWORTHY_CONTROLPLANE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy/controlplane}/$key

if [ ! -x "$cache/etcd" ] || [ ! -x "$cache/kube-apiserver" ]; then
  if ! command -v go >/dev/null; then
    echo "make e2e builds etcd and kube-apiserver from Go modules and found no go on PATH." >&2
    echo "Install Go 1.26 or newer from https://go.dev/dl (Debian 12's golang package is too old)." >&2
    exit 1
  fi
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  echo "building etcd and kube-apiserver (once; some minutes) into $cache" >&2
  # A module build knows no git tag; without the stamp the server would call itself v0.0.0-master.
  version=$(cd "$modules" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
  IFS=. read -r major minor _ <<<"${version#v}"
  stamp=k8s.io/component-base/version
  # Renamed only when whole, so that an interrupted or a second build at the same time does no harm.
  (cd "$modules" && export CGO_ENABLED=0 &&
    go build -trimpath -o "$fresh/etcd" go.etcd.io/etcd/server/v3 &&
    go build -trimpath -ldflags "-X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor" \
      -o "$fresh/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver) >&2
  mv "$fresh/etcd" "$fresh/kube-apiserver" "$cache/"
fi
echo "$cache"
