"""Conversations are heard on threads of their own."""

from __future__ import annotations

import threading
from pathlib import Path

import anyio
import anyio.to_thread

from pansori.api.deps import Server
from pansori.bootstrap import assemble
from pansori.settings import Settings


def test_who_is_slow_to_understand_keeps_no_other_request_waiting(tmp_path: Path) -> None:
    services = assemble(Settings(data_dir=tmp_path))
    server, understood = Server(services), threading.Event()

    async def both() -> str:
        limiter = anyio.to_thread.current_default_thread_limiter()
        async with anyio.create_task_group() as tasks:
            for _ in range(2):
                tasks.start_soon(server.listening.work, 0.0, understood.wait)
            await anyio.wait_all_tasks_blocked()
            borrowed = limiter.borrowed_tokens
            understood.set()
        assert borrowed == 0
        return await server.listening.work(0.0, lambda: "heard")

    try:
        assert anyio.run(both) == "heard"
    finally:
        services.close()
