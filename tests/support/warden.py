"""Ends what tests have started when the tests are gone, however that happened.

`python warden.py PARENT`: PARENT is the pid of the tests' process. A line on standard input is the pid of a process
that leads a session; `-` before it: that one is over. Of the others every member is killed when the tests have ended.
Children of the tests that outlive them may hold the pipe open, so that somebody else has become the parent counts too.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys

LOOK_EVERY = 0.5  #: seconds


def main() -> None:
    parent, leaders, heard = int(sys.argv[1]), set[bytes](), b""
    while True:
        alive = os.getppid() == parent
        if not select.select([sys.stdin], [], [], LOOK_EVERY if alive else 0.0)[0]:
            if alive:
                continue
            break
        if not (more := os.read(sys.stdin.fileno(), 4096)):
            break
        *lines, heard = (heard + more).split(b"\n")
        for line in lines:
            if line.startswith(b"-"):
                leaders.discard(line[1:])
            else:
                leaders.add(line)
    listed = subprocess.run(["ps", "-A", "-o", "pid=,sess="], capture_output=True, check=False).stdout
    for pid, session in map(bytes.split, listed.splitlines()):
        if session in leaders:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


if __name__ == "__main__":
    main()
