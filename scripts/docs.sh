#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build test
build release seaworthy
"$PYTHON" scripts/generate.py build/release/seaworthy
