// SPDX-License-Identifier: Apache-2.0
// The fuzz targets without a fuzzer: each on its seed corpus and on mutations of it, the same ones each time.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "fuzz/fuzz_target.hpp"

namespace fs = std::filesystem;
using seaworthy::fuzz::Target;

namespace {

const fs::path k_corpus = fs::path{SEAWORTHY_SOURCE_DIR} / "tests" / "fuzz" / "corpus";

/// Mutations of a target's corpus. An audit judges with every check, which takes a thousand times as long as a parser.
constexpr std::size_t k_mutations = 3000;
constexpr std::size_t k_audits = 150;

std::vector<fs::path> files_below(const fs::path& folder)
{
    std::vector<fs::path> files;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator{folder})
            files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string content_of(const fs::path& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string repeated(std::string_view part, std::size_t times)
{
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += part;
    return text;
}

/// Values that parsers have stumbled over.
const std::vector<std::string>& hostile_values()
{
    static const std::vector<std::string> values{
        "",
        "null",
        "true",
        "-1",
        "1e999",
        "9223372036854775808",
        "0x",
        "\"\"",
        "[]",
        "{}",
        "*",
        "**",
        "(((((",
        "\\",
        "@@:",
        "a:b@sha256:",
        "%00%zz",
        "../../etc/passwd",
        "2026-13-45T99:99:99Z",
        "&a [*a]",
        "<<: *a",
        "\xff\xfe\x80",
        std::string(1, '\0'),
        repeated("[", 300),
        repeated("{\"a\":", 300),
        repeated("a,", 10'000),
        std::string(70'000, 'a'),
    };
    return values;
}

class Mutator {
public:
    explicit Mutator(std::uint32_t seed) : m_random(seed) {}

    std::string operator()(std::string text)
    {
        for (std::size_t changes = 1 + below(3); changes > 0; --changes)
            change(text);
        return text;
    }

private:
    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : m_random() % limit; }
    const std::string& hostile() { return hostile_values()[below(hostile_values().size())]; }

    void change(std::string& text)
    {
        const auto at = below(text.size() + 1);
        const auto length = std::min(below(16), text.size() - at);
        switch (below(7)) {
        case 0: text.replace(at, length, hostile()); break;
        case 1: text.insert(at, text.substr(at, below(text.size() - at + 1))); break;
        case 2: text.erase(at, length); break;
        case 3: text.resize(at); break;
        case 4:
            if (at < text.size()) text[at] = static_cast<char>(m_random());
            break;
        default: replace_value(text, at); break;
        }
    }

    /// What stands behind a colon, up to where a value of YAML or JSON may end.
    void replace_value(std::string& text, std::size_t from)
    {
        const auto colon = text.find(':', from);
        if (colon == std::string::npos) return;
        const auto end = std::min(text.find_first_of(",}\n", colon), text.size());
        text.replace(colon + 1, end - colon - 1, " " + hostile());
    }

    std::mt19937 m_random;
};

} // namespace

TEST_CASE("every fuzz target has a seed corpus, and every corpus a target")
{
    std::set<std::string> names;
    for (const auto& target : seaworthy::fuzz::targets()) {
        INFO(target.name);
        CHECK(!files_below(k_corpus / target.name).empty());
        names.emplace(target.name);
    }
    for (const auto& folder : files_below(k_corpus)) {
        INFO(folder);
        CHECK(names.count(folder.filename().string()) == 1);
    }
}

TEST_CASE("what must hold of a parser holds on its seed corpus and on mutations of it")
{
    for (const auto& target : seaworthy::fuzz::targets()) {
        const auto files = files_below(k_corpus / target.name);
        const auto mutations = (target.name == "audit" ? k_audits : k_mutations) / std::max<std::size_t>(files.size(), 1);
        for (const auto& file : files) {
            const auto seed = content_of(file);
            for (std::uint32_t round = 0; round <= mutations; ++round) {
                INFO(fmt::format("{}, mutation {}", file.string(), round));
                target.run(round == 0 ? seed : Mutator{round}(seed));
            }
        }
    }
    SUCCEED();
}

TEST_CASE("an audit survives one hostile value in the case files")
{
    const auto& targets = seaworthy::fuzz::targets();
    const auto audit = std::find_if(targets.begin(), targets.end(), [](const Target& target) { return target.name == "audit"; });
    REQUIRE(audit != targets.end());
    std::uint32_t seed = 0;
    for (const auto& folder : files_below(fs::path{SEAWORTHY_SOURCE_DIR} / "tests" / "checks")) {
        const auto files = files_below(folder);
        if (files.empty()) continue;
        const auto& file = files[++seed % files.size()];
        INFO(fmt::format("{}, mutation {}", file.string(), seed));
        audit->run(Mutator{seed}(content_of(file)));
    }
}
