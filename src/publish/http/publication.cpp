// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/publication.hpp"

#include <algorithm>
#include <utility>

namespace seaworthy::publish {

namespace {

/// A weak validator (RFC 9110 §8.8.1): the page and its compressed form are the same report in different bytes.
std::string etag_of(const report::Report& report)
{
    std::string etag = "W/\"";
    std::ranges::copy_if(report.uid, std::back_inserter(etag),
                         [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; });
    return etag + '"';
}

} // namespace

Publication::Publication(Timestamp started_at) : m_last_beat(std::chrono::steady_clock::now())
{
    m_view.started_at = started_at;
}

std::shared_ptr<const Edition> Publication::publish(std::shared_ptr<const report::Report> report, Imprint imprint, const config::Metrics& options,
                                                    Timestamp now)
{
    auto edition = std::make_shared<Edition>();
    edition->families = render_compliance(*report, imprint, options);
    edition->etag = etag_of(*report);
    edition->report = std::move(report);
    edition->imprint = std::move(imprint);

    std::shared_ptr<const Edition> previous = edition; // freed after the lock, where it is the last reader
    {
        const std::lock_guard lock{m_mutex};
        m_view.edition.swap(previous);
        m_view.last_success = now;
        m_view.auditing_since = {};
        m_view.last_error.clear();
    }
    return edition;
}

void Publication::audit_started(Timestamp now)
{
    const std::lock_guard lock{m_mutex};
    m_view.auditing_since = now;
    m_view.last_attempt = now;
}

void Publication::audit_failed(std::string message, Timestamp now)
{
    const std::lock_guard lock{m_mutex};
    m_view.auditing_since = {};
    m_view.last_failure = now;
    m_view.last_error = std::move(message);
}

void Publication::set_interval(std::chrono::seconds interval)
{
    const std::lock_guard lock{m_mutex};
    m_view.interval = interval;
}

void Publication::set_leading(bool leading)
{
    const std::lock_guard lock{m_mutex};
    m_view.leading = leading;
}

void Publication::set_standby(bool standby)
{
    const std::lock_guard lock{m_mutex};
    m_view.standby = standby;
}

View Publication::view() const
{
    const std::lock_guard lock{m_mutex};
    return m_view;
}

void Publication::beat()
{
    const std::lock_guard lock{m_mutex};
    m_last_beat = std::chrono::steady_clock::now();
}

bool Publication::alive(std::chrono::seconds limit) const
{
    const std::lock_guard lock{m_mutex};
    return std::chrono::steady_clock::now() - m_last_beat < limit;
}

void Publication::begin_shutdown()
{
    const std::lock_guard lock{m_mutex};
    m_shutting_down = true;
}

bool Publication::shutting_down() const
{
    const std::lock_guard lock{m_mutex};
    return m_shutting_down;
}

} // namespace seaworthy::publish
