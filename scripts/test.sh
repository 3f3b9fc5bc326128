#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh PRESET…: builds each preset, runs its test programs and the integration tests against its binary;
# the contract tests run once, with the first preset. JUnit files land in build/results/test, one summary is printed.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
results=build/results/test
rm -rf $results
scripts/install-packages.sh build test
for preset in "$@"; do
  build "$preset"
done

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}

SEAWORTHY_VALIDATORS=$(scripts/validators.sh)
export SEAWORTHY_VALIDATORS

python_tests() { # python_tests SUITE PRESET
  SEAWORTHY_PRESET=$2 SEAWORTHY_BINARY=$SEAWORTHY_ROOT/build/$2/seaworthy \
    timeout 1200 "$PYTHON" -m pytest -q "tests/$1" --junitxml="$results/$2/$1.xml" -o junit_suite_name="$1"
}

failed=0
python_tests contract "$1" || failed=1
for preset in "$@"; do
  "$PYTHON" scripts/run_programs.py "build/$preset" "$results/$preset" || failed=1
  python_tests integration "$preset" || failed=1
done
"$PYTHON" scripts/sum_results.py $results || failed=1
exit $failed
