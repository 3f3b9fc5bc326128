// SPDX-License-Identifier: Apache-2.0
// A disk that fails when a test says so, below SQLite and above the real one.
#pragma once

#include <cstdint>
#include <memory>

namespace seaworthy::test {

/// As long as it lives, SQLite's files go through it. Only writes, truncations and syncs count as operations; syncs do nothing else.
class FaultyDisk {
public:
    enum class Fault {
        error_once, ///< EIO
        errors,     ///< EIO, that one and all that follow
        full,       ///< ENOSPC for all writes that would make a file longer, from that one on
        power_loss, ///< nothing reaches the disk any more
    };

    FaultyDisk();
    ~FaultyDisk();
    FaultyDisk(const FaultyDisk&) = delete;
    FaultyDisk& operator=(const FaultyDisk&) = delete;

    /// Lets the `operation`th operation from now on meet the fault, counted from 1.
    void plan(Fault fault, int operation);
    /// Works again.
    void repair();
    /// Whether the planned operation was reached.
    [[nodiscard]] bool struck() const;
    /// After a power loss, and once all files are closed: takes back what was written since the last sync of each file. Of these writes some
    /// had reached the disk all the same, which `seed` decides.
    void restore(std::uint32_t seed);

    struct State; ///< of the implementation

private:
    std::unique_ptr<State> m_state;
};

} // namespace seaworthy::test
