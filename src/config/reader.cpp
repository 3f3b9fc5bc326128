// SPDX-License-Identifier: Apache-2.0
#include "config/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::config {

namespace {

/// A value as the user wrote it, short enough for a message.
std::string as_written(std::string_view text)
{
    constexpr std::size_t longest = 60;
    return '"' + printable(text, longest) + '"';
}

bool parse_number(std::string_view text, double& value)
{
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && std::isfinite(value);
}

std::string range_text(const Constraint& constraint, const std::function<std::string(double)>& write)
{
    if (std::isinf(constraint.maximum)) return "must be at least " + write(constraint.minimum);
    return "must be between " + write(constraint.minimum) + " and " + write(constraint.maximum);
}

} // namespace

std::string Reader::join(std::string_view prefix, std::string_view key)
{
    return prefix.empty() ? std::string{key} : fmt::format("{}.{}", prefix, key);
}

void Reader::problem(Position at, std::string_view key, std::string_view message)
{
    m_problems.push_back({at.line > 0 ? at.line + m_line_offset : 0, at.column, printable(key), printable(message, 1000)});
}

void Reader::wrong_type(const Node& node, const std::string& key, std::string_view expected)
{
    const bool shows_text = node.kind == Node::Kind::scalar;
    problem(node.at, key, fmt::format("expects {}, not {}", expected, shows_text ? as_written(node.text) : std::string{name(node.kind)}));
}

std::optional<bool> Reader::flag(const Node& node, const std::string& key)
{
    if (node.kind == Node::Kind::scalar && !node.quoted) {
        if (node.text == "true") return true;
        if (node.text == "false") return false;
    }
    wrong_type(node, key, "true or false");
    return std::nullopt;
}

std::optional<double> Reader::number(const Node& node, const std::string& key)
{
    double value = 0;
    if (node.kind == Node::Kind::scalar && !node.quoted && parse_number(node.text, value)) return value;
    wrong_type(node, key, "a number");
    return std::nullopt;
}

std::optional<std::string> Reader::text(const Node& node, const std::string& key)
{
    if (node.kind == Node::Kind::scalar) return node.text;
    wrong_type(node, key, "text");
    return std::nullopt;
}

std::optional<std::vector<std::string>> Reader::texts(const Node& node, const std::string& key)
{
    if (node.kind != Node::Kind::sequence) {
        wrong_type(node, key, "a list of texts");
        return std::nullopt;
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < node.items.size(); ++i)
        if (auto item = text(*node.items[i], fmt::format("{}[{}]", key, i))) out.push_back(std::move(*item));
    if (out.size() != node.items.size()) return std::nullopt;
    return out;
}

std::optional<milliseconds> Reader::duration(const Node& node, const std::string& key)
{
    if (node.kind != Node::Kind::scalar) {
        wrong_type(node, key, "a duration");
        return std::nullopt;
    }
    if (const auto value = parse_duration(node.text)) return value;
    double number = 0;
    if (parse_number(node.text, number) && number >= 0) {
        problem(node.at, key, fmt::format("is a duration and needs a unit, for example {}s", node.text));
    } else {
        problem(node.at, key, fmt::format("{} is no duration; write for example 90s, 5m, 1h30m or 14d", as_written(node.text)));
    }
    return std::nullopt;
}

std::optional<Timestamp> Reader::date(const Node& node, const std::string& key)
{
    if (node.kind == Node::Kind::scalar) {
        constexpr std::size_t day_length = std::string_view{"2027-01-31"}.size();
        const auto text = node.text.size() == day_length ? node.text + "T23:59:59Z" : node.text;
        if (const auto time = parse_rfc3339(text); time.known()) return time;
    }
    wrong_type(node, key, "a date such as 2027-01-31 (or RFC 3339)");
    return std::nullopt;
}

std::optional<Pattern> Reader::pattern(const Node& node, const std::string& key)
{
    const auto expression = text(node, key);
    if (!expression) return std::nullopt;
    auto compiled = Pattern::compile(*expression);
    if (compiled) return std::move(*compiled);
    problem(node.at, key, compiled.error().message);
    return std::nullopt;
}

