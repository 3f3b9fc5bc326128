// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "seaworthy/kube/snapshot.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
namespace fs = std::filesystem;

namespace {

/// A folder of its own that goes with the test.
class Folder {
public:
    Folder()
    {
        std::string pattern = (fs::temp_directory_path() / "seaworthy-XXXXXX").string();
        m_path = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(m_path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void write(const std::string& name, std::string_view text) const
    {
        fs::create_directories((m_path / name).parent_path());
        std::ofstream{m_path / name, std::ios::binary} << text;
    }
    [[nodiscard]] std::string path(const std::string& name = "") const { return name.empty() ? m_path.string() : (m_path / name).string(); }

private:
    fs::path m_path;
};

constexpr Timestamp k_now{1'800'000'000};

SnapshotSource source_of(const Folder& folder, bool keep_going = false)
{
    return SnapshotSource{{{folder.path()}, keep_going, [] { return k_now; }}};
}

model::Inventory read(SnapshotSource& source, const model::ReadPlan& plan = {})
{
    auto inventory = source.read(plan, {});
    if (!inventory) FAIL(inventory.error().message);
    return std::move(*inventory);
}

std::string error_of(SnapshotSource source, const model::ReadPlan& plan = {})
{
    const auto inventory = source.read(plan, {});
    return inventory ? "" : inventory.error().message;
}

constexpr std::string_view k_snapshot = R"(
apiVersion: seaworthy.dev/v1
kind: Snapshot
spec:
  takenAt: "2026-11-22T04:00:00Z"
  server: {gitVersion: v1.34.1+k3s1}
  served: [clusterpolicies.kyverno.io, "*"]
  gaps:
    - {resource: services, namespace: shop, reason: timeout}
  probes:
    - {url: "https://a.example/", status: 200, headers: {Content-Type: text/plain}, body: hello, tls: {notAfter: "2027-01-01T00:00:00Z", verified: true}}
    - url: "https://b.example/"
      samples:
        - {at: "2026-11-22T03:59:00Z", error: timeout}
        - {at: "2026-11-22T03:58:00Z", status: 503}
  config:
    oidc: {issuers: ["https://id.example"]}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-system, uid: cluster-uid}
status: {phase: Active}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {ports: [{port: 80, targetPort: http}], selector: {app: web}}
)";

} // namespace

TEST_CASE("a Snapshot document makes the files a whole cluster at its moment", "[snapshot]")
{
    const Folder folder;
    folder.write("cluster.yaml", k_snapshot);
    auto source = source_of(folder);

    const auto inventory = read(source);

    CHECK(inventory.taken_at == parse_rfc3339("2026-11-22T04:00:00Z"));
    CHECK_FALSE(inventory.cluster.partial);
    CHECK(inventory.cluster.version == "v1.34.1+k3s1");
    CHECK(inventory.cluster.uid == "cluster-uid");
    CHECK(inventory.cluster.platform == "k3s");
    CHECK(inventory.serves("clusterpolicies.kyverno.io"));
    CHECK(inventory.serves("pods"));
    CHECK(inventory.listed.contains("pods"));
    REQUIRE(inventory.services.size() == 1);
    CHECK(inventory.services[0].ports[0].target_port == "http");
    CHECK(inventory.gap("services", "shop") != nullptr);
    CHECK(inventory.gap("services", "other") == nullptr);
    CHECK(inventory.gap("pods") == nullptr);
    REQUIRE(inventory.probe("https://a.example/") != nullptr);
    CHECK(inventory.probe("https://a.example/")->headers.at("content-type") == "text/plain");
    CHECK(inventory.probe("https://a.example/")->at == inventory.taken_at);
    CHECK(inventory.probe("https://a.example/")->tls_verified);
    REQUIRE(inventory.probes.at("https://b.example/").size() == 2);
    CHECK(inventory.probes.at("https://b.example/")[0].status == 503);
    CHECK(inventory.probe("https://b.example/")->error == "timeout");
    CHECK(source.config_text() == R"({"oidc":{"issuers":["https://id.example"]}})");
}

TEST_CASE("manifests are a partial cluster", "[snapshot]")
{
    const Folder folder;
    folder.write("app/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {template: {spec: "
                                 "{containers: [{name: a, image: b}]}}}\n");
    folder.write("app/cm.json", R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"sa"}})");
    auto source = source_of(folder);

    const auto inventory = read(source);

    CHECK(inventory.cluster.partial);
    CHECK(inventory.taken_at == k_now);
    REQUIRE(inventory.workloads.size() == 1);
    CHECK(inventory.workloads[0].pod_template.spec->containers[0].image == "b");
    REQUIRE(inventory.service_accounts.size() == 1);
    CHECK(inventory.service_accounts[0].meta.ns == "default");
    CHECK(inventory.namespaces.size() == 2);
    CHECK(inventory.gap("pods") == nullptr);
    CHECK(inventory.gap("networkpolicies.networking.k8s.io") == nullptr);
    REQUIRE(inventory.gap("nodes") != nullptr);
    CHECK(inventory.gap("nodes")->reason == model::Reason::unobservable);
    CHECK(inventory.gap("clusterroles.rbac.authorization.k8s.io") != nullptr);
    CHECK(source.config_text().empty());
}

TEST_CASE("lists are unfolded, typed ones lend their kind", "[snapshot]")
{
    const Folder folder;
    folder.write("a.yaml", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: a}}\n- {apiVersion: v1, kind: "
                           "Service, metadata: {name: s}}\n");
    folder.write("b.json", R"({"kind":"NamespaceList","apiVersion":"v1","items":[{"metadata":{"name":"b"}},{"metadata":{"name":"c"}}]})");
    folder.write("c.json", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"d\"}}\n{\"apiVersion\":\"v1\",\"kind\":"
                           "\"Namespace\",\"metadata\":{\"name\":\"e\"}}\n");
    auto source = source_of(folder);

    const auto inventory = read(source);

    std::string names;
    for (const auto& ns : inventory.namespaces)
        names += ns.meta.name.str() + " ";
    CHECK(names == "a b c d e default ");
    CHECK(inventory.services.size() == 1);
}

