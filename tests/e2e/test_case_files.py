# SPDX-License-Identifier: Apache-2.0
"""Every built-in object of the case files is one that a real API server accepts, field by field: a verdict about an
object that cannot exist proves nothing."""
import copy

import pytest
from kubernetes_client import ApiError
from staging import read_documents, unfold


def case_files(root):
    return sorted(path for path in (root / "tests/checks").rglob("*.yaml") if path.name != "expect.yaml")


@pytest.fixture(scope="module")
def ensure_namespace(admin):
    known = {item["metadata"]["name"] for item in admin.get("/api/v1/namespaces")["items"]}

    def ensure(name):
        if name and name not in known:
            admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            known.add(name)

    return ensure


def refused(admin, manifest):
    """Why the server refuses the object, or nothing."""
    try:
        admin.create(manifest, dryRun="All", fieldValidation="Strict")
        return ""
    except ApiError as error:
        if error.code != 409:
            return str(error)
    try:
        admin.replace(manifest, dryRun="All", fieldValidation="Strict")
        return ""
    except ApiError as error:
        return "" if error.code == 409 else str(error)


def group_of(api_version):
    return api_version.split("/")[0] if "/" in api_version else ""


def test_the_api_server_accepts_every_built_in_object_of_the_case_files(root, admin, ensure_namespace):
    built_in = {""} | {group["name"] for group in admin.get("/apis")["groups"]}
    accepted, problems = 0, []
    for path in case_files(root):
        for document in read_documents(path):
            for manifest in unfold(document):
                kind, api_version = manifest.get("kind", ""), manifest.get("apiVersion", "")
                if kind == "Snapshot" or group_of(api_version) not in built_in:
                    continue  # ours, or a custom resource, whose definition is not part of this control plane
                resource = admin.resource(api_version, kind)
                if resource is None:
                    problems.append(f"{path.relative_to(root)}: the API server knows no {api_version} {kind}")
                    continue
                manifest = copy.deepcopy(manifest)
                manifest["metadata"].pop("resourceVersion", None)
                if resource[1]:
                    manifest["metadata"].setdefault("namespace", "default")
                    ensure_namespace(manifest["metadata"]["namespace"])
                why = refused(admin, manifest)
                if why:
                    problems.append(f"{path.relative_to(root)}: {kind} {manifest['metadata'].get('namespace', '')}/{manifest['metadata']['name']}: {why}")
                accepted += not why
    assert not problems, f"{len(problems)} objects refused, {accepted} accepted:\n" + "\n".join(problems)
    print(f"{accepted} objects accepted")
    assert accepted > 1000, "the case files hold fewer built-in objects than expected; are they where this test looks?"
