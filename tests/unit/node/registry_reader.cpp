// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/node/registry_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temporary_directory.hpp"

using namespace seaworthy;
using model::MirrorKind;
using model::RegistryConfig;
using model::RegistryEntry;

namespace {

constexpr auto k_config = "/etc/containerd/config.toml";
constexpr auto k_version_3 = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/etc/containerd/certs.d'\n";
constexpr auto k_docker = "etc/containerd/certs.d/docker.io/hosts.toml";

/// A node's files in a folder of their own.
struct Tree {
    test::TemporaryDirectory folder;
    node::ReaderOptions options{.root = folder.path(), .node = "n1", .addresses = {"10.4.0.11"}, .internal_domains = {"corp.example.com"}};

    void write(std::string_view name, std::string_view content) const { folder.write(name.starts_with('/') ? name.substr(1) : name, content); }
    void link(const std::string& name, const std::string& target) const
    {
        std::filesystem::create_directories(std::filesystem::path{folder.path(name)}.parent_path());
        std::filesystem::create_symlink(target, folder.path(name));
    }
    [[nodiscard]] RegistryConfig read() const { return node::read_registry_config(options); }
};

const RegistryEntry& entry(const RegistryConfig& config, std::string_view host)
{
    const auto at = std::ranges::find(config.registries, host, &RegistryEntry::host);
    REQUIRE(at != config.registries.end());
    return *at;
}

bool has_error(const RegistryConfig& config, std::string_view part)
{
    return std::ranges::any_of(config.errors, [&](const std::string& error) { return error.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("containerd's hosts.toml is read in the order of the file", "[containerd]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(
        k_docker,
        "server = 'https://registry-1.docker.io'\n"
        "[host.'https://zeta.corp.example.com/v2/docker']\n  capabilities = ['pull', 'resolve']\n  override_path = true\n  ca = '/etc/ssl/z.crt'\n"
        "[host.'http://10.4.0.11:30020']\n  capabilities = ['pull']\n"
        "[host.'https://alpha.example.org'.header]\n  Authorization = 'Bearer secret'\n"
        "[host.'https://alpha.example.org']\n  skip_verify = true\n");

    const auto config = tree.read();

    CHECK(config.runtime == "containerd");
    CHECK(config.config_path_raw == "/etc/containerd/certs.d");
    CHECK(config.errors.empty());
    const auto& docker = entry(config, "docker.io");
    CHECK(docker.upstream_fallback);
    REQUIRE(docker.mirrors.size() == 3);
    CHECK(docker.mirrors[0].url == "https://zeta.corp.example.com/v2/docker");
    CHECK(docker.mirrors[0].kind == MirrorKind::internal);
    CHECK(docker.mirrors[0].override_path);
    CHECK(docker.mirrors[0].ca == "/etc/ssl/z.crt");
    CHECK_FALSE(docker.mirrors[0].can_push);
    CHECK(docker.mirrors[1].kind == MirrorKind::peer_to_peer);
    CHECK_FALSE(docker.mirrors[1].can_resolve);
    CHECK(docker.mirrors[2].kind == MirrorKind::public_cache);
    CHECK(docker.mirrors[2].insecure);
    CHECK(docker.mirrors[2].can_resolve);
    CHECK(to_json(config).find("secret") == std::string::npos);
    REQUIRE(config.config_files.size() == 2);
    CHECK(config.config_files[0].path == k_config);
    CHECK(config.config_files[0].sha256.size() == 64);
}

TEST_CASE("config version 2, imports and a folder for all other registries", "[containerd]")
{
    const Tree tree;
    tree.write(k_config, "version = 2\nimports = ['conf.d/*.toml', '/etc/containerd/config.toml']\n");
    tree.write("etc/containerd/conf.d/mirrors.toml",
               "[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path = '/etc/containerd/certs.d:/etc/docker/certs.d'\n"
               "[plugins.'io.containerd.grpc.v1.cri'.containerd]\ndiscard_unpacked_layers = true\n");
    tree.write("etc/containerd/certs.d/_default/hosts.toml", "[host.'https://mirror.corp.example.com']\n");
    tree.write("etc/docker/certs.d/registry.example_5000_/hosts.toml", "server = 'https://mirror.corp.example.com'\n");
    tree.write("etc/docker/certs.d/quay.io/ca.crt", "");

    const auto config = tree.read();

    CHECK(config.config_path_raw == "/etc/containerd/certs.d:/etc/docker/certs.d");
    CHECK(config.discard_unpacked_layers);
    REQUIRE(config.wildcard);
    CHECK(config.wildcard->mirrors.size() == 1);
    REQUIRE(config.registries.size() == 1); // a folder with certificates alone is no mirror
    CHECK(config.registries[0].host == "registry.example:5000");
    CHECK_FALSE(config.registries[0].upstream_fallback);
    CHECK(config.registries[0].mirrors.size() == 1);
}

TEST_CASE("the older tables count only where config_path is not set", "[containerd]")
{
    const Tree tree;
    const std::string legacy = "[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'docker.io']\n"
                               "endpoint = ['https://mirror.corp.example.com', 'https://registry-1.docker.io']\n"
                               "[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'*']\nendpoint = ['http://10.9.0.1:5000']\n"
                               "[plugins.'io.containerd.grpc.v1.cri'.registry.configs.'mirror.corp.example.com'.tls]\ninsecure_skip_verify = true\n"
                               "[plugins.'io.containerd.grpc.v1.cri'.registry.configs.'mirror.corp.example.com'.auth]\npassword = 'hunter2'\n";
    tree.write(k_config, legacy);

    const auto config = tree.read();

    const auto& docker = entry(config, "docker.io");
    REQUIRE(docker.mirrors.size() == 2);
    CHECK(docker.mirrors[0].insecure);
    CHECK(docker.mirrors[1].kind == MirrorKind::upstream);
    REQUIRE(config.wildcard);
    CHECK(config.wildcard->mirrors[0].kind == MirrorKind::internal);
    CHECK(to_json(config).find("hunter2") == std::string::npos);

    tree.write(k_config, legacy + "[plugins.'io.containerd.grpc.v1.cri'.registry]\nconfig_path = '/etc/containerd/certs.d'\n");
    CHECK(tree.read().registries.empty());
}

TEST_CASE("hosts.toml without config_path is ignored, as containerd does", "[containerd]")
{
    const Tree tree;
    tree.write(k_config, "version = 3\n");
    tree.write(k_docker, "[host.'https://mirror.corp.example.com']\n");

    const auto config = tree.read();

    CHECK(config.runtime == "containerd");
    CHECK(config.registries.empty());
    CHECK(config.errors.empty());
}

TEST_CASE("registries.conf: prefixes, mirrors by digest or tag, remaps and drop-ins", "[cri-o]")
{
    const Tree tree;
    tree.write("etc/containers/registries.conf",
               "unqualified-search-registries = ['docker.io']\n"
               "[[registry]]\nlocation = 'docker.io'\n"
               "[[registry.mirror]]\nlocation = 'mirror.corp.example.com/docker'\npull-from-mirror = 'digest-only'\n"
               "[[registry.mirror]]\nlocation = '10.9.0.1:5000/docker'\ninsecure = true\npull-from-mirror = 'digest-only'\n"
               "[[registry]]\nprefix = 'quay.io'\nlocation = 'mirror.corp.example.com/quay'\n"
               "[[registry]]\nprefix = 'ghcr.io'\nlocation = 'ghcr.io'\nblocked = true\n"
               "[[registry]]\nlocation = 'gcr.io'\n");
    tree.write("etc/containers/registries.conf.d/50-gcr.conf",
               "[[registry]]\nlocation = 'gcr.io'\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = 'mirror.corp.example.com/gcr'\n");
    tree.write("etc/containers/registries.conf.d/README", "no [toml");

    const auto config = tree.read();

    CHECK(config.runtime == "cri-o");
    CHECK(config.errors.empty());
    const auto& docker = entry(config, "docker.io");
    CHECK(docker.mode == model::PullMode::digest_only);
    CHECK(docker.mirrors[0].url == "https://mirror.corp.example.com/docker");
    CHECK_FALSE(docker.mirrors[0].can_resolve);
    CHECK(docker.mirrors[1].insecure);
    const auto& quay = entry(config, "quay.io");
    CHECK_FALSE(quay.upstream_fallback);
    CHECK(quay.mirrors.size() == 1);
    CHECK(entry(config, "ghcr.io").blocked);
    CHECK(entry(config, "ghcr.io").mirrors.empty());
    CHECK(entry(config, "gcr.io").mirrors.size() == 1);
    CHECK(entry(config, "gcr.io").mode == model::PullMode::digest_only);
}

TEST_CASE("k3s and RKE2: the generated files, else registries.yaml without its credentials", "[rancher]")
{
    const Tree tree;
    tree.write("etc/rancher/rke2/registries.yaml",
               "mirrors:\n  docker.io:\n    endpoint: ['https://mirror.corp.example.com']\n  quay.io: {}\n  '*':\n    endpoint: "
               "['http://10.9.0.1:5000']\nconfigs:\n  mirror.corp.example.com:\n    auth: {username: bob, password: hunter2}\n"
               "    tls: {ca_file: /etc/ssl/m.crt}\n");

    const auto config = tree.read();

    CHECK(config.runtime == "containerd");
    CHECK(entry(config, "docker.io").mirrors[0].ca == "/etc/ssl/m.crt");
    CHECK(entry(config, "quay.io").mirrors[0].kind == MirrorKind::peer_to_peer);
    REQUIRE(config.wildcard);
    CHECK(to_json(config).find("hunter2") == std::string::npos);
    CHECK(to_json(config).find("bob") == std::string::npos);

    tree.write("var/lib/rancher/rke2/agent/etc/containerd/certs.d/docker.io/hosts.toml", "[host.'https://second.corp.example.com']\n");
    CHECK(entry(tree.read(), "docker.io").mirrors[0].url == "https://second.corp.example.com");
}

TEST_CASE("Talos, MicroK8s and Docker", "[distributions]")
{
    const Tree talos;
    talos.write("etc/cri/conf.d/hosts/docker.io/hosts.toml", "[host.'https://mirror.corp.example.com']\n");
    CHECK(talos.read().registries.size() == 1);

    const Tree microk8s;
    microk8s.write("var/snap/microk8s/current/args/certs.d/docker.io/hosts.toml", "[host.'https://mirror.corp.example.com']\n");
    CHECK(microk8s.read().registries.size() == 1);

    const Tree docker;
    docker.write("etc/docker/daemon.json", R"({"registry-mirrors": ["https://mirror.corp.example.com", "http://10.9.0.1:5000"],
                                               "insecure-registries": ["10.9.0.1:5000"]})");
    const auto config = docker.read();
    CHECK(config.runtime == "docker");
    CHECK(entry(config, "docker.io").mirrors.size() == 2);
    CHECK(entry(config, "docker.io").mirrors[1].insecure);
}

TEST_CASE("the kubelet's word decides which runtime's files count", "[runtime]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write("etc/containers/registries.conf", "[[registry]]\nlocation = 'quay.io'\n");
    CHECK(tree.read().runtime == "containerd");

    tree.write("var/lib/kubelet/config.yaml", "kind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/crio/crio.sock\n");
    CHECK(tree.read().runtime == "cri-o");

    auto told = tree.options;
    told.runtime = node::Runtime::docker;
    CHECK(node::read_registry_config(told).runtime == "docker");
}

TEST_CASE("credential providers are named, without what they are configured with", "[providers]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(
        "etc/eks/image-credential-provider/config.json",
        R"({"kind": "CredentialProviderConfig", "providers": [{"name": "ecr-credential-provider", "args": ["s3cret"], "matchImages": ["*.amazonaws.com"]}]})");

    const auto config = tree.read();

    CHECK(config.credential_providers == std::vector<std::string>{"ecr-credential-provider"});
    CHECK(to_json(config).find("s3cret") == std::string::npos);
}

TEST_CASE("credentials in a mirror's URL are never reported", "[privacy]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(k_docker, "[host.'https://bob:hunter2@mirror.corp.example.com/v2?token=abc']\n");

    const auto config = tree.read();

    CHECK(entry(config, "docker.io").mirrors[0].url == "https://mirror.corp.example.com/v2");
}

TEST_CASE("an empty node has no configuration, and says so by no runtime", "[faults]")
{
    const Tree tree;
    const auto config = tree.read();
    CHECK(config.runtime.empty());
    CHECK(config.errors.empty());
    CHECK(config.node == "n1");
}

TEST_CASE("a root that is not there is an error, not an empty node", "[faults]")
{
    Tree tree;
    tree.options.root += "/missing";
    CHECK(has_error(tree.read(), "No such file"));
}

/// Root reads everything, the capability-less root of the DaemonSet does not: for file access this thread is somebody else.
class Unprivileged {
public:
    Unprivileged() : m_before(::setfsuid(65534)) {}
    ~Unprivileged() { ::setfsuid(static_cast<uid_t>(m_before)); }
    Unprivileged(const Unprivileged&) = delete;
    Unprivileged& operator=(const Unprivileged&) = delete;

private:
    int m_before;
};

TEST_CASE("a file or folder that may not be read is an error that names it", "[faults]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(k_docker, "[host.'https://mirror.corp.example.com']\n");
    tree.write("etc/containerd/certs.d/quay.io/hosts.toml", "[host.'https://mirror.corp.example.com']\n");
    REQUIRE(::chmod(tree.folder.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(tree.folder.path(k_docker).c_str(), 0) == 0);
    REQUIRE(::chmod(tree.folder.path("etc/containerd/certs.d/quay.io").c_str(), 0) == 0);

    RegistryConfig config;
    {
        const Unprivileged nobody;
        config = tree.read();
    }
    ::chmod(tree.folder.path("etc/containerd/certs.d/quay.io").c_str(), 0755);

    CHECK(has_error(config, "/etc/containerd/certs.d/docker.io/hosts.toml: Permission denied"));
    CHECK(has_error(config, "/etc/containerd/certs.d/quay.io/hosts.toml: Permission denied"));
    CHECK(config.registries.empty());
}

TEST_CASE("broken TOML is an error that says where, and never what", "[faults]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(k_docker, "[host.'https://mirror.corp.example.com']\npassword = hunter2\n");

    const auto config = tree.read();

    CHECK(has_error(config, "hosts.toml: is no TOML: line 2"));
    CHECK(to_json(config).find("hunter2") == std::string::npos);
    CHECK(config.registries.empty());
}

TEST_CASE("links stay inside the node's files", "[faults]")
{
    const Tree tree;
    const test::TemporaryDirectory outside;
    outside.write("hosts.toml", "[host.'https://outside.example.org']\n");
    tree.write(k_config, k_version_3);
    tree.write("opt/real/hosts.toml", "[host.'https://mirror.corp.example.com']\n");
    tree.link("etc/containerd/certs.d/docker.io", "/opt/real");                                         // absolute: from the tree's top
    tree.link("etc/containerd/certs.d/quay.io/hosts.toml", outside.path("hosts.toml"));                 // out of the tree
    tree.link("etc/containerd/certs.d/ghcr.io/hosts.toml", "../../../../../../../../../../etc/passwd"); // out and up
    tree.link("etc/containerd/certs.d/gcr.io/hosts.toml", "hosts.toml");                                // in a circle

    const auto config = tree.read();

    REQUIRE(config.registries.size() == 1);
    CHECK(config.registries[0].host == "docker.io");
    CHECK(has_error(config, "quay.io/hosts.toml: a link that leads to nothing"));
    CHECK(has_error(config, "ghcr.io/hosts.toml: a link that leads to nothing"));
    CHECK(has_error(config, "gcr.io/hosts.toml: a link that is not followed"));
}

TEST_CASE("a link to what is not mounted is an error, wherever in a path it is", "[faults]")
{
    const Tree folder;
    folder.write(k_config, k_version_3);
    folder.link("etc/containerd/certs.d", "/opt/certs.d");
    CHECK(has_error(folder.read(), "/etc/containerd/certs.d: a link that leads to nothing"));

    const Tree host;
    host.write(k_config, k_version_3);
    host.link("etc/containerd/certs.d/docker.io", "../../../opt/docker.io");
    CHECK(has_error(host.read(), "docker.io/hosts.toml: a link that leads to nothing"));

    const Tree config;
    config.link("etc/containerd/config.toml", "/nix/store/config.toml");
    CHECK(config.read().runtime == "containerd");
    CHECK(has_error(config.read(), "/etc/containerd/config.toml: a link that leads to nothing"));
}

TEST_CASE("a file of a gigabyte costs nothing", "[faults]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write(k_docker, "");
    REQUIRE(::truncate(tree.folder.path(k_docker).c_str(), 1L << 30) == 0); // sparse

    CHECK(has_error(tree.read(), "hosts.toml: is larger than 1 MiB"));
}

TEST_CASE("a FIFO, a folder and a device are no configuration", "[faults]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    tree.write("etc/containerd/certs.d/quay.io/hosts.toml/x", "");
    std::filesystem::create_directories(tree.folder.path("etc/containerd/certs.d/docker.io"));
    REQUIRE(::mkfifo(tree.folder.path(k_docker).c_str(), 0600) == 0);

    const auto config = tree.read();

    CHECK(has_error(config, "docker.io/hosts.toml: is no regular file"));
    CHECK(has_error(config, "quay.io/hosts.toml: is no regular file"));
}

TEST_CASE("many files are read up to a limit", "[faults]")
{
    const Tree tree;
    tree.write(k_config, k_version_3);
    for (int i = 0; i < 400; ++i)
        tree.write("etc/containerd/certs.d/r" + std::to_string(i) + ".example/hosts.toml", "[host.'https://mirror.corp.example.com']\n");

    const auto config = tree.read();

    CHECK(config.registries.size() == 255);
    CHECK(has_error(config, "too many files"));
    CHECK(config.errors.size() <= 101);
}

TEST_CASE("imports that go in a circle end", "[faults]")
{
    const Tree tree;
    tree.write(k_config, "imports = ['/etc/containerd/a.toml']\n");
    tree.write("etc/containerd/a.toml", "imports = ['/etc/containerd/b.toml']\n");
    tree.write("etc/containerd/b.toml", "imports = ['/etc/containerd/a.toml', '/etc/containerd/config.toml']\n");

    CHECK(tree.read().errors.empty());
}

TEST_CASE("deep nesting ends in an error", "[faults]")
{
    const Tree tree;
    tree.write(k_config, "x = " + std::string(5000, '[') + std::string(5000, ']') + "\n");
    CHECK(has_error(tree.read(), "config.toml: is"));
}
