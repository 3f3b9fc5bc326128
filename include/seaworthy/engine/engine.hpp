// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::engine {

/// Judges an inventory: a pure function of its arguments (but for report.uid and the duration, which the caller sets).
[[nodiscard]] std::shared_ptr<report::Report> evaluate(const model::Inventory& inventory, const check::Settings& settings);

enum class Grants {
    configured, ///< optional grants only where the configuration switches them on
    all,        ///< files: whatever they hold may be read
};

/// What the enabled checks need to read under those grants.
[[nodiscard]] model::ReadPlan read_plan(const check::Settings& settings, Grants grants = Grants::configured);

} // namespace seaworthy::engine
