#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The release binary against a real control plane (built once, see scripts/controlplane.sh), Prometheus, receivers of events, and a browser.
# Arguments go to pytest: `scripts/e2e.sh -k compaction`. Of the case files one finding and one pass a check are staged;
# SEAWORTHY_STAGE=all stages every one, which takes longer than all the rest together.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
results=build/results/e2e
rm -rf $results
scripts/install-packages.sh build test e2e browser package
build release seaworthy rights_query state_driver event_soak
SEAWORTHY_CONTROLPLANE=$(scripts/controlplane.sh)
SEAWORTHY_TOOLS=$(scripts/deploy-tools.sh)
SEAWORTHY_RECEIVERS=$(scripts/siem-receivers.sh)
SEAWORTHY_AXE=$(scripts/axe.sh)
SEAWORTHY_VALIDATORS=$(scripts/validators.sh)
export SEAWORTHY_VALIDATORS SEAWORTHY_CONTROLPLANE SEAWORTHY_TOOLS SEAWORTHY_RECEIVERS SEAWORTHY_AXE
failed=0
SEAWORTHY_PRESET=release SEAWORTHY_BINARY=$SEAWORTHY_ROOT/build/release/seaworthy \
  timeout 2400 "$PYTHON" -m pytest -q tests/e2e --junitxml=$results/e2e.xml -o junit_suite_name=e2e "$@" || failed=1
"$PYTHON" scripts/sum_results.py $results || failed=1
exit $failed
