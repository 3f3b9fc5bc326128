// SPDX-License-Identifier: Apache-2.0
#include "app/config_watch.hpp"

#include <utility>

#include <sys/stat.h>

namespace seaworthy::app {

ConfigWatch::ConfigWatch(std::string file) : m_file(std::move(file)), m_last(look(m_file)) {}

ConfigWatch::Stamp ConfigWatch::look(const std::string& file)
{
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    struct stat status {};
    if (file.empty() || stat(file.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec * nanoseconds + status.st_mtim.tv_nsec};
}

bool ConfigWatch::changed()
{
    const auto now = look(m_file);
    if (now.size < 0 || now == m_last) return false;
    m_last = now;
    return true;
}

} // namespace seaworthy::app
