#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Receivers of events for tests/e2e: Grafana Loki and an OpenTelemetry Collector, built from the Go modules that tests/e2e/loki and
# tests/e2e/collector name, and syslog-ng, unpacked from its Debian package, which refuses to be installed next to rsyslog.
# Prints the folders that hold the programs, with `:` between them.
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
echo "$loki:$collector"
