// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::test {

struct ParsedSample {
    std::string name;
    std::map<std::string, std::string> labels;
    std::string value;
};
struct ParsedFamily {
    std::string help;
    std::string type;
    std::string unit;
    std::vector<ParsedSample> samples;
};
using ParsedFamilies = std::map<std::string, ParsedFamily>;

/// Strict readers of the two expositions; std::runtime_error names what is wrong: interleaved or repeated families, repeated series,
/// samples that their family's type does not allow, unescaped values, a missing or early `# EOF`.
[[nodiscard]] ParsedFamilies parse_text(std::string_view exposition);
[[nodiscard]] ParsedFamilies parse_open_metrics(std::string_view exposition);

} // namespace seaworthy::test
