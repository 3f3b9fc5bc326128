// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "seaworthy/replay/api_server.hpp"
#include "unit/replay/fetch.hpp"

namespace seaworthy::replay {

namespace {

class Folder {
public:
    Folder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "seaworthy-replay-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { std::filesystem::remove_all(m_path); }
    void write(const char* name, const char* text) const { std::ofstream{m_path / name} << text; }
    [[nodiscard]] std::string path() const { return m_path.string(); }

private:
    std::filesystem::path m_path;
};

} // namespace

TEST_CASE("a snapshot's objects, version, served resources, gaps and probes come back from the server", "[replay]")
{
    const Folder folder;
    folder.write("cluster.yaml", R"(apiVersion: seaworthy.dev/v1
kind: Snapshot
spec:
  takenAt: "2026-11-22T04:00:00Z"
  server: {gitVersion: v1.33.1}
  served: [ciliumnetworkpolicies.cilium.io]
  gaps:
    - {resource: secrets, namespace: "*", reason: forbidden}
    - {resource: deployments.apps, namespace: shop, reason: forbidden}
    - {resource: ingresses.networking.k8s.io, namespace: "*", reason: not_served}
    - {resource: nodes, namespace: "*", reason: unavailable}
  probes:
    - {url: "apiserver:/metrics", status: 200, body: "up 1\n"}
    - {url: "selfsubjectaccessreview:list/pods", status: 201, body: '{"allowed": false}'}
---
apiVersion: example.dev/v1
kind: Gadget
metadata: {name: g}
spec: {size: 0644}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgetry.example.dev}
spec:
  group: example.dev
  scope: Cluster
  names: {plural: gadgetry, kind: Gadget}
  versions: [{name: v1, served: true}]
)");
    folder.write("pods.json", R"({"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}]})");
    const auto server = ApiServer::start({});
    REQUIRE(server.has_value());

    REQUIRE(load_snapshot(**server, {folder.path()}).has_value());

    const auto port = (*server)->port();
    CHECK(fetch(port, "/version").json()["gitVersion"] == "v1.33.1");
    CHECK(fetch(port, "/api/v1/pods").json()["items"][0]["metadata"]["namespace"] == "default");
    CHECK(fetch(port, "/apis/example.dev/v1/gadgetry").json()["items"][0]["spec"]["size"] == 420);
    CHECK(fetch(port, "/apis/cilium.io/v1/ciliumnetworkpolicies").json()["items"].empty());
    CHECK(fetch(port, "/api/v1/secrets").status == 403);
    CHECK(fetch(port, "/apis/apps/v1/deployments").status == 200);
    CHECK(fetch(port, "/apis/apps/v1/namespaces/shop/deployments").status == 403);
    CHECK(fetch(port, "/apis/networking.k8s.io/v1/ingresses").status == 404);
    CHECK(fetch(port, "/api/v1/nodes").status == 503);
    CHECK(fetch(port, "/metrics").body == "up 1\n");
}

TEST_CASE("a broken file is an error that names it", "[replay]")
{
    const Folder folder;
    folder.write("broken.yaml", "a: [\n");
    const auto server = ApiServer::start({});

    const auto loaded = load_snapshot(**server, {folder.path()});

    REQUIRE_FALSE(loaded.has_value());
    CHECK_THAT(loaded.error().message, Catch::Contains("broken.yaml"));
}

} // namespace seaworthy::replay
