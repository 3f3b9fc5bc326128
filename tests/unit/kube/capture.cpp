// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "kube/decode/list_splitter.hpp"
#include "kube/decode/object_decoder.hpp"
#include "seaworthy/kube/capture.hpp"
#include "seaworthy/kube/snapshot.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder()
    {
        std::string pattern = (fs::temp_directory_path() / "seaworthy-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string text() const
    {
        std::string all;
        for (const auto& entry : fs::recursive_directory_iterator{path}) {
            std::ifstream in{entry.path()};
            all.append(std::istreambuf_iterator<char>{in}, {});
        }
        return all;
    }
    fs::path path;
};

Redaction redaction()
{
    Redaction hooks;
    hooks.text = [](std::string_view text) { return text.find("hunter2") != std::string_view::npos ? "[text]" : std::string{text}; };
    hooks.named = [](std::string_view name, std::string_view value) { return name == "PASSWORD" ? "[named]" : std::string{value}; };
    hooks.arguments = [](std::span<const std::string_view> line) {
        std::vector<std::string> out{line.begin(), line.end()};
        for (std::size_t i = 1; i < out.size(); ++i)
            if (out[i - 1] == "--password") out[i] = "[argument]";
        return out;
    };
    return hooks;
}

/// An audit that reads objects as a live source does, and the capture of it.
struct Audit {
    explicit Audit(model::ReadPlan wanted, const Folder& folder)
        : plan(std::move(wanted)), decoder(inventory, plan), capture(*Capture::create(folder.path.string(), plan, redaction()))
    {
        inventory.taken_at = parse_rfc3339("2026-11-22T04:00:00Z");
        inventory.cluster.name = "one";
        inventory.cluster.version = "v1.36.3";
        inventory.served = {"pods", "namespaces", "clusterpolicies.kyverno.io", "leases.coordination.k8s.io", "secrets"};
        inventory.listed = {"pods", "namespaces", "clusterpolicies.kyverno.io"};
    }
    void read(const std::string& resource, std::string json)
    {
        const std::size_t size = json.size();
        json.append(k_json_padding, ' ');
        decoder.decode(decoder.target(resource), {std::string_view{json}.substr(0, size)});
        capture.object(resource, std::string_view{json}.substr(0, size));
    }
    model::ReadPlan plan;
    model::Inventory inventory;
    ObjectDecoder decoder;
    Capture capture;
};

const std::string k_pod =
    R"({"metadata":{"name":"a","namespace":"shop","managedFields":[{"manager":"kubectl"}],"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"secret",)"
    R"("note":"hunter2 was here","kept":"\"quoted\" \u00e9"}},"spec":{"containers":[{"args":["x","y"],"command":["run","--password"],"env":[{"name":"PASSWORD",)"
    R"("value":"abc"},{"name":"OTHER","value":"def"}],"image":"a:1","name":"c","securityContext":{"runAsUser":1.0e3}}]},"status":{"phase":"Running"}})";

model::ReadPlan plan_of(std::vector<model::ReadPlan::Item> lists)
{
    model::ReadPlan plan;
    plan.lists = std::move(lists);
    return plan;
}

} // namespace

TEST_CASE("a capture reads back as what was read", "[capture]")
{
    const Folder folder;
    Audit audit{plan_of({{"pods", {}}, {"clusterpolicies.kyverno.io", {"spec.rules"}}}), folder};
    audit.read("namespaces", R"({"metadata":{"name":"kube-system","uid":"u"}})");
    std::string valid_pod = k_pod;
    valid_pod.replace(valid_pod.find("1.0e3"), 5, "1000 ");
    audit.read("pods", valid_pod);
    audit.read("pods", R"({"metadata":{"name":"broken","namespace":"shop"},"spec":7})");
    audit.read("clusterpolicies.kyverno.io",
               R"({"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"p"},"spec":{"rules":[{"name":"r"}],"other":"unasked"}})");
    audit.inventory.gaps.push_back({"nodes", "*", model::Reason::forbidden, "may not list nodes"});
    model::ProbeAnswer answer;
    answer.at = audit.inventory.taken_at;
    answer.status = 200;
    answer.body = "{\"a\": \"b\nc\"}";
    answer.headers["content-type"] = "application/json";
    audit.inventory.probes["https://a.example/"] = {answer};

    REQUIRE(audit.capture.finish(audit.inventory, "oidc: {issuers: [a]}"));

    SnapshotSource source{{{folder.path.string()}, false, {}}};
    auto again = source.read(audit.plan, {});
    REQUIRE(again);
    CHECK(source.config_text() == R"({"oidc":{"issuers":["a"]}})");
    CHECK(again->taken_at == audit.inventory.taken_at);
    CHECK(again->cluster.name == "one");
    CHECK(again->cluster.uid == "u");
    CHECK(again->served == audit.inventory.served);
    CHECK(again->listed.contains("pods"));
    CHECK_FALSE(again->listed.contains("secrets"));
    REQUIRE(again->gaps.size() == audit.inventory.gaps.size());
    for (std::size_t i = 0; i < again->gaps.size(); ++i)
        CHECK(again->gaps[i].message == audit.inventory.gaps[i].message);
    REQUIRE(again->probe("https://a.example/") != nullptr);
    CHECK(again->probe("https://a.example/")->body == answer.body);
    CHECK(again->probe("https://a.example/")->headers == answer.headers);
    REQUIRE(again->pods.size() == 1);
    CHECK(again->pods[0].spec()->containers[0].security->run_as_user == 1000);
    CHECK(again->pods[0].annotations().get("kept") == "\"quoted\" \u00e9");
    REQUIRE(again->documents_of("clusterpolicies.kyverno.io").size() == 1);
    CHECK(again->documents_of("clusterpolicies.kyverno.io")[0].at("spec.rules").items()[0]["name"].text() == "r");
}

TEST_CASE("a capture holds no credential and nothing that nobody asked for", "[capture]")
{
    const Folder folder;
    Audit audit{plan_of({{"pods", {}}, {"clusterpolicies.kyverno.io", {"spec.rules"}}, {"sopssecrets.addons.projectcapsule.dev", {"spec.secrets"}}}),
                folder};
    audit.read("pods", k_pod);
    audit.read(
        "clusterpolicies.kyverno.io",
        R"({"apiVersion":"kyverno.io/v1","kind":"ClusterPolicy","metadata":{"name":"p","managedFields":[{"manager":"kubectl-edit","operation":"Update",)"
        R"("fieldsV1":{"f:spec":{"f:rules":{"k:{\"name\":\"hand-made\"}":{}}}}}]},"spec":{"other":"unasked"}})");
    audit.read("sopssecrets.addons.projectcapsule.dev",
               R"({"apiVersion":"addons.projectcapsule.dev/v1alpha1","metadata":{"name":"s","namespace":"shop"},"spec":{"secrets":[{"name":"db",)"
               R"("stringData":{"password":"hunter2","other":"ENC[AES256_GCM,data:abc]"}}]},"kind":"SopsSecret"})");
    model::SecretRow row;
    row.name = audit.inventory.vault().texts.intern("marked");
    row.ns = audit.inventory.vault().texts.intern("shop");
    row.keys = 2;
    audit.inventory.secrets.push_back(row);

    REQUIRE(audit.capture.finish(audit.inventory, {}));

    const std::string text = folder.text();
    CHECK(text.find("hunter2") == std::string::npos);
    CHECK(text.find("secret\"") == std::string::npos);
    CHECK(text.find("unasked") == std::string::npos);
    CHECK(text.find(R"("stringData":{"password":"[clear]","other":"ENC[AES256_GCM,"})") != std::string::npos);
    const auto& sops = audit.inventory.documents_of("sopssecrets.addons.projectcapsule.dev").front();
    CHECK(sops.at("spec.secrets").items()[0].at("stringData.password").text() == "[clear]");
    CHECK(text.find("hand-made") == std::string::npos);
    CHECK(text.find(R"("managedFields":[{"manager":"kubectl-edit","operation":"Update","fieldsV1":{"f:spec":{"f:*":{}}}}])") != std::string::npos);
    CHECK(text.find(R"("kubectl.kubernetes.io/last-applied-configuration":"")") != std::string::npos);
    CHECK(text.find(R"("command":["run","--password"])") != std::string::npos);
    CHECK(text.find(R"("args":["[argument]",)") != std::string::npos);
    CHECK(text.find(R"({"name":"PASSWORD","value":"[named]"},{"name":"OTHER","value":"def"})") != std::string::npos);
    CHECK(text.find("\"marked\"") != std::string::npos);
    CHECK(text.find(R"("key-1":"","key-2":"")") != std::string::npos);
}

