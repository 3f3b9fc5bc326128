// SPDX-License-Identifier: Apache-2.0
// SQLite as this module uses it: cached statements, arguments in order, errors as Results.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <sqlite3.h>

#include "seaworthy/base/error.hpp"

namespace seaworthy::state {

class Connection;

/// A statement at work: from its arguments to its last row. One at a time for the same SQL; ends with this object.
class Query {
public:
    Query(Connection& connection, sqlite3_stmt* statement) : m_connection(connection), m_statement(statement) {}
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    void bind(int position, std::int64_t value);
    void bind(int position, std::string_view value);

    /// True: a row is there to be read.
    [[nodiscard]] Result<bool> step();
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string text(int column) const;

private:
    Connection& m_connection;
    sqlite3_stmt* m_statement; ///< owned by the connection; nullptr: it could not be prepared, which step() tells
    int m_bound = SQLITE_OK;
};

/// The first column of all rows.
[[nodiscard]] Result<std::vector<std::int64_t>> numbers_of(Query query);

/// One open database. Not thread-safe.
class Connection {
public:
    Connection() = default;

    Result<void> open(const std::string& path);
    /// Ends all transactions and statements, and gives the lock up.
    void close();

    /// `sql` is a literal: it is prepared once.
    template <typename... Arguments>
    [[nodiscard]] Query query(std::string_view sql, const Arguments&... arguments)
    {
        Query query{*this, prepared(sql)};
        int position = 0;
        (bind(query, ++position, arguments), ...);
        return query;
    }
    /// For statements whose rows nobody reads.
    template <typename... Arguments>
    Result<void> run(std::string_view sql, const Arguments&... arguments)
    {
        auto rows = query(sql, arguments...);
        for (;;) {
            const auto row = rows.step();
            if (!row) return tl::make_unexpected(row.error());
            if (!*row) return {};
        }
    }
    /// The first column of the first row; nothing without a row.
    template <typename... Arguments>
    [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view sql, const Arguments&... arguments)
    {
        auto rows = query(sql, arguments...);
        const auto row = rows.step();
        if (!row) return tl::make_unexpected(row.error());
        return *row ? std::optional{rows.number(0)} : std::nullopt;
    }
    /// As number(); 0 without a row.
    template <typename... Arguments>
    [[nodiscard]] Result<std::int64_t> count(std::string_view sql, const Arguments&... arguments)
    {
        const auto found = number(sql, arguments...);
        if (!found) return tl::make_unexpected(found.error());
        return found->value_or(0);
    }
    /// Statements that are run once, one after the other, without arguments.
    Result<void> script(const std::string& sql);

    /// Rows that the last statement changed.
    [[nodiscard]] std::int64_t changes() const;
    /// SQLite's result code of the last failure, without its extension.
    [[nodiscard]] int failure_code() const { return m_failure_code; }
    void forget_failure() { m_failure_code = SQLITE_OK; }
    /// What SQLite says about the call that has just given `code`.
    [[nodiscard]] Error error(int code);
    [[nodiscard]] const std::string& path() const { return m_path; }
    [[nodiscard]] sqlite3* handle() const { return m_handle.get(); }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };

    static void bind(Query& query, int position, std::integral auto value) { query.bind(position, static_cast<std::int64_t>(value)); }
    static void bind(Query& query, int position, std::string_view value) { query.bind(position, value); }
    [[nodiscard]] sqlite3_stmt* prepared(std::string_view sql);

    std::string m_path;
    std::unique_ptr<sqlite3, Close> m_handle;
    std::unordered_map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalize>> m_statements; ///< end before m_handle
    int m_failure_code = SQLITE_OK;
};

/// Undone at its end unless committed.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> begin(Connection& connection);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Result<void> commit();

private:
    explicit Transaction(Connection& connection) : m_connection(&connection) {}
    Connection* m_connection;
};

} // namespace seaworthy::state
