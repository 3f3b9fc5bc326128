// SPDX-License-Identifier: Apache-2.0
#include "faulty_disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace seaworthy::test {
namespace {

/// What a write destroyed.
struct Before {
    sqlite3_int64 size = 0; ///< of the file
    sqlite3_int64 offset = 0;
    std::string content;
};

} // namespace

struct FaultyDisk::State {
    enum class Kind { write, other };

    sqlite3_vfs vfs{};
    sqlite3_vfs* real = nullptr;
    Fault fault = Fault::error_once;
    int left = 0; ///< operations until the fault; 0: none is planned
    bool struck = false;
    bool broken = false;
    std::map<std::string, std::vector<Before>> unsynced; ///< by path

    /// What an operation gives.
    int meet(Kind kind, bool lengthens)
    {
        if (left > 0 && --left == 0) struck = broken = true;
        if (!broken) return SQLITE_OK;
        switch (fault) {
        case Fault::error_once: broken = false; break;
        case Fault::errors:
        case Fault::power_loss: break;
        case Fault::full: return kind == Kind::write && lengthens ? SQLITE_FULL : SQLITE_OK;
        }
        return kind == Kind::write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
    }
};

namespace {

struct File {
    sqlite3_file base;
    void* disk;
    const char* path; ///< SQLite keeps it as long as the file is open
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& file_of(sqlite3_file* file)
{
    return *reinterpret_cast<File*>(file);
}

} // namespace

// Functions of the interface that SQLite calls; those that pass through are in the table below.
struct FaultyDiskCalls {
    static FaultyDisk::State& disk(File& file) { return *static_cast<FaultyDisk::State*>(file.disk); }

    static void remember(File& file, sqlite3_int64 offset, sqlite3_int64 bytes)
    {
        if (file.path == nullptr) return;
        Before before{.offset = offset};
        file.real()->pMethods->xFileSize(file.real(), &before.size);
        const auto there = std::clamp<sqlite3_int64>(before.size - offset, 0, bytes);
        before.content.resize(static_cast<std::size_t>(there));
        if (there > 0) file.real()->pMethods->xRead(file.real(), before.content.data(), static_cast<int>(there), offset);
        disk(file).unsynced[file.path].push_back(std::move(before));
    }

    static int write(sqlite3_file* handle, const void* data, int bytes, sqlite3_int64 offset)
    {
        auto& file = file_of(handle);
        sqlite3_int64 size = 0;
        file.real()->pMethods->xFileSize(file.real(), &size);
        if (const int code = disk(file).meet(FaultyDisk::State::Kind::write, offset + bytes > size); code != SQLITE_OK) return code;
        remember(file, offset, bytes);
        return file.real()->pMethods->xWrite(file.real(), data, bytes, offset);
    }

    static int truncate(sqlite3_file* handle, sqlite3_int64 size)
    {
        auto& file = file_of(handle);
        if (const int code = disk(file).meet(FaultyDisk::State::Kind::other, false); code != SQLITE_OK) return code;
        sqlite3_int64 before = 0;
        file.real()->pMethods->xFileSize(file.real(), &before);
        if (before > size) remember(file, size, before - size);
        return file.real()->pMethods->xTruncate(file.real(), size);
    }

    static int sync(sqlite3_file* handle, int /*flags*/)
    {
        auto& file = file_of(handle);
        if (const int code = disk(file).meet(FaultyDisk::State::Kind::other, false); code != SQLITE_OK) return code;
        if (file.path != nullptr) disk(file).unsynced.erase(file.path);
        return SQLITE_OK;
    }

    static int close(sqlite3_file* handle)
    {
        auto& file = file_of(handle);
        return file.real()->pMethods->xClose(file.real());
    }

    template <auto Method, typename... Arguments>
    static int pass(sqlite3_file* handle, Arguments... arguments)
    {
        auto& file = file_of(handle);
        return (file.real()->pMethods->*Method)(file.real(), arguments...);
    }

