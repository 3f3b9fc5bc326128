# SPDX-License-Identifier: Apache-2.0
"""Helm and kustomize as scripts/deploy-tools.sh builds them, and what they render, as objects."""
import os
import pathlib
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy/helm/seaworthy"
VALUES = sorted(path.name for path in (CHART / "ci").glob("*.yaml"))

sys.path.insert(0, str(ROOT / "scripts"))
import manifests  # noqa: E402 - a script of the project, beside no package


def tool(name):
    folder = os.environ.get("SEAWORTHY_TOOLS")
    assert folder, "SEAWORTHY_TOOLS names the folder of helm, kustomize and hadolint: run this through `make e2e`"
    return pathlib.Path(folder) / name


def objects(text):
    return [document for document in yaml.safe_load_all(text) if document]


def render(values=(), files=("ci/default-values.yaml",), **options):
    """Objects of the chart with these values."""
    return objects(manifests.render(tool("helm"), values=values, files=files, **options))


def helm(*arguments, status=0, **options):
    done = subprocess.run([str(tool("helm")), *map(str, arguments)], capture_output=True, text=True, timeout=120, **options)
    assert status is None or done.returncode == status, f"exit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done


def build(folder):
    """Objects that `kustomize build` makes of a folder."""
    done = subprocess.run([str(tool("kustomize")), "build", str(ROOT / folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-4000:]
    return objects(done.stdout)


def key(manifest):
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def by_key(manifests_):
    found = {key(manifest): manifest for manifest in manifests_}
    assert len(found) == len(manifests_), "an object that occurs twice"
    return found


def workload(manifests_):
    """The Deployment or StatefulSet of the daemon."""
    found = [manifest for manifest in manifests_ if manifest["kind"] in ("Deployment", "StatefulSet")]
    assert len(found) == 1
    return found[0]
