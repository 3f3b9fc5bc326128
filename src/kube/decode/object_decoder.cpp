// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/object_decoder.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include "kube/decode/decode_context.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_gap_messages = 20; ///< malformed objects told one by one for each resource and namespace

DecodeFunction find_function(std::string_view resource)
{
    for (const auto decoders : {core_decoders(), workload_decoders(), networking_decoders(), rbac_decoders()})
        for (const KindDecoder& row : decoders)
            if (row.resource == resource) return row.decode;
    return decode_document;
}

/// The first `"key":"value"` behind `from`; for naming an object whose JSON could not be read.
std::string_view sniff(std::string_view json, std::string_view key)
{
    const std::string pattern = fmt::format("\"{}\"", key);
    const std::size_t metadata = json.find("\"metadata\"");
    std::size_t at = metadata == std::string_view::npos ? metadata : json.find(pattern, metadata);
    if (at == std::string_view::npos) return {};
    at += pattern.size();
    while (at < json.size() && (json[at] == ' ' || json[at] == ':'))
        ++at;
    if (at >= json.size() || json[at] != '"') return {};
    const std::size_t end = json.find('"', ++at);
    return end == std::string_view::npos || end - at > 253 ? std::string_view{} : json.substr(at, end - at);
}

/// Seconds of an age as a Table prints it: `45s`, `3h20m`, `2y30d`. Nothing for `<unknown>`.
std::optional<std::int64_t> parse_age(std::string_view text)
{
    std::int64_t total = 0;
    while (!text.empty()) {
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (error != std::errc{} || number < 0 || number > 100'000'000 || text.empty()) return std::nullopt;
        switch (text.front()) {
        case 's': total += number; break;
        case 'm': total += number * 60; break;
        case 'h': total += number * 3600; break;
        case 'd': total += number * 86'400; break;
        case 'y': total += number * 365 * 86'400; break;
        default: return std::nullopt;
        }
        text.remove_prefix(1);
    }
    return total;
}

} // namespace

bool asks_for(std::string_view item, std::string_view resource)
{
    return item == resource || (item.substr(0, 2) == "*." && item.substr(2) == model::group_of(resource));
}

bool is_typed(std::string_view resource)
{
    const auto decode = find_function(resource);
    return decode != decode_document && decode != decode_config_map;
}

FieldPaths fields_of(const model::ReadPlan& plan, std::string_view resource)
{
    const bool config_maps = resource == "configmaps"; // whose keys may hold dots
    FieldPaths fields;
    for (const auto& item : plan.lists)
        if (asks_for(item.resource, resource))
            for (const std::string& path : item.fields)
                fields.add(path, config_maps);
    if (config_maps && fields.empty()) fields.add("data");
    return fields;
}

struct ObjectDecoder::Target {
    std::string resource;
    const model::Resource* builtin = nullptr;
    DecodeFunction decode = decode_document;
    FieldPaths fields;
};

class ObjectDecoder::Impl {
public:
    Impl(model::Inventory& inventory, const model::ReadPlan& plan) : context(inventory, plan) {}

    const Target* target(std::string_view resource);
    void gap(std::string_view resource, std::string_view ns, model::Reason reason, std::string message);
    Outcome malformed(std::string_view resource, PaddedJson json);

    DecodeContext context;

private:
    std::map<std::string, Target, std::less<>> m_targets;
    std::map<std::tuple<std::string, std::string, model::Reason>, std::size_t> m_gaps;
};

const ObjectDecoder::Target* ObjectDecoder::Impl::target(std::string_view resource)
{
    const auto known = m_targets.find(resource);
    if (known != m_targets.end()) return &known->second;
    Target target;
    target.resource = resource;
    target.builtin = model::find_builtin_resource(resource);
    target.decode = find_function(resource);
    if (resource == "events.events.k8s.io") {
        target.resource = "events";
        target.builtin = model::find_builtin_resource("events");
    }
    target.fields = fields_of(context.plan, resource);
    return &m_targets.emplace(resource, std::move(target)).first->second;
}

