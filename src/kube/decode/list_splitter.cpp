// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/list_splitter.hpp"

#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "kube/decode/element_scanner.hpp"

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_scalar_bytes = 64;
constexpr std::size_t k_envelope_string_bytes = 64U << 10U;
constexpr std::size_t k_head_bytes = 4096;
constexpr std::size_t k_envelope_depth = 64;

bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

bool is_scalar_byte(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '+' || byte == '.' || byte == 'E';
}

bool is_scalar(std::string_view text)
{
    if (text == "true" || text == "false" || text == "null") return true;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

/// The value of a JSON string's inside. Escapes beyond ASCII become `?`: what is read from an envelope never holds any.
std::string unescape(std::string_view raw)
{
    std::string text;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\' || i + 1 == raw.size()) {
            text += raw[i];
            continue;
        }
        switch (const char byte = raw[++i]) {
        case 'n': text += '\n'; break;
        case 't': text += '\t'; break;
        case 'r': text += '\r'; break;
        case 'b': text += '\b'; break;
        case 'f': text += '\f'; break;
        case 'u': {
            unsigned code = 0xFFFF;
            const auto digits = raw.substr(i + 1, 4);
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
            text += code < 0x80 ? static_cast<char>(code) : '?';
            i += digits.size();
            break;
        }
        default: text += byte;
        }
    }
    return text;
}

} // namespace

/// A push-down automaton over the envelope; elements are left to the ElementScanner.
class ListSplitter::Machine {
public:
    Machine(ListSink& sink, SplitLimits limits) : m_sink(sink), m_limits(limits) {}

    Result<void> feed(std::string_view chunk);
    Result<void> finish();

    ListEnvelope envelope;
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;

private:
    enum class Expect { value, value_or_end, key, key_or_end, colon, comma_or_end, nothing };
    enum class Token { none, string, scalar, element };

    std::size_t take_element(std::string_view rest);
    std::size_t take_string(std::string_view rest);
    std::size_t take_scalar(std::string_view rest);
    bool take_structure(char byte);
    bool begin_value(char byte);
    bool end_container(char byte);
    void value_ended();
    void scalar_ended(std::string_view value, bool is_text);
    void element_ended(std::string_view text);
    void keep(std::string_view piece);
    bool fail(std::string_view why);

    [[nodiscard]] bool in_items() const { return m_containers.size() == 2 && m_in_items; }

    ListSink& m_sink;
    SplitLimits m_limits;
    Expect m_expect = Expect::value;
    Token m_token = Token::none;
    bool m_token_is_key = false;
    bool m_escaped = false;
    bool m_in_items = false;
    std::string m_text; ///< the string or scalar being read
    std::string m_root_key;
    std::string m_metadata_key;
    std::vector<char> m_containers; ///< the opening brackets around the current place
    ElementScanner m_scanner;
    std::string m_element; ///< what earlier chunks held of the current element
    std::string_view m_skip_reason;
    std::string m_error;
};

bool ListSplitter::Machine::fail(std::string_view why)
{
    if (m_error.empty()) m_error = why;
    return false;
}

Result<void> ListSplitter::Machine::feed(std::string_view chunk)
{
    std::size_t at = 0;
    while (at < chunk.size() && m_error.empty()) {
        const auto rest = chunk.substr(at);
        switch (m_token) {
        case Token::element: at += take_element(rest); break;
        case Token::string: at += take_string(rest); break;
        case Token::scalar: at += take_scalar(rest); break;
        case Token::none:
            if (!take_structure(rest.front())) break;
            if (m_token != Token::element && m_token != Token::scalar) ++at; // those begin with this byte
            break;
        }
    }
    bytes += at;
    if (m_error.empty()) return {};
    return failure(Error::Kind::protocol, fmt::format("broken JSON at byte {}: {}", bytes, m_error));
}

