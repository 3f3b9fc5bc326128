// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/config/events.hpp"

namespace seaworthy::config {

/// A place for an enumeration whose values are numbered from 0 in the order of Key::choices.
struct Choice {
    void* place = nullptr;
    int (*get)(const void*) = nullptr;
    void (*set)(void*, int) = nullptr;
};

template <typename Enum>
[[nodiscard]] Choice choice(Enum& value)
{
    return {&value, [](const void* place) { return static_cast<int>(*static_cast<const Enum*>(place)); },
            [](void* place, int index) { *static_cast<Enum*>(place) = static_cast<Enum>(index); }};
}

/// Where the value of a key goes. Its type says how the key is written, what it points to what the default is.
using Slot = std::variant<bool*, int*, double*, std::string*, std::vector<std::string>*, std::chrono::milliseconds*, std::chrono::seconds*,
                          std::chrono::hours*, Timestamp*, ByteSize*, std::map<std::string, std::string>*, Choice>;

/// What a text (or each text of a list) must look like.
enum class Form {
    any,
    url,            ///< http or https, with a host
    listen_address, ///< `:9817`, `127.0.0.1:9817`, `[::1]:9817`
    label_key,
    object_name,     ///< an RFC 1123 label
    host_port,       ///< `siem.example:6514`, `[2001:db8::1]:6514`
    image_host,      ///< `registry.example` or `registry.example:5000`
    login_component, ///< check::parse_login_component()
};

struct Constraint {
    Form form = Form::any;
    double minimum = 0; ///< of numbers; of durations in seconds
    double maximum = std::numeric_limits<double>::infinity();
    std::span<const std::string_view> choices{};
    bool required = false;
    bool single = false;        ///< one text may stand for a list of one
    std::string_view refused{}; ///< why the key may not be here; empty: it may
};

/// A row of a key table: everything that is said about a key is said here once.
template <typename Owner>
struct Key {
    std::string_view path; ///< below the table's place, with dots: "probeListen", "class.system"
    std::string_view why;
    Slot (*slot)(Owner&);
    Constraint constraint{};
};

/// A key of one owner, so that readers and renderers need not be templates.
struct BoundKey {
    std::string_view path;
    std::string_view why;
    Slot slot;
    Constraint constraint;
};

template <typename Owner>
[[nodiscard]] std::vector<BoundKey> bind(Owner& owner, std::span<const Key<Owner>> keys)
{
    std::vector<BoundKey> bound;
    bound.reserve(keys.size());
    for (const auto& key : keys)
        bound.push_back({key.path, key.why, key.slot(owner), key.constraint});
    return bound;
}

/// A text as YAML flow syntax: quoted only where a plain one would be read as something else.
[[nodiscard]] std::string yaml_text(std::string_view text);
[[nodiscard]] std::string yaml_list(const std::vector<std::string>& texts);
/// In the largest unit that divides it: `5m`, `90m`, `250ms`.
[[nodiscard]] std::string yaml_duration(std::chrono::milliseconds duration);
/// In the largest unit that divides it: `900KiB`, `8000B`.
[[nodiscard]] std::string yaml_size(ByteSize size);
/// The value in the slot as YAML flow syntax.
[[nodiscard]] std::string yaml_value(const BoundKey& key);
/// "duration", "list of texts", "one of summary, controls, findings": for people.
[[nodiscard]] std::string type_name(const BoundKey& key);

} // namespace seaworthy::config
