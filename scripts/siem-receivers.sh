#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Receivers of events for tests/e2e: Grafana Loki and an OpenTelemetry Collector, built from the Go modules that tests/e2e/loki and
# tests/e2e/collector name; syslog-ng, unpacked from its Debian package, which refuses to be installed next to rsyslog; Apache Kafka and
# OpenSearch, of the Maven artifacts that tests/e2e/kafka and tests/e2e/opensearch name. Prints their four folders, with `:` between them.
set -euo pipefail
# shellcheck source=scripts/built-once.sh
. "$(dirname "$0")/built-once.sh"

build_programs() { go build -trimpath -ldflags '-s -w' -o "$1/" github.com/grafana/loki/v3/cmd/loki; }
loki=$(built_once e2e/loki loki)

build_programs() {
  go build -trimpath -ldflags '-s -w' -o "$1/collector" .
  (cd "$1" && apt-get download -qq syslog-ng-core && dpkg -x syslog-ng-core_*.deb syslog-ng)
}
collector=$(built_once e2e/collector collector syslog-ng)

build_programs() { jars_into "$1/jars"; }
kafka=$(built_once e2e/kafka jars)

# The distribution is not on Maven Central, but its parts are: the server, and its transport as the module that it has to be.
build_programs() {
  local module=$1/home/modules/transport-netty4
  jars_into "$1/home/lib"
  mkdir -p "$module" "$1/home/plugins"
  mv "$1"/home/lib/netty-*.jar "$1"/home/lib/transport-netty4-client-*.jar "$module"
  cp plugin-descriptor.properties plugin-security.policy "$module"
}
opensearch=$(built_once e2e/opensearch home)
echo "$loki:$collector:$kafka:$opensearch"
