# SPDX-License-Identifier: Apache-2.0
"""The harness itself: what the other tests rely on."""
import pytest
from kubernetes_client import ApiError


def test_the_control_plane_is_the_version_that_go_mod_names(root, admin):
    wanted = next(line.split()[1] for line in (root / "tests/e2e/controlplane/go.mod").read_text().splitlines() if line.strip().startswith("k8s.io/kubernetes v"))

    assert admin.get("/version")["gitVersion"] == wanted


def test_a_service_account_token_has_no_rights_of_its_own(control_plane, admin, namespace):
    admin.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader", "namespace": namespace}})
    reader = control_plane.client(admin.service_account_token(namespace, "reader"))

    with pytest.raises(ApiError) as refusal:
        reader.get("/api/v1/pods")

    assert refusal.value.code == 403


def test_status_is_written_as_a_controller_would(admin, namespace):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": namespace},
           "spec": {"containers": [{"name": "web", "image": "registry.example/web:1"}]}, "status": {"phase": "Running"}}

    admin.create(pod)

    assert admin.get(f"/api/v1/namespaces/{namespace}/pods/web")["status"]["phase"] == "Running"


def test_strict_validation_refuses_a_field_that_does_not_exist(admin, namespace):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": namespace},
           "spec": {"containers": [{"name": "web", "image": "web"}], "hostNetwrok": True}}

    with pytest.raises(ApiError) as refusal:
        admin.create(pod, dryRun="All", fieldValidation="Strict")

    assert "hostNetwrok" in refusal.value.message
