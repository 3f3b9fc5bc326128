// SPDX-License-Identifier: Apache-2.0
#include "controls/api_server_audit.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/attestations.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;

constexpr std::string_view k_openshift_api_servers = "apiservers.config.openshift.io";

bool is_set(const ApiServer& server, std::string_view flag)
{
    const auto* value = server.find(flag);
    return value != nullptr && !value->empty();
}

bool has_backend(const ApiServer& server)
{
    return is_set(server, "audit-log-path") || is_set(server, "audit-webhook-config-file");
}

/// The log goes to files that the API server rotates itself.
bool writes_files(const ApiServer& server)
{
    const auto* path = server.find("audit-log-path");
    return is_set(server, "audit-policy-file") && path != nullptr && !path->empty() && *path != "-";
}

Verdict judge_openshift(const Context& context)
{
    if (const auto* gap = context.gap(k_openshift_api_servers)) return context.unknown_for(*gap);
    for (const auto& document : context.inventory.documents_of(k_openshift_api_servers)) {
        if (document.meta.name != "cluster") continue;
        const auto profile = document.at("spec.audit.profile").text();
        if (profile == "None") return check::fail("The audit profile of the API server is None").with("profile", std::string{profile});
        return check::pass("The API server writes an audit log").with("profile", std::string{profile.empty() ? "Default" : profile}).proven();
    }
    return check::unknown(check::Reason::unobservable, "There is no APIServer named cluster that tells the audit profile");
}

/// A provider's control plane: it writes an audit log for itself; whether the customer gets it, the cluster does not show.
Verdict judge_hidden(const Context& context)
{
    const auto samples = api_server_proofs(context, k_audit_events);
    const bool written = samples && std::ranges::any_of(*samples, [](const MetricSample& sample) { return sample.value > 0; });
    auto verdict =
        written ? check::warn("The API server makes audit events; whether they reach you is decided outside the cluster: attest it as auditLogs")
                : hidden_control_plane(context);
    return or_attested(std::move(verdict), context, "auditLogs", "You get the audit log of the control plane", {"pods", "nodes"});
}

std::optional<long> number(const ApiServer& server, std::string_view flag)
{
    const auto* text = server.find(flag);
    if (text == nullptr) return std::nullopt;
    long value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    return error == std::errc{} && end == text->data() + text->size() ? std::optional{value} : std::nullopt;
}

} // namespace

Verdict judge_audit_enabled(const Context& context)
{
    if (context.inventory.serves(k_openshift_api_servers)) return judge_openshift(context);
    const auto servers = find_api_servers(context);
    if (servers.empty()) return judge_hidden(context);
    for (const auto& server : servers)
        if (!is_set(server, "audit-policy-file"))
            return check::fail(fmt::format("{} has no audit policy (--audit-policy-file)", server.name)).with("apiServer", server.name);
    for (const auto& server : servers)
        if (!has_backend(server))
            return check::warn(fmt::format("{} has an audit policy and nowhere to write to", server.name)).with("apiServer", server.name);
    return resting_on(check::pass("Every API server writes an audit log"), context, "*", {"pods", "nodes"});
}

Verdict judge_audit_retention(const Context& context)
{
    struct Limit {
        std::string_view flag;
        std::string_view parameter;
    };
    constexpr Limit k_limits[] = {
        {"audit-log-maxage", "maxAge"},
        {"audit-log-maxbackup", "maxBackup"},
        {"audit-log-maxsize", "maxSize"},
    };
    const auto servers = find_api_servers(context);
    if (servers.empty()) return hidden_control_plane(context);
    bool files = false;
    for (const auto& server : servers) {
        if (!writes_files(server)) continue;
        files = true;
        NameList low;
        for (const auto& limit : k_limits) {
            const auto value = number(server, limit.flag);
            const auto least = context.parameters.number(limit.parameter);
            // 0 keeps files for ever, and as many as there are.
            const bool unlimited = value == 0 && limit.flag != "audit-log-maxsize";
            if (!unlimited && (!value || static_cast<double>(*value) < least)) low.add(fmt::format("--{} below {}", limit.flag, least));
        }
        if (!low.empty())
            return check::warn(fmt::format("{} rotates its audit log early: {}", server.name, low.text()))
                .with("apiServer", server.name)
                .with("flags", low.values());
    }
    if (!files)
        return resting_on(check::not_applicable("No API server writes an audit log to files that it rotates"), context, "*", {"pods", "nodes"});
    return resting_on(check::pass("Audit logs are kept long enough"), context, "*", {"pods", "nodes"});
}

} // namespace seaworthy::controls
