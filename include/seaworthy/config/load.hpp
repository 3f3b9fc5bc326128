// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::config {

using Catalog = std::span<const check::Control* const>;

/// One thing that is wrong with a configuration.
struct Problem {
    int line = 0; ///< from 1; 0: the file as a whole
    int column = 0;
    std::string key;     ///< "audit.interval"; empty: the file as a whole
    std::string message; ///< without position and key; ends with a suggestion where there is one
};

/// All that is wrong with a configuration, in the order of the file.
struct Problems {
    std::string source; ///< the file's name as the user wrote it
    std::vector<Problem> list;
};

/// `config.yaml:3:5: audit.intervall: unknown key; did you mean "audit.interval"?`, one line a problem.
[[nodiscard]] std::string format(const Problems& problems);
/// The same as one Error of kind usage.
[[nodiscard]] Error to_error(const Problems& problems);

struct Source {
    std::string name;   ///< for messages
    Timestamp now;      ///< exemptions may not run longer than exemptions.maxDuration from here; none: not checked
    int first_line = 1; ///< of the text in its file (a Snapshot's `config` starts somewhere below)
};

/// Everything at its default.
[[nodiscard]] Config default_config(Catalog catalog);
/// Reads YAML text (at most 1 MiB). Reports every error that it can find, not only the first.
[[nodiscard]] tl::expected<Config, Problems> load_text(std::string_view text, const Source& source, Catalog catalog);
/// Reads a file (regular, at most 1 MiB).
[[nodiscard]] tl::expected<Config, Problems> load_file(const std::filesystem::path& file, Timestamp now, Catalog catalog);

/// The annotated defaults (`seaworthy config default`, config.example.yaml). Loading it gives `default_config`.
[[nodiscard]] std::string default_yaml(Catalog catalog);
/// JSON Schema 2020-12 of the file (`seaworthy config schema`).
[[nodiscard]] std::string json_schema(Catalog catalog);
/// docs/configuration.md.
[[nodiscard]] std::string markdown(Catalog catalog);

} // namespace seaworthy::config
