#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install-packages.sh SET…: makes sure that the Debian packages of scripts/packages/SET.txt are there.
# Lists what is missing before it installs anything; SEAWORTHY_NO_INSTALL=1 stops there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

wanted=()
for set_name in "$@"; do
  while read -r package; do
    wanted+=("$package")
  done < <(grep -v '^#' "$here/packages/$set_name.txt")
done

if ! command -v dpkg-query >/dev/null; then
  echo "not a Debian system: make sure that the counterparts of these are installed: ${wanted[*]}" >&2
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' 2>/dev/null | sed -n 's/^ii  *\([^: ]*\).*/\1/p')
missing=()
for package in "${wanted[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

echo "missing Debian packages: ${missing[*]}" >&2
if [ "${SEAWORTHY_NO_INSTALL:-}" = 1 ]; then
  echo "SEAWORTHY_NO_INSTALL=1: stopping here. To install them: apt-get install ${missing[*]}" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "neither root nor sudo: install them by hand, then run this again" >&2; exit 1; }
  as_root=(sudo)
fi

# Some packages would start a service (prometheus does). The tests want the program alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap '"${as_root[@]}" rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
  "${as_root[@]}" chmod 755 $policy
fi

install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y -q)
"${install[@]}" update
"${install[@]}" install --no-install-recommends "${missing[@]}"
