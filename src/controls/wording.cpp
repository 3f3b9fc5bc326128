// SPDX-License-Identifier: Apache-2.0
#include "controls/wording.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace seaworthy::controls {

std::string counted(std::size_t number, std::string_view noun)
{
    return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string first_few(std::span<const std::string> items, std::size_t shown)
{
    std::string text;
    for (std::size_t i = 0; i < items.size() && i < shown; ++i) {
        if (i > 0) text += items.size() <= shown && i + 1 == items.size() ? " and " : ", ";
        text += items[i];
    }
    if (items.size() > shown) text += fmt::format(" and {} more", items.size() - shown);
    return text;
}

std::vector<std::string> as_evidence(std::vector<std::string> items, std::size_t limit)
{
    std::ranges::sort(items);
    const auto repeated = std::ranges::unique(items);
    items.erase(repeated.begin(), repeated.end());
    if (items.size() > limit) items.resize(limit);
    return items;
}

} // namespace seaworthy::controls
