// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "app/redaction.hpp"
#include "seaworthy/base/error.hpp"
#include "seaworthy/config/config.hpp"
#include "seaworthy/kube/live_source.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// Writes what an audit reads into a folder, as a snapshot: a file of objects for each resource while they arrive, and at the end the Snapshot
/// document. Objects are redacted one at a time; nothing is kept in memory but their names.
class Capture : public kube::SourceObserver {
public:
    Capture(std::filesystem::path folder, Redaction redaction);

    void object_read(std::string_view resource, std::string_view ns, std::string_view json) override;

    /// Closes the files and writes the Snapshot document. `config_text`: the configuration of the audit, as its file has it.
    [[nodiscard]] Result<void> finish(const model::Inventory& inventory, const std::string& config_text);

private:
    struct Output {
        std::ofstream file;
        std::set<std::string, std::less<>> written; ///< namespace/name: a list that starts over hands out its objects again
    };
    [[nodiscard]] Output& output_of(std::string_view resource);
    void write_secrets(const model::Inventory& inventory);

    std::filesystem::path m_folder;
    Redaction m_redaction;
    std::map<std::string, Output, std::less<>> m_outputs;
};

} // namespace seaworthy::app
