// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seaworthy::app {

/// What the two output streams can show. NO_COLOR (non-empty), TERM=dumb and anything that is no terminal switch colour and progress off.
struct Terminal {
    bool color = false;    ///< on standard output
    bool progress = false; ///< on standard error
    bool unicode = true;   ///< the locale is UTF-8
    int width = 0;         ///< columns of standard output; 0: no terminal

    [[nodiscard]] static Terminal of_this_process();
};

} // namespace seaworthy::app
