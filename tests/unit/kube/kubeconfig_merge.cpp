// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "kube/kubeconfig_file.hpp"
#include "support/temporary_directory.hpp"
#include "unit/kube/fake_surroundings.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using seaworthy::test::FakeSurroundings;
using seaworthy::test::TemporaryDirectory;

namespace {

Kubeconfig merged(const std::string& text)
{
    Kubeconfig config;
    const auto result = merge_kubeconfig(text, "/home/u/.kube/config", config);
    if (!result) FAIL(result.error().message);
    return config;
}

std::string error_of(const std::string& text)
{
    Kubeconfig config;
    const auto result = merge_kubeconfig(text, "/cfg", config);
    return result ? std::string{"no error"} : result.error().message;
}

} // namespace

TEST_CASE("a kubeconfig is read with its paths resolved beside it", "[kubeconfig]")
{
    const auto config = merged(R"(
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c
  cluster: {server: "https://api:6443", certificate-authority: pki/ca.crt, tls-server-name: kubernetes, proxy-url: "socks5://p:1080"}
users:
- name: u
  user: {client-certificate: ../u.crt, client-key: /abs/u.key, as: root, as-groups: [a, b], as-user-extra: {reason: [x, y]}}
contexts:
- name: prod
  context: {cluster: c, user: u, namespace: shop}
unknown-key: is ignored
)");
    CHECK(config.current_context == "prod");
    CHECK(config.clusters.at("c").ca_file == "/home/u/.kube/pki/ca.crt");
    CHECK(config.clusters.at("c").origin.line == 7);
    CHECK(config.users.at("u").certificate_file == "/home/u/u.crt");
    CHECK(config.users.at("u").key_file == "/abs/u.key");
    CHECK(config.users.at("u").as_groups == std::vector<std::string>{"a", "b"});
    CHECK(config.users.at("u").as_extra.at(1) == std::pair<std::string, std::string>{"reason", "y"});
    CHECK(config.contexts.at("prod").ns == "shop");
}

TEST_CASE("a kubeconfig may be JSON or empty", "[kubeconfig]")
{
    CHECK(merged(R"({"kind":"Config","apiVersion":"v1","clusters":[{"name":"c","cluster":{"server":"https://a"}}]})").clusters.at("c").server ==
          "https://a");
    CHECK(merged("").empty());
    CHECK(merged("apiVersion: v1\nkind: Config\nclusters: null\nusers: []\n").empty());
}

TEST_CASE("the first file wins for each entry and each scalar, and entries are never mixed", "[kubeconfig]")
{
    Kubeconfig config;
    REQUIRE(merge_kubeconfig("clusters: [{name: c, cluster: {server: 'https://one'}}]", "/one", config));
    REQUIRE(merge_kubeconfig("current-context: two\nclusters: [{name: c, cluster: {server: 'https://two', tls-server-name: x}}, {name: d, cluster: "
                             "{server: 'https://d'}}]",
                             "/two", config));
    REQUIRE(merge_kubeconfig("current-context: three", "/three", config));

    CHECK(config.clusters.at("c").server == "https://one");
    CHECK(config.clusters.at("c").tls_server_name.empty());
    CHECK(config.clusters.at("d").server == "https://d");
    CHECK(config.current_context == "two");
}

TEST_CASE("what is wrong in a kubeconfig is named with file and line", "[kubeconfig]")
{
    struct Case {
        const char* text;
        const char* where;
        const char* what;
    };
    const Case cases[] = {
        {"clusters: [\n", "/cfg:", "no valid YAML"},
        {"kind: Pod\napiVersion: v1\n", "/cfg:1", "not v1 Config"},
        {"- a\n", "/cfg:1", "is not a map"},
        {"clusters: {}\n", "/cfg:1", "clusters is not a list"},
        {"clusters:\n- name: c\n  cluster: {server: [x]}\n", "/cfg:3", "server is not a string"},
        {"clusters:\n- name: c\n  cluster:\n    insecure-skip-tls-verify: maybe\n", "/cfg:4", "neither true nor false"},
        {"clusters:\n- name: c\n  cluster:\n    certificate-authority-data: '%%%'\n", "/cfg:4", "not base64"},
        {"users:\n- name: u\n  user:\n    client-key-data: aGVsbG8=\n", "/cfg:4", "not base64 of PEM"},
        {"users:\n- name: u\n  user: {}\n- name: u\n  user: {}\n", "/cfg:4", "occurs twice"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}\n", "/cfg:4", "v1alpha1"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: x}\n", "/cfg:4", "interactiveMode is missing"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1beta1}\n", "/cfg:4", "command is missing"},
        {"users:\n- name: u\n  user:\n    exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Sometimes}\n", "/cfg:4",
         "Sometimes"},
    };
    for (const Case& one : cases) {
        const std::string message = error_of(one.text);
        INFO(one.text << "\n" << message);
        CHECK(message.find(one.where) == 0);
        CHECK(message.find(one.what) != std::string::npos);
    }
}

TEST_CASE("a kubeconfig full of aliases or nesting does not exhaust the reader", "[kubeconfig]")
{
    std::string bomb = "a: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        bomb += "b" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
        for (int k = 0; k < 9; ++k)
            bomb += "," + before;
        bomb += "]\n";
    }
    bomb += "clusters:\n- name: c\n  cluster:\n    extensions: [{name: client.authentication.k8s.io/exec, extension: *a11}]\n";
    CHECK(error_of(bomb).find("too large") != std::string::npos);
    CHECK(error_of(std::string(100'000, '[')).find("no valid YAML") != std::string::npos);
}

TEST_CASE("--kubeconfig is read alone and must exist", "[kubeconfig]")
{
    const TemporaryDirectory directory;
    FakeSurroundings surroundings;
    surroundings.variables["KUBECONFIG"] = directory.write("other", "current-context: other");
    ConnectionOptions options;
    options.kubeconfig = directory.write("named", "clusters: []");

    const auto config = load_kubeconfig(options, surroundings.get());
    REQUIRE(config);
    CHECK(config->current_context.empty());

    options.kubeconfig = directory.path("missing");
    const auto missing = load_kubeconfig(options, surroundings.get());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == Error::Kind::not_found);
    CHECK(missing.error().message.find(options.kubeconfig) != std::string::npos);
}

TEST_CASE("KUBECONFIG lists files, of which missing ones are skipped", "[kubeconfig]")
{
    const TemporaryDirectory directory;
    FakeSurroundings surroundings;
    const std::string one = directory.write("one", "current-context: one");
    const std::string two = directory.write("two", "current-context: two");
    surroundings.variables["KUBECONFIG"] = directory.path("missing") + "::" + one + ":" + two + ":" + one;

    const auto config = load_kubeconfig({}, surroundings.get());
    REQUIRE(config);
    CHECK(config->current_context == "one");
    CHECK(config->files == std::vector<std::string>{one, two});
    CHECK(config->warnings.empty());

    surroundings.variables["KUBECONFIG"] = directory.path("missing");
    const auto none = load_kubeconfig({}, surroundings.get());
    REQUIRE(none);
    CHECK(none->empty());
    CHECK(none->warnings.size() == 1);
}

TEST_CASE("without KUBECONFIG the file in the home directory is read", "[kubeconfig]")
{
    const TemporaryDirectory directory;
    FakeSurroundings surroundings;
    surroundings.variables["HOME"] = directory.path();
    CHECK(load_kubeconfig({}, surroundings.get())->empty());
    directory.write(".kube/config", "current-context: home");
    CHECK(load_kubeconfig({}, surroundings.get())->current_context == "home");
}
