#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, clang-tidy on every source, shellcheck on the scripts. Names every kind of complaint before it fails.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build lint
[ -f build/dev/compile_commands.json ] || cmake --preset dev >/dev/null
failed=0
git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 --dry-run -Werror || failed=1
shellcheck -x scripts/*.sh .ci/run || failed=1
# Headers that the build writes: clang-tidy reads what includes them.
ninja -C build/dev -t targets all | sed -n 's|^\(src/generated/.*\.hpp\): .*|\1|p' | xargs ninja -C build/dev >/dev/null || failed=1
# clang 14 wants this word with the -ftrivial-auto-var-init=zero of cmake/Hardening.cmake
run-clang-tidy-14 -quiet -extra-arg=-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang -p build/dev -j "$(compile_jobs)" "^$SEAWORTHY_ROOT/src/" || failed=1
exit $failed
