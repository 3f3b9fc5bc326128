# SPDX-License-Identifier: Apache-2.0
"""What a program says on a terminal, as a page: its colours as styles."""
import fcntl
import html
import os
import pty
import re
import struct
import subprocess
import termios

STYLES = {"1": "font-weight:700", "2": "color:#8b99a8", "31": "color:#ff7b86", "32": "color:#5fd39a", "33": "color:#f0bf5a", "35": "color:#b69cf5"}
PAGE = """<!doctype html><meta charset=utf-8><title>terminal</title><style>
body { margin: 0; background: #0b1420; color: #dfe7ef; }
pre { margin: 0; padding: 22px 26px; font: 14px/1.4 "DejaVu Sans Mono", monospace; }
</style><pre>%s</pre>"""


def said_on_a_terminal(command, columns, environment):
    """The output of a command that is told that it writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, env={**environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"})
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    process.wait()
    return said.decode().replace("\r\n", "\n")


def page_of(text, lines):
    """The first lines as an HTML page."""
    out = []
    for piece in re.split(r"(\x1b\[[0-9;]*m)", "\n".join(text.split("\n")[:lines])):
        code = re.fullmatch(r"\x1b\[([0-9;]*)m", piece)
        if not code:
            out.append(html.escape(piece))
        elif code.group(1) in ("", "0"):
            out.append("</span>")
        else:
            out.append('<span style="%s">' % ";".join(STYLES[one] for one in code.group(1).split(";")))
    return PAGE % "".join(out)
