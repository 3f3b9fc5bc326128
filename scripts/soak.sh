#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A million events under random faults and kill -9. Arguments: number of events, seed.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build
build release event_soak
"$PYTHON" tests/soak.py build/release "$@"
