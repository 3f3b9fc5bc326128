# SPDX-License-Identifier: Apache-2.0
"""The index of rights against the API server's own authoriser, over generated sets of roles and bindings.

What a verb asks for is written here from Kubernetes' documentation (https://kubernetes.io/docs/reference/access-authn-authz/), not from the product's tables:
the two have to agree.
"""
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import subprocess
import threading

import pytest
from kubernetes_client import ApiError
from role_sets import ADMISSION, AUTHENTICATION, CERTIFICATES, CONSTRAINTS, ODD_VERBS, RBAC, RESOURCES, VERBS, namespaces, role_sets

SEED = 20261127
SETS = 200
RIGHTS_OF_A_SET = 12
UNLISTED = "a-name-that-no-rule-lists"
KINDS = [("Role", "roles"), ("ClusterRole", "clusterroles"), ("RoleBinding", "rolebindings"), ("ClusterRoleBinding", "clusterrolebindings")]


class Authoriser:
    """SubjectAccessReviews of one user, each asked once. Any thread may ask."""

    _local = threading.local()
    count = collections.Counter()

    def __init__(self, plane, user, groups):
        self._plane = plane
        self._user = user
        self._groups = groups
        self._answers = {}

    def allows(self, namespace, verb, group, resource, name=""):
        key = (namespace, verb, group, resource, name)
        if key not in self._answers:
            resource, _, subresource = resource.partition("/")
            attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": resource, "subresource": subresource, "name": name}
            review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                      "spec": {"user": self._user, "groups": self._groups, "resourceAttributes": attributes}}
            self._answers[key] = self._client().request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)["status"]["allowed"]
            self.count[self._answers[key]] += 1
        return self._answers[key]

    def _client(self):
        if getattr(self._local, "plane", None) is not self._plane:
            self._local.plane, self._local.client = self._plane, self._plane.admin
        return self._local.client


def best(reaches):
    """The widest of them; stops asking at "all"."""
    widest = "none"
    for reach in reaches:
        if reach == "all":
            return reach
        widest = reach if reach != "none" else widest
    return widest


def by_name(authoriser, names, *what):
    if authoriser.allows(*what, UNLISTED):
        return "all"
    return "named" if any(name and authoriser.allows(*what, name) for name in names) else "none"


def reach(authoriser, names, namespace, verb, group, resource, named_reads=False):
    """How far requests of that verb get. Requests for a subresource name its object; so do get, update, patch and delete of an object."""
    what = (namespace, verb, group, resource)
    if "/" in resource:
        return by_name(authoriser, names, *what) if verb in ("get", "create", "update", "patch", "delete", "impersonate", "impersonate:user-info") else "none"
    if verb in ("list", "watch", "create", "deletecollection", "escalate") and authoriser.allows(*what):
        return "all"
    if verb == "deletecollection":
        return "none"
    if verb == "create":  # by name only what server-side apply or a PUT may create
        named = any(authoriser.allows(*what, name) and any(authoriser.allows(namespace, also, group, resource, name) for also in ("patch", "update"))
                    for name in names if name)
        return "named" if named else "none"
    found = by_name(authoriser, names, *what)
    return "none" if found == "named" and verb in ("get", "list", "watch") and not named_reads else found


# Powers: the requests that each one comes down to.

def requests(verbs, group, *resources):
    return [(verb, group, resource) for verb in verbs for resource in resources]


