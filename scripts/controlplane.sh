#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds etcd, kube-apiserver and kubectl from the Go modules that tests/e2e/controlplane/go.mod names, and prints the folder that holds the programs.
set -euo pipefail
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() {
  # A module build knows no git tag; without the stamp the server would call itself v0.0.0-master.
  local version major minor stamp=k8s.io/component-base/version
  version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
  IFS=. read -r major minor _ <<<"${version#v}"
  go build -trimpath -o "$1/etcd" go.etcd.io/etcd/server/v3
  go build -trimpath -ldflags "-X $stamp.gitVersion=$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor" \
    -o "$1/" k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kubectl
}
built_once e2e/controlplane etcd kube-apiserver kubectl
