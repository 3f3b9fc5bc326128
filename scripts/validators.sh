#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tools of others that check what we write in their formats (tests/validators). Prints the folder: python/ for PYTHONPATH, node_modules/
# for NODE_PATH, and sarif-multitool.
set -euo pipefail
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() {
  pip_into "$1/python"
  cp package.json package-lock.json "$1/"
  npm ci --prefix "$1" --no-audit --no-fund --ignore-scripts --loglevel=error
  cat >"$1/sarif-multitool" <<'END'
#!/bin/sh
# Without ICU, which it would want for languages, and without the network, where it would wait to look up what a report refers to.
export HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_BUNDLE_EXTRACT_BASE_DIR="${TMPDIR:-/tmp}/sarif-multitool"
exec "$(dirname "$0")/sarif/Sarif.Multitool" "$@"
END
  mv "$1/node_modules/@microsoft/sarif-multitool-linux" "$1/sarif"
  chmod +x "$1/sarif-multitool" "$1/sarif/Sarif.Multitool"
}
built_once validators python node_modules sarif sarif-multitool
