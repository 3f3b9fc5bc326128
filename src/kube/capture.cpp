// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/capture.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "kube/decode/field_paths.hpp"
#include "kube/decode/identity.hpp"
#include "kube/decode/object_decoder.hpp"
#include "kube/decode/object_rewriter.hpp"
#include "kube/decode/sealed_leaves.hpp"
#include "seaworthy/base/json_text.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/yaml_json.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::kube {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view k_list_head = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n";
constexpr std::string_view k_list_tail = "\n]}\n";
constexpr std::string_view k_snapshot_name = "snapshot.json";

std::string member(std::string_view key, std::string_view text)
{
    return fmt::format("{}:{}", json_quote(key), json_quote(text));
}

template <typename Range>
std::string text_list(const Range& texts)
{
    std::string json;
    for (const auto& text : texts)
        json += fmt::format("{}{}", json.empty() ? "" : ",", json_quote(text));
    return fmt::format("[{}]", json);
}

std::string probe_row(const std::string& url, const model::ProbeAnswer& answer)
{
    std::string json = fmt::format("{{{}", member("url", url));
    if (answer.at.known()) json += "," + member("at", format_rfc3339(answer.at));
    if (answer.error.empty())
        json += fmt::format(",\"status\":{}", answer.status);
    else
        json += "," + member("error", answer.error);
    if (!answer.authorization.empty()) json += "," + member("authorization", answer.authorization);
    if (!answer.headers.empty()) {
        std::string headers;
        for (const auto& [name, value] : answer.headers)
            headers += fmt::format("{}{}", headers.empty() ? "" : ",", member(name, value));
        json += fmt::format(",\"headers\":{{{}}}", headers);
    }
    if (answer.tls_not_after.known() || answer.tls_verified) {
        const std::string not_after = answer.tls_not_after.known() ? member("notAfter", format_rfc3339(answer.tls_not_after)) + "," : "";
        json += fmt::format(",\"tls\":{{{}\"verified\":{}}}", not_after, answer.tls_verified);
    }
    if (!answer.body.empty()) json += "," + member("body", answer.body);
    return json + "}";
}

std::string secret_object(const model::SecretRow& row)
{
    std::string labels;
    for (const auto& label : row.labels)
        labels += fmt::format("{}{}", labels.empty() ? "" : ",", member(label.key.view(), label.value.view()));
    std::string keys;
    for (std::int32_t i = 0; i < row.keys; ++i)
        keys += fmt::format("{}\"key-{}\":\"\"", i == 0 ? "" : ",", i + 1);
    const std::string created = row.created.known() ? "," + member("creationTimestamp", format_rfc3339(row.created)) : "";
    return fmt::format(R"({{"apiVersion":"v1","kind":"Secret","metadata":{{{},{}{},"labels":{{{}}}}},{},"data":{{{}}}}})",
                       member("name", row.name.view()), member("namespace", row.ns.view()), created, labels, member("type", row.type.view()), keys);
}

} // namespace

class Capture::Impl {
public:
    Impl(fs::path folder, const model::ReadPlan& plan, Redaction redaction)
        : m_folder(std::move(folder)), m_plan(plan), m_rewrite(std::move(redaction))
    {}

    void object(std::string_view resource, std::string_view json);
    void restart(std::string_view resource, std::string_view ns);
    Result<void> finish(const model::Inventory& inventory, std::string_view config);

private:
    /// The file of one resource.
    struct ListFile {
        fs::path path;
        std::ofstream out;
        bool empty = true;
        ObjectRewriter::Type type;
        FieldPaths fields;
        bool is_document = false;
    };
    ListFile& file_of(std::string_view resource);
    void write(ListFile& file, std::string_view line);
    [[nodiscard]] Result<std::string> snapshot(const model::Inventory& inventory, std::string_view config) const;
    void fail(std::string message)
    {
        if (m_error.empty()) m_error = std::move(message);
    }

