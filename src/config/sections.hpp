// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/reader.hpp"
#include "seaworthy/config/load.hpp"

// The parts of the file whose keys are not fixed: maps by check or control, lists of maps.
namespace seaworthy::config {

/// What a section reads with and into.
struct Loading {
    Reader& reader;
    Config& config;
    Catalog catalog;
    Timestamp now;
};

struct Section {
    std::string_view path;
    std::string_view why;
    std::string_view type; ///< for people
    void (*read)(Loading&, const Node&, const std::string& path);
};

/// In the order of the documentation. Read after all plain keys, because exemptions depend on exemptions.maxDuration.
[[nodiscard]] std::span<const Section> sections();

void read_weights(Loading& loading, const Node& node, const std::string& path);
void read_shared(Loading& loading, const Node& node, const std::string& path);
void read_checks(Loading& loading, const Node& node, const std::string& path);
void read_exemptions(Loading& loading, const Node& node, const std::string& path);
void read_attestations(Loading& loading, const Node& node, const std::string& path);
void read_sinks(Loading& loading, const Node& node, const std::string& path);
void read_registries(Loading& loading, const Node& node, const std::string& path);
void read_issuers(Loading& loading, const Node& node, const std::string& path);
void read_issuer_aliases(Loading& loading, const Node& node, const std::string& path);

} // namespace seaworthy::config
