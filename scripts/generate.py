#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py BINARY: writes anew every committed file that is made from what the program says. The contract tests compare by the same functions."""
import json
import pathlib
import subprocess
import sys

import dashboards
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHART = "deploy/helm/seaworthy"

FILES = {
    "config.example.yaml": ["config", "default"],
    "docs/configuration.md": ["config", "default", "-o", "markdown"],
    "docs/metrics.md": ["metrics", "list", "-o", "markdown"],
    "deploy/rbac/seaworthy.yaml": ["rbac", "-o", "yaml"],
    "deploy/rbac/seaworthy-namespaced.yaml": ["rbac", "--namespaced", "-o", "yaml"],
}
GRANTS = ("CM", "CMA", "SE", "ME")


def output(binary, arguments):
    return subprocess.run([str(binary), *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def pages(binary):
    """{path: arguments of the program that print it}, a page for each control among them."""
    controls = {f"docs/controls/{control['id']}.md": ["controls", "explain", control["id"], "-o", "markdown"]
                for control in json.loads(output(binary, ["controls", "list", "-o", "json"]))}
    return {**FILES, "docs/controls/README.md": ["controls", "list", "-o", "markdown"], **controls}


def rules(binary, *arguments):
    """(rules of the audit's own role, {namespace: rules} of the Roles that read named ConfigMaps) of what `rbac` prints."""
    manifests = [manifest for manifest in yaml.safe_load_all(output(binary, ["rbac", "-o", "yaml", *arguments])) if "rules" in manifest]
    own = [manifest["rules"] for manifest in manifests if manifest["metadata"]["name"] == "seaworthy"]
    return own[0], {manifest["metadata"]["namespace"]: manifest["rules"] for manifest in manifests if manifest["metadata"]["name"] == "seaworthy-configmaps"}


def added(before, after):
    """What the rules `after` allow and `before` do not, as rules. A grant adds resources to a group's rule or a rule of its own."""
    by_group = {(*rule["apiGroups"], *rule["verbs"]): set(rule["resources"]) for rule in before if "apiGroups" in rule}
    more = []
    for rule in after:
        if rule in before:
            continue
        known = by_group.get((*rule["apiGroups"], *rule["verbs"]), set()) if "apiGroups" in rule else set()
        more.append({**rule, **({"resources": sorted(set(rule["resources"]) - known)} if known else {})})
    return more


def chart_rbac(binary):
    """The rights of `rbac` as the chart adds them up: those of every audit, then those of each optional grant."""
    cluster, namespaced = rules(binary)[0], rules(binary, "--namespaced")[0]
    grants = {}
    for grant in GRANTS:
        with_grant, roles = rules(binary, "--with", grant)
        grants[grant] = {"cluster": added(cluster, with_grant), "namespaced": added(namespaced, rules(binary, "--namespaced", "--with", grant)[0]), "roles": roles}
    tree = {"cluster": cluster, "namespaced": namespaced, "grants": grants}
    return "# Made from `seaworthy rbac` by `make docs`.\n" + yaml.safe_dump(tree, sort_keys=False, width=160, default_flow_style=None)


def values_schema(binary):
    """The chart's schema with the program's own schema of the configuration under `config`."""
    schema = json.loads((ROOT / CHART / "values.schema.json").read_text())
    config = json.loads(output(binary, ["config", "schema"]))
    schema["$defs"] = config.pop("$defs", {})
    for key in ("$schema", "$id"):
        config.pop(key, None)
    schema["properties"]["config"] = config
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def files(binary):
    """{path below the root: text} of all of them."""
    made = {path: output(binary, arguments) for path, arguments in pages(binary).items()}
    boards = dashboards.files(json.loads(output(binary, ["metrics", "list", "-o", "json"])))
    made |= boards | {f"{CHART}/files/{path}": text for path, text in boards.items()}
    made |= {f"{CHART}/files/{name}": (ROOT / "deploy/prometheus" / name).read_text() for name in ("rules.yaml", "optional-rules.yaml")}
    return {**made, f"{CHART}/files/rbac.yaml": chart_rbac(binary), f"{CHART}/values.schema.json": values_schema(binary)}


def write(made):
    """Puts {path below the root: text} in its place and says what has changed."""
    for path, text in made.items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            print(f"wrote {path}")


if __name__ == "__main__":
    write(files(pathlib.Path(sys.argv[1]).resolve()))
