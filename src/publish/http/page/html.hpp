// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "publish/encoding/escape.hpp"
#include "seaworthy/base/text.hpp"

namespace seaworthy::publish {

/// A part of a URL that comes from data.
struct Url {
    std::string_view text;
};

/// HTML in the making. String literals are markup and go in as they are; every other string is data and is escaped. There is no way to put
/// a run-time string in as markup, so no name from a cluster can become any.
class Html {
public:
    template <std::size_t size>
    Html& operator<<(const char (&markup)[size])
    {
        m_text.append(markup, size - 1);
        return *this;
    }
    Html& operator<<(std::string_view data)
    {
        append_html(m_text, data);
        return *this;
    }
    Html& operator<<(const std::string& data) { return *this << std::string_view{data}; }
    Html& operator<<(Text data) { return *this << data.view(); }
    Html& operator<<(Url data)
    {
        append_url(m_text, data.text);
        return *this;
    }
    template <std::integral Number>
    requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) Html& operator<<(Number number)
    {
        m_text += std::to_string(number);
        return *this;
    }
    /// Markup that was made the same way.
    Html& operator<<(const Html& other)
    {
        m_text += other.m_text;
        return *this;
    }

    [[nodiscard]] bool empty() const { return m_text.empty(); }
    [[nodiscard]] std::string take() && { return std::move(m_text); }

private:
    std::string m_text;
};

} // namespace seaworthy::publish
