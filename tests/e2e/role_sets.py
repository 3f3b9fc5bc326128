# SPDX-License-Identifier: Apache-2.0
"""Sets of roles and bindings by seed: what people write, and what they write by mistake."""
import dataclasses
import itertools
import random

RBAC = "rbac.authorization.k8s.io"
AUTHENTICATION = "authentication.k8s.io"
CERTIFICATES = "certificates.k8s.io"
ADMISSION = "admissionregistration.k8s.io"
CONSTRAINTS = "constraints.gatekeeper.sh"

RESOURCES = {
    "": ["pods", "pods/exec", "pods/log", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "pods/status", "secrets", "configmaps", "services",
         "serviceaccounts", "serviceaccounts/token", "namespaces", "namespaces/status", "namespaces/finalize", "nodes", "nodes/proxy", "nodes/status",
         "nodes/metrics", "persistentvolumes", "replicationcontrollers", "users", "groups", "userextras", "uids"],
    "apps": ["deployments", "deployments/scale", "deployments/status", "statefulsets", "daemonsets", "replicasets"],
    "batch": ["jobs", "cronjobs"],
    RBAC: ["roles", "clusterroles", "rolebindings"],
    CERTIFICATES: ["certificatesigningrequests", "certificatesigningrequests/approval", "signers"],
    ADMISSION: ["validatingwebhookconfigurations", "validatingadmissionpolicies", "mutatingadmissionpolicybindings"],
    AUTHENTICATION: ["users", "groups", "uids", "userextras", "userextras/scopes", "userextras/*", "serviceaccounts", "nodes", "selfsubjectreviews"],
    "authorization.k8s.io": ["selfsubjectaccessreviews", "subjectaccessreviews"],
    "kyverno.io": ["clusterpolicies", "policies", "policyexceptions", "clusterpolicies/status"],
    CONSTRAINTS: ["k8srequiredlabels", "nopublicimages", "nopublicimages/status"],
    "example.dev": ["widgets", "widgets/status"],
}
# A constraint with a name of the cluster's own cannot be told from another resource in a rule on every group.
OF_ANY_GROUP = [resource for group, resources in RESOURCES.items() if group != CONSTRAINTS for resource in resources] + ["k8srequiredlabels"]
PATTERNS = ["*", "*", "*", "*/exec", "*/status", "*/proxy", "*/scale", "*/token", "pods/*", "nodes/*", "serviceaccounts/*", "*/*"]
VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
ODD_VERBS = ["escalate", "bind", "approve", "sign", "impersonate", "impersonate:user-info", "impersonate:serviceaccount", "impersonate:arbitrary-node",
             "impersonate:associated-node", "impersonate-on:user-info:list", "impersonate-on:serviceaccount:get", "use", "proxy"]
NAMES = ["api", "web", "coredns", "kube-proxy", "view"]
SIGNERS = ["kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving", "kubernetes.io/*",
           "*", "example.dev/*"]

