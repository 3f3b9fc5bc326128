#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh test e2e
tools=$(scripts/deploy-tools.sh)
"$PYTHON" scripts/manifests.py "$tools/helm"
