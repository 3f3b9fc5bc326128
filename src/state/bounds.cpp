// SPDX-License-Identifier: Apache-2.0
#include "state/bounds.hpp"

#include <fmt/format.h>

namespace seaworthy::state {

Result<void> check_bounds(std::initializer_list<Bounded> texts)
{
    for (const auto& [what, text, most] : texts)
        if (text.size() > most)
            return failure(Error::Kind::invalid_input, fmt::format("{} of {} bytes is not kept: at most {} are", what, text.size(), most));
    return {};
}

} // namespace seaworthy::state
