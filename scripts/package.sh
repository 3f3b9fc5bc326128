#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the release build into a tree and packs it, the same bytes for the same sources (SOURCE_DATE_EPOCH or the last commit's time).
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build
build release seaworthy
name=seaworthy-$(cat VERSION)-$(uname -m)
tree=build/package/$name
rm -rf "$tree"
cmake --install build/release --prefix "$tree" --strip >/dev/null
cp LICENSE README.md CHANGELOG.md "$tree/"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" \
  -C build/package -cf - "$name" | gzip -n >"$tree.tar.gz"
(cd build/package && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256")
