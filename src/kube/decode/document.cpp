// SPDX-License-Identifier: Apache-2.0
// Kinds without a struct of their own: only the field paths that checks declare are kept.
#include <algorithm>

#include <fmt/format.h>

#include "kube/decode/decode_context.hpp"
#include "kube/decode/sealed_leaves.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_values = 100'000; ///< of one Document

/// Lists of which only some items are kept, by a text in each: the rest would be most of the object, and nothing asks for it.
struct ItemFilter {
    std::string_view resource;
    std::string_view field; ///< decides; items without it are kept
    bool (*keeps)(std::string_view);
    bool keeps_field = true; ///< false: it has done its part
};

/// A package URL of an operating system's package, not of a library.
bool is_os_package(std::string_view purl)
{
    return purl.starts_with("pkg:deb/") || purl.starts_with("pkg:rpm/") || purl.starts_with("pkg:apk/");
}

/// Trivy's words for what rules count.
bool is_grave(std::string_view severity)
{
    return severity == "CRITICAL" || severity == "HIGH";
}

constexpr ItemFilter k_item_filters[] = {
    {"sbomreports.aquasecurity.github.io", "purl", is_os_package, false},
    {"clustersbomreports.aquasecurity.github.io", "purl", is_os_package, false},
    {"vulnerabilityreports.aquasecurity.github.io", "severity", is_grave},
};

/// Copies the wanted part of one JSON value into the arena.
class Projection {
public:
    explicit Projection(DecodeContext& context) : m_context(context)
    {
        const auto* filter = std::ranges::find(k_item_filters, context.resource, &ItemFilter::resource);
        if (filter != std::end(k_item_filters)) m_filter = filter;
        m_seals = seals_leaves(context.resource);
    }

    model::Value value(Value json, const FieldPaths& paths)
    {
        if (++m_values > k_values) {
            m_context.json.fail(fmt::format("more than {} values", k_values));
            return {};
        }
        switch (m_context.json.type(json)) {
        case ondemand::json_type::object: return object(json, paths);
        case ondemand::json_type::array: return array(json, paths);
        case ondemand::json_type::string: return paths.keeps_all() ? text(json) : model::Value{};
        case ondemand::json_type::boolean: return paths.keeps_all() ? model::Value::boolean(m_context.json.flag(json)) : model::Value{};
        case ondemand::json_type::number: return paths.keeps_all() ? number(json) : model::Value{};
        case ondemand::json_type::null: break;
        }
        return {};
    }

    model::Value object(Value json, const FieldPaths& paths) { return members(json, paths, {}); }

private:
    model::Value array(Value json, const FieldPaths& paths)
    {
        std::vector<model::Value> items;
        m_context.json.array(json, [&](Value item) {
            if (m_filter != nullptr && m_context.json.type(item) == ondemand::json_type::object)
                filtered(item, paths, items);
            else
                items.push_back(value(item, paths));
        });
        return model::Value::array(m_context.vault.keep(items));
    }

    /// The item, if the filter keeps it. The deciding field is looked up first, so that nothing of the others is stored.
    void filtered(Value json, const FieldPaths& paths, std::vector<model::Value>& items)
    {
        Object object;
        if (!m_context.json.check(json.get_object().get(object))) return;
        std::string_view text;
        const bool decides = object.find_field_unordered(m_filter->field).get_string().get(text) == simdjson::SUCCESS;
        if (decides && !m_filter->keeps(text)) return;
        if (!m_context.json.check(object.reset().error())) return;
        if (++m_values > k_values) return m_context.json.fail(fmt::format("more than {} values", k_values));
        items.push_back(members(object, paths, m_filter->keeps_field ? std::string_view{} : m_filter->field));
    }

    /// The wanted members of an object, without the one called `dropped`.
    template <typename Json>
    model::Value members(Json& json, const FieldPaths& paths, std::string_view dropped)
    {
        std::vector<model::Member> kept;
        m_context.json.object(json, [&](std::string_view key, Value member) {
            const FieldPaths* below = key == dropped ? nullptr : paths.below(key);
            if (below == nullptr) return;
            const Text name = m_context.vault.texts.intern(key);
            const bool outside = !m_in_leaves;
            m_in_leaves = m_in_leaves || (m_seals && holds_leaves(key));
            kept.push_back({name, value(member, *below)});
            if (outside) m_in_leaves = false;
        });
        return model::Value::object(m_context.vault.keep(kept));
    }

