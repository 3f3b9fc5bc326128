// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/registry_config.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy;
using model::parse_registry_config;
using model::RegistryConfigLimits;

namespace {

std::string repeated(std::string_view item, std::size_t times)
{
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text.append(i == 0 ? "" : ",").append(item);
    return text;
}

std::string with_mirror(std::string_view mirror)
{
    return R"({"registries":[{"host":"docker.io","mirrors":[)" + std::string{mirror} + "]}]}";
}

} // namespace

TEST_CASE("a report that is written is read back the same", "[registry_config]")
{
    const auto first = parse_registry_config(
        R"({"node":"n1","runtime":"containerd","version":"2.1.4","config_files":[{"path":"/a","sha256":"00","mtime":"2026-11-22T04:00:00Z"}],
            "config_path_raw":"/a:/b","use_local_image_pull":true,"registries":[{"host":"docker.io","mirrors":[{"url":"https://m.example","caps":["pull"],
            "insecure":true,"ca":"/ca","override_path":true,"kind":"p2p","dial":"ok"}],"upstream_fallback":false,"mode":"digest-only","blocked":true}],
            "wildcard":{"host":"_default","mirrors":[]},"credential_providers":["ecr"],"errors":["x"],"unknown":{"a":1}})");
    REQUIRE(first);
    const auto json = to_json(*first);
    const auto second = parse_registry_config(json);
    REQUIRE(second);
    CHECK(to_json(*second) == json);
    CHECK(second->registries[0].mirrors[0].kind == model::MirrorKind::peer_to_peer);
    CHECK_FALSE(second->registries[0].mirrors[0].can_resolve);
    CHECK(second->registries[0].mode == model::PullMode::digest_only);
    CHECK(second->wildcard->is_wildcard());
}

TEST_CASE("a report of another form is refused as a whole", "[registry_config]")
{
    CHECK_FALSE(parse_registry_config(""));
    CHECK_FALSE(parse_registry_config("[]"));
    CHECK_FALSE(parse_registry_config("<html>"));
    CHECK_FALSE(parse_registry_config(R"({"registries":{}})"));
    CHECK_FALSE(parse_registry_config(R"({"registries":[1]})"));
    CHECK_FALSE(parse_registry_config(R"({"registries":[{"host":""}]})"));
    CHECK_FALSE(parse_registry_config(R"({"errors":[{}]})"));
    CHECK_FALSE(parse_registry_config(R"({"node":7})"));
    CHECK_FALSE(parse_registry_config(with_mirror("{}")));
    CHECK_FALSE(parse_registry_config(with_mirror(R"({"url":"https://m","insecure":"no"})")));
    CHECK_FALSE(parse_registry_config(std::string(600, '[') + std::string(600, ']')));
}

TEST_CASE("a report beyond the limits is refused", "[registry_config]")
{
    CHECK(parse_registry_config(R"({"registries":[)" + repeated(R"({"host":"a"})", RegistryConfigLimits::registries) + "]}"));
    CHECK_FALSE(parse_registry_config(R"({"registries":[)" + repeated(R"({"host":"a"})", RegistryConfigLimits::registries + 1) + "]}"));
    CHECK(parse_registry_config(with_mirror(repeated(R"({"url":"https://m"})", RegistryConfigLimits::mirrors))));
    CHECK_FALSE(parse_registry_config(with_mirror(repeated(R"({"url":"https://m"})", RegistryConfigLimits::mirrors + 1))));
    CHECK_FALSE(parse_registry_config(R"({"node":")" + std::string(RegistryConfigLimits::text + 1, 'a') + "\"}"));
    CHECK_FALSE(parse_registry_config(R"({"errors":[)" + repeated("\"a\"", RegistryConfigLimits::list + 1) + "]}"));
}

TEST_CASE("texts are printable and URLs without credentials", "[registry_config]")
{
    const auto config = parse_registry_config(
        R"({"node":"a\u001b[31mb","registries":[{"host":"docker.io","mirrors":[{"url":"https://bob:pw@m.example/v2?x=y#z"}]}]})");
    REQUIRE(config);
    CHECK(config->node.find('\x1b') == std::string::npos);
    CHECK(config->registries[0].mirrors[0].url == "https://m.example/v2");
}

TEST_CASE("the longest entry decides about a repository, then the wildcard", "[registry_config]")
{
    const auto config =
        parse_registry_config(R"({"registries":[{"host":"*"},{"host":"docker.io/library"},{"host":"index.docker.io"},{"host":"*.example.com"}]})");
    REQUIRE(config);
    CHECK(config->entry_of("docker.io/library/nginx")->host == "docker.io/library");
    CHECK(config->entry_of("docker.io/librarything/x")->host == "index.docker.io");
    CHECK(config->entry_of("docker.io")->host == "index.docker.io");
    CHECK(config->entry_of("a.example.com/x")->host == "*.example.com");
    CHECK(config->entry_of("quay.io/x")->host == "*");
    CHECK(parse_registry_config("{}")->entry_of("quay.io") == nullptr);
}
