// SPDX-License-Identifier: Apache-2.0
#include "controls/attestations.hpp"

#include <fmt/format.h>

#include "controls/evidence.hpp"

namespace seaworthy::controls {

check::Verdict or_attested(check::Verdict verdict, const check::Context& context, std::string_view key, std::string_view statement,
                           std::initializer_list<std::string_view> lists)
{
    if (context.inventory.cluster.partial) return verdict;
    const auto* attestation = context.attested(key);
    if (attestation == nullptr) {
        const auto at = context.settings.attestations.find(key);
        if (at == context.settings.attestations.end() || !at->second.value || !at->second.until.known()) return verdict;
        return std::move(verdict).with("attestation", fmt::format("{} ended on {}", key, format_rfc3339(at->second.until).substr(0, 10)));
    }
    if (verdict.status == check::Status::unknown && model::is_missing(verdict.reason)) return verdict;
    for (const auto list : lists)
        if (const auto* gap = first_gap(context, "*", {list}); gap != nullptr && model::is_missing(gap->reason)) return context.unknown_for(*gap);
    auto attested = check::pass(fmt::format("{}, says {}", statement, attestation->by)).with("attestation", std::string{key}).proven();
    attested.attested = true;
    return attested;
}

} // namespace seaworthy::controls