# What each power is made of, and what is easily taken for it: (verbs, groups, resources), names now and then.
POINTED = [
    (["*"], ["*"], ["*"]),
    (["get", "list"], [""], ["secrets"]),
    (["escalate"], [RBAC], ["roles"]),
    (["escalate"], [RBAC], ["clusterroles"]),
    (["bind"], [RBAC], ["clusterroles"]),
    (["impersonate"], [""], ["serviceaccounts"]),
    (["impersonate"], [""], ["users", "groups"]),
    (["impersonate"], [AUTHENTICATION], ["uids"]),
    (["impersonate"], [AUTHENTICATION], ["userextras/scopes"]),
    (["impersonate", "impersonate:user-info"], [AUTHENTICATION], ["userextras"]),
    (["impersonate"], [AUTHENTICATION], ["users", "groups", "serviceaccounts"]),
    (["impersonate:user-info"], [AUTHENTICATION], ["users"]),
    (["impersonate:user-info"], [""], ["users"]),
    (["impersonate:serviceaccount"], [AUTHENTICATION], ["serviceaccounts"]),
    (["impersonate:arbitrary-node"], [AUTHENTICATION], ["nodes"]),
    (["impersonate:associated-node"], [AUTHENTICATION], ["nodes"]),
    (["impersonate-on:user-info:list", "impersonate-on:serviceaccount:get"], ["", AUTHENTICATION], ["users", "pods", "serviceaccounts"]),
    (["create", "patch"], ["apps"], ["deployments"]),
    (["create", "get", "deletecollection"], [""], ["pods", "configmaps"]),
    (["create"], [""], ["pods/exec"]),
    (["patch"], [""], ["pods/ephemeralcontainers"]),
    (["get"], [""], ["pods/attach"]),
    (["get"], [""], ["nodes/proxy"]),
    (["list", "watch", "deletecollection"], [""], ["nodes/proxy", "pods/exec"]),
    (["create"], [""], ["serviceaccounts/token"]),
    (["update"], [CERTIFICATES], ["certificatesigningrequests/approval"]),
    (["approve"], [CERTIFICATES], ["signers"]),
    (["update", "delete"], [ADMISSION], ["validatingwebhookconfigurations"]),
    (["update"], ["*"], ["deployments", "configmaps"]),
    (["create", "get"], [CONSTRAINTS], ["nopublicimages"]),
    (["patch"], ["*"], ["k8srequiredlabels"]),
    (["create"], ["kyverno.io"], ["policyexceptions"]),
    (["create"], [""], ["persistentvolumes"]),
    (["patch"], [""], ["namespaces"]),
    (["update"], [""], ["namespaces/finalize"]),
    (["update", "patch"], [""], ["configmaps"]),
    (["patch"], [""], ["nodes/status"]),
    (["create"], ["authorization.k8s.io"], ["selfsubjectaccessreviews", "subjectaccessreviews"]),
    (["get", "list", "watch"], ["example.dev"], ["widgets"]),
    (["*"], ["*"], ["pods/*", "*/*"]),
    (["create", "update"], ["example.dev"], ["widgets"]),
    (["list", "create"], [""], ["secrets", "pods", "persistentvolumes"]),
]


@dataclasses.dataclass
class Subject:
    user: str
    groups: list
    roles: list  # the rules of each role that it is bound to, as (namespace or "" for the cluster, rules)


@dataclasses.dataclass
class RoleSet:
    manifests: list
    solo: Subject  # bound to one role, by name, alone or among others
    subjects: list
    namespace: str
    shapes: set  # what is in it, for a count

    def names(self):
        return sorted({name for subject in self.subjects for _, rules in subject.roles for rule in rules for name in rule.get("resourceNames", [])})


def namespaces():
    return [f"team-{number:02}" for number in range(20)]


def role_sets(seed, count):
    return [_Maker(random.Random(f"{seed}/{number}"), number).make() for number in range(count)]


