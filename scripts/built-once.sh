#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that build programs and files of other projects for tests, once for each state of the folder that names their versions.
set -euo pipefail
shopt -s inherit_errexit

# pip_into FOLDER: what requirements.txt names, each file with its hash.
pip_into() {
  "${PYTHON:-/usr/bin/python3}" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
    --no-deps --require-hashes --target "$1" --requirement requirements.txt
}

# jars_into FOLDER: what pom.xml names and all that it needs, each file with its hash in jars.sha256 and no other.
jars_into() {
  mvn --batch-mode --quiet dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1"
  diff <(cd "$1" && LC_ALL=C && sha256sum -- *.jar) jars.sha256
}

# built_once FOLDER PROGRAM…: has the function `build_programs FOLDER` put the programs there, unless they are in the cache, and prints where they are.
# It runs in tests/FOLDER.
built_once() {
  local modules cache program fresh missing=""
  modules=$(cd "$(dirname "${BASH_SOURCE[0]}")/../tests/$1" && pwd)
  cache=${SEAWORTHY_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/${1##*/}/$(cat "$modules"/* | sha256sum | cut -c1-16)
  shift
  for program in "$@"; do
    [ -e "$cache/$program" ] || missing="$missing $program"
  done
  if [ -n "$missing" ]; then
    if [ -e "$modules/go.mod" ] && ! command -v go >/dev/null; then
      echo "make e2e builds$missing from Go modules and found no go on PATH." >&2
      echo "Install Go 1.26 or newer from https://go.dev/dl (Debian 12's golang package is too old)." >&2
      exit 1
    fi
    mkdir -p "$cache"
    fresh=$(mktemp -d "$cache/build.XXXXXX")
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$fresh'" EXIT
    echo "building$missing (once; some minutes) into $cache" >&2
    (
      cd "$modules"
      export CGO_ENABLED=0
      build_programs "$fresh"
    ) >&2
    # Renamed only when whole, so that an interrupted or a second build at the same time does no harm.
    for program in "$@"; do
      mv -T "$fresh/$program" "$cache/$program" 2>/dev/null || [ -e "$cache/$program" ]
    done
  fi
  echo "$cache"
}
