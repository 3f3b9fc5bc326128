// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace seaworthy {

struct YamlProblem {
    std::size_t line = 0;   ///< 1-based, within the document's text
    std::size_t column = 0; ///< 1-based
    std::string reason;
};

/// One YAML document as JSON text, typed as kubectl types it (sigs.k8s.io/yaml, that is YAML 1.1 as Go reads it): plain `yes`, `on` and
/// `y` are true, `0644` is octal, `1_000` a number, dates stay text, `<<` merges. Keys become text; twice the same key is an error.
/// Aliases may add at most 16 MiB. An empty document gives "null".
[[nodiscard]] tl::expected<std::string, YamlProblem> yaml_to_json(std::string_view document);

} // namespace seaworthy
