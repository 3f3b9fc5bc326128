# SPDX-License-Identifier: Apache-2.0
"""Custom resources before the definitions that their projects ship: each object of the case files and reference clusters is one that could
exist, and the audit of the live cluster says what the audit of the file says."""
import collections
import copy

import pytest
import yaml
from custom_resources import Definitions, Kinds, newer_fields
from staging import read_documents, unfold
from test_case_files import case_files, group_of, refused
from test_staged_cases import BUILT_IN, KIND_OF, NOT_BUILT_IN, compare_with_files, every_case_is_staged, split, unstageable

# Objects that today's definitions refuse, and that a cluster may hold all the same: they were stored before, or by a newer project.
REFUSED = {
    "tests/checks/eso-store-provider/unknown.two.yaml": "two providers in one store",
    "tests/checks/secret-encryption-at-rest/unknown.openshift-type.yaml": "a type of encryption that is not there yet",
}

@pytest.fixture(scope="module")
def plane(own_control_plane):
    return own_control_plane()


@pytest.fixture(scope="module")
def definitions(root):
    return Definitions(root)


@pytest.fixture(scope="module")
def kinds(plane, definitions, eventually):
    return Kinds(plane.admin, definitions, eventually)


def key_of(manifest):
    return group_of(manifest["apiVersion"]), manifest["kind"]


def is_custom(manifest):
    return not BUILT_IN.match(manifest["apiVersion"]) or key_of(manifest)[0] in NOT_BUILT_IN


def custom_objects(path):
    manifests = [manifest for document in read_documents(path) for manifest in unfold(document)]
    return [manifest for manifest in manifests if manifest.get("kind") not in (None, "Snapshot") and is_custom(manifest)]


def test_the_projects_definitions_accept_every_custom_resource_of_the_cases_and_reference_clusters(root, plane, kinds, definitions):
    client = plane.admin
    by_file = {path: custom_objects(path) for path in case_files(root) + sorted((root / "tests/reference").rglob("*.yaml"))}
    every = collections.Counter(key_of(manifest) for manifests in by_file.values() for manifest in manifests)
    kinds.set({key for key in every if kinds.knows(*key)})
    namespaces = {item["metadata"]["name"] for item in client.get("/api/v1/namespaces")["items"]}
    accepted, problems = collections.Counter(), []
    for path, manifest in [(path, manifest) for path, manifests in by_file.items() for manifest in manifests if kinds.knows(*key_of(manifest))]:
        manifest = copy.deepcopy(manifest)
        metadata = manifest["metadata"]
        resource = client.resource(manifest["apiVersion"], manifest["kind"])
        where = f"{path.relative_to(root)}: {manifest['apiVersion']} {manifest['kind']} {metadata.get('namespace', '')}/{metadata['name']}"
        if resource is None:
            problems.append(f"{where}: the project's definition has no such version")
            continue
        metadata.pop("resourceVersion", None)
        newer = newer_fields(manifest)
        for holder, field in newer:
            del holder[field]
        if any(not holder for holder, _ in newer):
            continue  # what is left is nothing
        if resource[1] and metadata.setdefault("namespace", "default") not in namespaces:
            client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": metadata["namespace"]}})
            namespaces.add(metadata["namespace"])
        why = refused(client, manifest)
        if why and str(path.relative_to(root)) not in REFUSED:
            problems.append(f"{where}: {why[:600]}")
        accepted[key_of(manifest)] += not why
    for (group, kind), count in sorted(accepted.items()):
        row = definitions.row(group, kind) or {"project": "stands in for Gatekeeper's controller", "module": "", "version": ""}
        print(f"{count:5} {kind}.{group}: {row['project']} {row['module']} {row['version']}".rstrip())
    print("in no module, so read from files only: " + ", ".join(f"{kind}.{group}" for group, kind in sorted(every) if not kinds.knows(group, kind)))
    assert not problems, f"{len(problems)} objects refused, {sum(accepted.values())} accepted:\n" + "\n".join(problems)
    assert sum(accepted.values()) > 500, "the case files hold fewer custom resources than expected; are they where this test looks?"


def kinds_of_case(kinds, snapshot, objects):
    """The (group, kind) that have to be served, or None where one of them is not to be had."""
    wanted = {key_of(manifest) for manifest in objects if is_custom(manifest)} | {kinds.by_resource(name) for name in snapshot.get("served") or []}
    return wanted if all(key and kinds.knows(*key) for key in wanted) else None


def stageable_cases(root, kinds, server):
    """(path, snapshot spec, objects) with custom resources that the server can have. Those that need the same kinds follow one another: definitions
    are slow to come and go."""
    cases = []
    for path in case_files(root):
        snapshot, objects = split(path)
        wanted = kinds_of_case(kinds, snapshot, objects)
        if not wanted or any(newer_fields(one) for one in objects) or str(path.relative_to(root)) in REFUSED:
            continue
        if any(one["kind"].endswith("WebhookConfiguration") for one in objects):
            continue  # with nobody behind them they refuse what comes next
        if not unstageable({**snapshot, "served": []}, [one for one in objects if not is_custom(one)], server):
            cases.append((sorted(wanted), path, snapshot, objects))
    return [case[1:] for case in sorted(cases, key=lambda case: (case[0], case[1]))]


def test_staged_custom_resources_get_the_verdicts_that_their_files_get(root, plane, kinds, judge, stage_and_judge_in, tmp_path):
    seen = collections.defaultdict(set)
    cases = stageable_cases(root, kinds, plane.admin.get("/version")["gitVersion"])
    # By the status in the file's name: two audits of each file would take longer than all that is staged.
    promising = (case for case in cases
                 if every_case_is_staged() or KIND_OF.get(case[0].name.split(".")[0]) in {"finding", "pass"} - seen[case[0].parent.name])

    def live(check, snapshot, objects):
        kinds.set(kinds_of_case(kinds, snapshot, objects))
        return stage_and_judge_in(plane, check, snapshot, objects)

    problems, staged = compare_with_files(root, promising, seen, judge, live, tmp_path)
    print(f"{staged} cases staged")
    assert not problems, f"{len(problems)} cases are judged differently when live:\n" + "\n".join(problems)
    assert len([check for check, statuses in seen.items() if "finding" in statuses]) >= 40, "fewer checks could be staged than expected"


def test_the_working_groups_definitions_accept_our_policy_reports(run, root, plane, kinds):
    client, group = plane.admin, "wgpolicyk8s.io"
    kinds.set({(group, "PolicyReport"), (group, "ClusterPolicyReport")})
    reports = yaml.safe_load(run("audit", root / "tests" / "reference" / "typical", "-o", "policyreport", "--show", "all").stdout)["items"]
    assert {report["kind"] for report in reports} == {"PolicyReport", "ClusterPolicyReport"}
    there = {item["metadata"]["name"] for item in client.get("/api/v1/namespaces")["items"]}
    for namespace in {report["metadata"]["namespace"] for report in reports if report["kind"] == "PolicyReport"} - there:
        client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    for report in reports:
        stored = client.create(report, fieldValidation="Strict")
        assert [result["rule"] for result in stored["results"]] == [result["rule"] for result in report["results"]]
        client.delete(report["apiVersion"], report["kind"], report["metadata"]["name"], report["metadata"].get("namespace", ""))
