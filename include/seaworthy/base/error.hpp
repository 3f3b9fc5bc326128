// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace seaworthy {

/// What went wrong, in words for the person who has to act on it.
struct Error {
    enum class Kind {
        usage,         ///< wrong flags or configuration; exit code 2
        invalid_input, ///< a document that cannot be read
        unreachable,   ///< no connection, DNS, TLS, time-out
        unauthorized,  ///< HTTP 401, or no usable credentials
        forbidden,     ///< HTTP 403
        not_found,     ///< HTTP 404, or a missing file
        protocol,      ///< an answer that breaks the protocol or a limit of ours
        cancelled,     ///< shutdown or deadline
        internal,
    };

    Kind kind = Kind::internal;
    std::string message; ///< one sentence that names the file, host, object or field
    std::string hint;    ///< the next step to take; empty when there is none
};

template <typename T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

[[nodiscard]] inline Failure failure(Error::Kind kind, std::string message, std::string hint = {})
{
    return Failure{Error{kind, std::move(message), std::move(hint)}};
}

} // namespace seaworthy

/// Evaluates an expression that gives a Result<void>; returns its error from the enclosing function.
#define SEAWORTHY_TRY(expression)                                                                                                                    \
    do {                                                                                                                                             \
        if (auto try_result = (expression); !try_result) return tl::make_unexpected(std::move(try_result).error());                                  \
    } while (false)
