// SPDX-License-Identifier: Apache-2.0
#include "secret_literals.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "names.hpp"
#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/controls/secret_patterns.hpp"
#include "software.hpp"
#include "template_parts.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::pass;
using check::Status;
using check::Verdict;
using check::warn;

/// What was found, place and pattern id only (C21), and how bad the worst of it is.
struct Findings {
    Status status = Status::pass;
    NameList places;

    void add(Status found, std::string place)
    {
        if (found == Status::pass) return;
        status = std::max(status, found);
        places.add(std::move(place));
    }
    [[nodiscard]] Verdict verdict(std::string_view bad, std::string_view clean) const
    {
        if (status == Status::pass) return pass(std::string{clean}).proven();
        auto verdict = status == Status::fail ? fail(fmt::format("{}: {}", bad, places.text())) : warn(fmt::format("{}: {}", bad, places.text()));
        return std::move(verdict).with("found", places.values());
    }
};

/// The components whose OIDC client secrets `oidc-client-secret-inline` judges.
constexpr std::string_view k_oidc_components = "argoproj/argocd, grafana/grafana, headlamp-k8s/headlamp, goharbor/harbor-*";

bool is_oidc_client_secret(const model::Container& container, std::string_view name)
{
    return contains_ignoring_case(name, "CLIENT_SECRET") && is_image_of(container.image, k_oidc_components);
}

struct Found {
    Status status = Status::pass;
    std::string_view pattern;
};

/// By the form of the value.
Found judge_form(std::string_view value, UrlPlace urls)
{
    const auto matches = find_secrets(value, urls);
    const auto* match = gravest(matches);
    if (match == nullptr) return {};
    return {is_identifier_only(match->pattern) ? Status::warn : Status::fail, id(match->pattern)};
}

/// By form, then by the name that the value is kept under.
Found judge_variable(const model::EnvVar& variable, const Context& context)
{
    const auto form = judge_form(variable.value, UrlPlace::whole_text);
    if (form.status == Status::fail) return form;
    const bool named = is_secret_name(variable.name) && !context.parameters.pattern("nameExclude").search(variable.name);
    if (!named || variable.value.empty() || context.parameters.pattern("valueExclude").search(variable.value)) return form;
    return looks_random(variable.value) ? Found{Status::fail, "secret-name"} : Found{Status::warn, "weak-secret"};
}

bool holds_kubeconfig_credential(std::string_view text)
{
    if (text.find("client-key-data:") != std::string_view::npos) return true;
    if (text.find("users:") == std::string_view::npos || text.find("clusters:") == std::string_view::npos) return false;
    for (auto at = text.find("token:"); at != std::string_view::npos; at = text.find("token:", at + 1)) {
        const bool key = at == 0 || text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '{';
        const auto value = text.find_first_not_of(" \"'", at + 6);
        if (key && value != std::string_view::npos && text[value] != '\n' && text[value] != '\r') return true;
    }
    return false;
}

/// `"auths": {…}` with something in it, as in a Docker configuration file.
bool holds_registry_credential(std::string_view text)
{
    constexpr std::string_view k_blank = " \t\r\n";
    auto at = text.find("\"auths\"");
    for (const char expected : {':', '{'}) {
        if (at == std::string_view::npos) return false;
        at = text.find_first_not_of(k_blank, at + (expected == ':' ? 7 : 1));
        if (at == std::string_view::npos || text[at] != expected) return false;
    }
    at = text.find_first_not_of(k_blank, at + 1);
    return at != std::string_view::npos && text[at] != '}';
}

Found judge_entry(std::string_view key, std::string_view value, const Context& context)
{
    const auto limit = context.parameters.number("maxValueBytes");
    const auto scanned = value.substr(0, limit > 0 ? static_cast<std::size_t>(limit) : 0);
    const auto form = judge_form(scanned, UrlPlace::whole_text);
    if (form.status == Status::fail) return form;
    if (holds_kubeconfig_credential(scanned)) return {Status::fail, "kubeconfig"};
    if (holds_registry_credential(scanned)) return {Status::fail, "registry-auths"};
    if (is_secret_name(key) && !value.empty() && !context.parameters.pattern("valueExclude").search(value)) return {Status::warn, "secret-name"};
    return form;
}

} // namespace

Verdict judge_literal_env(const model::Workload& workload, const Context& context)
{
    const auto& allow = context.parameters.list("allow");
    if (names_workload(allow, workload)) return not_applicable("The workload is allowed by `allow`").proven();
    Findings findings;
    bool literal = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env) {
            if (variable.source != model::EnvVar::Source::literal) continue;
            literal = true;
            if (is_oidc_client_secret(container, variable.name) || glob_match_any(allow, variable.name)) continue;
            const auto found = judge_variable(variable, context);
            findings.add(found.status, fmt::format("{}/{} ({})", container.name.view(), variable.name.view(), found.pattern));
        }
    });
    if (!literal) return not_applicable("No variable has a literal value").proven();
    return findings.verdict("Credentials stand in clear text in environment variables", "No literal variable looks like a credential");
}

Verdict judge_literal_args(const model::Workload& workload, const Context& context)
{
    if (names_workload(context.parameters.list("allow"), workload)) return not_applicable("The workload is allowed by `allow`").proven();
    Findings findings;
    bool arguments = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        std::vector<std::string_view> tokens(container.command.begin(), container.command.end());
        tokens.insert(tokens.end(), container.args.begin(), container.args.end());
        arguments = arguments || !tokens.empty();
        const bool oidc_component = is_image_of(container.image, k_oidc_components);
        for (const auto& secret : find_argument_secrets(tokens, context.parameters.pattern("valueExclude"))) {
            if (oidc_component && secret.option.ends_with("oidc-client-secret")) continue;
            findings.add(Status::fail, fmt::format("{} {}", container.name.view(), secret.option));
        }
        for (const auto token : tokens) {
            const auto found = judge_form(token, UrlPlace::anywhere);
            findings.add(found.status, fmt::format("{} ({})", container.name.view(), found.pattern));
        }
    });
    if (!arguments) return not_applicable("No container has a command or arguments").proven();
    return findings.verdict("Credentials stand on the command line", "No argument looks like a credential");
}

Verdict judge_config_map(const model::Document& config_map, const Context& context)
{
    const auto& labels = config_map.meta.labels;
    if (names_object(context.parameters.list("exclude"), config_map.meta.ns, "ConfigMap", config_map.meta.name) || labels.has("grafana_dashboard") ||
        labels.has("olm.managed") || labels.is("owner", "helm"))
        return not_applicable("The ConfigMap is of a kind that holds no credentials").proven();
    const auto entries = config_map["data"].members();
    if (entries.empty()) return not_applicable("The ConfigMap has no data").proven();
    Findings findings;
    for (const auto& [key, value] : entries) {
        const auto found = judge_entry(key, value.text(), context);
        findings.add(found.status, fmt::format("{} ({})", key.view(), found.pattern));
    }
    return findings.verdict("Credentials stand in a ConfigMap", "No entry looks like a credential");
}

} // namespace seaworthy::controls
