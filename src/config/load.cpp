// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/config/load.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "config/reader.hpp"
#include "config/sections.hpp"
#include "config/tables.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

constexpr std::size_t k_largest_file = 1U << 20U;

/// Reads the plain keys and remembers where the sections are.
class Walk {
public:
    Walk(Reader& reader, std::span<const BoundKey> keys) : m_reader(reader), m_keys(keys) {}

    struct Found {
        const Section* section;
        const Node* node;
        std::string path;
    };
    std::vector<Found> sections_found;

    void level(const Node& node, const std::string& prefix)
    {
        for (const auto& entry : node.entries) {
            const auto path = Reader::join(prefix, entry.key);
            const auto key = std::ranges::find(m_keys, path, &BoundKey::path);
            const auto section = std::ranges::find(sections(), path, &Section::path);
            if (key != m_keys.end()) {
                m_reader.assign(*entry.value, path, *key);
            } else if (section != sections().end()) {
                sections_found.push_back({&*section, entry.value.get(), path});
            } else if (path == "exemptions" && entry.value->kind == Node::Kind::sequence) {
                // Short for exemptions.items.
                sections_found.push_back({&*std::ranges::find(sections(), "exemptions.items", &Section::path), entry.value.get(), path});
            } else if (is_inner(path)) {
                if (m_reader.is_map(*entry.value, path)) level(*entry.value, path);
            } else {
                unknown(entry, prefix, path);
            }
        }
    }

private:
    [[nodiscard]] static bool below(std::string_view path, std::string_view prefix)
    {
        return prefix.empty() || (path.size() > prefix.size() && path.starts_with(prefix) && path[prefix.size()] == '.');
    }

    [[nodiscard]] bool is_inner(std::string_view path) const
    {
        return std::ranges::any_of(m_keys, [&](const BoundKey& key) { return below(key.path, path); }) ||
               std::ranges::any_of(sections(), [&](const Section& section) { return below(section.path, path); });
    }

    void unknown(const Node::Entry& entry, const std::string& prefix, const std::string& path)
    {
        std::vector<std::string_view> siblings;
        std::vector<std::string_view> all;
        const auto consider = [&](std::string_view known) {
            all.push_back(known);
            if (!below(known, prefix)) return;
            const auto rest = known.substr(prefix.empty() ? 0 : prefix.size() + 1);
            siblings.push_back(rest.substr(0, rest.find('.')));
        };
        for (const auto& key : m_keys)
            consider(key.path);
        for (const auto& section : sections())
            consider(section.path);
        auto hint = did_you_mean(entry.key, siblings);
        if (hint.empty()) hint = elsewhere(entry.key, all);
        m_reader.problem(entry.at, path, "unknown key" + hint);
    }

    /// A key that is right but in the wrong place.
    [[nodiscard]] static std::string elsewhere(std::string_view word, std::span<const std::string_view> all)
    {
        for (const auto known : all)
            if (known.substr(known.rfind('.') + 1) == word) return fmt::format("; did you mean \"{}\"?", known);
        return {};
    }

    Reader& m_reader;
    std::span<const BoundKey> m_keys;
};

void check_leases(const LeaderElection& election, Reader& reader)
{
    // client-go's rule: a leader must notice that it lost before another may take over, and get more than one try.
    constexpr double jitter = 1.2;
    if (election.lease_duration <= election.renew_deadline) reader.problem({}, "leaderElection", "leaseDuration must be longer than renewDeadline");
    if (std::chrono::duration<double, std::milli>{election.renew_deadline}.count() <= jitter * static_cast<double>(election.retry_period.count()))
        reader.problem({}, "leaderElection", "renewDeadline must be longer than 1.2 times retryPeriod");
}

void check_node_probe(const NodeProbe& probe, Reader& reader)
{
    const std::string path = "probes.nodeProbe";
    if (probe.daemon_set.empty() != probe.ns.empty()) reader.problem({}, path, "daemonSet and namespace go together");
    if (probe.certificate_file.empty() != probe.key_file.empty()) reader.problem({}, path, "certificateFile and keyFile go together");
    if (!probe.certificate_file.empty() && probe.ca_file.empty())
        reader.problem({}, path, "certificateFile needs caFile: plain HTTP has no certificates");
}

