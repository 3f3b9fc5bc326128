# SPDX-License-Identifier: Apache-2.0
"""The reference clusters are made of objects that a real API server accepts, with Pod Security, quotas and policies as their namespaces have them."""
import pytest
from kubernetes_client import ApiError
from staging import FIRST, Stage, read_documents
from test_staged_cases import BUILT_IN, NOT_BUILT_IN

# Without anybody behind them, webhooks refuse everything and an aggregated API answers nothing. Secrets are here without their values.
LEFT_OUT = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService", "Secret")


def built_in(folder):
    for path in sorted(folder.rglob("*.yaml")):
        for manifest in read_documents(path):
            group = manifest["apiVersion"].split("/")[0]
            if BUILT_IN.match(manifest["apiVersion"]) and group not in NOT_BUILT_IN and manifest["kind"] not in LEFT_OUT:
                if manifest["kind"] == "Service" and manifest["spec"].get("clusterIP") != "None":
                    manifest["spec"].pop("clusterIP", None)  # of that cluster's range
                yield manifest


@pytest.mark.parametrize("cluster", ["exemplary", "typical"])
def test_an_api_server_accepts_every_built_in_object_of_a_reference_cluster(stage, root, cluster):
    manifests = list(built_in(root / "tests" / "reference" / cluster))
    assert len(manifests) > 80
    refused = []
    for manifest in sorted(manifests, key=lambda manifest: FIRST.get(manifest["kind"], 2)):
        try:
            stage.load([manifest])
        except ApiError as error:
            meta = manifest["metadata"]
            refused.append(f"{manifest['kind']} {meta.get('namespace', '')}/{meta['name']}: {error}")
    assert not refused, "\n".join(refused)
