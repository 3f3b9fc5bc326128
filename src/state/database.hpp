// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "seaworthy/state/store.hpp"
#include "state/chronicle.hpp"
#include "state/connection.hpp"
#include "state/outbox.hpp"
#include "state/space.hpp"

namespace seaworthy::state {

/// The open database behind a Store.
class Database {
public:
    explicit Database(StoreOptions options) : m_options(std::move(options)) {}

    /// As Store::open().
    Result<void> open();
    /// All that `body` does, synced to disk, or nothing of it.
    template <typename Body>
    Result<void> transaction(const Body& body)
    {
        m_connection.forget_failure();
        auto done = attempt(body);
        if (!done) note_failure();
        return done;
    }
    [[nodiscard]] const WriteFailures& write_failures() const { return m_write_failures; }

    [[nodiscard]] std::mutex& mutex() { return m_mutex; }
    [[nodiscard]] Connection& connection() { return m_connection; }
    [[nodiscard]] const Space& space() const { return m_space; }
    [[nodiscard]] Outbox& outbox() { return m_outbox; }
    [[nodiscard]] Chronicle& chronicle() { return m_chronicle; }
    [[nodiscard]] const StoreOptions& options() const { return m_options; }
    [[nodiscard]] Milliseconds now() const;
    [[nodiscard]] const std::string& quarantined() const { return m_quarantined; }

private:
    enum class Condition { sound, damaged };

    template <typename Body>
    Result<void> attempt(const Body& body)
    {
        SEAWORTHY_TRY(keep_log_short());
        auto transaction = Transaction::begin(m_connection);
        if (!transaction) return tl::make_unexpected(transaction.error());
        m_outbox.begin();
        const auto swept = m_outbox.swept();
        auto done = body();
        if (done) done = transaction->commit();
        if (!done) m_outbox.set_swept(swept);
        return done;
    }

    /// An empty file was there: SQLite takes it for a new database, but what was in it is lost.
    enum class Origin { ours, emptied };
    Result<Condition> connect(Origin origin);
    Result<Condition> examine(Origin origin);
    Result<void> reserve();
    Result<void> keep_log_short();
    void note_failure();

    StoreOptions m_options;
    std::mutex m_mutex; ///< held by whoever uses what follows
    Connection m_connection;
    Space m_space;
    Outbox m_outbox{m_connection, m_space};
    Chronicle m_chronicle{m_connection, m_space, m_outbox};
    std::string m_quarantined;
    WriteFailures m_write_failures;
};

} // namespace seaworthy::state
