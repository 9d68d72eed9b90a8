"""Runs a command for as long as somebody holds this process's standard input open.

`python supervise.py SIGNAL USER COMMAND…`: whoever started it may be killed in any way; the pipe then closes, and the
command is sent SIGNAL, and killed where that does not help. An empty USER is the one who calls.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

GRACE = 5.0  #: seconds between asking the command to end and killing it


def main() -> int:
    ending = signal.Signals[sys.argv[1]]
    child = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL, user=sys.argv[2] or None)

    def end_with_the_pipe() -> None:
        sys.stdin.buffer.read()
        child.send_signal(ending)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=end_with_the_pipe, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
