#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Helm and kustomize, built from the Go modules that tests/e2e/tools/go.mod names, and hadolint. Prints the folder that holds the programs.
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() {
  go build -trimpath -ldflags '-s -w' -o "$1/" helm.sh/helm/v4/cmd/helm sigs.k8s.io/kustomize/kustomize/v5
  "${PYTHON:-/usr/bin/python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --require-hashes --target "$1/python" --requirement requirements.txt
  mv "$1/python/bin/hadolint" "$1/"
}
built_once tools helm kustomize hadolint
