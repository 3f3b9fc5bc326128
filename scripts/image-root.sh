#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# image-root.sh BINARY FOLDER [PACKAGE…]: puts into FOLDER what an image needs to run BINARY: the program, the shared libraries that it loads, and for
# each Debian package that these come from its entry in dpkg's database and its licence, by which scanners know it.
# The files of PACKAGEs are left out: the base image has them.
set -euo pipefail
binary=$1
folder=$2
shift 2

declare -A in_base=()
for package in "$@"; do in_base[$package]=1; done

install -D -m 755 "$binary" "$folder/usr/bin/seaworthy"
# "libx.so.1 => /path (0x…)" or, the dynamic loader itself, "/path (0x…)".
ldd "$binary" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) (.*/\1/p' | sort -u | while read -r library; do
  # dpkg knows a file by the path that its package has it under, /lib for some although /lib is a link to /usr/lib.
  owner=$(dpkg-query -S "$library" 2>/dev/null || dpkg-query -S "$(readlink -f "$library")" 2>/dev/null || dpkg-query -S "/usr$library")
  package=${owner%%:*}
  [ -z "${in_base[$package]:-}" ] || continue
  install -D -m 755 "$(readlink -f "$library")" "$folder$library"
  if [ ! -e "$folder/var/lib/dpkg/status.d/$package" ]; then
    mkdir -p "$folder/var/lib/dpkg/status.d"
    dpkg-query -s "$package" >"$folder/var/lib/dpkg/status.d/$package"
    install -D -m 644 "/usr/share/doc/$package/copyright" "$folder/usr/share/doc/$package/copyright"
  fi
done