WRITE = ["create", "update", "patch", "delete", "deletecollection"]
BUILTIN = [group for group in RESOURCES if "." not in group or group.endswith(".k8s.io")]
WAYS = {
    "read_secrets": requests(["get", "list", "watch"], "", "secrets"),
    "escalate_roles": requests(["escalate"], RBAC, "roles"),
    "escalate_cluster_roles": requests(["escalate"], RBAC, "clusterroles"),
    "bind_roles": requests(["bind"], RBAC, "roles", "clusterroles"),
    "impersonate_service_accounts": requests(["impersonate"], "", "serviceaccounts") +
                                    requests(["impersonate:serviceaccount"], AUTHENTICATION, "serviceaccounts"),
    "write_workloads": requests(["create", "update", "patch"], "", "pods", "replicationcontrollers") +
                       requests(["create", "update", "patch"], "apps", "deployments", "statefulsets", "daemonsets", "replicasets") +
                       requests(["create", "update", "patch"], "batch", "jobs", "cronjobs"),
    "enter_pods": requests(["create"], "", "pods/exec", "pods/attach", "pods/portforward") + requests(["update", "patch"], "", "pods/ephemeralcontainers"),
    "get_exec": requests(["get"], "", "pods/exec", "pods/attach", "pods/portforward"),
    "proxy_nodes": requests(["get", "create", "update", "patch", "delete"], "", "nodes/proxy"),
    "create_tokens": requests(["create"], "", "serviceaccounts/token"),
    "approve_requests": requests(["update", "patch"], CERTIFICATES, "certificatesigningrequests/approval"),
    "write_cluster_admission": requests(WRITE, ADMISSION, "validatingwebhookconfigurations", "mutatingwebhookconfigurations", "validatingadmissionpolicies",
                                        "validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings") +
                               requests(WRITE, CONSTRAINTS, "k8srequiredlabels", "nopublicimages") + requests(WRITE, "kyverno.io", "clusterpolicies"),
    "write_namespaced_admission": requests(WRITE, "kyverno.io", "policies", "policyexceptions"),
    "create_persistent_volumes": requests(["create"], "", "persistentvolumes"),
    "write_namespaces": requests(["update", "patch"], "", "namespaces", "namespaces/status") + requests(["update"], "", "namespaces/finalize"),
    "write_nodes": requests(["update", "patch", "delete", "deletecollection"], "", "nodes") + requests(["update", "patch"], "", "nodes/status"),
}
CLUSTER_SCOPED = {"escalate_cluster_roles", "impersonate_identities", "proxy_nodes", "approve_requests", "approve_client_signers", "write_cluster_admission",
                  "create_persistent_volumes", "write_nodes"}
# ConfigMaps of kube-system that steer the cluster, of the names that rules are given.
STEERING = ["coredns", "kube-proxy"]


def everything(authoriser, names, namespace, rules):
    whole = (namespace, "*", "*", "*")
    if authoriser.allows(*whole) and authoriser.allows(*whole, UNLISTED):
        return "all"
    return "named" if any(authoriser.allows(*whole, name) for name in names) else "none"


def impersonate_identities(authoriser, names, namespace, rules):
    """A user, a group, a uid or extra data by `impersonate`, by the mode for people or by those for nodes (https://kep.k8s.io/5284)."""
    ways = (requests(["impersonate"], "", "users", "groups") + requests(["impersonate"], AUTHENTICATION, "uids", "userextras/scopes") +
            requests(["impersonate:user-info"], AUTHENTICATION, "users", "groups", "uids", "userextras/scopes") +
            requests(["impersonate:arbitrary-node"], AUTHENTICATION, "nodes"))
    if authoriser.allows(namespace, "impersonate:associated-node", AUTHENTICATION, "nodes", "*"):  # whichever node the impersonator runs on
        return "all"
    return best(by_name(authoriser, names, namespace, *way) for way in ways)


def approve_client_signers(authoriser, names, namespace, rules):
    """Admission asks for the signer, and for every signer of its domain."""
    signers = ["kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/*"]
    return "all" if any(authoriser.allows(namespace, "approve", CERTIFICATES, "signers", signer) for signer in signers) else "none"


def write_system_config(authoriser, names, namespace, rules):
    if authoriser.allows(namespace, "deletecollection", "", "configmaps"):
        return "all"
    return best(by_name(authoriser, STEERING, namespace, verb, "", "configmaps") for verb in ("update", "patch", "delete"))


def over_anything(verbs, groups=None):
    """Over whatever the rules name: stars are filled in with something that they should match."""

    def power(authoriser, names, namespace, rules):
        targets = {(group, resource) for rule in rules for group in rule.get("apiGroups", []) for resource in rule.get("resources", [])}
        filled = {(group.replace("*", "apps"), filled) for group, resource in targets for filled in fill(resource)}
        return best(reach(authoriser, names, namespace, verb, group, resource, named_reads=True) for group, resource in sorted(filled)
                    if not (verbs is WRITE and is_review(group, resource)) and (groups is None or group in groups) for verb in verbs)

    return power


def fill(resource):
    head, slash, subresource = resource.partition("/")
    heads = ["pods", "nodes"] if head == "*" else [head]
    if not slash:
        return heads
    return [f"{one}/{other}" for one in heads for other in (["status", "exec", "proxy"] if subresource == "*" else [subresource])]


