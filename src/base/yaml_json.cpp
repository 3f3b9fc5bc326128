// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/yaml_json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <istream>
#include <optional>
#include <set>
#include <streambuf>
#include <unordered_map>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "seaworthy/base/json_text.hpp"

namespace seaworthy {

namespace {

constexpr std::size_t k_alias_bytes = 16U << 20U;
constexpr std::size_t k_depth = 96;

/// Thrown out of the parser's callbacks.
struct Refused {
    YAML::Mark mark;
    std::string reason;
};

bool is_any(std::string_view text, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// strconv.ParseInt with base 0, underscores already gone.
std::optional<std::string> parse_integer(std::string_view text)
{
    const bool negative = !text.empty() && text.front() == '-';
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    int base = 10;
    if (text.size() > 1 && text.front() == '0') {
        const char prefix = static_cast<char>(text[1] | 0x20);
        base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
        text.remove_prefix(prefix == 'x' || prefix == 'b' || prefix == 'o' ? 2 : 1);
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (negative && number > std::uint64_t{1} << 63U) return std::nullopt;
    return fmt::format("{}{}", negative && number != 0 ? "-" : "", number);
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
bool looks_like_float(std::string_view text)
{
    const auto digits = [&text] {
        std::size_t count = 0;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++count)
            text.remove_prefix(1);
        return count;
    };
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    const std::size_t whole = digits();
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        if (digits() == 0 && whole == 0) return false;
    } else if (whole == 0) {
        return false;
    }
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
    return digits() > 0 && text.empty();
}

std::optional<std::string> parse_number(std::string_view text)
{
    std::string plain;
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    if (auto integer = parse_integer(plain)) return integer;
    if (!looks_like_float(plain)) return std::nullopt;
    double number = 0;
    const char* begin = plain.data() + (plain.front() == '+' ? 1 : 0);
    if (std::from_chars(begin, plain.data() + plain.size(), number).ec != std::errc{} || !std::isfinite(number)) return std::nullopt;
    // Go prints whole numbers without a fraction, so that they still fit an integer field.
    return std::abs(number) < 1e15 && number == std::trunc(number) ? fmt::format("{}", static_cast<std::int64_t>(number)) : fmt::format("{}", number);
}

/// The JSON of a plain scalar that is no text; nothing for text.
std::optional<std::string> resolve_plain(std::string_view text)
{
    if (text.empty()) return "null";
    const char first = text.front();
    if (is_any(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})) return "true";
    if (is_any(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})) return "false";
    if (is_any(text, {"~", "null", "Null", "NULL"})) return "null";
    if (first == '+' || first == '-' || first == '.' || (first >= '0' && first <= '9')) return parse_number(text);
    return std::nullopt;
}

/// Calls f(key with its quotes, value) for each member of a JSON object that this file wrote, so without spaces.
template <typename F>
void for_each_member(std::string_view object, F&& f)
{
    std::size_t start = 1;
    std::size_t colon = 0;
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 1; i < object.size(); ++i) {
        const char c = object[i];
        if (in_string) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                in_string = false;
            continue;
        }
        if (c == '"')
            in_string = true;
        else if (c == '{' || c == '[')
            ++depth;
        else if (c == ':' && depth == 0)
            colon = i;
        else if ((c == ',' || c == '}') && depth == 0) {
            if (colon > start) f(object.substr(start, colon - start), object.substr(colon + 1, i - colon - 1));
            start = i + 1;
            colon = 0;
        } else if (c == '}' || c == ']')
            --depth;
    }
}

