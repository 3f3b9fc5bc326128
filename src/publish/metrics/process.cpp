// SPDX-License-Identifier: Apache-2.0
#include "publish/metrics/process.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

namespace seaworthy::publish {

namespace {

/// Fields of /proc/self/stat from the third on (proc(5)): the second, the program's name, may hold blanks and parentheses.
std::vector<double> read_stat()
{
    std::ifstream file{"/proc/self/stat"};
    std::string line;
    std::getline(file, line);
    const auto end_of_name = line.rfind(')');
    if (end_of_name == std::string::npos) return {};
    std::istringstream rest{line.substr(end_of_name + 1)};
    std::vector<double> fields;
    std::string state;
    rest >> state;
    for (double field = 0; rest >> field;)
        fields.push_back(field);
    return fields;
}

std::optional<double> boot_time()
{
    std::ifstream file{"/proc/stat"};
    for (std::string word; file >> word;)
        if (double value = 0; word == "btime" && file >> value) return value;
    return std::nullopt;
}

std::optional<double> count_open_fds()
{
    std::error_code error;
    double count = 0;
    for (std::filesystem::directory_iterator entry{"/proc/self/fd", error}, end; !error && entry != end; entry.increment(error))
        ++count;
    if (error) return std::nullopt;
    return count - 1; // the one that reads the directory
}

} // namespace

ProcessFacts read_process_facts()
{
    ProcessFacts facts;
    // Positions in proc(5) count from 1; the vector begins with field 4.
    constexpr std::size_t k_utime = 14 - 4;
    constexpr std::size_t k_stime = 15 - 4;
    constexpr std::size_t k_starttime = 22 - 4;
    constexpr std::size_t k_vsize = 23 - 4;
    constexpr std::size_t k_rss = 24 - 4;
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    if (const auto stat = read_stat(); stat.size() > k_rss && ticks > 0) {
        facts.cpu_seconds = (stat[k_utime] + stat[k_stime]) / ticks;
        facts.virtual_bytes = stat[k_vsize];
        facts.resident_bytes = stat[k_rss] * static_cast<double>(sysconf(_SC_PAGESIZE));
        if (const auto boot = boot_time()) facts.start_time_seconds = *boot + stat[k_starttime] / ticks;
    }
    facts.open_fds = count_open_fds();
    if (rlimit limit{}; getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = static_cast<double>(limit.rlim_cur);
    return facts;
}

} // namespace seaworthy::publish
