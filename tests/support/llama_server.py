"""llama.cpp's own server, as a program: `python llama_server.py WEIGHTS PORT`. A signal ends it."""

from __future__ import annotations

import signal
import sys

import xllamacpp

if __name__ == "__main__":
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.port = int(sys.argv[2])
    params.n_ctx = 4096
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    signal.pause()