class JsonWriter final : public YAML::EventHandler {
public:
    std::string take() { return m_out.empty() ? "null" : std::move(m_out); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        if (wants_key()) {
            key(mark, "null");
            return;
        }
        scalar(mark, anchor, "null");
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        const auto known = m_anchors.find(anchor);
        if (known == m_anchors.end()) throw Refused{mark, "an alias inside of what it stands for"};
        m_alias_bytes += known->second.size();
        if (m_alias_bytes > k_alias_bytes) throw Refused{mark, "the aliases of this document stand for more than 16 MiB"};
        if (wants_key()) {
            const std::string& text = known->second;
            if (text.front() == '{' || text.front() == '[') throw Refused{mark, "a key must be text"};
            raw_key(mark, text.front() == '"' ? text : fmt::format("\"{}\"", text));
            return;
        }
        scalar(mark, 0, known->second);
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
    {
        const bool is_plain =
            tag.empty() || tag == "?" || tag == "tag:yaml.org,2002:int" || tag == "tag:yaml.org,2002:float" || tag == "tag:yaml.org,2002:bool";
        if (wants_key() && is_plain && value == "<<") {
            m_frames.back().merging = true;
            m_frames.back().wants_key = false;
            return;
        }
        std::optional<std::string> json = is_plain ? resolve_plain(value) : std::nullopt;
        if (is_plain && (is_any(value, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"})))
            throw Refused{mark, fmt::format("{} is no number that JSON can hold", value)};
        if (wants_key()) {
            key(mark, json ? *json : value);
            if (anchor != 0) m_anchors[anchor] = json ? *json : json_quote(value);
            return;
        }
        scalar(mark, anchor, json ? *json : json_quote(value));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, anchor, '[');
    }
    void OnSequenceEnd() override { close(']'); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, YAML::EmitterStyle::value) override
    {
        open(mark, anchor, '{');
    }
    void OnMapEnd() override
    {
        if (!m_frames.back().merges.empty()) add_merged();
        close('}');
    }

private:
    struct Frame {
        bool is_map = false;
        bool wants_key = false;
        bool merging = false; ///< the value that comes is that of `<<`
        bool empty = true;
        std::size_t start = 0;
        YAML::anchor_t anchor = 0;
        YAML::Mark mark;
        std::set<std::string, std::less<>> keys; ///< as JSON
        std::vector<std::string> merges;
    };

    [[nodiscard]] bool wants_key() const { return !m_frames.empty() && m_frames.back().is_map && m_frames.back().wants_key; }

    void key(const YAML::Mark& mark, std::string_view text) { raw_key(mark, json_quote(text)); }
    void raw_key(const YAML::Mark& mark, const std::string& json)
    {
        Frame& frame = m_frames.back();
        if (!frame.keys.insert(json).second) throw Refused{mark, fmt::format("the key {} is there twice", json)};
        if (!frame.empty) m_out += ',';
        frame.empty = false;
        frame.wants_key = false;
        m_out += json;
        m_out += ':';
    }

    void begin_value()
    {
        if (m_frames.empty()) return;
        Frame& frame = m_frames.back();
        if (frame.is_map) {
            if (frame.merging) m_merge_start.push_back(m_out.size());
            return;
        }
        if (!frame.empty) m_out += ',';
        frame.empty = false;
    }

    void end_value(const YAML::Mark& mark)
    {
        if (m_frames.empty() || !m_frames.back().is_map) return;
        Frame& frame = m_frames.back();
        frame.wants_key = true;
        if (!frame.merging) return;
        frame.merging = false;
        const std::string source = m_out.substr(m_merge_start.back());
        m_out.resize(m_merge_start.back());
        m_merge_start.pop_back();
        if (source.front() == '{')
            frame.merges.push_back(source);
        else if (source.front() == '[' && source != "[]")
            merge_each(mark, source, frame);
        else
            throw Refused{mark, "<< needs a map or a list of maps"};
    }

    void merge_each(const YAML::Mark& mark, std::string_view list, Frame& frame)
    {
        // A list reads like the members of an object once each element has a key.
        std::size_t start = 1;
        int depth = 0;
        bool in_string = false;
        for (std::size_t i = 1; i < list.size(); ++i) {
            const char c = list[i];
            if (in_string) {
                if (c == '\\')
                    ++i;
                else if (c == '"')
                    in_string = false;
            } else if (c == '"')
                in_string = true;
            else if (depth == 0 && (c == ',' || c == ']')) {
                if (list[start] != '{') throw Refused{mark, "<< needs a map or a list of maps"};
                frame.merges.emplace_back(list.substr(start, i - start));
                start = i + 1;
            } else if (c == '{' || c == '[')
                ++depth;
            else if (c == '}' || c == ']')
                --depth;
        }
    }

    void add_merged()
    {
        Frame& frame = m_frames.back();
        for (const std::string& source : frame.merges) {
            m_alias_bytes += source.size();
            if (m_alias_bytes > k_alias_bytes) throw Refused{frame.mark, "the aliases of this document stand for more than 16 MiB"};
            for_each_member(source, [&](std::string_view name, std::string_view value) {
                if (!frame.keys.insert(std::string{name}).second) return;
                if (!frame.empty) m_out += ',';
                frame.empty = false;
                m_out.append(name).append(":").append(value);
            });
        }
    }

    void scalar(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& json)
    {
        begin_value();
        m_out += json;
        if (anchor != 0) m_anchors[anchor] = json;
        end_value(mark);
    }

    void open(const YAML::Mark& mark, YAML::anchor_t anchor, char bracket)
    {
        if (wants_key()) throw Refused{mark, "a key must be text"};
        if (m_frames.size() == k_depth) throw Refused{mark, "nested too deeply"};
        begin_value();
        Frame frame;
        frame.is_map = frame.wants_key = bracket == '{';
        frame.start = m_out.size();
        frame.anchor = anchor;
        frame.mark = mark;
        m_frames.push_back(std::move(frame));
        m_out += bracket;
    }

    void close(char bracket)
    {
        m_out += bracket;
        const Frame& frame = m_frames.back();
        const YAML::Mark mark = frame.mark;
        if (frame.anchor != 0) {
            m_alias_bytes += m_out.size() - frame.start;
            if (m_alias_bytes > k_alias_bytes) throw Refused{mark, "the anchors of this document hold more than 16 MiB"};
            m_anchors[frame.anchor] = m_out.substr(frame.start);
        }
        m_frames.pop_back();
        end_value(mark);
    }

    std::string m_out;
    std::vector<Frame> m_frames;
    std::vector<std::size_t> m_merge_start;
    std::unordered_map<YAML::anchor_t, std::string> m_anchors;
    std::size_t m_alias_bytes = 0;
};

/// An input stream over text that stays where it is.
class ViewBuffer final : public std::streambuf {
public:
    explicit ViewBuffer(std::string_view text)
    {
        char* begin = const_cast<char*>(text.data()); // NOLINT: streambuf's interface; the text is only read
        setg(begin, begin, begin + text.size());
    }
};

YamlProblem problem(const YAML::Mark& mark, std::string reason)
{
    return {static_cast<std::size_t>(std::max(mark.line, 0)) + 1, static_cast<std::size_t>(std::max(mark.column, 0)) + 1, std::move(reason)};
}

} // namespace

tl::expected<std::string, YamlProblem> yaml_to_json(std::string_view document)
{
    ViewBuffer buffer{document};
    std::istream stream{&buffer};
    JsonWriter writer;
    try {
        YAML::Parser parser{stream};
        parser.HandleNextDocument(writer);
        JsonWriter rest;
        if (parser.HandleNextDocument(rest)) return tl::make_unexpected(YamlProblem{1, 1, "more than one document"});
    } catch (const Refused& refused) {
        return tl::make_unexpected(problem(refused.mark, refused.reason));
    } catch (const YAML::Exception& error) {
        return tl::make_unexpected(problem(error.mark, error.msg));
    }
    return writer.take();
}

} // namespace seaworthy
