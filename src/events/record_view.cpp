// SPDX-License-Identifier: Apache-2.0
#include "events/record_view.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::events {
namespace {

constexpr std::size_t k_deepest = 64;                            ///< nlohmann writes by recursion; a record of OCSF has less than ten levels
constexpr std::int64_t k_last_millisecond = 253'402'300'799'999; ///< of the year 9999

/// False for what cannot be JSON or is nested too deep. The parser takes a NUL for the end of the text, whatever follows.
bool plausible(std::string_view text)
{
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
        if (in_string) {
            if (c == '\\') ++i; // whatever it escapes; the parser checks
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > k_deepest) return false;
        } else if (c == '}' || c == ']') {
            if (depth-- == 0) return false;
        }
    }
    return true;
}

struct Unsafe {
    unsigned code = 0;
    std::size_t size = 0; ///< 0: the character is fine
};

/// The character at `at` if it must not stand raw in one line: C0, DEL, C1, line and paragraph separators, bidirectional controls.
Unsafe unsafe_at(std::string_view text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
    const unsigned lead = byte(0);
    if (lead < 0x20 || lead == 0x7F) return {lead, 1};
    if (lead == 0xC2 && byte(1) < 0xA0) return {byte(1), 2};
    if (lead == 0xD8 && byte(1) == 0x9C) return {0x061C, 2};
    if (lead != 0xE2 || byte(1) > 0x81) return {};
    const unsigned code = 0x2000U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    const bool separator = code == 0x2028 || code == 0x2029;
    const bool directional = code == 0x200E || code == 0x200F || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return separator || directional ? Unsafe{code, 3} : Unsafe{};
}

/// Of valid JSON in valid UTF-8. In such a text only strings hold anything but ASCII, and tabs and line breaks stand only outside of them.
std::string flatten(std::string_view json)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string line;
    line.reserve(json.size());
    for (std::size_t i = 0; i < json.size();) {
        const char c = json[i];
        const auto unsafe = c >= ' ' && c <= '~' ? Unsafe{} : unsafe_at(json, i);
        if (unsafe.size == 0) {
            line += c;
            ++i;
            continue;
        }
        if (unsafe.code >= ' ') {
            line += "\\u";
            for (const unsigned shift : {12U, 8U, 4U, 0U})
                line += digits[unsafe.code >> shift & 0xFU];
        }
        i += unsafe.size;
    }
    return line;
}

std::string dump(const Json& document)
{
    return document.dump(-1, ' ', false, Json::error_handler_t::replace); // the default handler throws at broken UTF-8
}

/// U+FFFD for each sequence that is no UTF-8.
std::string repaired(std::string_view text)
{
    return Json::parse(dump(Json(text)), nullptr, false).get<std::string>();
}

const Json* child(const Json* parent, std::string_view key)
{
    if (parent->is_object()) {
        const auto found = parent->find(key);
        return found == parent->end() ? nullptr : &*found;
    }
    std::size_t index = 0;
    if (!parent->is_array() || std::from_chars(key.data(), key.data() + key.size(), index).ec != std::errc{}) return nullptr;
    return index < parent->size() ? &(*parent)[index] : nullptr;
}

/// The part of `rest` before `separator`, which `rest` loses.
std::string_view take(std::string_view& rest, char separator)
{
    const auto end = std::min(rest.find(separator), rest.size());
    const auto part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return part;
}

struct OutcomeRow {
    std::string_view path;
    std::int64_t status = 0;
    std::string_view outcome;
};

// A verdict goes before the status of the event: an opened finding is "New", not a success. OCSF 1.6 compliance.status_id, base event status_id.
constexpr OutcomeRow k_verdicts[] = {
    {"compliance.status_id", 1, "success"},
    {"compliance.status_id", 3, "failure"},
};
constexpr OutcomeRow k_statuses[] = {
    {"status_id", 1, "success"},
    {"status_id", 2, "failure"},
};

} // namespace

std::optional<RecordView> RecordView::parse(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size()); // some receivers' parsers stop at it
    if (!plausible(text)) return std::nullopt;
    RecordView view;
    view.m_document = Json::parse(text, nullptr, false);
    if (view.m_document.is_object()) {
        view.m_line = flatten(text);
        return view;
    }
    const bool broken = view.m_document.is_discarded() && std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7F; });
    if (!broken) return std::nullopt;
    const auto whole = repaired(text);
    view.m_document = Json::parse(whole, nullptr, false);
    if (!view.m_document.is_object()) return std::nullopt;
    view.m_line = flatten(whole);
    return view;
}

const Json* RecordView::find(std::string_view path) const
{
    while (!path.empty()) {
        auto place = take(path, '|');
        const Json* at = &m_document;
        while (at != nullptr && !place.empty())
            at = child(at, take(place, '.'));
        if (at != nullptr) return at;
    }
    return nullptr;
}

std::string RecordView::text(std::string_view path) const
{
    const auto* value = find(path);
    if (value == nullptr) return {};
    if (value->is_string()) return value->get_ref<const std::string&>();
    return value->is_number() || value->is_boolean() ? dump(*value) : std::string{};
}

std::optional<std::int64_t> RecordView::integer(std::string_view path) const
{
    const auto* value = find(path);
    if (value == nullptr || !value->is_number_integer()) return std::nullopt;
    if (value->is_number_unsigned() && value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
    return value->get<std::int64_t>();
}

std::optional<std::int64_t> RecordView::time(std::string_view path) const
{
    const auto value = integer(path);
    return value && *value >= 0 && *value <= k_last_millisecond ? value : std::nullopt;
}

std::string RecordView::event_uid() const
{
    auto uid = text(path::event_uid);
    return uid.empty() ? sha256_hex(m_line) : uid;
}

std::string RecordView::qualified_code() const
{
    const auto code = text(path::event_code);
    return code.empty() ? "seaworthy.event" : "seaworthy." + code;
}

std::string_view RecordView::outcome() const
{
    const auto found = [&](const OutcomeRow& row) { return integer(row.path) == row.status; };
    if (find("compliance") != nullptr) {
        const auto* verdict = std::ranges::find_if(k_verdicts, found);
        return verdict == std::end(k_verdicts) ? "unknown" : verdict->outcome;
    }
    const auto* status = std::ranges::find_if(k_statuses, found);
    return status == std::end(k_statuses) ? "unknown" : status->outcome;
}

std::string one_line(const Json& document)
{
    return flatten(dump(document));
}

std::string one_line(const Json& document, std::string_view key, std::string_view line)
{
    auto text = one_line(document);
    text.pop_back();
    text.append(",\"").append(key).append("\":").append(line).append("}");
    return text;
}

std::string iso_time(std::int64_t milliseconds)
{
    // Rounded down, before 1970 too: the fraction is always what comes after the whole second.
    auto seconds = milliseconds / 1000;
    if (milliseconds % 1000 < 0) --seconds;
    auto text = format_rfc3339(Timestamp{seconds});
    const auto fraction = std::to_string(milliseconds - seconds * 1000);
    text.pop_back(); // the Z
    return text + "." + std::string(3 - fraction.size(), '0') + fraction + "Z";
}

} // namespace seaworthy::events
