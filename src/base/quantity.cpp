// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/quantity.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace seaworthy {
namespace {

struct Suffix {
    std::string_view name;
    double factor;
};
constexpr Suffix k_suffixes[] = {
    {"", 1},     {"n", 1e-9}, {"u", 1e-6},    {"m", 1e-3},    {"k", 1e3},     {"M", 1e6},     {"G", 1e9},     {"T", 1e12},
    {"P", 1e15}, {"E", 1e18}, {"Ki", 0x1p10}, {"Mi", 0x1p20}, {"Gi", 0x1p30}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60},
};

} // namespace

std::optional<double> parse_quantity(std::string_view text)
{
    if (text.empty() || text.size() > 64) return std::nullopt;
    if (text.front() == '+') text.remove_prefix(1);
    double number = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view suffix{end, static_cast<std::size_t>(last - end)};
    for (const auto& known : k_suffixes)
        if (known.name == suffix) return number * known.factor;
    if (suffix.size() < 2 || (suffix.front() != 'e' && suffix.front() != 'E')) return std::nullopt;
    auto digits = suffix.substr(1);
    if (digits.front() == '+') digits.remove_prefix(1);
    int exponent = 0;
    const auto [stop, bad] = std::from_chars(digits.data(), last, exponent);
    if (bad != std::errc{} || stop != last || exponent < -30 || exponent > 30) return std::nullopt;
    return number * std::pow(10.0, exponent);
}

} // namespace seaworthy