TEST_CASE("a list that begins anew is written once", "[capture]")
{
    const Folder folder;
    Audit audit{plan_of({{"pods", {}}}), folder};
    const auto pod = [](const std::string& ns, const std::string& name) {
        return fmt::format(R"({{"metadata":{{"name":"{}","namespace":"{}"}},"spec":{{"containers":[]}}}})", name, ns);
    };
    audit.read("pods", pod("a", "one"));
    audit.read("pods", pod("b", "two"));
    audit.read("pods", pod("b", "three"));

    audit.capture.restart("pods", "b");
    audit.read("pods", pod("b", "four"));
    REQUIRE(audit.capture.finish(audit.inventory, {}));

    SnapshotSource source{{{folder.path.string()}, false, {}}};
    auto again = source.read(audit.plan, {});
    REQUIRE(again);
    REQUIRE(again->pods.size() == 2);
    CHECK(again->pods[0].name == "one");
    CHECK(again->pods[1].name == "four");
}

TEST_CASE("a folder that holds something else is not overwritten, an earlier capture is", "[capture]")
{
    const Folder folder;
    {
        Audit audit{plan_of({{"pods", {}}}), folder};
        audit.read("pods", k_pod);
        REQUIRE(audit.capture.finish(audit.inventory, {}));
    }
    const model::ReadPlan plan;

    CHECK(Capture::create(folder.path.string(), plan, {}));
    CHECK(fs::is_empty(folder.path));
    std::ofstream{folder.path / "notes.txt"} << "mine";
    CHECK_FALSE(Capture::create(folder.path.string(), plan, {}));
    CHECK(fs::exists(folder.path / "notes.txt"));
}