    static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* handle, int flags, int* given)
    {
        using Methods = sqlite3_io_methods;
        static const Methods k_methods = {
            .iVersion = 1, // without shared memory, as a lock of one's own needs none
            .xClose = close,
            .xRead = pass<&Methods::xRead, void*, int, sqlite3_int64>,
            .xWrite = write,
            .xTruncate = truncate,
            .xSync = sync,
            .xFileSize = pass<&Methods::xFileSize, sqlite3_int64*>,
            .xLock = pass<&Methods::xLock, int>,
            .xUnlock = pass<&Methods::xUnlock, int>,
            .xCheckReservedLock = pass<&Methods::xCheckReservedLock, int*>,
            .xFileControl = pass<&Methods::xFileControl, int, void*>,
            .xSectorSize = pass<&Methods::xSectorSize>,
            .xDeviceCharacteristics = pass<&Methods::xDeviceCharacteristics>,
        };
        auto& file = file_of(handle);
        auto& state = *static_cast<FaultyDisk::State*>(vfs->pAppData);
        file.base.pMethods = nullptr;
        file.disk = &state;
        file.path = path;
        const int code = state.real->xOpen(state.real, path, file.real(), flags, given);
        if (file.real()->pMethods != nullptr) file.base.pMethods = &k_methods;
        return code;
    }
};

FaultyDisk::FaultyDisk() : m_state(std::make_unique<State>())
{
    auto& state = *m_state;
    state.real = sqlite3_vfs_find(nullptr);
    state.vfs = *state.real;
    state.vfs.pNext = nullptr;
    state.vfs.zName = "faulty";
    state.vfs.szOsFile = static_cast<int>(sizeof(File)) + state.real->szOsFile;
    state.vfs.pAppData = &state;
    state.vfs.xOpen = FaultyDiskCalls::open;
    // The others are called with this vfs, and use nothing of it but its pAppData, which they must not take for theirs.
    state.vfs.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync) {
        auto* const real = static_cast<FaultyDisk::State*>(vfs->pAppData)->real;
        return real->xDelete(real, path, sync);
    };
    state.vfs.xAccess = [](sqlite3_vfs* vfs, const char* path, int flags, int* result) {
        auto* const real = static_cast<FaultyDisk::State*>(vfs->pAppData)->real;
        return real->xAccess(real, path, flags, result);
    };
    state.vfs.xFullPathname = [](sqlite3_vfs* vfs, const char* path, int bytes, char* full) {
        auto* const real = static_cast<FaultyDisk::State*>(vfs->pAppData)->real;
        return real->xFullPathname(real, path, bytes, full);
    };
    sqlite3_vfs_register(&state.vfs, 1);
}

FaultyDisk::~FaultyDisk()
{
    sqlite3_vfs_unregister(&m_state->vfs);
    sqlite3_vfs_register(m_state->real, 1);
}

void FaultyDisk::plan(Fault fault, int operation)
{
    m_state->fault = fault;
    m_state->left = operation;
    m_state->struck = m_state->broken = false;
}

void FaultyDisk::repair()
{
    m_state->left = 0;
    m_state->broken = false;
}

bool FaultyDisk::struck() const
{
    return m_state->struck;
}

void FaultyDisk::restore(std::uint32_t seed)
{
    std::minstd_rand random{seed};
    for (auto& [path, writes] : m_state->unsynced) {
        if (!std::filesystem::exists(path)) continue;
        std::ranges::reverse(writes);
        for (const auto& before : writes) {
            if (random() % 4 == 0) continue;
            std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
            file.seekp(before.offset);
            file << before.content;
            file.close();
            const auto size = static_cast<std::uintmax_t>(before.size);
            if (std::filesystem::file_size(path) > size) std::filesystem::resize_file(path, size);
        }
    }
    m_state->unsynced.clear();
    repair();
}

} // namespace seaworthy::test
