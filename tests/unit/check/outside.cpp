// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/check/outside.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy::check;

TEST_CASE("a registry's API is at its host, at apiUrl, or at Docker Hub's own")
{
    CHECK(Registry{.host = "harbor.example"}.ping_url() == "https://harbor.example/v2/");
    CHECK(Registry{.host = "docker.io"}.ping_url() == "https://registry-1.docker.io/v2/");
    CHECK(Registry{.host = "harbor.example", .api_url = "http://10.0.0.1:5000/"}.ping_url() == "http://10.0.0.1:5000/v2/");
    CHECK(Registry{.host = "harbor.example", .repo = "a/b", .tag = "1"}.manifest_url() == "https://harbor.example/v2/a/b/manifests/1");
    CHECK(Registry{.host = "harbor.example", .repo = "a/b"}.manifest_url().empty());
}

TEST_CASE("the well-known path follows the issuer without its last slash")
{
    CHECK(Issuer{.url = "https://idp.example/realms/a/"}.discovery_url() == "https://idp.example/realms/a/.well-known/openid-configuration");
    CHECK(Issuer{.url = "https://idp.example"}.discovery_url() == "https://idp.example/.well-known/openid-configuration");
}

TEST_CASE("a token is asked for at the registry's host, or at one that is configured")
{
    const Registry hub{.host = "registry.example", .repo = "a/b"};
    Outside outside;
    outside.registries = {hub, {.host = "auth.example"}};

    CHECK(token_url(outside, hub, R"(Bearer realm="https://registry.example/token",service="registry.example")") ==
          "https://registry.example/token?service=registry.example&scope=repository:a/b:pull");
    CHECK(token_url(outside, hub, R"(bearer service="a b&c",realm="https://auth.example/t?x=1")") ==
          "https://auth.example/t?x=1&service=a%20b%26c&scope=repository:a/b:pull");
    for (const auto* challenge : {R"(Bearer realm="https://evil.example/token")", R"(Basic realm="https://registry.example/")",
                                  R"(Bearer service="x")", "Bearer ", "", R"(Bearer realm="https://registry.example@evil.example/token")",
                                  R"(Bearer realm="file:///etc/passwd")", R"(Bearer xrealm="https://registry.example/")"}) {
        INFO(challenge);
        CHECK_FALSE(token_url(outside, hub, challenge));
    }
}

TEST_CASE("the host of a URL keeps its port and never its credentials")
{
    CHECK(host_of_url("https://Harbor.Example:8443/v2/") == "harbor.example:8443");
    CHECK(host_of_url("http://a?b") == "a");
    CHECK(host_of_url("https://u:p@a/").empty());
    CHECK(host_of_url("ftp://a/").empty());
}

TEST_CASE("a component to log in to is a selector, a source and a place")
{
    const auto component = parse_login_component("app in (portal, backstage),tier!=test  configmap backstage/app-config.yaml/auth.issuer");
    REQUIRE(component);
    CHECK(component->source == LoginComponent::Source::configmap);
    CHECK(component->path == "backstage/app-config.yaml/auth.issuer");
    CHECK(parse_login_component("app=backstage env AUTH_OIDC_ISSUER"));
    CHECK(parse_login_component("app=backstage arg oidc-issuer"));

    const auto asked = parse_login_component("app=backstage probe https://portal.example/api/auth/oidc/start?env=production");
    REQUIRE(asked);
    CHECK(asked->source == LoginComponent::Source::probe);
    CHECK(asked->path == "https://portal.example/api/auth/oidc/start?env=production");

    for (const auto* wrong :
         {"", "app=backstage probe portal.example", "app=backstage probe file:///etc/passwd", "app=backstage", "env AUTH", "app=backstage AUTH",
          "app=backstage secret a/b", "app=backstage configmap settings", "app=backstage arg --issuer", "app=(  env A", " env A"}) {
        INFO(wrong);
        CHECK_FALSE(parse_login_component(wrong));
    }
}
