// SPDX-License-Identifier: Apache-2.0
#include "app/elector.hpp"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/host_name.hpp"

namespace seaworthy::app {

namespace {

using std::chrono::milliseconds;

bool same_record(const Lease& a, const Lease& b)
{
    return a.holder == b.holder && a.renew_time == b.renew_time && a.acquire_time == b.acquire_time && a.transitions == b.transitions &&
           a.duration_seconds == b.duration_seconds;
}

} // namespace

Elector::Elector(LeaseStore& store, config::LeaderElection options, std::string identity, Clock clock)
    : m_store(store), m_options(std::move(options)), m_identity(std::move(identity)), m_clock(std::move(clock))
{}

bool Elector::leading() const
{
    return m_renewed_at && m_clock.steady() - *m_renewed_at < m_options.renew_deadline;
}

std::chrono::milliseconds Elector::request_timeout() const
{
    constexpr milliseconds shortest{1000};
    const auto usual = std::max(shortest, m_options.renew_deadline / 2);
    if (!m_renewed_at) return usual;
    // A leader's request must not outlast its right to lead.
    const auto left = std::chrono::duration_cast<milliseconds>(*m_renewed_at + m_options.renew_deadline - m_clock.steady());
    return std::clamp(left, milliseconds{1}, usual);
}

void Elector::see(const Lease& lease)
{
    if (!same_record(lease, m_seen)) m_seen_at = m_clock.steady();
    m_seen = lease;
}

bool Elector::theirs_is_valid() const
{
    if (m_seen.holder.empty() || m_seen.holder == m_identity) return false;
    return m_clock.steady() < m_seen_at + std::chrono::seconds{m_seen.duration_seconds};
}

bool Elector::attempt(const std::stop_token& stop)
{
    m_trouble.reset();
    if (!leading()) m_renewed_at.reset();
    // A leader renews without asking first, from what it wrote last.
    if (m_renewed_at && take(stop, false)) return true;
    const auto reply = m_store.get(request_timeout(), stop);
    if (reply.outcome == LeaseReply::Outcome::failed) {
        m_trouble = reply.error;
        return leading();
    }
    const bool absent = reply.outcome == LeaseReply::Outcome::absent;
    if (!absent) {
        see(reply.lease);
        if (m_seen.holder != m_identity) m_renewed_at.reset();
        if (theirs_is_valid()) return false;
    }
    take(stop, absent);
    return leading();
}

bool Elector::take(const std::stop_token& stop, bool absent)
{
    const bool ours = !absent && m_seen.holder == m_identity;
    const auto time = m_clock.micro_time();
    const Lease wanted{.holder = m_identity,
                       .duration_seconds = static_cast<int>(std::chrono::ceil<std::chrono::seconds>(m_options.lease_duration).count()),
                       .transitions = absent ? 0 : m_seen.transitions + (ours ? 0 : 1),
                       .acquire_time = ours ? m_seen.acquire_time : time,
                       .renew_time = time,
                       .resource_version = absent ? std::string{} : m_seen.resource_version};
    const auto began = m_clock.steady();
    const auto timeout = request_timeout();
    return held(absent ? m_store.create(wanted, timeout, stop) : m_store.update(wanted, timeout, stop), began);
}

bool Elector::held(const LeaseReply& reply, std::chrono::steady_clock::time_point began)
{
    if (reply.outcome == LeaseReply::Outcome::failed) m_trouble = reply.error;
    if (reply.outcome != LeaseReply::Outcome::done) return false;
    see(reply.lease);
    m_trouble.reset();
    // From before the request: its answer may have been long under way while the lease already ran.
    m_renewed_at = began;
    return true;
}

void Elector::release()
{
    if (!leading()) return;
    const auto current = m_store.get(request_timeout(), {});
    m_renewed_at.reset();
    if (current.outcome != LeaseReply::Outcome::done || current.lease.holder != m_identity) return;
    auto lease = current.lease;
    lease.holder.clear();
    lease.duration_seconds = 1;
    lease.renew_time = m_clock.micro_time();
    static_cast<void>(m_store.update(lease, request_timeout(), {}));
}

std::string micro_time_now()
{
    const auto now = std::chrono::system_clock::now();
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count() % 1'000'000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)), micros);
}

std::string election_identity()
{
    return fmt::format("{}_{}", host_name(), random_uuid());
}

} // namespace seaworthy::app