class _Maker:
    def __init__(self, dice, number):
        self._dice = dice
        self._number = number
        self._namespace = dice.choice(namespaces())
        self._manifests = []
        self._shapes = set()
        self._count = itertools.count()

    def make(self):
        pointed = POINTED[self._number % len(POINTED)]
        solo = Subject(f"solo-{self._number}", [], [])
        account = Subject(f"system:serviceaccount:{self._namespace}:robot-{self._number}",
                          ["system:serviceaccounts", f"system:serviceaccounts:{self._namespace}", "system:authenticated"], [])
        member = Subject(f"member-{self._number}", [f"group-{self._number}", "system:authenticated"], [])
        self._bind([self._pointed_rule(pointed)] + self._rules(0, 1), [(solo, self._by_name(solo)), (member, self._by_group(member))])
        self._bind(self._rules(1, 2), [(account, self._as_account(account))])
        if self._chance(0.6):
            subject = self._dice.choice([account, member])
            self._bind(self._rules(1, 3), [(subject, self._as_account(subject) if subject is account else self._by_group(subject))])
        return RoleSet(self._manifests, solo, [solo, account, member], self._namespace, self._shapes)

    # Rules

    def _chance(self, share):
        return self._dice.random() < share

    def _pointed_rule(self, pointed):
        verbs, groups, resources = (list(part) for part in pointed)
        rule = {"verbs": verbs, "apiGroups": groups, "resources": resources}
        if self._number >= len(POINTED):  # the first round is as it stands
            self._add_names(rule, 0.45)
        return rule

    def _rules(self, least, most):
        return [self._rule() for _ in range(self._dice.randint(least, most))]

    def _rule(self):
        group = "*" if self._chance(0.12) else self._dice.choice(list(RESOURCES))
        known = OF_ANY_GROUP if group == "*" else RESOURCES[group]
        resources = self._dice.sample(known, min(len(known), self._dice.randint(1, 3)))
        if self._chance(0.25):
            resources.append(self._dice.choice(PATTERNS))
        groups = [group]
        if self._chance(0.15):
            groups.append(self._dice.choice([other for other in RESOURCES if other != CONSTRAINTS]))
        pool = ODD_VERBS if self._chance(0.15) else VERBS
        verbs = ["*"] if self._chance(0.12) else self._dice.sample(pool, self._dice.randint(1, 3))
        rule = {"verbs": verbs, "apiGroups": groups, "resources": resources}
        self._add_names(rule, 0.3)
        return rule

    def _add_names(self, rule, share):
        if not self._chance(share):
            return
        known = SIGNERS if "signers" in rule["resources"] else NAMES
        names = self._dice.sample(known, self._dice.randint(1, 2))
        if self._chance(0.2):
            names = [""] if self._chance(0.5) else names + [""]
        elif self._chance(0.1):
            names = ["*"]
        rule["resourceNames"] = names
        self._shapes |= {"names"} | {f"name {name!r}" for name in names if name in ("", "*")}

    # Subjects

    @staticmethod
    def _by_name(subject):
        return {"kind": "User", "apiGroup": RBAC, "name": subject.user}

    def _by_group(self, subject):
        return {"kind": "Group", "apiGroup": RBAC, "name": subject.groups[0]}

    def _as_account(self, subject):
        """One of the ways to name a ServiceAccount; without a namespace it is of the RoleBinding's, so only there."""
        name = subject.user.rpartition(":")[2]
        way = self._dice.choice(["account", "account", "bare", "user", "namespace", "all"])
        if way in ("namespace", "all") and self._chance(0.7):
            way = "bare"  # a group of accounts gives to every set of its namespace
        self._shapes.add(f"subject {way}")
        if way == "user":
            return self._by_name(subject)
        if way in ("namespace", "all"):
            return {"kind": "Group", "apiGroup": RBAC, "name": subject.groups[1 if way == "namespace" else 0]}
        return {"kind": "ServiceAccount", "name": name} | ({} if way == "bare" else {"namespace": self._namespace})

    # Objects

    def _bind(self, rules, subjects):
        name = f"set-{self._number}-{next(self._count)}"
        bare = any(entry["kind"] == "ServiceAccount" and "namespace" not in entry for _, entry in subjects)
        if any(entry["name"].startswith("system:serviceaccounts") for _, entry in subjects):
            rules = [{key: value for key, value in rule.items() if key != "resourceNames"} for rule in rules]  # names are asked set by set
        in_cluster = not bare and self._chance(0.5)
        role_kind = "ClusterRole" if in_cluster or self._chance(0.4) else "Role"
        if role_kind == "Role":
            self._add("Role", name, rules=rules)
        else:
            rules = self._cluster_role(name, rules)
        binding = "ClusterRoleBinding" if in_cluster else "RoleBinding"
        self._shapes |= {role_kind, binding} | {"wildcard" for rule in rules if "*" in rule.get("resources", [])}
        self._shapes |= {"subresource" for rule in rules if any("/" in resource for resource in rule.get("resources", []))}
        self._add(binding, name, roleRef={"apiGroup": RBAC, "kind": role_kind, "name": name}, subjects=[entry for _, entry in subjects])
        for subject, _ in subjects:
            subject.roles.append(("" if in_cluster else self._namespace, rules))

    def _cluster_role(self, name, rules):
        """Alone, or put together of others as the aggregation controller does, which does not run here."""
        if self._chance(0.15):
            rules = [*rules, {"verbs": ["get"], "nonResourceURLs": ["/metrics", "/healthz/*"]}]
            self._shapes.add("nonResourceURLs")
        if not self._chance(0.3):
            self._add("ClusterRole", name, rules=rules)
            return rules
        label = {"e2e.seaworthy.dev/part-of": name}
        for part, rule in enumerate(rules):
            self._add("ClusterRole", f"{name}-part-{part}", labels=label, rules=[rule])
        self._add("ClusterRole", name, aggregationRule={"clusterRoleSelectors": [{"matchLabels": label}]}, rules=rules)
        self._shapes.add("aggregation")
        return rules

    def _add(self, kind, name, labels=None, **fields):
        metadata = {"name": name} | ({"labels": labels} if labels else {})
        if not kind.startswith("Cluster"):
            metadata["namespace"] = self._namespace
        self._manifests.append({"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, **fields})
