#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the release binary and runs the daemon against the built-in demo cluster. Arguments go to `seaworthy demo`.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build
build release seaworthy
exec build/release/seaworthy demo "$@"