    model::Value text(Value json)
    {
        if (!m_in_leaves) return model::Value::text(m_context.intern(json));
        return model::Value::text(m_context.vault.texts.intern(sealed(m_context.json.text(json))));
    }

    model::Value number(Value json)
    {
        double number = 0;
        m_context.json.check(json.get_double().get(number));
        return model::Value::number(number);
    }

    DecodeContext& m_context;
    const ItemFilter* m_filter = nullptr;
    bool m_seals = false;     ///< a kind whose values are replaced
    bool m_in_leaves = false; ///< below such values
    std::size_t m_values = 0;
};

/// metadata.managedFields as it may be kept: who wrote the object and when, and of the fields only whether some are the spec's.
model::Value managed_fields(DecodeContext& c)
{
    const auto member = [&](std::string_view name, model::Value value) { return model::Member{c.vault.texts.intern(name), value}; };
    std::vector<model::Value> entries;
    for (const auto& manager : c.managers) {
        std::vector<model::Member> fields;
        if (manager.owns_spec) fields.push_back(member("f:spec", model::Value::object({})));
        std::vector<model::Member> entry{
            member("manager", model::Value::text(manager.manager)),
            member("operation", model::Value::text(manager.operation)),
            member("subresource", model::Value::text(manager.subresource)),
            member("time", model::Value::text(c.vault.texts.intern(format_rfc3339(manager.time)))),
            member("fieldsV1", model::Value::object(c.vault.keep(fields))),
        };
        entries.push_back(model::Value::object(c.vault.keep(entry)));
    }
    std::vector<model::Member> metadata{member("managedFields", model::Value::array(c.vault.keep(entries)))};
    return model::Value::object(c.vault.keep(metadata));
}

} // namespace

void decode_document(DecodeContext& c, Object& object)
{
    model::Document document;
    std::vector<model::Member> members;
    Projection projection{c};
    const FieldPaths* of_metadata = c.fields->below("metadata");
    c.wants_managers = of_metadata != nullptr && of_metadata->below("managedFields") != nullptr;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "apiVersion")
            document.api_version = c.intern(value);
        else if (key == "kind")
            document.kind = c.intern(value);
        else if (key == "metadata")
            c.meta(value, document.meta);
        else if (const FieldPaths* below = c.fields->below(key)) {
            const Text name = c.vault.texts.intern(key);
            members.push_back({name, projection.value(value, *below)});
        }
    });
    if (c.wants_managers) members.push_back({c.vault.texts.intern("metadata"), managed_fields(c)});
    c.wants_managers = false;
    // Elements of a typed list do not say what they are.
    if (c.builtin != nullptr && document.kind.empty()) {
        document.kind = c.vault.texts.intern(c.builtin->kind);
        document.api_version = c.vault.texts.intern(c.builtin->group.empty() ? std::string{c.builtin->version}
                                                                             : fmt::format("{}/{}", c.builtin->group, c.builtin->version));
    }
    if (!c.accept(document.meta)) return;
    document.root = model::Value::object(c.vault.keep(members));
    c.inventory.documents[std::string{c.resource}].push_back(document);
}

/// Only the ConfigMaps that the plan names, each read for a check of its own.
void decode_config_map(DecodeContext& c, Object& object)
{
    // The name decides, so it is read first; then the object is read again.
    model::ObjectMeta meta;
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "metadata") c.meta(value, meta);
    });
    if (!c.accept(meta)) return;
    const std::string id = fmt::format("{}/{}", meta.ns.view(), meta.name.view());
    const auto& named = c.plan.config_maps;
    const auto& lists = c.plan.lists; // with the grant CMA all of them are asked for
    const bool all = std::any_of(lists.begin(), lists.end(), [](const auto& item) { return item.resource == "configmaps"; });
    if (!all && std::find(named.begin(), named.end(), id) == named.end()) {
        c.rejected_by_plan = true;
        return;
    }
    if (c.json.check(object.reset().error())) decode_document(c, object);
}

} // namespace seaworthy::kube
