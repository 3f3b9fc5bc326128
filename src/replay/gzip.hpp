// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <zlib.h>

#include "replay/answer.hpp"

namespace seaworthy::replay {

/// Compresses what passes through, at the level that kube-apiserver uses.
class Gzip {
public:
    explicit Gzip(const Emit& next);
    ~Gzip();
    Gzip(const Gzip&) = delete;
    Gzip& operator=(const Gzip&) = delete;

    [[nodiscard]] bool write(std::string_view bytes) { return pass(bytes, Z_NO_FLUSH); }
    [[nodiscard]] bool finish() { return pass({}, Z_FINISH); }

private:
    [[nodiscard]] bool pass(std::string_view bytes, int flush);

    const Emit& m_next;
    z_stream m_stream{};
};

} // namespace seaworthy::replay
