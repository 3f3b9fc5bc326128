// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/controls/secret_patterns.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <chrono>

using namespace seaworthy;
using namespace seaworthy::controls;

namespace {

std::string ids(std::string_view text, UrlPlace urls = UrlPlace::whole_text)
{
    std::string result;
    for (const auto& match : find_secrets(text, urls))
        result += (result.empty() ? "" : " ") + std::string{id(match.pattern)};
    return result;
}

const Pattern& exclude()
{
    static const auto pattern = Pattern::compile(R"(^(true|false|\d+[smhd]?|/.*|\$[({].*|<.*>|\*+|x+|vault:.*|https?://[^@]*|none|null)$)").value();
    return pattern;
}

std::string options(std::vector<std::string_view> tokens)
{
    std::string result;
    for (const auto& secret : find_argument_secrets(tokens, exclude())) {
        const auto value = tokens[secret.token].substr(secret.begin, secret.end - secret.begin);
        result += secret.option + "(" + std::string{value} + ")";
    }
    return result;
}

} // namespace

TEST_CASE("credentials are known by their form", "[secret-patterns]")
{
    CHECK(ids("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n") == "private-key");
    CHECK(ids("-----BEGIN PRIVATE KEY-----") == "private-key");
    CHECK(ids("ghp_0123456789abcdefghijABCDEFGHIJ0123456789") == "github-token");
    CHECK(ids("token=glpat-abcdefghij_klmnop-qrs") == "gitlab-token");
    CHECK(ids("xoxb-123456789012") == "slack-token");
    CHECK(ids("hvs.CAESIJlU02LQZq0123456789abc") == "vault-token");
    CHECK(ids("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N") == "json-web-token");
    CHECK(ids("Server=db;User Id=sa;Password=hunter22;") == "connection-string-password");
    CHECK(ids("postgres://u:p4ss@db/x") == "url-password");
    CHECK(ids("redis://:p4ss@cache") == "url-password");
}

TEST_CASE("what only looks like a credential is none", "[secret-patterns]")
{
    CHECK(ids("-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----") == "");
    CHECK(ids("-----BEGIN PUBLIC KEY-----") == "");
    CHECK(ids("ghp_tooshort") == "");
    CHECK(ids("xAKIAIOSFODNN7EXAMPLE") == "");
    CHECK(ids("AKIAIOSFODNN7EXAMPLEX") == "");
    CHECK(ids("postgres://user@db/x") == "");
    CHECK(ids("postgres://user:$(PASSWORD)@db/x") == "");
    CHECK(ids("postgres://user:${PASSWORD}@db/x") == "");
    CHECK(ids("https://host:8443/path@2") == "");
    CHECK(ids("Password=hunter22") == "");
    CHECK(ids("eyJ.eyJ.x") == "");
}

TEST_CASE("a URL inside a text counts only on command lines", "[secret-patterns]")
{
    constexpr std::string_view text = "--url=postgres://u:p4ss@db/x";

    CHECK(ids(text) == "");
    CHECK(ids(text, UrlPlace::anywhere) == "url-password");
}

