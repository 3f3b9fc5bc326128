// SPDX-License-Identifier: Apache-2.0
#include "publish/encoding/escape.hpp"

#include <random>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "publish/encoding/gzip.hpp"
#include "publish/encoding/utf8.hpp"
#include "unit/publish/gunzip.hpp"
#include "unit/publish/report_builder.hpp"

using namespace seaworthy::publish;
using seaworthy::test::k_hostile;

namespace {

template <typename Append>
std::string with(Append append, std::string_view text)
{
    std::string out;
    append(out, text);
    return out;
}

bool is_utf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const auto point = decode_utf8(text, at);
        if (!point.valid) return false;
        at += point.size;
    }
    return true;
}

std::string random_bytes(std::mt19937& random, std::size_t size)
{
    std::string text(size, '\0');
    for (auto& c : text)
        c = static_cast<char>(random() & 0xFFU);
    return text;
}

} // namespace

TEST_CASE("a JSON string reads back as the text, broken UTF-8 replaced", "[encoding]")
{
    CHECK(with(append_json_string, "a\"b\\c\n\x01é") == "\"a\\\"b\\\\c\\n\\u0001é\"");
    CHECK(with(append_json_string, "\xff") == "\"\xEF\xBF\xBD\"");
    CHECK(with(append_json_string, "\xc0\xaf") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(with(append_json_string, "\xed\xa0\x80").find("\xed\xa0") == std::string::npos); // a surrogate

    std::mt19937 random{1};
    for (int i = 0; i < 2000; ++i) {
        const auto text = random_bytes(random, random() % 40);
        const auto written = with(append_json_string, text);
        const auto parsed = nlohmann::json::parse(written); // refuses what is not UTF-8 or not escaped
        CHECK(nlohmann::json::parse(with(append_json_string, parsed.get<std::string>())) == parsed);
    }
}

TEST_CASE("HTML text can neither open a tag nor end an attribute", "[encoding]")
{
    const auto html = with(append_html, k_hostile);

    CHECK(html.find_first_of("<>\"'") == std::string::npos);
    CHECK(html.find('\x1b') == std::string::npos);
    CHECK(html.find("\xe2\x80\xae") == std::string::npos); // right-to-left override
    CHECK(html.find("&lt;script&gt;") == 0);
    CHECK(html.ends_with("&amp;amp;"));
    CHECK(is_utf8(html));
}

TEST_CASE("a label value stays on its line and inside its quotes", "[encoding]")
{
    CHECK(with(append_label_value, "a\\b\"c\nd") == "a\\\\b\\\"c\\nd");
    const auto hostile = with(append_label_value, k_hostile);
    CHECK(hostile.find('\n') == std::string::npos);
    CHECK(hostile.find('\r') == std::string::npos);
    CHECK(is_utf8(hostile));
}

TEST_CASE("a spreadsheet sees no formula in a CSV field", "[encoding]")
{
    CHECK(with(append_csv_field, "plain") == "plain");
    CHECK(with(append_csv_field, "a,b") == "\"a,b\"");
    CHECK(with(append_csv_field, "say \"x\"") == "\"say \"\"x\"\"\"");
    for (const std::string_view formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "|cmd", "%x", " =1", "\n=1"}) {
        const auto field = with(append_csv_field, formula);
        INFO(field);
        CHECK((field.starts_with('\'') || field.starts_with("\"'")));
    }
}

TEST_CASE("terminal text holds no control, invisible or bidirectional character", "[encoding]")
{
    CHECK(terminal_safe("a\x1b]0;title\x07z") == "a]0;titlez");
    CHECK(terminal_safe("a\xc2\x9b\x31mz") == "a1mz"); // C1: a one-character CSI
    CHECK(terminal_safe("x\xe2\x80\xaey\xe2\x80\x8bz\xef\xbb\xbf") == "xyz");
    CHECK(terminal_safe("two\nlines\tand") == "two lines and");
    CHECK(terminal_safe("two\nlines", LineBreaks::keep) == "two\nlines");
    CHECK(terminal_safe("caf\xc3\xa9") == "café");
    CHECK(is_utf8(terminal_safe(k_hostile)));
}

TEST_CASE("the width of text is counted in columns", "[encoding]")
{
    CHECK(display_width("abc") == 3);
    CHECK(display_width("café") == 4);
    CHECK(display_width("日本") == 4);
    CHECK(display_width("e\xcc\x81") == 1);
    CHECK(cut_to_width("日本語", 5) == "日本");
    CHECK(cut_to_width("abc", 9) == "abc");
}

TEST_CASE("numbers are written shortest and without an exponent where they are whole", "[encoding]")
{
    const auto number = [](double value) {
        std::string out;
        append_number(out, value);
        return out;
    };
    CHECK(number(0) == "0");
    CHECK(number(100000) == "100000");
    CHECK(number(1795320000) == "1795320000");
    CHECK(number(0.713) == "0.713");
    CHECK(number(-2.5) == "-2.5");
    std::string single;
    append_number(single, 0.35F);
    CHECK(single == "0.35");
}

TEST_CASE("a URL part holds unreserved characters only", "[encoding]")
{
    CHECK(with(append_url, "a-b.c_d~E9") == "a-b.c_d~E9");
    CHECK(with(append_url, "a/b?c#d &\"é") == "a%2Fb%3Fc%23d%20%26%22%C3%A9");
}

TEST_CASE("gzip joined of parts is one member that holds them all", "[encoding]")
{
    std::mt19937 random{2};
    const std::string first(100'000, 'a');
    const auto second = random_bytes(random, 70'000);

    const auto a = deflate_part(first, 6);
    const auto b = deflate_part(second, 1);
    const auto empty = deflate_part("", 1);
    const auto file = join_gzip({{a.bytes, a.crc32, a.plain_size}, {empty.bytes, empty.crc32, empty.plain_size}, {b.bytes, b.crc32, b.plain_size}});

    CHECK(seaworthy::test::gunzip(file) == first + second);
    CHECK(seaworthy::test::gunzip(gzip("")) == "");
    CHECK(seaworthy::test::gunzip(gzip(second)) == second);
    CHECK(gzip(first) == gzip(first));
}

TEST_CASE("a gzip stream ends when its reader goes", "[encoding]")
{
    std::string file;
    GzipStream whole{[&](std::string_view bytes) {
        file += bytes;
        return true;
    }};
    CHECK(whole.write("hello "));
    CHECK(whole.write("world"));
    CHECK(whole.finish());
    CHECK(seaworthy::test::gunzip(file) == "hello world");

    std::mt19937 random{3};
    GzipStream gone{[](std::string_view) { return false; }};
    CHECK_FALSE((gone.write(random_bytes(random, 1'000'000)) && gone.finish()));
    CHECK_FALSE(gone.finish());
}