def is_review(group, resource):
    """Everybody may create one; it writes nothing."""
    return group in (AUTHENTICATION, "authorization.k8s.io") and resource.endswith("reviews")


def over_ways(ways):
    return lambda authoriser, names, namespace, rules: best(reach(authoriser, names, namespace, *way) for way in ways)


POWERS = {name: over_ways(ways) for name, ways in WAYS.items()} | {
    "everything": everything,
    "impersonate_identities": impersonate_identities,
    "approve_client_signers": approve_client_signers,
    "write_system_config": write_system_config,
    "write_anything": over_anything(WRITE),
    "write_builtin": over_anything(WRITE, BUILTIN),
    "read_anything": over_anything(["get", "list", "watch"]),
}


@pytest.fixture(scope="module")
def sets():
    return role_sets(SEED, SETS)


@pytest.fixture(scope="module")
def plane(own_control_plane, sets, eventually):
    """A control plane of its own that holds every set, and whose authoriser has seen them."""
    plane = own_control_plane()
    for name in namespaces():
        plane.admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    everywhere(lambda client, one: [client.create(manifest) for manifest in one.manifests], plane, sets)
    # Each kind comes through a stream of its own, in order: what was made last is seen last.
    rule = {"verbs": ["get"], "apiGroups": ["example.dev"], "resources": ["signals"]}
    for scope, user in (("", "last-one"), ("Cluster", "last-two")):
        metadata = {"name": "last"} | ({} if scope else {"namespace": "default"})
        plane.admin.create({"apiVersion": f"{RBAC}/v1", "kind": f"{scope}Role", "metadata": metadata, "rules": [rule]})
        plane.admin.create({"apiVersion": f"{RBAC}/v1", "kind": f"{scope}RoleBinding", "metadata": metadata,
                            "roleRef": {"apiGroup": RBAC, "kind": f"{scope}Role", "name": "last"}, "subjects": [{"kind": "User", "apiGroup": RBAC, "name": user}]})
        eventually(lambda: plane.admin.allowed(user, "get", "signals", "example.dev", "default"), what="the authoriser having seen everything")
    return plane


def everywhere(work, plane, items):
    """[work(client, item)], a few at the same time, each over a connection of its own."""
    def each(part):
        client = plane.admin
        return [work(client, item) for item in part]

    threads = 4
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return [answer for part in pool.map(each, [items[first::threads] for first in range(threads)]) for answer in part]