    fs::path m_folder;
    const model::ReadPlan& m_plan;
    ObjectRewriter m_rewrite;
    std::map<std::string, ListFile, std::less<>> m_files;
    std::string m_error;
};

Capture::Impl::ListFile& Capture::Impl::file_of(std::string_view resource)
{
    const auto known = m_files.find(resource);
    if (known != m_files.end()) return known->second;
    ListFile file;
    std::string name{resource};
    for (char& c : name)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) c = '_';
    file.path = m_folder / (name + ".json");
    if (const auto* builtin = model::find_builtin_resource(resource)) {
        file.type.kind = builtin->kind;
        file.type.api_version = builtin->group.empty() ? std::string{builtin->version} : fmt::format("{}/{}", builtin->group, builtin->version);
    }
    file.type.seals = seals_leaves(resource);
    file.is_document = !is_typed(resource);
    file.fields = fields_of(m_plan, resource);
    file.out.open(file.path, std::ios::binary | std::ios::trunc);
    file.out << k_list_head;
    return m_files.emplace(resource, std::move(file)).first->second;
}

void Capture::Impl::write(ListFile& file, std::string_view line)
{
    if (!file.empty) file.out << ",\n";
    file.empty = false;
    file.out << line;
    if (!file.out) fail(fmt::format("{}: cannot be written", printable(file.path.string())));
}

void Capture::Impl::object(std::string_view resource, std::string_view json)
{
    if (resource == "secrets") return; // rows; the inventory has them
    ListFile& file = file_of(resource);
    std::string padded{json};
    padded.append(k_json_padding, ' ');
    const auto line = m_rewrite({std::string_view{padded}.substr(0, json.size())}, file.type, file.is_document ? &file.fields : nullptr);
    if (line) write(file, *line); // else it is a gap already
}

void Capture::Impl::restart(std::string_view resource, std::string_view ns)
{
    const auto known = m_files.find(resource);
    if (known == m_files.end()) return;
    ListFile& file = known->second;
    file.out.close();
    const fs::path old_path = file.path.string() + ".old";
    std::error_code error;
    fs::rename(file.path, old_path, error);
    if (error) fail(fmt::format("{}: {}", printable(old_path.string()), error.message()));
    file.out.open(file.path, std::ios::binary | std::ios::trunc);
    file.out << k_list_head;
    file.empty = true;
    std::ifstream old{old_path, std::ios::binary};
    IdentityReader identify;
    std::string line;
    std::getline(old, line);
    while (!ns.empty() && std::getline(old, line)) {
        if (!line.empty() && line.back() == ',') line.pop_back();
        const std::size_t size = line.size();
        line.append(k_json_padding, ' ');
        const auto identity = identify({std::string_view{line}.substr(0, size)});
        if (identity && identity->ns != ns) write(file, std::string_view{line}.substr(0, size));
    }
    old.close();
    fs::remove(old_path, error);
}

