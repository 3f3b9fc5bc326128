# SPDX-License-Identifier: Apache-2.0
"""Tenants: which namespaces they hold, and whose word is believed (Capsule, and the label of scores.groupByLabel)."""
import json

import yaml


def namespace(name, labels):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def tenant(name, state="Active", namespaces=(), **metadata):
    return {"apiVersion": "capsule.clastix.io/v1beta2", "kind": "Tenant", "metadata": {"name": name, **metadata},
            "spec": {"owners": [{"kind": "User", "name": "alice"}]}, "status": {"state": state, "namespaces": list(namespaces), "size": len(namespaces)}}


def audited(run, folder, objects, config=None):
    """Tenants by name, of an audit of these objects."""
    manifests = folder / "cluster.yaml"
    manifests.write_text(yaml.safe_dump_all(objects))
    settings = folder / "seaworthy.yaml"
    settings.write_text(yaml.safe_dump(config or {}))
    report = json.loads(run("audit", manifests, "--config", settings, "-o", "json").stdout)
    return {row["name"]: row for row in report["tenants"]}


def test_a_capsule_label_counts_only_where_the_tenant_exists(run, tmp_path):
    tenants = audited(run, tmp_path, [
        tenant("green"), namespace("shop", {"capsule.clastix.io/tenant": "green"}), namespace("shop-new", {"projectcapsule.dev/tenant": "green"}),
        namespace("forged", {"capsule.clastix.io/tenant": "red"})])

    assert {name: row["namespaces"] for name, row in tenants.items()} == {"green": ["shop", "shop-new"]}


def test_a_tenant_in_another_state_is_still_judged_and_marked(run, tmp_path):
    tenants = audited(run, tmp_path, [
        tenant("active", namespaces=["a"]), tenant("held", "Cordoned", ["b"]), tenant("made-up", "<script>", ["c"]),
        tenant("leaving", namespaces=["d"], deletionTimestamp="2026-01-01T00:00:00Z", finalizers=["capsule.clastix.io/finalizer"]),
        *(namespace(name, {}) for name in "abcd")])

    assert {name: row.get("state") for name, row in tenants.items()} == {"active": None, "held": "Cordoned", "made-up": None, "leaving": "Terminating"}
    assert all(row["score"] is not None for row in tenants.values())


def test_a_label_of_the_configuration_groups_what_capsule_does_not(run, tmp_path):
    tenants = audited(run, tmp_path, [tenant("held", "Cordoned", ["a"]), namespace("a", {"team": "x"}), namespace("b", {"team": "held"}), namespace("c", {"team": "red"})],
                      {"namespaces": {"groupByLabel": "team"}})

    assert {name: row["namespaces"] for name, row in tenants.items()} == {"held": ["a", "b"], "red": ["c"]}
