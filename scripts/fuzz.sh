#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs each fuzz target for FUZZ_SECONDS (60) on its seed corpus; new inputs are kept below build/fuzz/corpus.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build fuzz
build fuzz
found=0
while IFS= read -r target; do
  found=1
  name=${target##*/fuzz_}
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  folders=("$corpus")
  [ ! -d "tests/fuzz/corpus/$name" ] || folders+=("tests/fuzz/corpus/$name")
  echo "fuzz_$name"
  "$target" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$corpus/" "${folders[@]}"
done < <(find build/fuzz -name 'fuzz_*' -type f -perm -u+x | sort)
[ $found = 1 ] || { echo "no fuzz target was built" >&2; exit 1; }
