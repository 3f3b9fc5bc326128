// SPDX-License-Identifier: Apache-2.0
#include "app/capture.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "seaworthy/model/resource.hpp"

namespace seaworthy::app {

namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Objects of a built-in list carry neither.
void add_type(Json& object, std::string_view resource)
{
    const auto* builtin = model::find_builtin_resource(resource);
    if (builtin == nullptr || object.contains("kind")) return;
    const auto api_version = builtin->group.empty() ? std::string{builtin->version} : fmt::format("{}/{}", builtin->group, builtin->version);
    Json typed{{"apiVersion", api_version}, {"kind", builtin->kind}};
    typed.update(object);
    object = std::move(typed);
}

Json gaps_json(const model::Inventory& inventory)
{
    auto gaps = Json::array();
    for (const auto& gap : inventory.gaps)
        gaps.push_back({{"resource", gap.resource}, {"namespace", gap.ns}, {"reason", model::name(gap.reason)}, {"message", gap.message}});
    return gaps;
}

Json answer_json(const std::string& url, const model::ProbeAnswer& answer)
{
    Json row{{"url", url}, {"at", format_rfc3339(answer.at)}};
    if (!answer.authorization.empty()) row["authorization"] = answer.authorization;
    if (!answer.error.empty()) {
        row["error"] = answer.error;
        return row;
    }
    row["status"] = answer.status;
    if (!answer.headers.empty()) row["headers"] = answer.headers;
    if (!answer.body.empty()) row["body"] = answer.body;
    if (answer.tls_not_after.known()) row["tls"] = {{"notAfter", format_rfc3339(answer.tls_not_after)}, {"verified", answer.tls_verified}};
    return row;
}

Json probes_json(const model::Inventory& inventory)
{
    auto probes = Json::array();
    for (const auto& [url, answers] : inventory.probes)
        for (const auto& answer : answers) probes.push_back(answer_json(url, answer));
    return probes;
}

Json served_json(const model::Inventory& inventory)
{
    auto served = Json::array();
    for (const auto& resource : inventory.served)
        if (model::find_builtin_resource(resource) == nullptr) served.push_back(resource);
    return served;
}

std::string indented(const std::string& text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        out += "    " + text.substr(at, end - at) + "\n";
        at = end + 1;
    }
    return out;
}

} // namespace

Capture::Capture(std::filesystem::path folder, Redaction redaction) : m_folder(std::move(folder)), m_redaction(std::move(redaction)) {}

Capture::Output& Capture::output_of(std::string_view resource)
{
    auto& output = m_outputs[std::string{resource}];
    if (!output.file.is_open()) {
        // A resource id is a DNS name: no separators.
        output.file.open(m_folder / fmt::format("{}.json", resource), std::ios::binary);
        output.file << R"({"apiVersion":"v1","kind":"List","items":[)";
    }
    return output;
}

void Capture::object_read(std::string_view resource, std::string_view /*ns*/, std::string_view json)
{
    if (resource == "secrets") return; // a row of a Table: written at the end from what was made of it
    auto object = Json::parse(json, nullptr, false);
    if (!object.is_object()) return; // the reader has made a gap of it
    add_type(object, resource);
    m_redaction.apply(object);
    auto& output = output_of(resource);
    const auto& metadata = object["metadata"];
    const auto key = metadata.is_object() ? metadata.value("namespace", "") + "/" + metadata.value("name", "") : std::string{};
    if (!output.written.insert(key).second) return;
    output.file << (output.written.size() == 1 ? "\n" : ",\n") << dump(object);
}

void Capture::write_secrets(const model::Inventory& inventory)
{
    for (const auto& row : inventory.secrets) {
        Json metadata{{"name", row.name.view()}, {"namespace", row.ns.view()}, {"creationTimestamp", format_rfc3339(row.created)}};
        for (const auto& label : row.labels) metadata["labels"][label.key.str()] = label.value.view();
        auto data = Json::object();
        for (int i = 0; i < row.keys; ++i) data[fmt::format("key-{}", i + 1)] = ""; // how many there are is all that a Table says
        auto& output = output_of("secrets");
        output.written.insert(fmt::format("{}/{}", row.ns.view(), row.name.view()));
        output.file << (output.written.size() == 1 ? "\n" : ",\n")
                    << dump({{"apiVersion", "v1"}, {"kind", "Secret"}, {"metadata", std::move(metadata)}, {"type", row.type.view()}, {"data", std::move(data)}});
    }
}

Result<void> Capture::finish(const model::Inventory& inventory, const std::string& config_text)
{
    write_secrets(inventory);
    bool good = true;
    for (auto& [resource, output] : m_outputs) {
        output.file << "\n]}\n";
        output.file.close();
        good = good && !output.file.fail();
    }
    std::ofstream snapshot{m_folder / "snapshot.yaml", std::ios::binary};
    snapshot << "apiVersion: seaworthy.dev/v1\nkind: Snapshot\nspec:\n"
             << "  takenAt: " << dump(format_rfc3339(inventory.taken_at)) << "\n"
             << "  server: " << dump({{"gitVersion", inventory.cluster.version}}) << "\n"
             << "  cluster: " << dump({{"name", inventory.cluster.name}}) << "\n"
             << "  consistent: " << (inventory.cluster.consistent ? "true" : "false") << "\n"
             << "  served: " << dump(served_json(inventory)) << "\n"
             << "  gaps: " << dump(gaps_json(inventory)) << "\n"
             << "  probes: " << dump(probes_json(inventory)) << "\n";
    if (!config_text.empty()) snapshot << "  config:\n" << indented(config_text);
    snapshot.close();
    if (!good || snapshot.fail()) return failure(Error::Kind::internal, fmt::format("{} cannot be written", m_folder.string()));
    return {};
}

} // namespace seaworthy::app
