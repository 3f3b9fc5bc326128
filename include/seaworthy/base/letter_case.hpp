// SPDX-License-Identifier: Apache-2.0
// Upper and lower case of ASCII letters alone, whatever the locale: what protocols and Kubernetes compare without case is ASCII.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace seaworthy {

[[nodiscard]] constexpr char to_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string to_lower(std::string_view text)
{
    std::string lower{text};
    for (char& c : lower)
        c = to_lower(c);
    return lower;
}

/// An object rather than a function, so that algorithms have it in line.
inline constexpr auto is_same_letter = [](char a, char b) { return to_lower(a) == to_lower(b); };

[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), is_same_letter);
}

[[nodiscard]] constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view beginning)
{
    return equal_ignoring_case(text.substr(0, beginning.size()), beginning);
}

/// Where `part` first stands; npos where it does not.
[[nodiscard]] constexpr std::size_t find_ignoring_case(std::string_view text, std::string_view part)
{
    const auto* const found = std::search(text.begin(), text.end(), part.begin(), part.end(), is_same_letter);
    return found == text.end() && !part.empty() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

[[nodiscard]] constexpr bool contains_ignoring_case(std::string_view text, std::string_view part)
{
    return find_ignoring_case(text, part) != std::string_view::npos;
}

} // namespace seaworthy
