// SPDX-License-Identifier: Apache-2.0
// Texts that stand for numbers: quantities, durations, times, sizes, Retry-After. What is taken is finite, not negative where nothing
// negative makes sense, and the same once written and read again.
#include <cmath>

#include "config/reader.hpp"
#include "fuzz/fuzz_target.hpp"
#include "kube/retry.hpp"
#include "seaworthy/base/quantity.hpp"
#include "seaworthy/base/timestamp.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(numbers, input)
{
    if (const auto quantity = parse_quantity(input)) fuzz::require(std::isfinite(*quantity));
    if (const auto duration = parse_duration(input)) fuzz::require(duration->count() >= 0);
    if (const auto time = parse_rfc3339(input); time.known()) fuzz::require(parse_rfc3339(format_rfc3339(time)) == time);
    if (const auto wait = kube::parse_retry_after(input)) fuzz::require(wait->count() >= 0);
    static_cast<void>(config::parse_size(input));
}
