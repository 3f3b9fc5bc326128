// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/object_rewriter.hpp"

#include "kube/decode/json_reader.hpp"
#include "kube/decode/managed_fields.hpp"
#include "kube/decode/sealed_leaves.hpp"
#include "seaworthy/base/json_text.hpp"

namespace seaworthy::kube {

namespace {

using Value = JsonReader::Value;
using Object = ondemand::object;

constexpr std::string_view k_last_applied = "kubectl.kubernetes.io/last-applied-configuration";

bool holds_containers(std::string_view key)
{
    return key == "containers" || key == "initContainers" || key == "ephemeralContainers";
}

} // namespace

class ObjectRewriter::Impl {
public:
    explicit Impl(Redaction wanted) : m_redaction(std::move(wanted)) {}

    Result<std::string> rewrite(PaddedJson json, const Type& type, const FieldPaths* fields);

private:
    void metadata(Value value);
    void value(Value value, const FieldPaths* fields);
    void object(Value value, const FieldPaths* fields);
    void containers(Value value);
    void container(Object& object);
    void env(Value value);
    void managers(Value value);
    void text(std::string_view text)
    {
        if (m_in_leaves) {
            m_out += json_quote(sealed(text));
            return;
        }
        if (m_redacting && m_redaction.text)
            m_out += json_quote(m_redaction.text(text));
        else
            m_out += json_quote(text);
    }
    void key(std::string_view name, bool& first)
    {
        if (!first) m_out += ',';
        first = false;
        m_out += json_quote(name);
        m_out += ':';
    }
    template <typename F>
    void array(Value value, F&& element)
    {
        bool first = true;
        m_out += '[';
        m_json.array(value, [&](Value item) {
            if (!first) m_out += ',';
            first = false;
            element(item);
        });
        m_out += ']';
    }
    void tokens(Value value, std::vector<std::string>& found)
    {
        m_json.array(value, [&](Value item) { found.emplace_back(m_json.text(item)); });
    }
    void token_list(std::span<const std::string> list)
    {
        m_out += '[';
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (i > 0) m_out += ',';
            m_out += json_quote(list[i]);
        }
        m_out += ']';
    }

    Redaction m_redaction;
    bool m_seals = false;         ///< a kind whose values are replaced
    bool m_in_leaves = false;     ///< below such values
    bool m_keeps_managers = true; ///< false for pods: there are many, and their controllers write them
    bool m_redacting = true;      ///< false in metadata outside of annotations: names tie objects together
    JsonReader m_json;
    std::string m_out;
};

Result<std::string> ObjectRewriter::Impl::rewrite(PaddedJson json, const Type& type, const FieldPaths* fields)
{
    m_out = "{";
    m_keeps_managers = type.kind != "Pod";
    m_seals = type.seals;
    m_in_leaves = false;
    bool first = true;
    bool typed = false;
    m_json.read(json, [&](std::string_view name, Value member) {
        typed = typed || name == "kind";
        const bool is_identity = name == "kind" || name == "apiVersion";
        const FieldPaths* below = fields == nullptr || is_identity ? nullptr : fields->below(name);
        if (fields != nullptr && below == nullptr && name != "metadata" && !is_identity) return;
        key(name, first);
        if (name == "metadata")
            metadata(member);
        else
            value(member, below);
    });
    if (!m_json.ok()) return failure(Error::Kind::invalid_input, m_json.error());
    if (!typed && !type.kind.empty()) {
        key("apiVersion", first);
        m_out += json_quote(type.api_version);
        key("kind", first);
        m_out += json_quote(type.kind);
    }
    m_out += '}';
    return m_out;
}

void ObjectRewriter::Impl::metadata(Value value)
{
    bool first = true;
    m_redacting = false;
    m_out += '{';
    m_json.object(value, [&](std::string_view name, Value member) {
        if (name == "managedFields" && !m_keeps_managers) return;
        key(name, first);
        if (name == "managedFields") return managers(member);
        if (name != "annotations" || m_json.type(member) != ondemand::json_type::object) return this->value(member, nullptr);
        bool first_annotation = true;
        m_redacting = true;
        m_out += '{';
        m_json.object(member, [&](std::string_view annotation, Value content) {
            key(annotation, first_annotation);
            if (annotation == k_last_applied) return text("");
            this->value(content, nullptr);
        });
        m_out += '}';
        m_redacting = false;
    });
    m_out += '}';
    m_redacting = true;
}

