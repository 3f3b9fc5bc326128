// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "kube/decode/element_scanner.hpp"
#include "kube/decode/list_splitter.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

/// All that a splitter says about a body, in order.
struct Trace final : ListSink {
    std::vector<std::string> lines;
    void element(PaddedJson json) override { lines.push_back(std::string{json.text}); }
    void skipped(std::string_view reason, std::string_view head) override
    {
        lines.push_back(fmt::format("skipped {} {}", reason, head.substr(0, 12)));
    }
    void metadata(const ListEnvelope& envelope) override { lines.push_back("metadata " + envelope.continue_token); }
};

std::vector<std::string> split(std::string_view body, const std::vector<std::size_t>& cuts, SplitLimits limits = {})
{
    Trace trace;
    ListSplitter splitter{trace, limits};
    Result<void> result;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size() && result; ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : body.size();
        const std::string chunk{body.substr(from, to - from)}; // a copy, so that reading behind it shows under ASan
        result = splitter.feed(chunk);
        from = to;
    }
    if (result) result = splitter.finish();
    const ListEnvelope& envelope = splitter.envelope();
    trace.lines.push_back(fmt::format("{}|{}|{}|{}|{}|{}", envelope.api_version, envelope.kind, envelope.continue_token, envelope.resource_version,
                                      envelope.remaining_items.value_or(-1), splitter.elements()));
    trace.lines.push_back(result ? "ok" : result.error().message);
    return trace.lines;
}

const std::string k_typed =
    R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"77","continue":"eyJ2IjoibWV0\u0061","remainingItemCount":12},)"
    R"("items":[{"metadata":{"name":"a","labels":{"q":"\"}]\\"}},"spec":{"x":[[1,2],{"y":"{[\\\\"}]}},)"
    R"({}, {"long":")" +
    std::string(150, '{') + R"(","escaped":"\\\"\\\\","tail":[)" + std::string(80, '7') + "]}\n]}\n";

const std::string k_custom =
    R"({"apiVersion":"kyverno.io/v1","items":[{"a":"\\"},{"b":{"c":{"d":[]}}}],"kind":"PolicyList","metadata":{"continue":"","resourceVersion":"9"}})";

const std::string k_table =
    R"({"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"5"},"columnDefinitions":[{"name":"Name","description":"a \"quoted\" [text]"}],)"
    R"("rows":[{"cells":["a","Opaque",2,"5d"],"object":null},{"cells":["b","Opaque",0,"3h"]}]})";

} // namespace

TEST_CASE("a typed list gives its metadata before its elements", "[list-splitter]")
{
    const auto lines = split(k_typed, {});

    REQUIRE(lines.size() == 6);
    CHECK(lines[0] == "metadata eyJ2IjoibWV0a");
    CHECK(lines[1] == R"({"metadata":{"name":"a","labels":{"q":"\"}]\\"}},"spec":{"x":[[1,2],{"y":"{[\\\\"}]}})");
    CHECK(lines[2] == "{}");
    CHECK(lines[3].size() > 230);
    CHECK(lines[4] == "v1|PodList|eyJ2IjoibWV0a|77|12|3");
    CHECK(lines[5] == "ok");
}

TEST_CASE("a custom list with sorted keys gives its metadata after its elements", "[list-splitter]")
{
    const auto lines = split(k_custom, {});

    CHECK(lines == std::vector<std::string>{R"({"a":"\\"})", R"({"b":{"c":{"d":[]}}})", "metadata ", "kyverno.io/v1|PolicyList||9|-1|2", "ok"});
}

TEST_CASE("a table gives its rows", "[list-splitter]")
{
    const auto lines = split(k_table, {});

    CHECK(lines == std::vector<std::string>{"metadata ", R"({"cells":["a","Opaque",2,"5d"],"object":null})", R"({"cells":["b","Opaque",0,"3h"]})",
                                            "meta.k8s.io/v1|Table||5|-1|2", "ok"});
}

TEST_CASE("where a body is cut does not matter", "[list-splitter]")
{
    for (const std::string& body : {k_typed, k_custom, k_table}) {
        const auto whole = split(body, {});

        for (std::size_t cut = 0; cut <= body.size(); ++cut)
            REQUIRE(split(body, {cut}) == whole);
        std::vector<std::size_t> every_byte(body.size());
        for (std::size_t i = 0; i < body.size(); ++i)
            every_byte[i] = i;
        CHECK(split(body, every_byte) == whole);
        std::mt19937 random{7};
        for (int round = 0; round < 300; ++round) {
            std::vector<std::size_t> cuts(random() % 6);
            for (auto& cut : cuts)
                cut = random() % (body.size() + 1);
            std::sort(cuts.begin(), cuts.end());
            REQUIRE(split(body, cuts) == whole);
        }
    }
}

