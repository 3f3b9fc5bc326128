#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Speed and memory of the release binary against generated clusters. Arguments: numbers of pods (1000 10000 100000).
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build bench
build release seaworthy bench_server event_bench
"$PYTHON" tests/bench/bench.py build/release "$@"
build/release/tests/event_bench