Result<std::string> Capture::Impl::snapshot(const model::Inventory& inventory, std::string_view config) const
{
    std::vector<std::string> served;
    std::vector<std::string> not_listed;
    std::vector<std::string> not_served;
    for (const std::string& resource : inventory.served) {
        if (model::find_builtin_resource(resource) == nullptr) served.push_back(resource);
        if (!inventory.listed.contains(resource)) not_listed.push_back(resource);
    }
    for (const auto& resource : model::builtin_resources())
        if (!inventory.served.contains(resource.id)) not_served.emplace_back(resource.id);
    std::string gaps;
    for (const auto& gap : inventory.gaps)
        gaps += fmt::format("{}{{{},{},{},{}}}", gaps.empty() ? "\n" : ",\n", member("resource", gap.resource), member("namespace", gap.ns),
                            member("reason", model::name(gap.reason)), member("message", gap.message));
    std::string probes;
    for (const auto& [url, answers] : inventory.probes)
        for (const auto& answer : answers)
            for (std::uint32_t sample = 0; sample < answer.samples; ++sample)
                probes += fmt::format("{}{}", probes.empty() ? "\n" : ",\n", probe_row(url, answer));
    std::string config_json = "{}";
    if (!config.empty()) {
        auto converted = yaml_to_json(config);
        if (!converted)
            return failure(Error::Kind::invalid_input,
                           fmt::format("the configuration, line {}: {}", converted.error().line, converted.error().reason));
        if (*converted != "null") config_json = std::move(*converted);
    }
    return fmt::format("{{\"apiVersion\":\"seaworthy.dev/"
                       "v1\",\"kind\":\"Snapshot\",\"spec\":{{\n{},\n\"cluster\":{{{}}},\n\"server\":{{{}}},\n\"consistent\":{},\n\"served\":{},\n"
                       "\"notServed\":{},\n\"notListed\":{},\n\"gaps\":[{}],\n\"probes\":[{}],\n\"config\":{}}}}}\n",
                       member("takenAt", format_rfc3339(inventory.taken_at)), member("name", inventory.cluster.name),
                       member("gitVersion", inventory.cluster.version), inventory.cluster.consistent, text_list(served), text_list(not_served),
                       text_list(not_listed), gaps, probes, config_json);
}

Result<void> Capture::Impl::finish(const model::Inventory& inventory, std::string_view config)
{
    for (const auto& row : inventory.secrets)
        write(file_of("secrets"), secret_object(row));
    for (auto& [resource, file] : m_files) {
        file.out << k_list_tail;
        file.out.close();
        if (!file.out) fail(fmt::format("{}: cannot be written", printable(file.path.string())));
    }
    const auto text = snapshot(inventory, config);
    if (!text) return tl::make_unexpected(text.error());
    // The Snapshot comes last and whole: a folder without it is no capture, and judged with less trust.
    const fs::path path = m_folder / k_snapshot_name;
    const fs::path unfinished = path.string() + ".part";
    std::ofstream out{unfinished, std::ios::binary | std::ios::trunc};
    out << *text;
    out.close();
    std::error_code error;
    if (out) fs::rename(unfinished, path, error);
    if (!out || error) fail(fmt::format("{}: cannot be written", printable(path.string())));
    if (!m_error.empty()) return failure(Error::Kind::internal, m_error, "check the folder's permissions and the free space");
    return {};
}

Capture::Capture(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Capture::~Capture() = default;
Capture::Capture(Capture&&) noexcept = default;

Result<Capture> Capture::create(const std::string& folder, const model::ReadPlan& plan, Redaction redaction)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return failure(Error::Kind::internal, fmt::format("{}: cannot make the folder: {}", printable(folder), error.message()));
    const bool earlier = fs::exists(fs::path{folder} / k_snapshot_name, error);
    std::vector<fs::path> old;
    for (fs::directory_iterator at{folder, error}; !error && at != fs::directory_iterator{}; at.increment(error)) {
        if (!earlier || !at->is_regular_file() || at->path().extension() != ".json")
            return failure(Error::Kind::usage, fmt::format("{}: the folder is not empty and no capture", printable(folder)), "name a new folder");
        old.push_back(at->path());
    }
    for (const fs::path& path : old)
        fs::remove(path, error);
    if (error) return failure(Error::Kind::internal, fmt::format("{}: {}", printable(folder), error.message()));
    return Capture{std::make_unique<Impl>(folder, plan, std::move(redaction))};
}

void Capture::object(std::string_view resource, std::string_view json)
{
    m_impl->object(resource, json);
}

void Capture::restart(std::string_view resource, std::string_view ns)
{
    m_impl->restart(resource, ns);
}

Result<void> Capture::finish(const model::Inventory& inventory, std::string_view config)
{
    return m_impl->finish(inventory, config);
}

} // namespace seaworthy::kube
