// SPDX-License-Identifier: Apache-2.0
#include "cases/case_files.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/kube/snapshot.hpp"

namespace cases {
namespace {

namespace fs = std::filesystem;
using namespace seaworthy;

std::vector<fs::path> sorted(const fs::path& folder)
{
    std::vector<fs::path> entries;
    for (const auto& entry : fs::directory_iterator{folder})
        entries.push_back(entry.path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

std::vector<Expectation> expectations_of(const fs::path& file)
{
    const auto listed = file.parent_path() / "expect.yaml";
    if (fs::exists(listed)) {
        std::vector<Expectation> rows;
        for (const auto& row : YAML::LoadFile(listed)[file.filename().string()])
            rows.push_back({row["object"].as<std::string>(), row["status"].as<std::string>()});
        if (!rows.empty()) return rows;
    }
    const auto name = file.filename().string();
    const auto status = name.substr(0, name.find('.'));
    if (!check::parse_status(status))
        throw std::runtime_error(fmt::format("{}: neither its name nor expect.yaml says what to expect", file.string()));
    return {{"", status}};
}

kube::SnapshotOptions options_of(const Case& test)
{
    kube::SnapshotOptions options;
    options.paths = {test.path};
    options.clock = [] { return parse_rfc3339("2026-11-22T04:00:00Z"); };
    return options;
}

std::string score_text(const report::Score& score)
{
    const auto number = [](const std::optional<double>& value) { return value ? fmt::format("{:.6f}", *value) : std::string{"-"}; };
    return fmt::format("{} {} {} {:.6f}/{:.6f}", number(score.score), number(score.score_with_exemptions), number(score.coverage), score.points,
                       score.points_possible);
}

} // namespace

const std::vector<Case>& all()
{
    static const auto found = [] {
        std::vector<Case> list;
        for (const auto& folder : sorted(fs::path{SEAWORTHY_SOURCE_DIR} / "tests" / "checks")) {
            if (!fs::is_directory(folder)) continue;
            for (const auto& file : sorted(folder)) {
                if (file.extension() != ".yaml" || file.filename() == "expect.yaml") continue;
                list.push_back({folder.filename().string(), file.filename().string(), file.string(), expectations_of(file)});
            }
        }
        return list;
    }();
    return found;
}

check::Settings settings_of(const Case& test)
{
    kube::SnapshotSource source{options_of(test)};
    if (const auto peeked = source.peek(); !peeked) throw std::runtime_error(fmt::format("{}: {}", test.path, peeked.error().message));
    if (source.config_text().empty()) return check::default_settings(controls::catalog());
    auto config = config::load_text(source.config_text(), {.name = test.path, .now = parse_rfc3339("2026-11-22T04:00:00Z")}, controls::catalog());
    if (!config) throw std::runtime_error(config::format(config.error()));
    return config->settings;
}

check::Settings settings_of_control(const Case& test)
{
    auto settings = settings_of(test);
    const auto* own = controls::control_of(*controls::find_check(test.check));
    for (const auto* control : controls::catalog())
        for (const auto& check : control->checks)
            if (control != own) settings.checks.at(std::string{check.id}).enabled = false;
    return settings;
}

model::Inventory read(const Case& test, const check::Settings& settings)
{
    kube::SnapshotSource source{options_of(test)};
    auto inventory = source.read(engine::read_plan(settings, engine::Grants::all), {});
    if (!inventory) throw std::runtime_error(fmt::format("{}: {}", test.path, inventory.error().message));
    return std::move(*inventory);
}

std::shared_ptr<report::Report> judge(const Case& test)
{
    const auto settings = settings_of(test);
    return engine::evaluate(read(test, settings), settings);
}

std::string object_name(const report::Result& result)
{
    const auto part = [](Text text) { return text.empty() ? std::string_view{"-"} : text.view(); };
    return fmt::format("{}/{}/{}", part(result.object().ns), result.object().kind.view(), part(result.object().name));
}

std::string dump(const report::Report& report)
{
    std::string text = fmt::format("cluster {}\n", score_text(report.score));
    for (const auto& control : report.controls)
        text += fmt::format("control {} {} {}\n", control.control, check::name(control.status), score_text(control.score));
    for (const auto& ns : report.namespaces) {
        text += fmt::format("namespace {} {}\n", ns.name.view(), score_text(ns.score));
        for (const auto& control : ns.controls)
            text += fmt::format("  {} {}\n", check::name(control.status), score_text(control.score));
    }
    for (const auto& result : report.results) {
        text += fmt::format("{} {} {} {} {} {} {:.6f} {}\n", result.check().id, object_name(result), check::name(result.status()),
                            check::name(result.severity()), model::name(result.reason()), result.message().view(), result.worth, result.exemption());
    }
    return text;
}

} // namespace cases