Result<void> ListSplitter::Machine::finish()
{
    if (m_error.empty() && m_expect != Expect::nothing) m_error = bytes == 0 ? "the body is empty" : "the body ends early";
    if (m_error.empty()) return {};
    return failure(Error::Kind::protocol, fmt::format("broken JSON at byte {}: {}", bytes, m_error));
}

bool ListSplitter::Machine::take_structure(char byte)
{
    if (is_space(byte)) return true;
    switch (m_expect) {
    case Expect::value_or_end:
        if (byte == ']') return end_container(byte);
        return begin_value(byte);
    case Expect::value: return begin_value(byte);
    case Expect::key_or_end:
        if (byte == '}') return end_container(byte);
        [[fallthrough]];
    case Expect::key:
        if (byte != '"') return fail("expected a key");
        m_token = Token::string;
        m_token_is_key = true;
        m_text.clear();
        return true;
    case Expect::colon:
        if (byte != ':') return fail("expected ':'");
        m_expect = Expect::value;
        return true;
    case Expect::comma_or_end:
        if (byte == '}' || byte == ']') return end_container(byte);
        if (byte != ',') return fail("expected ',' or a closing bracket");
        m_expect = m_containers.back() == '{' ? Expect::key : Expect::value;
        return true;
    case Expect::nothing: break;
    }
    return fail("more text after the end");
}

bool ListSplitter::Machine::begin_value(char byte)
{
    if (m_containers.empty() && byte != '{') return fail("not a JSON object");
    if (in_items()) {
        if (byte != '{') return fail("an element is not an object");
        if (elements == m_limits.elements) return fail(fmt::format("more than {} elements", m_limits.elements));
        m_token = Token::element;
        m_scanner.begin();
        m_element.clear();
        m_skip_reason = {};
        return true;
    }
    if (byte == '{' || byte == '[') {
        if (m_containers.size() == k_envelope_depth) return fail("nested too deeply");
        if (m_containers.size() == 1 && byte == '[' && (m_root_key == "items" || m_root_key == "rows")) m_in_items = envelope.items_seen = true;
        m_containers.push_back(byte);
        m_expect = byte == '{' ? Expect::key_or_end : Expect::value_or_end;
        return true;
    }
    m_text.clear();
    if (byte == '"') {
        m_token = Token::string;
        m_token_is_key = false;
        return true;
    }
    if (!is_scalar_byte(byte)) return fail("expected a value");
    m_token = Token::scalar;
    return true;
}

bool ListSplitter::Machine::end_container(char byte)
{
    if ((m_containers.back() == '{') != (byte == '}')) return fail("a closing bracket of the wrong kind");
    m_containers.pop_back();
    if (m_containers.size() == 1) {
        m_in_items = false;
        if (m_root_key == "metadata") {
            envelope.metadata_seen = true;
            m_sink.metadata(envelope);
        }
    }
    value_ended();
    return true;
}

void ListSplitter::Machine::value_ended()
{
    m_token = Token::none;
    m_expect = m_containers.empty() ? Expect::nothing : Expect::comma_or_end;
}

std::size_t ListSplitter::Machine::take_string(std::string_view rest)
{
    // Other strings (a Table's column descriptions, what a single ConfigMap holds) are not kept, however long they are.
    const bool of_envelope = m_containers.size() == 1 || (m_containers.size() == 2 && m_root_key == "metadata");
    if (of_envelope) rest = rest.substr(0, k_envelope_string_bytes + 1 - m_text.size());
    std::size_t end = 0;
    for (; end < rest.size(); ++end) {
        if (m_escaped)
            m_escaped = false;
        else if (rest[end] == '\\')
            m_escaped = true;
        else if (rest[end] == '"')
            break;
    }
    if (of_envelope) m_text.append(rest.substr(0, end));
    if (m_text.size() > k_envelope_string_bytes) fail("a string of the list itself is too long");
    if (end == rest.size()) return end;

    m_token = Token::none;
    if (m_token_is_key) {
        m_expect = Expect::colon;
        if (m_containers.size() == 1) m_root_key = unescape(m_text);
        if (m_containers.size() == 2) m_metadata_key = unescape(m_text);
    } else {
        scalar_ended(unescape(m_text), true);
        value_ended();
    }
    return end + 1;
}