std::optional<std::vector<check::Record>> Reader::records(const Node& node, const std::string& key)
{
    if (node.kind != Node::Kind::sequence && node.kind != Node::Kind::map) {
        wrong_type(node, key, "a list of maps");
        return std::nullopt;
    }
    const bool one = node.kind == Node::Kind::map;
    std::vector<check::Record> out;
    bool good = true;
    for (std::size_t i = 0; i < (one ? 1 : node.items.size()); ++i) {
        const auto& item = one ? node : *node.items[i];
        const auto item_key = one ? key : fmt::format("{}[{}]", key, i);
        if (item.kind != Node::Kind::map) {
            wrong_type(item, item_key, "a map");
            good = false;
            continue;
        }
        check::Record record;
        for (const auto& entry : item.entries) {
            const auto value_key = join(item_key, entry.key);
            if (entry.value->kind == Node::Kind::scalar) {
                record[entry.key] = {entry.value->text};
            } else if (auto values = texts(*entry.value, value_key)) {
                record[entry.key] = std::move(*values);
            } else {
                good = false;
            }
        }
        out.push_back(std::move(record));
    }
    return good ? std::optional{std::move(out)} : std::nullopt;
}

bool Reader::is_map(const Node& node, const std::string& key)
{
    if (node.kind == Node::Kind::map) return true;
    if (!node.is_null()) wrong_type(node, key.empty() ? "the configuration" : key, "a map");
    return false;
}

bool Reader::is_list(const Node& node, const std::string& key)
{
    if (node.kind == Node::Kind::sequence) return true;
    if (!node.is_null()) wrong_type(node, key, "a list");
    return false;
}

bool Reader::check_form(const Node& node, const std::string& key, std::string_view text, const Constraint& constraint)
{
    if (text.empty() && !constraint.required) return true; // empty switches off
    auto wrong = text.empty() ? std::string{"must not be empty"} : form_problem(constraint.form, text);
    if (wrong.empty() && !constraint.choices.empty() && std::ranges::find(constraint.choices, text) == constraint.choices.end())
        wrong = fmt::format("is none of {}{}", fmt::join(constraint.choices, ", "), did_you_mean(text, constraint.choices));
    if (wrong.empty()) return true;
    problem(node.at, key, text.empty() ? wrong : as_written(text) + " " + wrong);
    return false;
}

template <typename Duration>
void Reader::assign_duration(const Node& node, const std::string& key, Duration& slot, const Constraint& constraint)
{
    const auto value = duration(node, key);
    if (!value) return;
    const double in_seconds = std::chrono::duration<double>{*value}.count();
    if (in_seconds < constraint.minimum || in_seconds > constraint.maximum) {
        const auto write = [](double count) { return yaml_duration(milliseconds{static_cast<milliseconds::rep>(count * 1000)}); };
        problem(node.at, key, range_text(constraint, write));
        return;
    }
    slot = std::chrono::ceil<Duration>(*value);
}

void Reader::assign_number(const Node& node, const std::string& key, const Constraint& constraint, const std::function<void(double)>& store,
                           bool whole)
{
    const auto value = number(node, key);
    if (!value) return;
    if (whole && (std::trunc(*value) != *value || std::abs(*value) > std::numeric_limits<int>::max())) {
        problem(node.at, key, "must be a whole number");
    } else if (*value < constraint.minimum || *value > constraint.maximum) {
        problem(node.at, key, range_text(constraint, [](double number) { return fmt::format("{}", number); }));
    } else {
        store(*value);
    }
}

void Reader::assign_choice(const Node& node, const std::string& key, const Choice& slot, const Constraint& constraint)
{
    const auto value = text(node, key);
    if (!value) return;
    const auto found = std::ranges::find(constraint.choices, *value);
    if (found == constraint.choices.end()) {
        problem(node.at, key,
                fmt::format("{} is none of {}{}", as_written(*value), fmt::join(constraint.choices, ", "), did_you_mean(*value, constraint.choices)));
        return;
    }
    slot.set(slot.place, static_cast<int>(found - constraint.choices.begin()));
}

void Reader::assign_size(const Node& node, const std::string& key, ByteSize& slot, const Constraint& constraint)
{
    const auto value = text(node, key);
    if (!value) return;
    const auto size = parse_size(*value);
    if (!size) {
        problem(node.at, key, fmt::format("{} is no size; write 512B, 900KiB, 256MiB or 1GiB", as_written(*value)));
    } else if (static_cast<double>(size->bytes) < constraint.minimum || static_cast<double>(size->bytes) > constraint.maximum) {
        problem(node.at, key,
                fmt::format("{} is not between {} and {}", as_written(*value), yaml_size({static_cast<std::uint64_t>(constraint.minimum)}),
                            yaml_size({static_cast<std::uint64_t>(constraint.maximum)})));
    } else {
        slot = *size;
    }
}

