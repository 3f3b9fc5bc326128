#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""manifests.py HELM: renders the chart into deploy/install.yaml and deploy/kustomize, for people who use no Helm. tests/e2e compares."""
import pathlib
import subprocess
import sys

import generate

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/seaworthy"
KUSTOMIZE = "deploy/kustomize"
HEAD = "# SPDX-License-Identifier: Apache-2.0\n# Rendered from deploy/helm/seaworthy by `make render`: change the chart.\n"
# {path: (who manages what is applied from there, templates or all, values)}
RENDERED = {
    "deploy/install.yaml": ("kubectl", (), ()),
    f"{KUSTOMIZE}/base/seaworthy.yaml": ("kustomize", ("serviceaccount", "rbac", "service", "workload", "networkpolicy"), ()),
    f"{KUSTOMIZE}/components/ha/poddisruptionbudget.yaml": ("kustomize", ("poddisruptionbudget",), ("replicas=2",)),
    f"{KUSTOMIZE}/components/monitoring/servicemonitor.yaml": ("kustomize", ("monitor",), ("serviceMonitor.enabled=true",)),
    f"{KUSTOMIZE}/components/monitoring/prometheusrule.yaml": ("kustomize", ("prometheusrule",), ("prometheusRule.enabled=true",)),
}


def render(helm, templates=(), values=(), files=("ci/default-values.yaml",), release="seaworthy", namespace="seaworthy"):
    """What `helm template` prints for the chart."""
    command = [str(helm), "template", release, str(CHART), "--namespace", namespace]
    for path in files:
        command += ["--values", str(CHART / path)]
    for template in templates:
        command += ["--show-only", f"templates/{template}.yaml"]
    for value in values:
        command += ["--set", value]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stderr}")
    return done.stdout


def files(helm):
    """{path below the root: text}"""
    made = {}
    for path, (manager, templates, values) in RENDERED.items():
        text = render(helm, templates, values).replace("app.kubernetes.io/managed-by: Helm", f"app.kubernetes.io/managed-by: {manager}")
        made[path] = HEAD + text
    # What the chart leaves to whom installs it. A kustomization reads no file outside its folder.
    namespace = (ROOT / "deploy/namespace.yaml").read_text().split("\n", 1)[1]
    made["deploy/install.yaml"] = HEAD + "---\n" + namespace + made["deploy/install.yaml"].removeprefix(HEAD)
    made[f"{KUSTOMIZE}/base/namespace.yaml"] = HEAD.replace("deploy/helm/seaworthy", "deploy/namespace.yaml").replace("change the chart", "change that file").replace("Rendered", "Copied") + namespace
    return made


if __name__ == "__main__":
    generate.write(files(sys.argv[1]))
