#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The root of a Debian 12 with nothing but what every one has (debootstrap's minbase), as an archive, made once a month. Prints where it is. Tests
# try in it what must not depend on the machine that builds.
set -euo pipefail
cache=${SEAWORTHY_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/bare-debian
archive=$cache/$(date -u +%Y-%m).tar
if [ ! -f "$archive" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  mmdebstrap --quiet --variant=minbase --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --skip=cleanup/apt/lists \
    bookworm "$fresh/root.tar" http://deb.debian.org/debian >&2
  mv "$fresh/root.tar" "$archive"
fi
echo "$archive"
