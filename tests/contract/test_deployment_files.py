# SPDX-License-Identifier: Apache-2.0
"""What is deployed has one version, and each board and file that is listed is there. What needs Helm is tested in tests/e2e."""
import json
import re

import pytest
import yaml


@pytest.fixture(scope="module")
def version(root):
    return (root / "VERSION").read_text().strip()


def test_everything_that_is_deployed_has_the_version_of_the_program(root, version):
    chart = yaml.safe_load((root / "deploy/helm/seaworthy/Chart.yaml").read_text())
    assert chart["appVersion"] == version
    named = {path: set(re.findall(r"(?:app\.kubernetes\.io/version: |registry\.example/[\w/]*seaworthy:|image\.version=)\"?([0-9][\w.]*)", (root / path).read_text()))
             for path in ("deploy/Dockerfile", "deploy/install.yaml", "deploy/node-probe/node-probe.yaml", "deploy/kustomize/base/kustomization.yaml", "docs/deploy.md")}
    assert named == {path: {version} for path in named}


def test_the_kustomization_of_the_boards_has_each_of_them(root):
    listed = yaml.safe_load((root / "dashboards/kustomization.yaml").read_text())["configMapGenerator"]
    assert {entry["name"]: entry["files"] for entry in listed} == {f"seaworthy-dashboard-{path.stem}": [f"seaworthy-{path.name}={path.name}"] for path in (root / "dashboards").glob("*.json")}


def test_every_value_of_the_chart_is_used(root):
    chart = root / "deploy/helm/seaworthy"
    templates = "\n".join(path.read_text() for path in sorted((chart / "templates").iterdir()))
    templates = re.sub(r"\$values\.", ".Values.serviceMonitor.", templates) + re.sub(r"\$values\.", ".Values.podMonitor.", templates)

    def leaves(tree, path):
        for name, value in tree.items():
            if isinstance(value, dict) and value and f"{path}.{name}" not in (".config", ".resources"):
                yield from leaves(value, f"{path}.{name}")
            else:
                yield f"{path}.{name}"

    def used(path):
        """Itself, or a map that holds it and is copied whole."""
        parts = path.split(".")[1:]
        return any(re.search(rf"\.Values\.{re.escape('.'.join(parts[:length]))}\b(?!\.)", templates) for length in range(1, len(parts) + 1))

    unused = [path for path in leaves(yaml.safe_load((chart / "values.yaml").read_text()), "") if not used(path)]
    assert not unused


def test_no_template_reads_a_value_that_is_not_in_values_yaml(root):
    chart = root / "deploy/helm/seaworthy"
    values = yaml.safe_load((chart / "values.yaml").read_text())
    for path in sorted((chart / "templates").iterdir()):
        for name in re.findall(r"\.Values\.([\w.]+)", path.read_text()):
            tree = values
            for part in name.split("."):
                if name.startswith("config.") and part != "config":
                    break
                assert part in tree, f"{path.name}: .Values.{name}"
                tree = tree[part]


def test_boards_and_rules_of_the_chart_fit_into_a_config_map(root):
    for path in (root / "deploy/helm/seaworthy/files").rglob("*"):
        if path.is_file():
            assert path.stat().st_size < 900 * 1024, path
            assert path.suffix != ".json" or json.loads(path.read_text())
