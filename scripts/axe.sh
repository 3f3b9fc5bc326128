#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints where axe.min.js is, the accessibility rules that tests/e2e runs in every page.
set -euo pipefail
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() {
  pip_into "$1/python"
  mv "$1/python/axe_playwright_python/axe.min.js" "$1/"
}
echo "$(built_once e2e/browser axe.min.js)/axe.min.js"
