// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/json_text.hpp"

#include <charconv>
#include <string>
#include <vector>

#include "seaworthy/base/text.hpp"

namespace seaworthy::model {

struct JsonText::Memory {
    TextPool texts;
    Arena arena;

    template <typename T>
    std::span<const T> keep(const std::vector<T>& items)
    {
        if (items.empty()) return {};
        auto* memory = static_cast<T*>(arena.allocate(items.size() * sizeof(T), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), memory);
        return {memory, items.size()};
    }
};

namespace {

constexpr std::size_t k_max_bytes = 1024 * 1024;
constexpr int k_max_depth = 64;

void append_utf8(std::string& out, std::uint32_t code)
{
    const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

/// Recursive descent; every function leaves m_at behind what it read and gives nothing on a syntax error.
template <typename Memory>
class Parser {
public:
    Parser(std::string_view text, Memory& memory) : m_text(text), m_memory(memory) {}

    std::optional<Value> document()
    {
        auto value = parse_value(0);
        skip_blanks();
        return value && m_at == m_text.size() ? value : std::nullopt;
    }

private:
    char peek() const { return m_at < m_text.size() ? m_text[m_at] : '\0'; }
    bool take(char expected)
    {
        if (peek() != expected || m_at >= m_text.size()) return false;
        ++m_at;
        return true;
    }
    bool take(std::string_view word)
    {
        if (!m_text.substr(m_at).starts_with(word)) return false;
        m_at += word.size();
        return true;
    }
    void skip_blanks()
    {
        while (m_at < m_text.size() && std::string_view{" \t\r\n"}.find(m_text[m_at]) != std::string_view::npos) ++m_at;
    }

    std::optional<Value> parse_value(int depth)
    {
        if (depth > k_max_depth) return std::nullopt;
        skip_blanks();
        switch (peek()) {
        case '{': return parse_object(depth);
        case '[': return parse_array(depth);
        case '"':
            if (auto text = parse_string()) return Value::text(m_memory.texts.intern(*text));
            return std::nullopt;
        case 't': return take("true") ? std::optional{Value::boolean(true)} : std::nullopt;
        case 'f': return take("false") ? std::optional{Value::boolean(false)} : std::nullopt;
        case 'n': return take("null") ? std::optional{Value{}} : std::nullopt;
        default: return parse_number();
        }
    }

    std::optional<Value> parse_object(int depth)
    {
        std::vector<Member> members;
        take('{');
        skip_blanks();
        if (take('}')) return Value::object({});
        while (true) {
            skip_blanks();
            const auto key = parse_string();
            skip_blanks();
            if (!key || !take(':')) return std::nullopt;
            const auto value = parse_value(depth + 1);
            if (!value) return std::nullopt;
            members.push_back({m_memory.texts.intern(*key), *value});
            skip_blanks();
            if (take('}')) return Value::object(m_memory.keep(members));
            if (!take(',')) return std::nullopt;
        }
    }

    std::optional<Value> parse_array(int depth)
    {
        std::vector<Value> items;
        take('[');
        skip_blanks();
        if (take(']')) return Value::array({});
        while (true) {
            const auto value = parse_value(depth + 1);
            if (!value) return std::nullopt;
            items.push_back(*value);
            skip_blanks();
            if (take(']')) return Value::array(m_memory.keep(items));
            if (!take(',')) return std::nullopt;
        }
    }

    std::optional<std::string> parse_string()
    {
        if (!take('"')) return std::nullopt;
        std::string text;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == '"') return text;
            if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
            if (c != '\\')
                text += c;
            else if (!parse_escape(text))
                return std::nullopt;
        }
        return std::nullopt;
    }

    bool parse_escape(std::string& text)
    {
        constexpr std::string_view k_escapes = "\"\\/bfnrt";
        constexpr std::string_view k_meanings = "\"\\/\b\f\n\r\t";
        if (m_at >= m_text.size()) return false;
        const char c = m_text[m_at++];
        if (c != 'u') {
            const auto at = k_escapes.find(c);
            if (at == std::string_view::npos) return false;
            text += k_meanings[at];
            return true;
        }
        auto code = parse_hex();
        if (!code) return false;
        if (*code >= 0xD800 && *code < 0xDC00 && take("\\u")) {
            const auto low = parse_hex();
            if (!low) return false;
            code = *low >= 0xDC00 && *low < 0xE000 ? 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00) : 0xFFFD;
        }
        append_utf8(text, *code >= 0xD800 && *code < 0xE000 ? 0xFFFD : *code);
        return true;
    }

    std::optional<std::uint32_t> parse_hex()
    {
        const auto digits = m_text.substr(m_at, 4);
        std::uint32_t code = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (error != std::errc{} || end != digits.data() + 4 || digits.size() < 4) return std::nullopt;
        m_at += 4;
        return code;
    }

    std::optional<Value> parse_number()
    {
        const auto begin = m_at;
        const auto digits = [&] {
            const auto from = m_at;
            while (peek() >= '0' && peek() <= '9') ++m_at;
            return m_at - from;
        };
        take('-');
        const bool zero = peek() == '0';
        const auto whole = digits();
        if (whole == 0 || (zero && whole > 1)) return std::nullopt;
        if (take('.') && digits() == 0) return std::nullopt;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (digits() == 0) return std::nullopt;
        }
        double value = 0;
        const auto [end, error] = std::from_chars(m_text.data() + begin, m_text.data() + m_at, value);
        return error == std::errc{} && end == m_text.data() + m_at ? std::optional{Value::number(value)} : std::nullopt;
    }

    std::string_view m_text;
    Memory& m_memory;
    std::size_t m_at = 0;
};

} // namespace

std::optional<JsonText> JsonText::parse(std::string_view text)
{
    if (text.size() > k_max_bytes) return std::nullopt;
    auto memory = std::make_shared<Memory>();
    const auto root = Parser<Memory>{text, *memory}.document();
    if (!root) return std::nullopt;
    return JsonText{std::move(memory), *root};
}

} // namespace seaworthy::model
