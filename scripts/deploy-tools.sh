#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Helm and kustomize, built from the Go modules that tests/e2e/tools/go.mod names, and hadolint. Prints the folder that holds the programs.
set -euo pipefail
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() {
  go build -trimpath -ldflags '-s -w' -o "$1/" helm.sh/helm/v4/cmd/helm sigs.k8s.io/kustomize/kustomize/v5
  pip_into "$1/python"
  mv "$1/python/bin/hadolint" "$1/"
}
built_once e2e/tools helm kustomize hadolint
