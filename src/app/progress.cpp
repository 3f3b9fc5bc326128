// SPDX-License-Identifier: Apache-2.0
#include "app/progress.hpp"

#include <ostream>

#include <fmt/format.h>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::app {

namespace {

constexpr std::chrono::milliseconds k_pause{100}; // faster than that nobody reads
constexpr auto k_clear_line = "\r\x1b[K";

} // namespace

Progress::~Progress()
{
    clear();
}

void Progress::clear()
{
    if (m_drawn) m_err << k_clear_line << std::flush;
    m_drawn = false;
}

void Progress::progress(const kube::Progress& state)
{
    const auto now = std::chrono::steady_clock::now();
    if (!m_visible || (m_drawn && now - m_last < k_pause)) return;
    m_last = now;
    m_drawn = true;
    m_err << k_clear_line
          << fmt::format("reading {}/{} lists, {} objects, {}", state.lists_done, state.lists_total, state.objects, printable(state.resource, 40))
          << std::flush;
}

void Progress::throttled(std::chrono::duration<double> pause)
{
    if (!m_visible) return;
    m_drawn = true;
    m_err << k_clear_line << fmt::format("the API server asked for a pause of {:.0f} s", pause.count()) << std::flush;
}

void Progress::warning(std::string_view message)
{
    clear();
    m_err << "seaworthy: " << printable(message, 1024) << "\n";
}

} // namespace seaworthy::app
