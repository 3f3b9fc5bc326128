// SPDX-License-Identifier: Apache-2.0
#include "publish/reports/markdown_text.hpp"

#include <fmt/format.h>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::publish {

std::string markdown_text(std::string_view text)
{
    constexpr std::size_t longest = 300;
    constexpr std::string_view special = "\\`*_{}[]()<>#+-.!|~&@:$";
    std::string out;
    for (const char c : printable(text, longest)) {
        if (special.find(c) != std::string_view::npos) {
            // A character reference where a backslash would not keep GitHub from linking.
            out += fmt::format("&#{};", static_cast<int>(c));
        } else {
            out += c;
        }
    }
    return out;
}

} // namespace seaworthy::publish