void Reader::assign(const Node& node, const std::string& key, const BoundKey& bound)
{
    if (!bound.constraint.refused.empty()) {
        problem(node.at, key, bound.constraint.refused);
        return;
    }
    if (node.is_null() && !bound.constraint.required) return;
    const auto& constraint = bound.constraint;
    std::visit(
        [&](auto& slot) {
            using Type = std::decay_t<decltype(slot)>;
            if constexpr (std::is_same_v<Type, bool*>) {
                if (const auto value = flag(node, key)) *slot = *value;
            } else if constexpr (std::is_same_v<Type, int*>) {
                assign_number(
                    node, key, constraint, [&](double value) { *slot = static_cast<int>(value); }, true);
            } else if constexpr (std::is_same_v<Type, double*>) {
                assign_number(
                    node, key, constraint, [&](double value) { *slot = value; }, false);
            } else if constexpr (std::is_same_v<Type, std::string*>) {
                if (auto value = text(node, key); value && check_form(node, key, *value, constraint)) *slot = std::move(*value);
            } else if constexpr (std::is_same_v<Type, std::vector<std::string>*>) {
                if (constraint.single && node.kind == Node::Kind::scalar) {
                    *slot = {node.text};
                } else if (auto values = texts(node, key)) {
                    const Constraint each{.form = constraint.form, .choices = constraint.choices, .required = true};
                    for (std::size_t i = 0; i < values->size(); ++i)
                        if (!check_form(*node.items[i], fmt::format("{}[{}]", key, i), (*values)[i], each)) return;
                    *slot = std::move(*values);
                }
            } else if constexpr (std::is_same_v<Type, Timestamp*>) {
                if (const auto value = date(node, key)) *slot = *value;
            } else if constexpr (std::is_same_v<Type, std::map<std::string, std::string>*>) {
                if (!is_map(node, key)) return;
                for (const auto& entry : node.entries)
                    if (auto value = text(*entry.value, join(key, entry.key))) (*slot)[entry.key] = std::move(*value);
            } else if constexpr (std::is_same_v<Type, Choice>) {
                assign_choice(node, key, slot, constraint);
            } else if constexpr (std::is_same_v<Type, ByteSize*>) {
                assign_size(node, key, *slot, constraint);
            } else {
                assign_duration(node, key, *slot, constraint);
            }
        },
        bound.slot);
}

void Reader::read_map(const Node& node, const std::string& prefix, std::span<const BoundKey> keys)
{
    std::vector<bool> seen(keys.size(), false);
    if (node.kind != Node::Kind::map) {
        wrong_type(node, prefix, "a map");
        return;
    }
    read_level(node, prefix, {}, keys, seen);
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i].constraint.required && !seen[i]) problem(node.at, join(prefix, keys[i].path), "is required");
}

void Reader::read_level(const Node& node, const std::string& prefix, const std::string& below, std::span<const BoundKey> keys,
                        std::vector<bool>& seen)
{
    for (const auto& entry : node.entries) {
        const auto path = join(below, entry.key);
        const auto whole = join(prefix, path);
        if (const auto found = std::ranges::find(keys, path, &BoundKey::path); found != keys.end()) {
            seen[static_cast<std::size_t>(found - keys.begin())] = true;
            assign(*entry.value, whole, *found);
        } else if (std::ranges::any_of(keys, [&](const BoundKey& key) { return key.path.starts_with(path + "."); })) {
            if (is_map(*entry.value, whole)) read_level(*entry.value, prefix, path, keys, seen);
        } else {
            std::vector<std::string_view> siblings;
            for (const auto& key : keys)
                if (below.empty() || key.path.starts_with(below + ".")) {
                    const auto rest = key.path.substr(below.empty() ? 0 : below.size() + 1);
                    siblings.push_back(rest.substr(0, rest.find('.')));
                }
            problem(entry.at, whole, "unknown key" + did_you_mean(entry.key, siblings));
        }
    }
}

} // namespace seaworthy::config