TEST_CASE("an AWS access key id is an identifier until its secret stands beside it", "[secret-patterns]")
{
    const auto alone = find_secrets("AKIAIOSFODNN7EXAMPLE");
    const auto pair = find_secrets("id=AKIAIOSFODNN7EXAMPLE key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    REQUIRE(alone.size() == 1);
    CHECK(is_identifier_only(alone[0].pattern));
    REQUIRE(pair.size() == 1);
    CHECK(pair[0].pattern == SecretPattern::aws_key_pair);
}

TEST_CASE("names of credentials are told from names of their whereabouts", "[secret-patterns]")
{
    for (const auto* name : {"DB_PASSWORD", "dbPassword", "API_KEY", "apikey", "CLIENT_SECRET", "GITHUB_TOKEN", "auth.token", "TOKEN", "credentials"})
        CHECK(is_secret_name(name));
    for (const auto* name : {"DB_PASSWORD_FILE", "TOKEN_URL", "SECRET_NAME", "MONKEY", "BYPASS", "AWS_ACCESS_KEY_ID", "TOKENS", "PUBLIC_KEY", ""})
        CHECK_FALSE(is_secret_name(name));
}

TEST_CASE("weak defaults are not random", "[secret-patterns]")
{
    CHECK_FALSE(looks_random("postgres"));
    CHECK_FALSE(looks_random("changeme"));
    CHECK_FALSE(looks_random("Zk3!x"));
    CHECK(looks_random("Zk3!xq9Lw2"));
    CHECK(shannon_entropy("") == 0.0);
}

TEST_CASE("options that carry a credential are found in arguments and shell lines", "[secret-patterns]")
{
    CHECK(options({"--password=hunter2"}) == "--password(hunter2)");
    CHECK(options({"--db-password", "hunter2"}) == "--db-password(hunter2)");
    CHECK(options({"sh", "-c", "exec app --api-key 'k3y value' --verbose"}) == "--api-key(k3y value)");
    CHECK(options({"-token=abc", "--secret", "s3cret"}) == "-token(abc)--secret(s3cret)");
}

TEST_CASE("options that name a file, an object or a variable carry no credential", "[secret-patterns]")
{
    CHECK(options({"--token-file=/var/run/token", "--secret-name=app", "--tls-secret=app-tls"}) == "");
    CHECK(options({"--password=$(DB_PASSWORD)", "--token=$TOKEN", "--password=/run/secret"}) == "");
    CHECK(options({"sh", "-c", "app --password \"$PW\" --token $(cat /run/token) --api-key `cat k`"}) == "");
    CHECK(options({"--password", "--verbose", "--token"}) == "");
}

TEST_CASE("a placeholder is classified as the pattern that it stands for", "[secret-patterns]")
{
    for (int value = 0; value <= static_cast<int>(SecretPattern::connection_string_password); ++value) {
        const auto pattern = static_cast<SecretPattern>(value);
        const auto found = find_secrets(redacted_placeholder(pattern));
        INFO(id(pattern));
        REQUIRE(found.size() == 1);
        CHECK(found[0].pattern == pattern);
    }
}

TEST_CASE("redaction keeps the classification and drops the value", "[secret-patterns]")
{
    const std::string pair = "id=AKIAIOSFODNN7EXAMPLE key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const auto redacted = redact(pair);
    CHECK(redacted.find("wJalr") == std::string::npos);
    CHECK(redacted.find("IOSFODNN7") == std::string::npos);
    CHECK(ids(redacted) == ids(pair));

    CHECK(redact("postgres://u:p4ss@db/x") == "redacted://redacted:redacted@db/x");
    CHECK(redact("plain text") == "plain text");
    CHECK(looks_random(redact_named("DB_PASSWORD", "Zk3!xq9Lw2", exclude())));
    CHECK_FALSE(looks_random(redact_named("DB_PASSWORD", "postgres", exclude())));
    CHECK(redact_named("DB_PASSWORD", "$(PW)", exclude()) == "$(PW)");
    CHECK(redact_named("DB_HOST", "postgres", exclude()) == "postgres");

    const std::array<std::string_view, 3> arguments{"--password=hunter2", "--url=amqp://u:p4ss@mq", "--port=80"};
    CHECK(redact_arguments(arguments, exclude()) ==
          std::vector<std::string>{"--password=redacted", "--url=redacted://redacted:redacted@mq", "--port=80"});
}

TEST_CASE("hostile text is scanned in linear time", "[secret-patterns]")
{
    for (const std::string_view unit : {"-----BEGIN ", "eyJaaaaaaaaaaaa.", "eyJ-", "a://", "AKIA", "Server=pwd=", "github_pat_"}) {
        std::string text;
        while (text.size() < 256 * 1024)
            text += unit;
        const auto start = std::chrono::steady_clock::now();
        const auto found = find_secrets(text, UrlPlace::anywhere);
        INFO(unit);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{2});
        CHECK(found.size() <= 32);
    }
}
