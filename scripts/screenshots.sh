#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Pictures of every page of the demo, wide and narrow, light and dark, into build/screenshots; those of the README into docs/pictures.
# shellcheck source=scripts/environment.sh
. "$(dirname "$0")/environment.sh"
scripts/install-packages.sh build test browser
build release seaworthy
exec "$PYTHON" tests/e2e/screenshots.py build/release/seaworthy build/screenshots docs/pictures