@pytest.fixture(scope="module")
def ask_index(plane, binary, tmp_path_factory):
    """ask_index(questions): the index's answers about all that the API server holds, as it would be read."""
    program = pathlib.Path(os.environ.get("SEAWORTHY_RIGHTS_QUERY", binary.parent / "tests" / "rights_query"))
    assert program.is_file(), f"{program} is not there; build it first: cmake --build {binary.parent} --target rights_query"
    manifests = tmp_path_factory.mktemp("rights") / "rbac.yaml"
    api_version = f"{RBAC}/v1"
    held = [json.dumps({"apiVersion": api_version, "kind": kind} | item) for kind, plural in KINDS for item in plane.admin.get(f"/apis/{api_version}/{plural}")["items"]]
    manifests.write_text("\n---\n".join(held))  # JSON is YAML

    def ask(questions):
        text = "".join("\t".join(question) + "\n" for question in questions)
        done = subprocess.run([str(program), str(manifests)], input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        answers = done.stdout.splitlines()
        assert len(answers) == len(questions) and "?" not in answers
        return answers

    return ask


def rights_of(one, number):
    """(subject, namespace, verb, group, resource) to ask about: mostly what the rules are about, sometimes anything."""
    dice = random.Random(f"{SEED}/{number}/questions")
    for _ in range(RIGHTS_OF_A_SET):
        subject = dice.choice(one.subjects)
        namespace, rules = dice.choice(subject.roles)
        rule = dice.choice([rule for rule in rules if "resources" in rule])
        verb = dice.choice(rule["verbs"] if dice.random() < 0.6 else VERBS + ODD_VERBS[:5])
        group = dice.choice(rule["apiGroups"] if dice.random() < 0.8 else list(RESOURCES))
        resource = dice.choice(rule["resources"] if dice.random() < 0.7 else RESOURCES.get(group, RESOURCES["apps"]))
        resource = dice.choice(fill(resource)) if "*" in resource else resource
        verb = dice.choice(VERBS) if verb == "*" else verb
        if "/" in resource and verb not in ("get", "create", "update", "patch", "delete"):
            verb = "get"  # no other request is made of a subresource
        where = dice.choice([namespace, one.namespace, one.namespace, "", dice.choice(namespaces())])
        yield subject, where, verb, group.replace("*", "apps"), resource


def test_rights_by_the_index_are_what_the_authoriser_says(plane, sets, ask_index):
    asked = [(one, *right) for number, one in enumerate(sets) for right in rights_of(one, number)]
    questions = [("right", subject.user, ",".join(subject.groups), namespace, verb, group, *f"{resource}/".split("/")[:2])
                 for _, subject, namespace, verb, group, resource in asked]
    reviewers = {subject.user: Authoriser(plane, subject.user, subject.groups) for one in sets for subject in one.subjects}
    before = Authoriser.count.copy()

    expected = everywhere(lambda _, item: (item[0], reach(reviewers[item[1][1].user], item[1][0].names(), *item[1][2:])), plane, list(enumerate(asked)))
    answers = ask_index(questions)

    wrong = [f"{questions[number]}: the authoriser says {says}, the index {answers[number]}" for number, says in expected if answers[number] != says]
    assert not wrong, f"{len(wrong)} of {len(questions)}\n" + "\n".join(wrong[:40])
    found = collections.Counter(says for _, says in expected)
    reviews = Authoriser.count - before
    print(f"{len(questions)} rights: {dict(found)}; reviews: {reviews[True]} allowed, {reviews[False]} denied")
    assert len(questions) >= 2000 and found["all"] >= 400 and found["none"] >= 400 and found["named"] >= 40
    assert reviews[True] >= 500 and reviews[False] >= 500


def test_powers_by_the_index_are_what_the_authoriser_says(plane, sets, ask_index):
    assert set(powers_in(ask_index([("powers", "nobody", "", "")])[0])) == set(POWERS)
    held = ask_index([("powers", one.solo.user, "", one.solo.roles[0][0]) for one in sets])
    asked = [(number, one, name) for number, one in enumerate(sets) for name in POWERS if not one.solo.roles[0][0] or name not in CLUSTER_SCOPED]
    reviewers = {one.solo.user: Authoriser(plane, one.solo.user, []) for one in sets}
    before = Authoriser.count.copy()

    def judge(_, item):
        number, one, name = item
        namespace, rules = one.solo.roles[0]
        return number, name, POWERS[name](reviewers[one.solo.user], one.names(), namespace, rules)

    expected = everywhere(judge, plane, asked)

    wrong = [f"{name} of {sets[number].solo.user} with {sets[number].solo.roles[0]}: the authoriser says {says}, the index {powers_in(held[number])[name]}"
             for number, name, says in expected if powers_in(held[number])[name] != says]
    assert not wrong, f"{len(wrong)} of {len(expected)}\n" + "\n".join(sorted(wrong)[:40])
    reviews = Authoriser.count - before
    print(f"{len(expected)} powers; reviews: {reviews[True]} allowed, {reviews[False]} denied")
    seen = collections.Counter((name, says != "none") for _, name, says in expected)
    once = [name for name, has in itertools.product(POWERS, (True, False)) if not seen[name, has]]
    assert not once, f"never seen both ways: {once}"


def powers_in(answer):
    return dict(part.split("=") for part in answer.split(" "))


def test_the_sets_hold_every_shape(sets):
    shapes = collections.Counter(shape for one in sets for shape in one.shapes)
    for shape in ("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "aggregation", "wildcard", "subresource", "names", "name ''", "name '*'",
                  "nonResourceURLs", "subject account", "subject bare", "subject user", "subject namespace", "subject all"):
        assert shapes[shape] >= 3, f"{shape}: {shapes[shape]}"


def test_only_a_role_binding_may_leave_the_namespace_of_an_account_out(plane):
    subject = {"kind": "ServiceAccount", "name": "api"}
    role = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"}
    namespace = namespaces()[0]

    made = plane.admin.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": "bare", "namespace": namespace}, "roleRef": role, "subjects": [subject]})
    with pytest.raises(ApiError) as refused:
        plane.admin.create({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "bare"}, "roleRef": role, "subjects": [subject]})

    assert "namespace" not in made["subjects"][0]  # nor does the server fill it in
    assert refused.value.code == 422
