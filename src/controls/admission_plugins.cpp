// SPDX-License-Identifier: Apache-2.0
#include "controls/admission_plugins.hpp"
#include "controls/kubernetes_version.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "seaworthy/controls/compared_metrics.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;

using Names = std::set<std::string, std::less<>>;

/// On without being named, since this minor version of Kubernetes 1 (0: always has been).
struct DefaultPlugin {
    std::string_view name;
    int since = 0;
};
constexpr DefaultPlugin k_default_plugins[] = {
    {"NamespaceLifecycle"},
    {"LimitRanger"},
    {"ServiceAccount"},
    {"DefaultStorageClass"},
    {"PersistentVolumeClaimResize"},
    {"DefaultTolerationSeconds"},
    {"MutatingAdmissionWebhook"},
    {"ValidatingAdmissionWebhook"},
    {"ResourceQuota"},
    {"StorageObjectInUseProtection"},
    {"Priority"},
    {"TaintNodesByCondition"},
    {"RuntimeClass"},
    {"CertificateApproval"},
    {"CertificateSigning"},
    {"CertificateSubjectRestriction"},
    {"ClusterTrustBundleAttest", 27},
    {"DefaultIngressClass"},
    {"PodSecurity", 23},
    {"ValidatingAdmissionPolicy", 26},
    {"MutatingAdmissionPolicy", 32},
};

/// Gone: an API server of this minor version does not start with them, or ignores them.
constexpr DefaultPlugin k_removed_plugins[] = {{"PodSecurityPolicy", 25}, {"SecurityContextDeny", 30}};

Names listed(const ApiServer& server, std::string_view flag)
{
    Names names;
    const auto* value = server.find(flag);
    for (std::size_t at = 0; value != nullptr && at < value->size();) {
        const auto end = std::min(value->find(',', at), value->size());
        if (end > at) names.emplace(value->substr(at, end - at));
        at = end + 1;
    }
    return names;
}

/// As the flags name them. The API server does not start with one that both name.
struct Plugins {
    Names enabled;
    Names disabled;

    explicit Plugins(const ApiServer& server)
        : enabled(listed(server, "enable-admission-plugins")), disabled(listed(server, "disable-admission-plugins"))
    {}
};

Names effective(const ApiServer& server, std::optional<int> minor)
{
    const Plugins plugins{server};
    Names names = plugins.enabled;
    for (const auto& plugin : k_default_plugins)
        if (!minor || plugin.since <= *minor) names.emplace(plugin.name);
    if (!server.whole) names.emplace("NodeRestriction"); // k3s and RKE2 pass it themselves
    for (const auto& name : plugins.disabled)
        names.erase(name);
    return names;
}

/// Where flags are hidden, what the metrics show to be at work.
Verdict required_by_metrics(const Context& context)
{
    const auto samples = api_server_proofs(context, k_admission_plugins);
    if (!samples || samples->empty()) return hidden_control_plane(context);
    Names seen;
    for (const auto& sample : *samples)
        if (sample.value > 0) seen.emplace(sample.label("name"));
    NameList missing;
    for (const auto& name : context.parameters.list("required"))
        if (!seen.contains(name)) missing.add(name);
    if (missing.empty()) return check::pass("The API server's metrics show all required admission plugins at work").proven();
    return check::unknown(check::Reason::unobservable,
                          fmt::format("The API server's flags are hidden, and its metrics do not show {}", missing.text()))
        .with("unseen", missing.values());
}

} // namespace

bool runs_plugin(const ApiServer& server, std::string_view name, const Context& context)
{
    return effective(server, minor_version(context.inventory.cluster.version)).contains(name);
}

Verdict judge_required_plugins(const Context& context)
{
    if (context.inventory.cluster.platform == "openshift") return check::not_applicable("OpenShift has a fixed set of admission plugins").proven();
    const auto servers = find_api_servers(context);
    if (servers.empty()) return required_by_metrics(context);
    const auto minor = minor_version(context.inventory.cluster.version);
    NameList off;
    for (const auto& server : servers) {
        const auto names = effective(server, minor);
        NameList missing;
        for (const auto& name : context.parameters.list("required"))
            if (!names.contains(name)) missing.add(name);
        if (!missing.empty())
            return check::fail(fmt::format("{} runs without {}", server.name, missing.text()))
                .with("apiServer", server.name)
                .with("missing", missing.values());
        if (&server != &servers.front()) continue;
        for (const auto& name : context.parameters.list("recommended"))
            if (!names.contains(name)) off.add(name);
    }
    auto verdict = check::pass("All required admission plugins are on");
    if (!off.empty()) verdict.evidence.emplace_back("recommendedButOff", off.values());
    return resting_on(std::move(verdict), context, "*", {"pods", "nodes"});
}

Verdict judge_dangerous_plugins(const Context& context)
{
    const auto servers = find_api_servers(context);
    if (servers.empty()) return hidden_control_plane(context);
    const auto minor = minor_version(context.inventory.cluster.version);
    for (const auto& server : servers) {
        const Plugins plugins{server};
        for (const std::string_view name : {"AlwaysAdmit", "AlwaysDeny"})
            if (plugins.enabled.contains(name))
                return check::fail(fmt::format("{} enables {}", server.name, name)).with("apiServer", server.name).with("plugin", std::string{name});
        for (const auto& name : context.parameters.list("required"))
            if (plugins.disabled.contains(name))
                return check::fail(fmt::format("{} disables {}", server.name, name)).with("apiServer", server.name).with("plugin", name);
        for (const auto& plugin : k_removed_plugins)
            if (minor && *minor >= plugin.since && plugins.enabled.contains(plugin.name))
                return check::fail(fmt::format("{} names {}, which Kubernetes 1.{} removed", server.name, plugin.name, plugin.since))
                    .with("apiServer", server.name)
                    .with("plugin", std::string{plugin.name});
    }
    const auto first = effective(servers.front(), minor);
    for (const auto& server : servers)
        if (effective(server, minor) != first)
            return check::fail(fmt::format("{} and {} have different admission plugins", servers.front().name, server.name))
                .with("apiServers", std::vector<std::string>{servers.front().name, server.name});
    return resting_on(check::pass("No unsafe admission plugin, and none of the required ones is disabled"), context, "*", {"pods", "nodes"});
}

} // namespace seaworthy::controls
