// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replay/answer.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

/// What a request wants to do, in the words of RBAC.
struct Action {
    std::string verb;
    std::string group;
    std::string plural;
    std::string namespace_; ///< empty: over the whole cluster

    [[nodiscard]] std::string resource() const { return group.empty() ? plural : plural + "." + group; }
};

/// Who may do what, and what the client hears about its own rights. Thread-safe.
class Access {
public:
    void set_token(std::string token);
    void set_denials(std::vector<Denial> denials);
    void set_review(std::string name, std::string status_json);

    /// 401, unless the request has the token that is asked for; nothing when it may go on.
    [[nodiscard]] std::optional<Answer> authenticate(const http::Request& request) const;
    /// 403, unless the action is allowed.
    [[nodiscard]] std::optional<Answer> authorize(const Action& action) const;
    /// POST of a SelfSubjectAccessReview or SelfSubjectRulesReview.
    [[nodiscard]] Answer review(std::string_view plural, std::string_view body) const;

private:
    [[nodiscard]] bool is_denied(const Action& action) const;

    mutable std::mutex m_mutex;
    std::string m_token;
    std::vector<Denial> m_denials;
    std::map<std::string, std::string, std::less<>> m_reviews; ///< status JSON by name
};

} // namespace seaworthy::replay
