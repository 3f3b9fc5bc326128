// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::http {

/// Without spaces and tabs at either end (the OWS of RFC 9110).
[[nodiscard]] inline std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Whether the field is one header line and stays one: neither name nor value can begin another (CVE-2023-26130).
[[nodiscard]] inline bool is_one_line(const Field& field)
{
    const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    return !field.name.empty() && std::none_of(field.name.begin(), field.name.end(), breaks) &&
           std::none_of(field.value.begin(), field.value.end(), breaks);
}

} // namespace seaworthy::http
