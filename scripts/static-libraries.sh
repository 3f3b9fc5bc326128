#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The libraries that the packaged program holds and of which Debian has no archive, compiled from Debian's source packages (docs/adr/0007), once for
# each set of versions. Prints the folder of the archives.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
shopt -s inherit_errexit

packages=(libsimdjson-dev prometheus-cpp-dev libcpp-httplib-dev libspdlog-dev libfmt-dev)
headers_only=libtomlplusplus-dev
versions=$(dpkg-query -W -f '${source:Package}=${source:Version}\n' "${packages[@]}")
key=$(printf '%s\n' "$versions" "$(dpkg-query -W -f '${Version}' $headers_only g++)" "$(cat scripts/static-libraries.sh cmake/static/* cmake/Hardening.cmake)" |
  sha256sum | cut -c1-16)
cache=${SEAWORTHY_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seaworthy}/static-libraries
if [ ! -d "$cache/$key" ]; then
  mkdir -p "$cache"
  fresh=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$fresh"' EXIT
  {
    echo "compiling $(tr '\n' ' ' <<<"$versions")(once; a minute) into $cache/$key"
    # A list of sources of its own: the machine's is left as it is. apt checks what it fetches against Debian's signature.
    mkdir -p "$fresh"/apt/{lists,cache}/partial "$fresh/apt/cache/archives/partial" "$fresh/apt/parts" "$fresh/sources" "$fresh/archives"
    for suite in debian:bookworm debian:bookworm-updates debian-security:bookworm-security; do
      echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/${suite%%:*} ${suite#*:} main"
    done >"$fresh/apt/sources.list"
    apt=(apt-get -qq -o "Dir::Etc::sourcelist=$fresh/apt/sources.list" -o "Dir::Etc::sourceparts=$fresh/apt/parts"
      -o "Dir::State::lists=$fresh/apt/lists" -o "Dir::Cache=$fresh/apt/cache" -o APT::Sandbox::User=root -o Acquire::Retries=3)
    "${apt[@]}" update
    for source in $versions; do
      (
        cd "$fresh/sources"
        "${apt[@]}" source --download-only "$source" || {
          echo "static-libraries.sh: no source of $source: is the installed package older than Debian's? apt-get upgrade, and try again" >&2
          exit 1
        }
        name=${source%%=*}
        dpkg-source --no-check -x "$name"_*.dsc "$name" # apt has checked it
      )
    done
    cmake -S cmake/static -B "$fresh/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" \
      -DSOURCES="$fresh/sources" -DARCHIVES="$fresh/archives"
    cmake --build "$fresh/build" -j "$(compile_jobs)"
    printf '%s\n' "libsimdjson.a libsimdjson-dev" "libprometheus-cpp-core.a prometheus-cpp-dev" "libcpp-httplib.a libcpp-httplib-dev" \
      "libspdlog.a libspdlog-dev" "libfmt.a libfmt-dev" "libtomlplusplus.a libtomlplusplus-dev" >"$fresh/archives/packages"
  } >&2
  # Whole or not at all; a second build at the same time does no harm.
  mv -T "$fresh/archives" "$cache/$key" 2>/dev/null || [ -d "$cache/$key" ]
fi
echo "$cache/$key"
