# SPDX-License-Identifier: Apache-2.0
# The newcomer's door. Each line calls a script or CMake; nothing is decided here.
.DEFAULT_GOAL := help
.PHONY: help build demo test e2e bench soak lint format fuzz asan tsan screenshots docs package render

help:    ## this list
	@sed -n 's/^\([a-z0-9]*\): *## */  make \1\t/p' Makefile | expand -t 20
build:   ## the release binary: build/release/seaworthy
	@scripts/build.sh release seaworthy
demo:    ## the daemon against a built-in demo cluster
	@scripts/demo.sh
test:    ## contract, unit, case and integration tests: of the release build, and under ASan and UBSan
	@scripts/test.sh release asan
e2e:     ## the release binary against a real etcd and kube-apiserver, and Prometheus
	@scripts/e2e.sh
bench:   ## speed and memory against generated clusters
	@scripts/bench.sh
soak:    ## a million events to receivers that fail, by a program that is killed
	@scripts/soak.sh
lint:    ## formatting, clang-tidy, shellcheck
	@scripts/lint.sh
format:  ## clang-format on all sources
	@scripts/format.sh
fuzz:    ## each fuzz target for a minute (FUZZ_SECONDS)
	@scripts/fuzz.sh
asan:    ## those under ASan and UBSan alone
	@scripts/test.sh asan
tsan:    ## the same under ThreadSanitizer
	@scripts/test.sh tsan
screenshots: ## pictures of every page, into build/screenshots
	@scripts/screenshots.sh
docs:    ## writes anew every committed file that the binary generates
	@scripts/docs.sh
render:  ## deploy/install.yaml and deploy/kustomize, rendered from the chart
	@scripts/manifests.sh
package: ## build/package: a tarball, a Debian package, a bill of materials, checksums
	@scripts/package.sh