/// Who wrote what kind of thing and when, not which fields.
void ObjectRewriter::Impl::managers(Value value)
{
    array(value, [&](Value item) {
        bool first = true;
        m_out += '{';
        m_json.object(item, [&](std::string_view name, Value member) {
            key(name, first);
            if (name == "fieldsV1")
                m_out += owns_spec(m_json, member) ? R"({"f:spec":{"f:*":{}}})" : "{}";
            else
                this->value(member, nullptr);
        });
        m_out += '}';
    });
}

/// `fields` nullptr: everything.
void ObjectRewriter::Impl::value(Value value, const FieldPaths* fields)
{
    if (fields != nullptr && fields->keeps_all()) fields = nullptr;
    switch (m_json.type(value)) {
    case ondemand::json_type::object: return object(value, fields);
    case ondemand::json_type::array: return array(value, [&](Value item) { this->value(item, fields); });
    case ondemand::json_type::string: return text(m_json.text(value));
    case ondemand::json_type::number: m_out += m_json.scalar(value); return;
    case ondemand::json_type::boolean: m_out += m_json.flag(value) ? "true" : "false"; return;
    case ondemand::json_type::null: m_out += "null"; break;
    }
}

void ObjectRewriter::Impl::object(Value value, const FieldPaths* fields)
{
    bool first = true;
    m_out += '{';
    m_json.object(value, [&](std::string_view name, Value member) {
        const FieldPaths* below = fields != nullptr ? fields->below(name) : nullptr;
        if (fields != nullptr && below == nullptr) return;
        key(name, first);
        const bool list = m_json.type(member) == ondemand::json_type::array;
        const bool outside = !m_in_leaves;
        m_in_leaves = m_in_leaves || (m_seals && holds_leaves(name));
        if (fields == nullptr && list && holds_containers(name))
            containers(member);
        else
            this->value(member, below);
        if (outside) m_in_leaves = false;
    });
    m_out += '}';
}

void ObjectRewriter::Impl::containers(Value value)
{
    array(value, [&](Value item) {
        Object object;
        if (m_json.type(item) != ondemand::json_type::object) return this->value(item, nullptr);
        if (m_json.check(item.get_object().get(object))) container(object);
    });
}

/// An option's value may be the next argument, so command and args are looked at as one line.
void ObjectRewriter::Impl::container(Object& object)
{
    std::vector<std::string> line;
    std::size_t command_size = 0;
    std::vector<std::string> args;
    m_json.object(object, [&](std::string_view name, Value member) {
        if (name == "command")
            tokens(member, line);
        else if (name == "args")
            tokens(member, args);
    });
    command_size = line.size();
    line.insert(line.end(), args.begin(), args.end());
    if (m_redaction.arguments && !line.empty()) {
        const std::vector<std::string_view> views{line.begin(), line.end()};
        auto redacted = m_redaction.arguments(views);
        if (redacted.size() == line.size()) line = std::move(redacted);
    }
    if (!m_json.check(object.reset().error())) return;
    bool first = true;
    m_out += '{';
    m_json.object(object, [&](std::string_view name, Value member) {
        key(name, first);
        const bool list = m_json.type(member) == ondemand::json_type::array;
        if (list && name == "command")
            token_list(std::span{line}.first(command_size));
        else if (list && name == "args")
            token_list(std::span{line}.subspan(command_size));
        else if (list && name == "env")
            env(member);
        else
            value(member, nullptr);
    });
    m_out += '}';
}

void ObjectRewriter::Impl::env(Value value)
{
    array(value, [&](Value item) {
        std::string variable;
        bool first = true;
        if (m_json.type(item) != ondemand::json_type::object) return this->value(item, nullptr);
        m_out += '{';
        m_json.object(item, [&](std::string_view name, Value member) {
            key(name, first);
            const bool is_text = m_json.type(member) == ondemand::json_type::string;
            if (is_text && name == "value" && m_redaction.named) {
                m_out += json_quote(m_redaction.named(variable, m_json.text(member)));
            } else if (is_text && name == "name") {
                variable = m_json.text(member);
                m_out += json_quote(variable);
            } else {
                this->value(member, nullptr);
            }
        });
        m_out += '}';
    });
}

ObjectRewriter::ObjectRewriter(Redaction redaction) : m_impl(std::make_unique<Impl>(std::move(redaction))) {}
ObjectRewriter::~ObjectRewriter() = default;

Result<std::string> ObjectRewriter::operator()(PaddedJson json, const Type& type, const FieldPaths* fields)
{
    return m_impl->rewrite(json, type, fields);
}

} // namespace seaworthy::kube