TEST_CASE("every truncated body is an error", "[list-splitter]")
{
    for (const std::string& body : {k_typed, k_custom, k_table}) {
        const std::size_t last = body.rfind('}');
        for (std::size_t size = 0; size <= last; ++size) {
            const auto lines = split(std::string_view{body}.substr(0, size), {});
            REQUIRE(lines.back() != "ok");
            REQUIRE(lines.back().find(fmt::format("at byte {}", size)) != std::string::npos);
        }
    }
}

TEST_CASE("malformed lists are errors that name the offset", "[list-splitter]")
{
    const auto error = [](std::string_view body) { return split(body, {}).back(); };

    CHECK(error("[]") == "broken JSON at byte 0: not a JSON object");
    CHECK(error(R"({"items":[{}{}]})") == "broken JSON at byte 12: expected ',' or a closing bracket");
    CHECK(error(R"({"items":[7]})") == "broken JSON at byte 10: an element is not an object");
    CHECK(error(R"({"items":[{}],})") == "broken JSON at byte 14: expected a key");
    CHECK(error(R"({"items":[{}]]})") == "broken JSON at byte 13: a closing bracket of the wrong kind");
    CHECK(error(R"({"items":[{}]} x)") == "broken JSON at byte 15: more text after the end");
    CHECK(error(R"({"a":tru})") == "broken JSON at byte 8: expected a value");
    CHECK(error(R"({"a" 1})") == "broken JSON at byte 5: expected ':'");
    CHECK(error(R"({a:1})") == "broken JSON at byte 1: expected a key");
    CHECK(error("{\"a\":" + std::string(100, '[')) == "broken JSON at byte 68: nested too deeply");
    CHECK(error("{\"kind\":\"" + std::string(70'000, 'x') + "\"}").find("too long") != std::string::npos);
    CHECK(error("{\"metadata\":{\"continue\":\"" + std::string(70'000, 'x') + "\"}}").find("too long") != std::string::npos);
    CHECK(error("{\"kind\":\"ConfigMap\",\"data\":{\"board.json\":\"" + std::string(70'000, 'x') + "\"}}") == "ok");
    CHECK(error("") == "broken JSON at byte 0: the body is empty");
}

TEST_CASE("a list without elements is complete", "[list-splitter]")
{
    CHECK(split(R"({"kind":"PodList","items":[]})", {}).back() == "ok");
    CHECK(split(R"({"kind":"PodList","items":null})", {}).back() == "ok");
    CHECK(split("  {}\n", {}).back() == "ok");
}

TEST_CASE("only the root's own items are elements", "[list-splitter]")
{
    const auto lines = split(R"({"other":{"items":[{"a":1}]},"items":[{"items":[{"b":2}]}]})", {});

    CHECK(lines == std::vector<std::string>{R"({"items":[{"b":2}]})", "||||-1|1", "ok"});
}

TEST_CASE("an element beyond a limit is skipped and the list goes on", "[list-splitter]")
{
    const std::string large = R"({"big":")" + std::string(500, 'x') + "\"}";
    const std::string deep = "{\"deep\":" + std::string(70, '[') + std::string(70, ']') + "}";
    const std::string body = "{\"items\":[{\"a\":1}," + large + "," + deep + ",{\"b\":2}]}";
    SplitLimits limits;
    limits.object_bytes = 300;

    const auto lines = split(body, {}, limits);

    CHECK(lines == std::vector<std::string>{R"({"a":1})", R"(skipped too large {"big":"xxxx)", R"(skipped nested too deeply {"deep":[[[[)",
                                            R"({"b":2})", "||||-1|4", "ok"});
    for (std::size_t cut = 0; cut <= body.size(); ++cut)
        REQUIRE(split(body, {cut}, limits) == lines);
    limits.elements = 3;
    CHECK(split(body, {}, limits).back().find("more than 3 elements") != std::string::npos);
}

TEST_CASE("both ways to find brackets and quotes agree", "[list-splitter]")
{
    std::mt19937 random{11};
    const std::string alphabet = "\"\\{}[]:,ab \x7f\xff" + std::string(1, '\0');
    std::string bytes(64 * 50, ' ');
    for (char& c : bytes)
        c = random() % 3 == 0 ? static_cast<char>(random() % 256) : alphabet[random() % alphabet.size()];
    std::vector<BlockMasks> fast(50);
    std::vector<BlockMasks> plain(50);

    classify_blocks()(bytes.data(), 50, fast.data());
    classify_blocks_portable(bytes.data(), 50, plain.data());

    for (std::size_t i = 0; i < 50; ++i) {
        CHECK(fast[i].quote == plain[i].quote);
        CHECK(fast[i].backslash == plain[i].backslash);
        CHECK(fast[i].open == plain[i].open);
        CHECK(fast[i].close == plain[i].close);
    }
}
