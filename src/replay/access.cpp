// SPDX-License-Identifier: Apache-2.0
#include "replay/access.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace seaworthy::replay {

namespace {

constexpr std::string_view k_user = "system:serviceaccount:seaworthy:seaworthy";

std::string review_name(const Action& action)
{
    auto name = fmt::format("selfsubjectaccessreview:{}/{}", action.verb, action.resource());
    return action.namespace_.empty() ? name : name + "/" + action.namespace_;
}

Json all_rights()
{
    return {{"resourceRules",
             Json::array({{{"verbs", Json::array({"get", "list", "watch"})}, {"apiGroups", Json::array({"*"})}, {"resources", Json::array({"*"})}}})},
            {"nonResourceRules",
             Json::array({{{"verbs", Json::array({"get"})}, {"nonResourceURLs", Json::array({"/api", "/api/*", "/apis", "/apis/*", "/version"})}}})},
            {"incomplete", false}};
}

} // namespace

void Access::set_token(std::string token)
{
    const std::lock_guard lock{m_mutex};
    m_token = std::move(token);
}

void Access::set_denials(std::vector<Denial> denials)
{
    const std::lock_guard lock{m_mutex};
    m_denials = std::move(denials);
}

void Access::set_review(std::string name, std::string status_json)
{
    const std::lock_guard lock{m_mutex};
    m_reviews[std::move(name)] = std::move(status_json);
}

std::optional<Answer> Access::authenticate(const http::Request& request) const
{
    const std::lock_guard lock{m_mutex};
    const auto credentials = request.header("Authorization");
    if (m_token.empty() || credentials == "Bearer " + m_token) return std::nullopt;
    // Anyone may ask for these without credentials (system:public-info-viewer); wrong credentials are wrong everywhere.
    if (credentials.empty() && (request.path == "/version" || request.path.ends_with("z"))) return std::nullopt;
    return failed({.code = 401, .message = "Unauthorized"});
}

bool Access::is_denied(const Action& action) const
{
    const auto fits = [](std::string_view rule, std::string_view value) { return rule == "*" || rule == value; };
    return std::any_of(m_denials.begin(), m_denials.end(), [&](const Denial& denial) {
        return fits(denial.verb, action.verb) && fits(denial.resource, action.resource()) && fits(denial.namespace_, action.namespace_);
    });
}

std::optional<Answer> Access::authorize(const Action& action) const
{
    const std::lock_guard lock{m_mutex};
    if (!is_denied(action)) return std::nullopt;
    const auto scope = action.namespace_.empty() ? std::string{"at the cluster scope"} : fmt::format("in the namespace \"{}\"", action.namespace_);
    Json details = Json::object();
    if (!action.group.empty()) details["group"] = action.group;
    details["kind"] = action.plural;
    return failed({.code = 403,
                   .message = fmt::format("{} is forbidden: User \"{}\" cannot {} resource \"{}\" in API group \"{}\" {}", action.resource(), k_user,
                                          action.verb, action.plural, action.group, scope),
                   .details = std::move(details)});
}

Answer Access::review(std::string_view plural, std::string_view body) const
{
    auto document = Json::parse(body, nullptr, false);
    if (!document.is_object() || !document.contains("spec")) return failed({.code = 400, .message = "the body of the request is no review"});
    const std::lock_guard lock{m_mutex};
    const auto recorded = [&](const std::string& name) -> std::optional<Json> {
        const auto found = m_reviews.find(name);
        if (found == m_reviews.end()) return std::nullopt;
        return Json::parse(found->second, nullptr, false);
    };
    if (plural == "selfsubjectrulesreviews") {
        document["status"] = recorded("selfsubjectrulesreview:" + text_at(document, "spec.namespace")).value_or(all_rights());
    } else {
        const Action action{text_at(document, "spec.resourceAttributes.verb"), text_at(document, "spec.resourceAttributes.group"),
                            text_at(document, "spec.resourceAttributes.resource"), text_at(document, "spec.resourceAttributes.namespace")};
        document["status"] = recorded(review_name(action)).value_or(Json{{"allowed", !is_denied(action)}});
    }
    return json_answer(document, 201);
}

} // namespace seaworthy::replay
