// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::publish {

/// Takes pieces of a document in order. False: nobody wants more.
using TextSink = std::function<bool(std::string_view)>;

/// Writes a document of objects, arrays and scalars as it comes, without ever holding it: what a report looks like is said once for JSON
/// and YAML. The calls must form one value; inside an object each value follows its key.
class Emitter {
public:
    explicit Emitter(TextSink sink);
    virtual ~Emitter() = default;
    Emitter(const Emitter&) = delete;
    Emitter& operator=(const Emitter&) = delete;

    virtual void begin_object() = 0;
    virtual void end_object() = 0;
    virtual void begin_array() = 0;
    virtual void end_array() = 0;
    virtual void key(std::string_view name) = 0;
    virtual void string(std::string_view value) = 0;
    /// Ends the document and passes on what is still buffered. False: the sink refused something on the way.
    virtual bool finish() = 0;

    void integer(std::int64_t value);
    void number(double value); ///< NaN and infinities become null
    void number(float value);
    void number(std::optional<double> value); ///< nothing becomes null
    void boolean(bool value) { scalar(value ? "true" : "false"); }
    void null() { scalar("null"); }

    // A key and its value.
    void field(std::string_view name, std::string_view value) { key(name), string(value); }
    void field(std::string_view name, const char* value) { key(name), string(value); }
    void field(std::string_view name, bool value) { key(name), boolean(value); }
    void field(std::string_view name, std::int64_t value) { key(name), integer(value); }
    void field(std::string_view name, std::uint32_t value) { key(name), integer(value); }
    void field(std::string_view name, double value) { key(name), number(value); }
    void field(std::string_view name, float value) { key(name), number(value); }
    void field(std::string_view name, std::optional<double> value) { key(name), number(value); }

    [[nodiscard]] bool refused() const { return m_refused; }

protected:
    /// Writes a token as it stands: a number, true, false, null.
    virtual void scalar(std::string_view token) = 0;
    void flush_if_full();
    bool flush();

    std::string m_buffer;

private:
    TextSink m_sink;
    bool m_refused = false;
};

/// JSON. Objects and arrays of the two outer levels have a line for each member, deeper ones are compact: a report has one line a
/// result, so that diff and grep work on it.
class JsonEmitter final : public Emitter {
public:
    using Emitter::Emitter;
    void begin_object() override { open('{'); }
    void end_object() override { close('}'); }
    void begin_array() override { open('['); }
    void end_array() override { close(']'); }
    void key(std::string_view name) override;
    void string(std::string_view value) override;
    bool finish() override;

private:
    void scalar(std::string_view token) override;
    void open(char bracket);
    void close(char bracket);
    void separate();
    void break_line();

    std::vector<bool> m_has_members; ///< one entry an open container
    bool m_after_key = false;
};

/// YAML 1.2 in block style. Strings are double-quoted unless they are plain words that no YAML version reads as anything else.
class YamlEmitter final : public Emitter {
public:
    using Emitter::Emitter;
    void begin_object() override { open(Kind::object); }
    void end_object() override { close("{}"); }
    void begin_array() override { open(Kind::array); }
    void end_array() override { close("[]"); }
    void key(std::string_view name) override;
    void string(std::string_view value) override;
    bool finish() override;

private:
    enum class Kind : std::uint8_t { object, array };
    struct Level {
        Kind kind;
        bool has_members = false;
        bool in_array = false; ///< the container is itself an array's element
    };
    void scalar(std::string_view token) override;
    void open(Kind kind);
    void close(std::string_view when_empty);
    void begin_element();

    std::vector<Level> m_levels;
    bool m_after_dash = false; ///< the next key follows "- " on the same line
};

} // namespace seaworthy::publish
