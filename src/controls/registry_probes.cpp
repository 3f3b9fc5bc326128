// SPDX-License-Identifier: Apache-2.0
#include "controls/registry_probes.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/wording.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Registry;
using check::Results;
using check::Verdict;
using model::ProbeAnswer;

constexpr std::string_view k_image_configs = "images.config.openshift.io";
constexpr double k_warning_slo = 99.5;

/// Oldest first.
std::vector<const ProbeAnswer*> answers_of(const Context& context, const std::string& url, std::string_view authorization = {})
{
    std::vector<const ProbeAnswer*> answers;
    const auto at = context.inventory.probes.find(url);
    if (at == context.inventory.probes.end()) return answers;
    for (const auto& answer : at->second)
        if (answer.authorization == authorization) answers.push_back(&answer);
    return answers;
}

const ProbeAnswer* newest(const Context& context, const std::string& url, std::string_view authorization = {})
{
    const auto answers = answers_of(context, url, authorization);
    return answers.empty() ? nullptr : answers.back();
}

std::string_view header(const ProbeAnswer& answer, std::string_view name)
{
    const auto at = answer.headers.find(name);
    return at == answer.headers.end() ? std::string_view{} : std::string_view{at->second};
}

std::string describe(const ProbeAnswer& answer)
{
    return answer.error.empty() ? fmt::format("HTTP {}", answer.status) : answer.error;
}

Verdict not_probed()
{
    return check::unknown(Reason::unobservable, "The registry has not been asked").needs_grant("H");
}

// ---- registry-probe-availability

enum class State { up, down, elsewhere }; // elsewhere: something answers that is no registry

State state_of(const ProbeAnswer& answer)
{
    if (!answer.error.empty() || answer.status >= 500) return State::down;
    if (answer.status == 200 || answer.status == 429) return State::up;
    return answer.status == 401 && !header(answer, "www-authenticate").empty() ? State::up : State::elsewhere;
}

/// A history's rows have no headers: there a 401 counts as the newest one does.
State state_of(const ProbeAnswer& answer, const ProbeAnswer& latest)
{
    return answer.status == 401 && latest.status == 401 ? state_of(latest) : answer.status == 401 ? State::up : state_of(answer);
}

Verdict judge_availability(const Registry& registry, const Context& context)
{
    const auto answers = answers_of(context, registry.ping_url());
    if (answers.empty()) return not_probed();
    const auto& latest = *answers.back();
    if (state_of(latest) == State::elsewhere)
        return check::unknown(Reason::unobservable,
                              fmt::format("{} answers {}: no registry is there; look at probes.registries", registry.ping_url(), describe(latest)));
    if (const auto& target = context.parameters.text("controlTarget"); !target.empty()) {
        const auto* egress = newest(context, target);
        if (egress == nullptr || !egress->error.empty())
            return check::unknown(Reason::unobservable, fmt::format("{} does not answer either: the way out of the cluster is broken", target));
    }
    const auto window = context.parameters.duration("window");
    double up = 0;
    double all = 0;
    for (const auto* answer : answers) {
        const auto age = answer->at.age(context.now);
        if (!age || *age > window) continue;
        const auto state = state_of(*answer, latest);
        if (state == State::elsewhere) continue;
        all += answer->samples;
        if (state == State::up) up += answer->samples;
    }
    const auto wanted = context.parameters.number("minSamples");
    if (all < wanted)
        return check::unknown(Reason::unobservable, fmt::format("{:.0f} of the {:.0f} probes that a judgement needs have been made", all, wanted))
            .with("latest", describe(latest));
    // Rounded so that 99.9 of a hundred is not less than itself.
    const double share = 100 * up / all;
    const auto told = [&](Verdict verdict) {
        return std::move(verdict).with("availability", share).with("probes", all).with("latest", describe(latest));
    };
    constexpr double k_rounding = 1e-9;
    const auto message = fmt::format("Up in {:.3f} % of {:.0f} probes, as seen from the pod network", share, all);
    if (share + k_rounding >= context.parameters.number("slo")) return told(check::pass(message)).proven();
    if (share + k_rounding >= k_warning_slo) return told(check::warn(message));
    return told(check::fail(message));
}

// ---- registry-tls-cert-expiry

bool is_insecure_in_openshift(const Registry& registry, const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of(k_image_configs), [&](const model::Document& config) {
        return config.meta.name == "cluster" && config.at("spec.registrySources.insecureRegistries").contains(registry.host);
    });
}