void ObjectDecoder::Impl::gap(std::string_view resource, std::string_view ns, model::Reason reason, std::string message)
{
    std::string where = ns.empty() ? "*" : std::string{ns};
    const std::size_t told = ++m_gaps[{std::string{resource}, where, reason}];
    if (told <= k_gap_messages) context.inventory.gaps.push_back({std::string{resource}, std::move(where), reason, std::move(message)});
}

ObjectDecoder::Outcome ObjectDecoder::Impl::malformed(std::string_view resource, PaddedJson json)
{
    const std::string why = context.json.error();
    const auto head = json.text.substr(0, 64U << 10U);
    const std::string_view name = sniff(head, "name");
    const std::string_view ns = sniff(head, "namespace");
    const std::string object = fmt::format("{}{}{}", ns, ns.empty() ? "" : "/", name.empty() ? "(no name)" : name);
    gap(resource, ns, model::Reason::malformed, printable(fmt::format("{} {} cannot be read: {}", resource, object, why)));
    return Outcome::malformed;
}

ObjectDecoder::ObjectDecoder(model::Inventory& inventory, const model::ReadPlan& plan) : m_impl(std::make_unique<Impl>(inventory, plan)) {}
ObjectDecoder::~ObjectDecoder() = default;

const ObjectDecoder::Target* ObjectDecoder::target(std::string_view resource)
{
    return m_impl->target(resource);
}

ObjectDecoder::Outcome ObjectDecoder::decode(const Target* target, PaddedJson json)
{
    DecodeContext& context = m_impl->context;
    context.resource = target->resource;
    context.builtin = target->builtin;
    context.fields = &target->fields;
    context.rejected_by_plan = false;
    context.json.read_object(json, [&](Object& object) { target->decode(context, object); });
    if (!context.json.ok()) return m_impl->malformed(target->resource, json);
    return context.rejected_by_plan ? Outcome::ignored : Outcome::kept;
}

ObjectDecoder::Outcome ObjectDecoder::decode_secret_row(std::string_view ns, PaddedJson row, model::StringMap labels)
{
    DecodeContext& c = m_impl->context;
    model::SecretRow secret;
    std::string_view age;
    int column = 0;
    c.json.read(row, [&](std::string_view key, Value value) {
        if (key != "cells") return;
        c.json.array(value, [&](Value cell) {
            switch (column++) {
            case 0: secret.name = c.vault.texts.store(c.json.text(cell)); break;
            case 1: secret.type = c.intern(cell); break;
            case 2: secret.keys = c.json.int32(cell); break;
            case 3: age = c.json.text(cell); break;
            default: break;
            }
        });
    });
    if (c.json.ok() && (column < 4 || secret.name.empty())) c.json.fail("not a row of Name, Type, Data and Age");
    if (!c.json.ok()) {
        m_impl->gap("secrets", ns, model::Reason::malformed, printable(fmt::format("a row of the Secret table cannot be read: {}", c.json.error())));
        return Outcome::malformed;
    }
    secret.ns = c.vault.texts.intern(ns);
    secret.labels = labels;
    if (const auto length = parse_age(age); length && c.now().known()) secret.created = Timestamp{c.now().unix_seconds() - *length};
    c.inventory.secrets.push_back(secret);
    return Outcome::kept;
}

void ObjectDecoder::skipped(const Target* target, std::string_view reason, std::string_view head)
{
    const std::string_view name = sniff(head, "name");
    const std::string_view ns = sniff(head, "namespace");
    m_impl->gap(
        target->resource, ns, model::Reason::truncated,
        printable(fmt::format("{} {}{}{} was not read: {}", target->resource, ns, ns.empty() ? "" : "/", name.empty() ? "(no name)" : name, reason)));
}

void ObjectDecoder::set_default_namespace(std::string ns)
{
    m_impl->context.default_namespace = std::move(ns);
}

bool ObjectDecoder::saw_secret_values() const
{
    return m_impl->context.saw_secret_values;
}

} // namespace seaworthy::kube
