// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/report/evidence.hpp"

#include <cstring>
#include <optional>
#include <type_traits>

namespace seaworthy::report {
namespace {

// An entry is its key, a byte that is the index of its type in EvidenceValue, and its value. Strings and lists begin with their length.

void put_length(std::string& out, std::size_t length)
{
    for (; length >= 0x80; length >>= 7U)
        out.push_back(static_cast<char>(length | 0x80U));
    out.push_back(static_cast<char>(length));
}

void put(std::string& out, std::string_view value)
{
    put_length(out, value.size());
    out.append(value);
}

void put(std::string& out, const std::vector<std::string>& list)
{
    put_length(out, list.size());
    for (const auto& item : list)
        put(out, item);
}

template <typename T>
requires std::is_arithmetic_v<T>
void put(std::string& out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

/// Takes values off the front of the bytes; nothing where they end too early.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_bytes(bytes) {}
    [[nodiscard]] bool at_end() const { return m_bytes.empty(); }

    [[nodiscard]] std::optional<std::size_t> length()
    {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 35; shift += 7) {
            const auto byte = number<unsigned char>();
            if (!byte) return std::nullopt;
            value |= static_cast<std::size_t>(*byte & 0x7FU) << shift;
            if (*byte < 0x80U) return value;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> text()
    {
        const auto size = length();
        if (!size || *size > m_bytes.size()) return std::nullopt;
        std::string value{m_bytes.substr(0, *size)};
        m_bytes.remove_prefix(*size);
        return value;
    }
    [[nodiscard]] std::optional<std::vector<std::string>> list()
    {
        const auto size = length();
        if (!size || *size > m_bytes.size()) return std::nullopt;
        std::vector<std::string> items;
        while (items.size() < *size) {
            auto item = text();
            if (!item) return std::nullopt;
            items.push_back(std::move(*item));
        }
        return items;
    }
    template <typename T>
    [[nodiscard]] std::optional<T> number()
    {
        if (m_bytes.size() < sizeof(T)) return std::nullopt;
        T value{};
        std::memcpy(&value, m_bytes.data(), sizeof value);
        m_bytes.remove_prefix(sizeof value);
        return value;
    }
    [[nodiscard]] std::optional<check::EvidenceValue> value()
    {
        const auto type = number<unsigned char>();
        if (!type) return std::nullopt;
        switch (*type) {
        case 0: return text();
        case 1: return number<std::int64_t>();
        case 2: return number<double>();
        case 3: return number<bool>();
        case 4: return list();
        default: return std::nullopt;
        }
    }

private:
    std::string_view m_bytes;
};

} // namespace

std::string encode(const check::Evidence& evidence)
{
    std::string out;
    for (const auto& [key, value] : evidence) {
        put(out, std::string_view{key});
        out.push_back(static_cast<char>(value.index()));
        std::visit([&](const auto& held) { put(out, held); }, value);
    }
    return out;
}

check::Evidence decode_evidence(std::string_view bytes)
{
    check::Evidence evidence;
    for (Reader reader{bytes}; !reader.at_end();) {
        auto key = reader.text();
        auto value = key ? reader.value() : std::nullopt;
        if (!value) break;
        evidence.emplace_back(std::move(*key), std::move(*value));
    }
    return evidence;
}

} // namespace seaworthy::report
