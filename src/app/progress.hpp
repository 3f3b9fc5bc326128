// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <iosfwd>
#include <string_view>

#include "seaworthy/kube/live_source.hpp"

namespace seaworthy::app {

/// Shows on one line of a terminal how far the reading is; nothing at all elsewhere. Warnings are always written.
class Progress : public kube::SourceObserver {
public:
    Progress(std::ostream& err, bool visible) : m_err(err), m_visible(visible) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() override;

    void progress(const kube::Progress& state) override;
    void throttled(std::chrono::duration<double> pause) override;
    void warning(std::string_view message) override;

private:
    void clear();

    std::ostream& m_err;
    bool m_visible;
    bool m_drawn = false;
    std::chrono::steady_clock::time_point m_last;
};

} // namespace seaworthy::app