TEST_CASE("JSON documents follow each other with or without a YAML separator", "[snapshot]")
{
    const Folder folder;
    folder.write("a.yaml", R"({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
---
{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "b"}}
{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "c"}}
)");
    auto source = source_of(folder);

    const auto inventory = read(source, {.lists = {{"namespaces", {}}}});

    CHECK(inventory.namespaces.size() == 3);
}

TEST_CASE("every broken document is named with its place", "[snapshot]")
{
    const Folder folder;
    folder.write("good.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n");
    folder.write("bad.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n# comment\napiVersion: v1\nkind: Service\nmetadata: {name: "
                             "[}\n---\nkind: Service\n");
    folder.write("twice.yml", "apiVersion: v1\nkind: Service\nkind: Pod\n");
    folder.write("bad.json", "{\n  \"apiVersion\": \"v1\",\n  \"kind\": }\n");

    const std::string error = error_of(source_of(folder));

    INFO(error);
    CHECK(error.find("4 documents cannot be read") != std::string::npos);
    CHECK(error.find("bad.yaml:8:19") != std::string::npos);
    CHECK(error.find("bad.yaml:10: apiVersion is missing") != std::string::npos);
    CHECK(error.find("twice.yml:3:1: the key \"kind\" is there twice") != std::string::npos);
    CHECK(error.find("bad.json:3:11") != std::string::npos);
    INFO(error);
    auto source = source_of(folder, true);
    const auto inventory = read(source);
    CHECK(inventory.namespaces.size() == 2);
    CHECK(source.problems().size() == 4);
    REQUIRE(inventory.gap("services") != nullptr);
    CHECK(inventory.gap("services")->reason == model::Reason::malformed);
    CHECK(inventory.gap("pods") != nullptr); // the JSON document does not say what it was
}

TEST_CASE("a folder without objects and a path that is not there are clear errors", "[snapshot]")
{
    const Folder folder;

    CHECK(error_of(source_of(folder)) == fmt::format("no Kubernetes objects in {} (looked for *.yaml, *.yml, *.json)", folder.path()));
    CHECK(error_of(SnapshotSource{{{folder.path("missing")}, false, {}}}) == folder.path("missing") + ": no such file or folder");
}

TEST_CASE("a Secret's value is dropped, with a warning", "[snapshot]")
{
    const Folder folder;
    folder.write("s.yaml", std::string{k_snapshot} + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop, labels: {a: b, c: "
                                                     "d}}\ntype: Opaque\ndata: {password: aHVudGVyMg==, user: \"\"}\n");
    auto source = source_of(folder);
    model::ReadPlan plan;
    plan.secret_labels = {"a"};

    const auto inventory = read(source, plan);

    REQUIRE(inventory.secrets.size() == 1);
    CHECK(inventory.secrets[0].keys == 2);
    CHECK(inventory.secrets[0].labels.size() == 1);
    REQUIRE(source.warnings().size() == 1);
    CHECK(source.warnings()[0].find("Secret") != std::string::npos);
}

TEST_CASE("an object of the wrong types is a gap that names it, and the rest is read", "[snapshot]")
{
    const Folder folder;
    folder.write("s.yaml", std::string{k_snapshot} + "---\napiVersion: v1\nkind: Service\nmetadata: {name: odd, namespace: shop}\nspec: {type: 7}\n");
    auto source = source_of(folder);

    const auto inventory = read(source);

    CHECK(inventory.services.size() == 1);
    REQUIRE(inventory.gaps.size() == 2);
    CHECK(inventory.gaps[1].ns == "shop");
    CHECK(inventory.gaps[1].reason == model::Reason::malformed);
    CHECK(inventory.gaps[1].message == "services shop/odd cannot be read: spec.type: expected text, found a number");
    REQUIRE(source.warnings().size() == 1);
    CHECK(source.warnings()[0].find("s.yaml:") != std::string::npos);
}

TEST_CASE("custom resources are Documents with the declared fields", "[snapshot]")
{
    const Folder folder;
    folder.write("s.yaml", std::string{k_snapshot} + R"(---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec: {validationFailureAction: Enforce, rules: [{name: a, match: {any: [1, true, x]}, big: {}}], other: 1}
---
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sRequiredLabels
metadata: {name: c}
spec: {enforcementAction: deny}
)");
    auto source = source_of(folder);
    model::ReadPlan plan;
    plan.lists = {{"clusterpolicies.kyverno.io", {"spec.validationFailureAction", "spec.rules[].match"}}, {"*.constraints.gatekeeper.sh", {"spec"}}};

    const auto inventory = read(source, plan);

    const auto& policies = inventory.documents_of("clusterpolicies.kyverno.io");
    REQUIRE(policies.size() == 1);
    CHECK(policies[0].at("spec.validationFailureAction").text() == "Enforce");
    CHECK_FALSE(policies[0].at("spec.other").exists());
    REQUIRE(policies[0].at("spec.rules").size() == 1);
    CHECK_FALSE(policies[0].at("spec.rules").items()[0]["name"].exists());
    CHECK(policies[0].at("spec.rules").items()[0].at("match.any").contains("x"));
    CHECK(inventory.documents_of("k8srequiredlabels.constraints.gatekeeper.sh").size() == 1);
    CHECK(inventory.serves("k8srequiredlabels.constraints.gatekeeper.sh"));
}