std::size_t ListSplitter::Machine::take_scalar(std::string_view rest)
{
    rest = rest.substr(0, k_scalar_bytes + 1 - m_text.size());
    std::size_t end = 0;
    while (end < rest.size() && is_scalar_byte(rest[end]))
        ++end;
    m_text.append(rest.substr(0, end));
    if (m_text.size() > k_scalar_bytes) fail("a number is too long");
    if (end == rest.size()) return end;
    if (!is_scalar(m_text)) fail("expected a value");
    scalar_ended(m_text, false);
    value_ended();
    return end;
}

void ListSplitter::Machine::scalar_ended(std::string_view value, bool is_text)
{
    if (m_containers.size() == 1 && is_text) {
        if (m_root_key == "kind") envelope.kind = value;
        if (m_root_key == "apiVersion") envelope.api_version = value;
    }
    if (m_containers.size() != 2 || m_root_key != "metadata") return;
    if (is_text && m_metadata_key == "continue") envelope.continue_token = value;
    if (is_text && m_metadata_key == "resourceVersion") envelope.resource_version = value;
    if (!is_text && m_metadata_key == "remainingItemCount") {
        std::int64_t count = 0;
        if (std::from_chars(value.data(), value.data() + value.size(), count).ec == std::errc{}) envelope.remaining_items = count;
    }
}

std::size_t ListSplitter::Machine::take_element(std::string_view rest)
{
    const std::size_t taken = m_scanner.scan(rest);
    const auto piece = rest.substr(0, taken);
    if (!m_scanner.done()) {
        keep(piece);
        return taken;
    }
    if (m_element.empty() && rest.size() - taken >= k_json_padding) {
        if (taken > m_limits.object_bytes) m_skip_reason = "too large";
        element_ended(piece); // whole in this chunk, with enough behind it: no copy
    } else {
        keep(piece);
        const std::size_t size = m_element.size();
        m_element.append(k_json_padding, ' ');
        element_ended(std::string_view{m_element}.substr(0, size));
    }
    value_ended();
    return taken;
}

void ListSplitter::Machine::keep(std::string_view piece)
{
    if (!m_skip_reason.empty()) return;
    if (m_element.size() + piece.size() > m_limits.object_bytes) {
        m_skip_reason = "too large";
        if (m_element.size() < k_head_bytes) m_element.append(piece.substr(0, k_head_bytes - m_element.size()));
        return;
    }
    m_element.append(piece);
}

void ListSplitter::Machine::element_ended(std::string_view text)
{
    ++elements;
    if (m_skip_reason.empty() && m_scanner.deepest() > m_limits.depth) m_skip_reason = "nested too deeply";
    if (m_skip_reason.empty())
        m_sink.element({text});
    else
        m_sink.skipped(m_skip_reason, text.substr(0, k_head_bytes));
    m_element.clear();
}

ListSplitter::ListSplitter(ListSink& sink, SplitLimits limits) : m_machine(std::make_unique<Machine>(sink, limits)) {}
ListSplitter::~ListSplitter() = default;
ListSplitter::ListSplitter(ListSplitter&&) noexcept = default;

Result<void> ListSplitter::feed(std::string_view chunk)
{
    return m_machine->feed(chunk);
}

Result<void> ListSplitter::finish()
{
    return m_machine->finish();
}

const ListEnvelope& ListSplitter::envelope() const
{
    return m_machine->envelope;
}

std::uint64_t ListSplitter::elements() const
{
    return m_machine->elements;
}

std::uint64_t ListSplitter::bytes() const
{
    return m_machine->bytes;
}

} // namespace seaworthy::kube
