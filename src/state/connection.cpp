// SPDX-License-Identifier: Apache-2.0
#include "state/connection.hpp"

#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace seaworthy::state {
namespace {

constexpr int k_most_bytes_of_a_value = 2 << 20; ///< also of what is read: a row that a file claims to hold is no reason to run out of memory

struct Advice {
    int code;
    Error::Kind kind;
    std::string_view hint;
};
constexpr Advice k_advice[] = {
    {SQLITE_BUSY, Error::Kind::usage, "another process has it open; stop that one, or give this one a spool.path of its own"},
    {SQLITE_FULL, Error::Kind::internal, "make room on its volume"},
    {SQLITE_IOERR, Error::Kind::internal, "look for errors of its volume in the node's kernel log"},
    {SQLITE_READONLY, Error::Kind::usage, "mount its volume writable for the user of this process"},
    {SQLITE_CANTOPEN, Error::Kind::usage, "see that its directory exists and that the user of this process may write there"},
    {SQLITE_CORRUPT, Error::Kind::internal, "restart: a damaged database is moved aside, and a new one begun"},
    {SQLITE_NOTADB, Error::Kind::internal, "restart: what is no database is moved aside, and a new one begun"},
};

/// The low byte of an extended result code.
constexpr int primary(int code)
{
    return code & 0xff;
}

} // namespace

Query::Query(Query&& other) noexcept
    : m_connection(other.m_connection), m_statement(std::exchange(other.m_statement, nullptr)), m_bound(other.m_bound)
{}

Query::~Query()
{
    if (m_statement == nullptr) return;
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
}

void Query::bind(int position, std::int64_t value)
{
    if (m_statement == nullptr || m_bound != SQLITE_OK) return;
    m_bound = sqlite3_bind_int64(m_statement, position, value);
}

void Query::bind(int position, std::string_view value)
{
    if (m_statement == nullptr || m_bound != SQLITE_OK) return;
    const char* const data = value.data() == nullptr ? "" : value.data(); // a null pointer would be NULL, not the empty text
    m_bound = sqlite3_bind_text64(m_statement, position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

Result<bool> Query::step()
{
    if (m_statement == nullptr) return tl::make_unexpected(m_connection.error(sqlite3_extended_errcode(m_connection.handle())));
    const int code = m_bound != SQLITE_OK ? m_bound : sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return tl::make_unexpected(m_connection.error(code));
}

std::int64_t Query::number(int column) const
{
    return sqlite3_column_int64(m_statement, column);
}

std::string Query::text(int column) const
{
    const auto* const data = sqlite3_column_text(m_statement, column);
    if (data == nullptr) return {};
    return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

Result<std::vector<std::int64_t>> numbers_of(Query query)
{
    std::vector<std::int64_t> numbers;
    for (;;) {
        const auto row = query.step();
        if (!row) return tl::make_unexpected(row.error());
        if (!*row) return numbers;
        numbers.push_back(query.number(0));
    }
}

Result<void> Connection::open(const std::string& path)
{
    m_path = path;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    m_handle.reset(handle); // even a failed call gives one
    if (code != SQLITE_OK) return tl::make_unexpected(error(code));
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, k_most_bytes_of_a_value);
    return {};
}

void Connection::close()
{
    m_statements.clear();
    m_handle.reset();
}

sqlite3_stmt* Connection::prepared(std::string_view sql)
{
    auto& statement = m_statements[sql];
    if (!statement) {
        sqlite3_stmt* made = nullptr;
        if (sqlite3_prepare_v3(handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr) != SQLITE_OK)
            return nullptr;
        statement.reset(made);
    }
    return statement.get();
}

Result<void> Connection::script(const std::string& sql)
{
    const int code = sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return tl::make_unexpected(error(code));
    return {};
}

std::int64_t Connection::changes() const
{
    return sqlite3_changes64(handle());
}

Error Connection::error(int code)
{
    m_failure_code = primary(code);
    std::string said = handle() == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle());
    const int system = handle() == nullptr ? 0 : sqlite3_system_errno(handle());
    if (system != 0 && (m_failure_code == SQLITE_IOERR || m_failure_code == SQLITE_CANTOPEN || m_failure_code == SQLITE_FULL))
        said += fmt::format(" ({})", std::strerror(system));
    Error error{Error::Kind::internal, fmt::format("state database {}: {}", m_path, said), {}};
    for (const auto& advice : k_advice) {
        if (advice.code != m_failure_code) continue;
        error.kind = advice.kind;
        error.hint = advice.hint;
    }
    return error;
}

Result<Transaction> Transaction::begin(Connection& connection)
{
    SEAWORTHY_TRY(connection.run("BEGIN IMMEDIATE"));
    return Transaction{connection};
}

Transaction::Transaction(Transaction&& other) noexcept : m_connection(std::exchange(other.m_connection, nullptr)) {}

Transaction::~Transaction()
{
    // After some errors SQLite has rolled back on its own.
    if (m_connection != nullptr && sqlite3_get_autocommit(m_connection->handle()) == 0) (void)m_connection->run("ROLLBACK");
}

Result<void> Transaction::commit()
{
    SEAWORTHY_TRY(m_connection->run("COMMIT"));
    m_connection = nullptr;
    return {};
}

} // namespace seaworthy::state