Verdict judge_certificate(const Registry& registry, const Context& context)
{
    if (is_insecure_in_openshift(registry, context)) return check::fail("OpenShift pulls from it without verifying TLS (insecureRegistries)");
    if (registry.base().starts_with("http://")) return check::fail("Its API is asked over plain HTTP");
    const auto* answer = newest(context, registry.ping_url());
    if (answer == nullptr) return not_probed();
    if (answer->error == "tls_expired") return check::fail("Its certificate has expired");
    if (answer->error == "tls_name") return check::fail("Its certificate is for another name");
    if (answer->error == "plain_http") return check::fail("It speaks plain HTTP");
    if (answer->error == "tls_untrusted" && !registry.ca_file.empty())
        return check::fail("Its certificate is not of the authority in caFile").with("caFile", registry.ca_file);
    if (answer->error == "tls_untrusted")
        return check::unknown(Reason::unobservable,
                              "Its certificate is of an authority that is not known here; nodes may know it: name it as caFile");
    if (!answer->error.empty() || !answer->tls_not_after.known())
        return check::unknown(Reason::unobservable, fmt::format("No TLS answer: {}", describe(*answer)));
    const auto left = context.now.age(answer->tls_not_after).value_or(seconds{0});
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("notAfter", format_rfc3339(answer->tls_not_after)); };
    if (left <= seconds{0}) return told(check::fail("Its certificate has expired"));
    const auto message = fmt::format("Its certificate is valid for another {}", format_age(left));
    if (left < std::chrono::hours{24} * context.parameters.number("days")) return told(check::warn(message));
    return told(resting_on(check::pass(message), context, "*", {k_image_configs}));
}

// ---- registry-allows-anonymous-pull

Verdict refused(std::string_view how)
{
    return check::pass(fmt::format("An anonymous pull is refused: {}", how)).proven();
}

Verdict judge_token(const Registry& registry, const ProbeAnswer& challenge, const Context& context)
{
    const auto url = check::token_url(context.settings.outside, registry, header(challenge, "www-authenticate"));
    if (!url)
        return check::unknown(Reason::unobservable,
                              "Its token service is on a host that is not configured; add it to probes.registries to let it be asked");
    const auto* token = newest(context, *url);
    if (token == nullptr || !token->error.empty())
        return check::unknown(Reason::unobservable, "Its token service did not answer")
            .with("answer", token == nullptr ? std::string{"none"} : describe(*token));
    if (token->status == 401 || token->status == 403) return refused("there is no anonymous token");
    const auto* answer = newest(context, registry.manifest_url(), "anonymous");
    if (token->status != 200 || answer == nullptr)
        return check::unknown(Reason::unobservable, fmt::format("Its token service answered {} and gave no token", describe(*token)));
    if (answer->status == 200)
        return check::fail(fmt::format("{}:{} can be pulled by anybody, with the token that the registry hands out", registry.repo, registry.tag));
    if (answer->status == 401 || answer->status == 403 || answer->status == 404) return refused(describe(*answer));
    return check::unknown(Reason::unobservable, fmt::format("It answered {}", describe(*answer)));
}

Verdict judge_privacy(const Registry& registry, const Context& context)
{
    const auto* answer = newest(context, registry.manifest_url());
    if (answer == nullptr) return not_probed();
    if (answer->status == 200) return check::fail(fmt::format("{}:{} can be pulled by anybody", registry.repo, registry.tag));
    if (answer->status == 403 || answer->status == 404) return refused(describe(*answer));
    if (answer->status != 401) return check::unknown(Reason::unobservable, fmt::format("It answered {}", describe(*answer)));
    if (!check::is_bearer_challenge(header(*answer, "www-authenticate"))) return refused(describe(*answer));
    return judge_token(registry, *answer, context);
}

template <typename Judge>
void for_each_registry(const Context& context, Results& results, Judge judge)
{
    for (const auto& registry : context.settings.outside.registries) {
        auto verdict = registry.from_nodes_only ? check::not_applicable("Only nodes reach it (fromNodesOnly)").proven() : judge(registry, context);
        results.add(ObjectKey::registry(registry.host), {}, std::move(verdict));
    }
}

} // namespace

void judge_registry_availability(const Context& context, Results& results)
{
    for_each_registry(context, results, judge_availability);
}

void judge_registry_certificates(const Context& context, Results& results)
{
    for_each_registry(context, results, judge_certificate);
}

void judge_anonymous_pull(const Context& context, Results& results)
{
    for (const auto& registry : context.settings.outside.registries) {
        if (!registry.expect_private) continue;
        auto verdict =
            registry.from_nodes_only ? check::not_applicable("Only nodes reach it (fromNodesOnly)").proven() : judge_privacy(registry, context);
        results.add(ObjectKey::registry(registry.host), {}, std::move(verdict));
    }
}

} // namespace seaworthy::controls
