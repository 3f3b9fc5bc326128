// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/api_answers.hpp"

#include <charconv>
#include <utility>

#include <simdjson.h>

namespace seaworthy::kube {
namespace {

using simdjson::dom::element;

/// A missing member, or one of another type, reads as empty: the callers decide what must be there.
std::string text(const element& parent, const char* key)
{
    std::string_view value;
    return parent[key].get(value) == simdjson::SUCCESS ? std::string{value} : std::string{};
}

bool flag(const element& parent, const char* key)
{
    bool value = false;
    return parent[key].get(value) == simdjson::SUCCESS && value;
}

template <typename Use>
void each(const element& parent, const char* key, Use use)
{
    simdjson::dom::array items;
    if (parent[key].get(items) != simdjson::SUCCESS) return;
    for (const element item : items)
        use(item);
}

/// One document, valid as long as this.
class Parsed {
public:
    explicit Parsed(std::string_view json) : m_ok(m_parser.parse(json.data(), json.size()).get(m_root) == simdjson::SUCCESS && m_root.is_object()) {}
    explicit operator bool() const { return m_ok; }
    [[nodiscard]] const element& root() const { return m_root; }

private:
    simdjson::dom::parser m_parser;
    element m_root;
    bool m_ok;
};

Failure not_json(std::string_view what)
{
    return failure(Error::Kind::protocol, std::string{what} + " is not the JSON that was expected",
                   "Check that the URL leads to a Kubernetes API server.");
}

bool has_verb_list(const element& resource)
{
    bool found = false;
    each(resource, "verbs", [&](const element& verb) {
        std::string_view word;
        found = found || (verb.get(word) == simdjson::SUCCESS && word == "list");
    });
    return found;
}

} // namespace

StatusAnswer parse_status(std::string_view json)
{
    StatusAnswer answer;
    const Parsed parsed{json};
    if (!parsed || text(parsed.root(), "kind") != "Status") return answer;
    answer.reason = text(parsed.root(), "reason");
    answer.message = text(parsed.root(), "message");
    element part;
    if (parsed.root()["metadata"].get(part) == simdjson::SUCCESS) answer.continue_token = text(part, "continue");
    std::int64_t seconds = 0;
    if (parsed.root()["details"]["retryAfterSeconds"].get(seconds) == simdjson::SUCCESS && seconds > 0) answer.retry_after_seconds = seconds;
    return answer;
}

Result<VersionAnswer> parse_version(std::string_view json)
{
    const Parsed parsed{json};
    VersionAnswer answer;
    if (parsed) answer.git_version = text(parsed.root(), "gitVersion");
    if (answer.git_version.empty()) return not_json("the answer to /version");
    for (const auto& [major, minor] : {std::pair{"emulationMajor", "emulationMinor"}, std::pair{"major", "minor"}}) {
        if (text(parsed.root(), major) != "1" || answer.minor) continue;
        const std::string digits = text(parsed.root(), minor); // providers append a "+"
        unsigned number = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc{}) answer.minor = number;
    }
    return answer;
}

Result<DiscoveryAnswer> parse_aggregated_discovery(std::string_view json)
{
    const Parsed parsed{json};
    if (!parsed || text(parsed.root(), "kind") != "APIGroupDiscoveryList") return not_json("the answer to discovery");
    DiscoveryAnswer answer;
    each(parsed.root(), "items", [&](const element& item) {
        element metadata;
        const std::string group = item["metadata"].get(metadata) == simdjson::SUCCESS ? text(metadata, "name") : std::string{};
        each(item, "versions", [&](const element& version) {
            if (text(version, "freshness") == "Stale") answer.stale_groups.push_back(group);
            const std::string version_name = text(version, "version");
            each(version, "resources", [&](const element& resource) {
                element kind;
                const std::string kind_name = resource["responseKind"].get(kind) == simdjson::SUCCESS ? text(kind, "kind") : std::string{};
                answer.resources.push_back(
                    {text(resource, "resource"), group, version_name, kind_name, text(resource, "scope") == "Namespaced", has_verb_list(resource)});
            });
        });
    });
    return answer;
}

Result<std::vector<GroupVersionName>> parse_group_list(std::string_view json)
{
    const Parsed parsed{json};
    if (!parsed) return not_json("the answer to discovery");
    std::vector<GroupVersionName> result;
    const auto add_core = [&](const element& version) {
        std::string_view name;
        if (version.get(name) == simdjson::SUCCESS) result.push_back({"", std::string{name}});
    };
    if (text(parsed.root(), "kind") == "APIVersions") {
        each(parsed.root(), "versions", add_core);
        return result;
    }
    if (text(parsed.root(), "kind") != "APIGroupList") return not_json("the answer to discovery");
    each(parsed.root(), "groups", [&](const element& group) {
        const std::string name = text(group, "name");
        element preferred;
        const std::string first = group["preferredVersion"].get(preferred) == simdjson::SUCCESS ? text(preferred, "version") : std::string{};
        if (!first.empty()) result.push_back({name, first});
        each(group, "versions", [&](const element& version) {
            if (std::string other = text(version, "version"); other != first) result.push_back({name, std::move(other)});
        });
    });
    return result;
}

Result<std::vector<DiscoveredResource>> parse_resource_list(std::string_view json, const GroupVersionName& of)
{
    const Parsed parsed{json};
    if (!parsed || text(parsed.root(), "kind") != "APIResourceList") return not_json("the list of resources of " + of.group + "/" + of.version);
    std::vector<DiscoveredResource> result;
    each(parsed.root(), "resources", [&](const element& resource) {
        std::string plural = text(resource, "name");
        if (plural.find('/') != std::string::npos) return;
        result.push_back({std::move(plural), of.group, of.version, text(resource, "kind"), flag(resource, "namespaced"), has_verb_list(resource)});
    });
    return result;
}

Result<ExecCredentialAnswer> parse_exec_credential(std::string_view json)
{
    const Parsed parsed{json};
    if (!parsed) return failure(Error::Kind::unauthorized, "its output is not JSON");
    ExecCredentialAnswer answer;
    answer.api_version = text(parsed.root(), "apiVersion");
    answer.kind = text(parsed.root(), "kind");
    element status;
    answer.has_status = parsed.root()["status"].get(status) == simdjson::SUCCESS && status.is_object();
    if (!answer.has_status) return answer;
    answer.token = text(status, "token");
    answer.certificate = text(status, "clientCertificateData");
    answer.key = text(status, "clientKeyData");
    const std::string expires = text(status, "expirationTimestamp");
    answer.expires = parse_rfc3339(expires);
    if (!expires.empty() && !answer.expires.known()) return failure(Error::Kind::unauthorized, "its expirationTimestamp is no RFC 3339 time");
    return answer;
}

Result<std::string> parse_review_status(std::string_view json)
{
    const Parsed parsed{json};
    element status;
    if (!parsed || parsed.root()["status"].get(status) != simdjson::SUCCESS || !status.is_object()) return not_json("the answer to a review");
    return simdjson::minify(status);
}

std::string parse_row_name(PaddedJson row)
{
    const Parsed parsed{row.text};
    std::string_view name;
    if (!parsed || parsed.root()["cells"].at(0).get(name) != simdjson::SUCCESS) return {};
    return std::string{name};
}

} // namespace seaworthy::kube
