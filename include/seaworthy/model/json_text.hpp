// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "seaworthy/model/document.hpp"

namespace seaworthy::model {

/// A JSON text as a Value: for the bodies of probes and reviews, which rules read as they were answered, and what ConfigMaps hold.
class JsonText {
public:
    /// Strict RFC 8259. Nothing for anything else, for texts over 1 MiB and for more than 64 levels. Of equal keys the first counts.
    [[nodiscard]] static std::optional<JsonText> parse(std::string_view text);
    /// One YAML document, typed as kubectl types it: a value of a ConfigMap.
    [[nodiscard]] static std::optional<JsonText> parse_yaml(std::string_view text);

    /// Valid as long as this object.
    [[nodiscard]] const Value& root() const { return m_root; }
    [[nodiscard]] const Value& operator[](std::string_view key) const { return m_root[key]; }
    [[nodiscard]] const Value& at(std::string_view path) const { return m_root.at(path); }

private:
    struct Memory;
    JsonText(std::shared_ptr<const Memory> memory, Value root) : m_memory(std::move(memory)), m_root(root) {}

    std::shared_ptr<const Memory> m_memory;
    Value m_root;
};

} // namespace seaworthy::model
