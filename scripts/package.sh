#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The release build, mostly static (docs/adr/0007), as build/package/seaworthy-<version>-<machine>.tar.gz and as a Debian package, with a CycloneDX bill
# of materials and checksums. The same sources give the same bytes: times are SOURCE_DATE_EPOCH, or that of the last commit.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build package
libraries=$(scripts/static-libraries.sh)
cmake --preset release -DSEAWORTHY_STATIC_LIBRARIES="$libraries" >/dev/null
build release seaworthy_packaged
version=$(cat VERSION)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
out=build/package
rm -rf $out
mkdir -p $out

# What both have, as a tree below usr.
tree=$out/tree
binary=$tree/usr/bin/seaworthy
install -D -m 0755 -s build/release/packaged/seaworthy $binary
# Everything that is inside: the archives that the program was linked from, and those that the compiler adds by itself.
mapfile -t archives < <(ninja -C build/release -t query packaged/seaworthy | sed -n 's|^ *[|]* *\(/.*\.a\)$|\1|p' | sort -u)
for archive in libstdc++.a libgcc.a; do archives+=("$(g++ -print-file-name=$archive)"); done
put() { install -D -m 0644 "$1" "$tree/$2"; } # put FILE PLACE
made() { mkdir -p "$(dirname "$tree/$1")" && cat >"$tree/$1"; } # made PLACE: standard input
"$binary" man | made usr/share/man/man1/seaworthy.1
"$binary" completion bash | made usr/share/bash-completion/completions/seaworthy
"$binary" completion zsh | made usr/share/zsh/vendor-completions/_seaworthy
"$binary" completion fish | made usr/share/fish/vendor_completions.d/seaworthy.fish
put config.example.yaml usr/share/doc/seaworthy/config.example.yaml
put README.md usr/share/doc/seaworthy/README.md
"$PYTHON" scripts/sbom.py "$binary" "$version" "$SOURCE_DATE_EPOCH" "${archives[@]}" | made usr/share/doc/seaworthy/sbom.cdx.json
# Their licences ask to be shipped with them.
for package in $("$PYTHON" scripts/sbom.py --inside "${archives[@]}"); do
  put "/usr/share/doc/$package/copyright" "usr/share/doc/seaworthy/licences/$package"
done

name=seaworthy-$version-$(uname -m)
cp -r $tree/usr "$out/$name"
cp LICENSE CHANGELOG.md "$out/$name/"
tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -C $out -cf - "$name" | gzip -9n >"$out/$name.tar.gz"

put deploy/debian/copyright usr/share/doc/seaworthy/copyright
gzip -9n <CHANGELOG.md | made usr/share/doc/seaworthy/changelog.gz
gzip -9n "$tree/usr/share/man/man1/seaworthy.1"
put deploy/debian/seaworthy.service lib/systemd/system/seaworthy.service
put deploy/debian/config.yaml etc/seaworthy/config.yaml
echo /etc/seaworthy/config.yaml | made DEBIAN/conffiles
# dpkg-shlibdeps wants a source package around it.
mkdir -p $out/shlibs/debian
echo "Source: seaworthy" >$out/shlibs/debian/control
depends=$(cd $out/shlibs && dpkg-shlibdeps -O "$SEAWORTHY_ROOT/$binary" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$(dpkg --print-architecture)/" -e "s/@DEPENDS@/$depends/" \
  -e "s/@SIZE@/$(du -sk --apparent-size $tree | cut -f1)/" deploy/debian/control.in | made DEBIAN/control
chmod -R u=rwX,go=rX $tree
dpkg-deb --root-owner-group --build $tree $out >/dev/null
cp "$tree/usr/share/doc/seaworthy/sbom.cdx.json" "$out/$name.cdx.json"
rm -rf $tree $out/shlibs "${out:?}/$name"
(cd $out && sha256sum -- seaworthy* | tee SHA256SUMS)
