// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replay/json.hpp"
#include "seaworthy/base/error.hpp"

namespace seaworthy::replay {

/// The labelSelector and fieldSelector of a list request.
class Selectors {
public:
    /// Errors are what kube-apiserver calls a bad request.
    [[nodiscard]] static Result<Selectors> parse(std::string_view labels, std::string_view fields);

    [[nodiscard]] bool matches(const Json& object) const;
    [[nodiscard]] bool empty() const { return m_requirements.empty(); }

private:
    struct Requirement {
        bool is_label = true;
        std::string key; ///< of a label, or the path of a field
        enum class Operator { exists, absent, in, not_in } op = Operator::exists;
        std::vector<std::string> values;
    };

    std::vector<Requirement> m_requirements;
};

} // namespace seaworthy::replay
