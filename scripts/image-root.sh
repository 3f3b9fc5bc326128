#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# image-root.sh BINARY FOLDER [PACKAGE…]: puts into FOLDER what an image needs to run BINARY: the program, the shared libraries that it loads, and for
# each Debian package that these come from its entry in dpkg's database and its licence, by which scanners know it.
# The files of PACKAGEs are left out: the base image has them.
set -euo pipefail
binary=$1
folder=$2
shift 2

# "libx.so.1 => /path (0x…)" or, the dynamic loader itself, "/path (0x…)".
mapfile -t libraries < <(ldd "$binary" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) (.*/\1/p' | sort -u)

# dpkg knows a file by the path that its package has it under, /lib for some although /lib is a link to /usr/lib. It complains about the other ones.
mapfile -t real_paths < <(readlink -f "${libraries[@]}")
declare -A owner=()
while IFS=: read -r package _ path; do
  owner[${path# }]=$package
done < <(dpkg-query -S "${libraries[@]}" "${libraries[@]/#//usr}" "${real_paths[@]}" 2>/dev/null || true)

declare -A in_base=() packages=()
for package in "$@"; do in_base[$package]=1; done

install -D -m 755 "$binary" "$folder/usr/bin/seaworthy"
for library in "${libraries[@]}"; do
  real=$(readlink -f "$library")
  package=${owner[$library]:-${owner[/usr$library]:-${owner[$real]:-}}}
  [ -n "$package" ] || { echo "no package has $library" >&2; exit 1; }
  [ -z "${in_base[$package]:-}" ] || continue
  packages[$package]=1
  install -D -m 755 "$real" "$folder$library"
done

mkdir -p "$folder/var/lib/dpkg/status.d"
dpkg-query -s "${!packages[@]}" | awk -v folder="$folder/var/lib/dpkg/status.d/" '
  /^Package: / { file = folder $2 }
  { print > file }
  /^$/ { close(file) }'
for package in "${!packages[@]}"; do
  install -D -m 644 "/usr/share/doc/$package/copyright" "$folder/usr/share/doc/$package/copyright"
done
