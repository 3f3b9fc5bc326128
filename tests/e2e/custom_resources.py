# SPDX-License-Identifier: Apache-2.0
"""The projects' own CustomResourceDefinitions (tests/e2e/crds/modules.json), put into a control plane."""
import copy
import json
import pathlib
import subprocess

from staging import crd

CONSTRAINTS = "constraints.gatekeeper.sh"

# Fields that projects have added since the newest version of which there is a module. Their definitions of today would drop them.
NEWER_FIELDS = {
    ("external-secrets.io", "ExternalSecret"): ["spec.syncWindows"],
    ("external-secrets.io", "SecretStore"): ["spec.provider.openBao"],
    ("secrets.hashicorp.com", "VaultStaticSecret"): ["status.conditions"],
    ("secrets.hashicorp.com", "VaultDynamicSecret"): ["status.conditions"],
    ("secrets.hashicorp.com", "VaultPKISecret"): ["status.conditions"],
    ("projectcalico.org", "GlobalNetworkPolicy"): ["spec.tier"],
    ("projectcalico.org", "NetworkPolicy"): ["spec.tier"],
    ("aquasecurity.github.io", "VulnerabilityReport"): ["report.artifact.labels"],
}


def newer_fields(manifest):
    """[(map, key)] of what the definition does not know yet."""
    found = []
    for path in NEWER_FIELDS.get((manifest["apiVersion"].split("/")[0], manifest["kind"]), []):
        *above, last = path.split(".")
        at = manifest
        for key in above:
            at = (at or {}).get(key) if isinstance(at, dict) else None
        if isinstance(at, dict) and last in at:
            found.append((at, last))
    return found


class Definitions:
    """What was gathered, by group and kind."""

    def __init__(self, root):
        path = subprocess.run([str(root / "scripts/crds.py")], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        self._rows = {}
        for row in json.loads(pathlib.Path(path).read_text()):
            spec = row["definition"]["spec"]
            # OpenShift ships one file a feature set of some kinds: the first is the default's.
            self._rows.setdefault((spec["group"], spec["names"]["kind"]), row)

    def row(self, group, kind):
        """{project, module, version, definition}, or None."""
        return self._rows.get((group, kind))

    def by_resource(self, name):
        """(group, kind) of "applications.argoproj.io", or None."""
        found = [key for key, row in self._rows.items() if row["definition"]["metadata"]["name"] == name]
        return found[0] if found else None

    def manifest(self, group, kind):
        """The definition as a cluster without the project's own webhooks can have it."""
        definition = copy.deepcopy(self._rows[group, kind]["definition"])
        definition.pop("status", None)
        definition["spec"].pop("conversion", None)
        approval = (definition["metadata"].get("annotations") or {}).get("api-approved.kubernetes.io", "unapproved, for tests")
        definition["metadata"] = {"name": definition["metadata"]["name"], "annotations": {"api-approved.kubernetes.io": approval}}
        return definition


def constraint_definition(kind):
    """Stands in for what Gatekeeper's controller makes of a ConstraintTemplate: no project ships it."""
    return crd(kind.lower(), CONSTRAINTS, kind, namespaced=False, version="v1beta1")


class Kinds:
    """Custom kinds of one control plane, put in and taken out."""

    def __init__(self, client, definitions, eventually):
        self._client = client
        self._definitions = definitions
        self._eventually = eventually
        self._loaded = {}

    def knows(self, group, kind):
        """False: no project that we know of ships its definition."""
        return group == CONSTRAINTS or self._definitions.row(group, kind) is not None

    def _definition(self, group, kind):
        return constraint_definition(kind) if group == CONSTRAINTS else self._definitions.manifest(group, kind)

    def by_resource(self, name):
        return self._definitions.by_resource(name)

    def set(self, wanted):
        """Makes these (group, kind) the custom kinds that are served."""
        gone = {self._loaded.pop(key) for key in set(self._loaded) - set(wanted)}
        for name in gone:
            self._client.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
        for key in sorted(set(wanted) - set(self._loaded)):
            self._loaded[key] = self._client.create(self._definition(*key))["metadata"]["name"]
        names = set(self._loaded.values())
        self._eventually(lambda: names <= self._served() and not gone & self._served(), 60, "exactly the wanted kinds in discovery")
        self._client.forget_resources()

    def _served(self):
        """<plural>.<group> of everything in discovery."""
        accept = {"Accept": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}
        return {f"{item['resource']}.{group['metadata']['name']}" for group in self._client.request("GET", "/apis", headers=accept)["items"]
                for version in group["versions"] for item in version.get("resources", [])}
