// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/check/outside.hpp"
#include "seaworthy/check/verdict.hpp"
#include "seaworthy/model/selector.hpp"

namespace seaworthy::check {

/// One map of a `records` parameter; a single text is a list of one.
using Record = std::map<std::string, std::vector<std::string>, std::less<>>;

/// The value of a check's parameter. `monostate`: unset and without a default, which makes its check not_applicable.
using ParameterValue =
    std::variant<std::monostate, bool, double, std::string, std::vector<std::string>, std::chrono::milliseconds, Pattern, std::vector<Record>>;

/// The parameters of one check with defaults, `controls.shared` and the check's own values already merged.
class Parameters {
public:
    std::map<std::string, ParameterValue, std::less<>> values;

    // Reading a name that the check does not declare, or as another type, is a bug and throws std::logic_error.
    [[nodiscard]] bool is_set(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    [[nodiscard]] double number(std::string_view name) const;
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& list(std::string_view name) const;
    [[nodiscard]] seconds duration(std::string_view name) const;
    [[nodiscard]] const Pattern& pattern(std::string_view name) const;
    [[nodiscard]] const std::vector<Record>& records(std::string_view name) const;
};

struct CheckSettings {
    bool enabled = true;
    std::optional<Severity> severity;
    Parameters parameters;
};

/// A recorded decision to live with findings (interfaces.md §7). Never a status: the check still runs.
struct Exemption {
    std::string id;                  ///< "exemptions[2]" or "annotation on payments/Deployment/api"
    std::vector<std::string> checks; ///< globs; empty with `controls`: all of those controls
    std::vector<std::string> controls;
    std::vector<std::string> namespaces;             ///< globs; empty: all, cluster-scoped objects included
    std::string kind;                                ///< empty: any
    std::vector<std::string> names;                  ///< globs against name, namespace/name, namespace/Kind/name
    std::map<std::string, std::string> match_labels; ///< objects.selector.matchLabels
    std::string reason;
    std::string owner;
    Timestamp until;
};

struct Attestation {
    bool value = false;
    std::string by;
    Timestamp until;
    std::string note;
};

/// Everything of the configuration that judging depends on.
struct Settings {
    std::map<std::string, CheckSettings, std::less<>> checks;   ///< every check of the catalogue
    std::map<std::string, double, std::less<>> control_weights; ///< only what differs from the catalogue's default
    std::vector<Exemption> exemptions;
    std::map<std::string, Attestation, std::less<>> attestations;
    std::set<std::string, std::less<>> grants;   ///< optional grants that the configuration switches on: "SE", "CM"…
    std::vector<std::string> include_namespaces; ///< globs; empty: all
    std::vector<std::string> exclude_namespaces;
    std::vector<std::string> system_namespaces; ///< globs, besides the built-in list of C6
    std::vector<std::string> platform_namespaces;
    std::string tenant_label; ///< namespace label that names the tenant, besides Capsule's
    seconds min_age{600};     ///< C10
    Outside outside;
    bool score_system = false;
    bool exemption_annotations = false;
    std::chrono::hours exemption_max_duration{24 * 365};

    [[nodiscard]] const CheckSettings& of(std::string_view check) const;
};

} // namespace seaworthy::check
