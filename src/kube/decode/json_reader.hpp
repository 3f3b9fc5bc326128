// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "kube/decode/list_splitter.hpp"

namespace seaworthy::kube {

namespace ondemand = simdjson::ondemand;

/// Reads one JSON object after another front to back, each value once. `null` reads like a missing field everywhere.
/// The first thing that is wrong is remembered with its path; from then on everything reads as empty, so that
/// decoders need no branch for errors: they ask ok() at the end.
class JsonReader {
public:
    using Value = ondemand::value;

    /// Calls f(object) with the root object. `json` must stay until the next call.
    template <typename F>
    void read_object(PaddedJson json, F&& f)
    {
        reset();
        ondemand::object root;
        if (check(m_parser.iterate(json.text.data(), json.text.size(), json.text.size() + k_json_padding).get(m_document)) &&
            check(m_document.get_object().get(root)))
            f(root);
    }
    /// Calls f(key, value) for each member of the root object.
    template <typename F>
    void read(PaddedJson json, F&& f)
    {
        read_object(json, [&](ondemand::object& root) { members(root, f); });
    }

    /// Calls f(key, value) for each member. Anything but an object is an error.
    template <typename F>
    void object(Value value, F&& f)
    {
        ondemand::object object;
        if (!present(value, ondemand::json_type::object, "an object") || !check(value.get_object().get(object))) return;
        members(object, f);
    }
    template <typename F>
    void object(ondemand::object& object, F&& f)
    {
        members(object, f);
    }

    /// Calls f(value) for each element. Anything but an array is an error.
    template <typename F>
    void array(Value value, F&& f)
    {
        ondemand::array array;
        if (!present(value, ondemand::json_type::array, "a list") || !check(value.get_array().get(array))) return;
        const Step step{*this};
        for (auto element : array) {
            Value inner;
            if (!check(std::move(element).get(inner))) return; // NOLINT(performance-move-const-arg): only a result that is moved may be taken
            ++m_path[m_depth].index;
            f(inner);
            if (!ok()) return;
        }
    }

    /// Views into the parser's buffer: valid until the next read().
    [[nodiscard]] std::string_view text(Value value);
    /// A number's or a string's text as written (IntOrString, Quantity).
    [[nodiscard]] std::string_view scalar(Value value);
    [[nodiscard]] bool flag(Value value) { return optional_flag(value).value_or(false); }
    [[nodiscard]] std::optional<bool> optional_flag(Value value);
    [[nodiscard]] std::int64_t integer(Value value) { return optional_integer(value).value_or(0); }
    [[nodiscard]] std::optional<std::int64_t> optional_integer(Value value);
    /// Out of range is an error.
    [[nodiscard]] std::int32_t int32(Value value) { return optional_int32(value).value_or(0); }
    [[nodiscard]] std::optional<std::int32_t> optional_int32(Value value);
    [[nodiscard]] bool is_null(Value value);
    [[nodiscard]] ondemand::json_type type(Value value);

    [[nodiscard]] bool ok() const { return m_error.empty(); }
    /// "spec.containers[0].image: expected text, found a number".
    [[nodiscard]] const std::string& error() const { return m_error; }
    void fail(std::string_view what);
    bool check(simdjson::error_code code);

private:
    struct PathStep {
        std::string_view key;
        int index = -1;
    };
    /// One level deeper into the path, for the length of a scope.
    struct Step {
        explicit Step(JsonReader& of) : reader(of)
        {
            if (++reader.m_depth == reader.m_path.size()) {
                --reader.m_depth;
                reader.fail("nested too deeply");
                left = true;
            }
            reader.m_path[reader.m_depth] = {};
        }
        ~Step()
        {
            if (!left) --reader.m_depth;
        }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        JsonReader& reader;
        bool left = false;
    };

    template <typename F>
    void members(ondemand::object& object, F&& f)
    {
        const Step step{*this};
        for (auto member : object) {
            ondemand::field field;
            std::string_view key;
            if (!ok() || !check(std::move(member).get(field)) || !check(field.unescaped_key().get(key))) return;
            m_path[m_depth].key = key;
            f(key, field.value());
            if (!ok()) return;
        }
    }
    void reset();
    /// False for null and for a wrong type; the latter is an error.
    bool present(Value value, ondemand::json_type wanted, std::string_view name);

    ondemand::parser m_parser;
    ondemand::document m_document;
    std::array<PathStep, 96> m_path;
    std::size_t m_depth = 0;
    std::string m_error;
};

} // namespace seaworthy::kube
