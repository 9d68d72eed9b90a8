"""Runs a command for as long as the process that asked for it lives.

`python supervise.py PARENT SIGNAL USER COMMAND…`: PARENT is the pid of that process, which may be killed in any way.
The command is then sent SIGNAL, and killed where that does not help. An empty USER is the one who calls.

Two things tell of the end: a word on standard input, or its end; or that somebody else has become the parent, for
children of the one that died may still hold the pipe open. Where this process is killed itself, Linux ends the
command; elsewhere nobody does.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import threading

GRACE = 5.0  #: seconds between asking the command to end and killing it
LOOK_EVERY = 0.2  #: seconds
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> int:
    parent, ending, user = int(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3] or None
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def die_with_us() -> None:  # runs after the change of user, which would undo it
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, ending)

    child = subprocess.Popen(sys.argv[4:], stdin=subprocess.DEVNULL, user=user, preexec_fn=die_with_us)

    def end_with_the_parent() -> None:
        while os.getppid() == parent and not select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
            """It lives, and keeps the pipe open."""
        child.send_signal(ending)
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=end_with_the_parent, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
