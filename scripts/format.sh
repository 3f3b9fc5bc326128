#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh lint
git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i
