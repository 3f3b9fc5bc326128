// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/inventory.hpp"

#include "seaworthy/model/vault.hpp"

namespace seaworthy::model {

Inventory::Inventory() : m_vault(std::make_unique<Vault>()) {}
Inventory::~Inventory() = default;
Inventory::Inventory(Inventory&&) noexcept = default;
Inventory& Inventory::operator=(Inventory&&) noexcept = default;

void Inventory::freeze()
{
    m_vault->freeze();
}

const Gap* Inventory::gap(std::string_view resource, std::string_view ns) const
{
    for (const Gap& candidate : gaps) {
        if (candidate.resource != resource) continue;
        if (ns == "*" || candidate.ns == "*" || candidate.ns == ns) return &candidate;
    }
    return nullptr;
}

const std::deque<Document>& Inventory::documents_of(std::string_view resource) const
{
    static const std::deque<Document> k_none;
    const auto at = documents.find(resource);
    return at != documents.end() ? at->second : k_none;
}

bool Inventory::serves_group(std::string_view group) const
{
    for (const std::string& resource : served) {
        const auto dot = resource.find('.');
        if (dot != std::string::npos && std::string_view{resource}.substr(dot + 1) == group) return true;
    }
    return false;
}

const ProbeAnswer* Inventory::probe(std::string_view url) const
{
    const auto at = probes.find(url);
    return at != probes.end() && !at->second.empty() ? &at->second.back() : nullptr;
}

} // namespace seaworthy::model