void check_sinks(const Config& config, Reader& reader)
{
    if (!config.sinks.empty() && config.spool.path.empty())
        reader.problem({}, "spool.path", "sinks need it: events are kept there until every sink has them");
}

/// What follows from several keys at once.
void complete(Config& config)
{
    auto& outside = config.settings.outside;
    std::erase_if(outside.components, [](const auto& component) { return component.second.empty(); });
    if (const auto at = config.settings.checks.find("registry-probe-availability");
        at != config.settings.checks.end() && at->second.parameters.values.contains("controlTarget"))
        outside.control_target = at->second.parameters.text("controlTarget");
    auto& grants = config.settings.grants;
    grants = {config.grants.begin(), config.grants.end()};
    if (!outside.registries.empty() || !outside.components.empty() || !outside.oidc.issuers.empty()) grants.insert("H");
    if (!config.probes.node_probe.daemon_set.empty()) grants.insert("NPR");
}

Problems whole_file(const std::string& source, std::string message)
{
    return {source, {{0, 0, {}, std::move(message)}}};
}

} // namespace

std::string format(const Problems& problems)
{
    std::string out;
    for (const auto& problem : problems.list) {
        out += problems.source;
        if (problem.line > 0) out += fmt::format(":{}:{}", problem.line, problem.column);
        out += problem.key.empty() ? fmt::format(": {}\n", problem.message) : fmt::format(": {}: {}\n", problem.key, problem.message);
    }
    if (!out.empty()) out.pop_back();
    return out;
}

Error to_error(const Problems& problems)
{
    const bool about_keys = !problems.list.empty() && problems.list.front().line > 0;
    return {Error::Kind::usage, format(problems), about_keys ? "seaworthy config default prints every key with its default" : ""};
}

Config default_config(Catalog catalog)
{
    Config config;
    config.settings = check::default_settings(catalog);
    return config;
}

tl::expected<Config, Problems> load_text(std::string_view text, const Source& source, Catalog catalog)
{
    if (text.size() > k_largest_file) return tl::make_unexpected(whole_file(source.name, "is larger than 1 MiB"));
    const auto root = parse_yaml(text);
    if (!root) {
        auto problem = root.error();
        problem.line += source.first_line - 1;
        return tl::make_unexpected(Problems{source.name, {std::move(problem)}});
    }
    auto config = default_config(catalog);
    Reader reader{source.first_line};
    const auto keys = bind(config, settings_keys());
    Walk walk{reader, keys};
    if (reader.is_map(**root, {})) walk.level(**root, {});
    // In the order of the table, not of the file: a check's own parameter wins over a shared one.
    Loading loading{reader, config, catalog, source.now};
    for (const auto& section : sections())
        for (const auto& found : walk.sections_found)
            if (found.section == &section) section.read(loading, *found.node, found.path);
    check_leases(config.leader_election, reader);
    check_node_probe(config.probes.node_probe, reader);
    check_sinks(config, reader);
    complete(config);
    auto problems = reader.take_problems();
    if (problems.empty()) return config;
    std::ranges::stable_sort(problems, [](const Problem& a, const Problem& b) { return std::pair{a.line, a.column} < std::pair{b.line, b.column}; });
    return tl::make_unexpected(Problems{source.name, std::move(problems)});
}

tl::expected<Config, Problems> load_file(const std::filesystem::path& file, Timestamp now, Catalog catalog)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (status.type() == std::filesystem::file_type::not_found) return tl::make_unexpected(whole_file(file.string(), "there is no such file"));
    // A FIFO would block, a device might never end.
    if (status.type() != std::filesystem::file_type::regular) return tl::make_unexpected(whole_file(file.string(), "is no regular file"));
    std::ifstream stream{file, std::ios::binary};
    if (!stream) return tl::make_unexpected(whole_file(file.string(), std::string{"cannot be read: "} + std::strerror(errno)));
    std::string text(k_largest_file + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    return load_text(text, {.name = file.string(), .now = now}, catalog);
}

} // namespace seaworthy::config
