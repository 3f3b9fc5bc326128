// SPDX-License-Identifier: Apache-2.0
// Kinds without a struct of their own: only the field paths that checks declare are kept.
#include <algorithm>

#include <fmt/format.h>

#include "kube/decode/decode_context.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_values = 100'000; ///< of one Document

/// Copies the wanted part of one JSON value into the arena.
class Projection {
public:
    explicit Projection(DecodeContext& context) : m_context(context) {}

    model::Value value(Value json, const FieldPaths& paths)
    {
        if (++m_values > k_values) {
            m_context.json.fail(fmt::format("more than {} values", k_values));
            return {};
        }
        switch (m_context.json.type(json)) {
        case ondemand::json_type::object: return object(json, paths);
        case ondemand::json_type::array: return array(json, paths);
        case ondemand::json_type::string: return paths.keeps_all() ? model::Value::text(m_context.intern(json)) : model::Value{};
        case ondemand::json_type::boolean: return paths.keeps_all() ? model::Value::boolean(m_context.json.flag(json)) : model::Value{};
        case ondemand::json_type::number: return paths.keeps_all() ? number(json) : model::Value{};
        case ondemand::json_type::null: break;
        }
        return {};
    }

    model::Value object(Value json, const FieldPaths& paths)
    {
        std::vector<model::Member> members;
        m_context.json.object(json, [&](std::string_view key, Value member) {
            if (const FieldPaths* below = paths.below(key)) {
                const Text name = m_context.vault.texts.intern(key);
                members.push_back({name, value(member, *below)});
            }
        });
        return model::Value::object(m_context.vault.keep(members));
    }

private:
    model::Value array(Value json, const FieldPaths& paths)
    {
        std::vector<model::Value> items;
        m_context.json.array(json, [&](Value item) { items.push_back(value(item, paths)); });
        return model::Value::array(m_context.vault.keep(items));
    }

    model::Value number(Value json)
    {
        double number = 0;
        m_context.json.check(json.get_double().get(number));
        return model::Value::number(number);
    }

    DecodeContext& m_context;
    std::size_t m_values = 0;
};

} // namespace

void decode_document(DecodeContext& c, Object& object)
{
    model::Document document;
    std::vector<model::Member> members;
    Projection projection{c};
    c.json.object(object, [&](std::string_view key, Value value) {
        if (key == "apiVersion") document.api_version = c.intern(value);
        else if (key == "kind") document.kind = c.intern(value);
        else if (key == "metadata") c.meta(value, document.meta);
        else if (const FieldPaths* below = c.fields->below(key)) {
            const Text name = c.vault.texts.intern(key);
            members.push_back({name, projection.value(value, *below)});
        }
    });
    // Elements of a typed list do not say what they are.
    if (c.builtin != nullptr && document.kind.empty()) {
        document.kind = c.vault.texts.intern(c.builtin->kind);
        document.api_version = c.vault.texts.intern(c.builtin->group.empty() ? std::string{c.builtin->version} : fmt::format("{}/{}", c.builtin->group, c.builtin->version));
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
