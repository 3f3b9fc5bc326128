# SPDX-License-Identifier: Apache-2.0
"""Puts manifests into a cluster that has no controllers, and takes them out again."""
import copy
import datetime
import re

import yaml
from kubernetes_client import ApiError

# What has to be there before the rest can be.
FIRST = {"Namespace": 0, "CustomResourceDefinition": 0, "PriorityClass": 1, "RuntimeClass": 1, "ServiceAccount": 1, "ClusterRole": 1, "Role": 1}
OWN_NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
SERVER_FIELDS = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink")


class PlainTimes(yaml.SafeLoader):
    """YAML whose timestamps stay text, as they are in JSON."""


PlainTimes.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
                                      for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def read_documents(path):
    """Every document of a YAML file that is not empty."""
    return [document for document in yaml.load_all(path.read_text(), Loader=PlainTimes) if document]


def unfold(document):
    """The objects of a document, typed lists taken apart."""
    if isinstance(document, dict) and str(document.get("kind", "")).endswith("List") and "items" in document:
        for item in document["items"] or []:
            yield {"apiVersion": document["apiVersion"], "kind": document["kind"][:-4], **item}
    elif isinstance(document, dict):
        yield document


def crd(plural, group, kind, namespaced=True, version="v1"):
    """A definition that accepts anything, so that a custom resource is served."""
    singular = kind.lower()
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}", "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"}},
            "spec": {"group": group, "scope": "Namespaced" if namespaced else "Cluster",
                     "names": {"plural": plural, "singular": singular, "kind": kind, "listKind": f"{kind}List"},
                     "versions": [{"name": version, "served": True, "storage": True,
                                   "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


class Stage:
    """Objects that are in the cluster for a while. clear() leaves it as it was."""

    def __init__(self, client):
        self._client = client
        self._created = []
        self._replaced = []
        self._uids = {}

    def load(self, manifests):
        manifests = [copy.deepcopy(manifest) for manifest in manifests]
        for manifest in manifests:
            metadata = manifest["metadata"]
            resource = self._client.resource(manifest["apiVersion"], manifest["kind"])
            assert resource, f"not served: {manifest['apiVersion']} {manifest['kind']}"
            if resource[1]:
                metadata.setdefault("namespace", "default")
        self._ensure_namespaces(manifests)
        # Owners before what they own: their uids are only known afterwards.
        waiting = sorted(manifests, key=lambda manifest: FIRST.get(manifest["kind"], 2))
        while waiting:
            ready = [manifest for manifest in waiting if not self._unresolved_owners(manifest, waiting)] or waiting
            for manifest in ready:
                self._put(manifest)
            waiting = [manifest for manifest in waiting if not any(manifest is done for done in ready)]

    def clear(self):
        for manifest in reversed(self._created):
            if manifest["kind"] == "Namespace":
                continue
            try:
                self._client.delete(manifest["apiVersion"], manifest["kind"], manifest["metadata"]["name"], manifest["metadata"].get("namespace", ""))
            except ApiError as error:
                if error.code != 404:
                    raise
        for manifest in self._created:
            if manifest["kind"] == "Namespace":
                self._client.delete_namespace(manifest["metadata"]["name"])
        for original in reversed(self._replaced):
            current = self._client.get(self._client.path_of(original, named=True))
            original["metadata"]["resourceVersion"] = current["metadata"]["resourceVersion"]
            self._client.replace(original)
        self._created, self._replaced, self._uids = [], [], {}

    def _ensure_namespaces(self, manifests):
        named = {manifest["metadata"]["name"] for manifest in [*manifests, *self._created] if manifest["kind"] == "Namespace"}
        for name in sorted({manifest["metadata"].get("namespace") for manifest in manifests} - named - set(OWN_NAMESPACES) - {None}):
            self._put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    @staticmethod
    def _owner_keys(manifest):
        return [(owner["kind"], owner["name"], manifest["metadata"].get("namespace", "")) for owner in manifest["metadata"].get("ownerReferences", [])]

    def _unresolved_owners(self, manifest, waiting):
        pending = {(other["kind"], other["metadata"]["name"], other["metadata"].get("namespace", "")) for other in waiting if other is not manifest}
        return [key for key in self._owner_keys(manifest) if key in pending]

    def _put(self, manifest):
        metadata = manifest["metadata"]
        for field in SERVER_FIELDS:
            metadata.pop(field, None)
        for owner, key in zip(metadata.get("ownerReferences", []), self._owner_keys(manifest)):
            owner["uid"] = self._uids.get(key, owner.get("uid", "00000000-0000-0000-0000-000000000000"))
        try:
            made = self._client.create(manifest)
            self._created.append(manifest)
        except ApiError as error:
            if error.code != 409:
                self._created.append(manifest)  # it may be there without its status
                raise
            original = self._client.get(self._client.path_of(manifest, named=True))
            self._replaced.append(original)
            metadata["resourceVersion"] = original["metadata"]["resourceVersion"]
            if manifest["kind"] == "Namespace":
                manifest.setdefault("spec", original.get("spec", {}))
            made = self._client.replace(manifest)
        self._uids[manifest["kind"], metadata["name"], metadata.get("namespace", "")] = made["metadata"]["uid"]


TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
DATE = re.compile(r"^\d{4}-\d\d-\d\d$")


def parse_time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def shifted(value, by):
    """The same tree with every timestamp moved, so that "two minutes ago" stays two minutes ago."""
    if isinstance(value, dict):
        return {key: shifted(item, by) for key, item in value.items()}
    if isinstance(value, list):
        return [shifted(item, by) for item in value]
    if isinstance(value, int) and 1_500_000_000 < value < 2_500_000_000:  # seconds since 1970
        return value + int(by.total_seconds())
    if isinstance(value, str) and TIME.match(value):
        moved = parse_time(value) + by
        return moved.strftime("%Y-%m-%dT%H:%M:%S") + (f".{moved.microsecond:06}Z" if "." in value else "Z")
    if isinstance(value, str) and DATE.match(value):
        return (datetime.date.fromisoformat(value) + datetime.timedelta(days=by.days)).isoformat()
    return value


def live_configuration(config):
    """The case's configuration; young objects are judged, and the optional grants are on, as a file without gaps has them."""
    return {**config, "audit": {**(config.get("audit") or {}), "minAge": "0s"},
            "kubernetes": {**(config.get("kubernetes") or {}), "grants": ["CM", "CMA", "SE", "ME"]}}
