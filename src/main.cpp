// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <string>
#include <vector>

#include "app/process.hpp"
#include "app/run.hpp"

int main(int argc, char** argv)
{
    seaworthy::app::harden_process();
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    return seaworthy::app::run(arguments, std::cin, std::cout, std::cerr);
}
