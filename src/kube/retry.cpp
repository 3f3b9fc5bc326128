// SPDX-License-Identifier: Apache-2.0
#include "kube/retry.hpp"

#include <algorithm>
#include <charconv>

namespace seaworthy::kube {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds backoff(unsigned failures, double random)
{
    constexpr double k_first = 800;
    constexpr double k_longest = 30'000;
    double longest = k_first;
    for (unsigned i = 1; i < failures && longest < k_longest; ++i)
        longest *= 2;
    return milliseconds{static_cast<long long>(std::min(longest, k_longest) * random)};
}

milliseconds stretch(seconds retry_after, double random)
{
    const auto asked = milliseconds{retry_after};
    return asked + milliseconds{static_cast<long long>(static_cast<double>(asked.count()) * random / 2)};
}

std::optional<seconds> parse_retry_after(std::string_view value)
{
    constexpr long long k_longest = 120;
    long long number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || number < 0) return std::nullopt;
    return seconds{std::min(number, k_longest)};
}

bool is_transient(net::Cause cause)
{
    switch (cause) {
    case net::Cause::dns:
    case net::Cause::refused:
    case net::Cause::unreachable:
    case net::Cause::reset:
    case net::Cause::timeout:
    case net::Cause::truncated:
    case net::Cause::protocol: return true;
    default: return false;
    }
}

bool is_transient(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

} // namespace seaworthy::kube
