"""Conversations are heard, and turns carried out, on threads of their own."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import anyio
import anyio.to_thread

from pansori.api.deps import TALKING_AT_ONCE, Server
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


def test_an_account_with_many_slow_turns_keeps_no_other_waiting_behind_them(tmp_path: Path) -> None:
    services = assemble(Settings(data_dir=tmp_path))
    server, answered = Server(services), threading.Event()
    one, other = uuid4(), uuid4()

    async def talk() -> str | None:
        said = None
        async with anyio.create_task_group() as tasks:
            for _ in range(2 * TALKING_AT_ONCE):
                tasks.start_soon(server.talk, one, answered.wait)
            await anyio.wait_all_tasks_blocked()
            with anyio.move_on_after(60.0):
                said = await server.talk(other, lambda: "answered")
            answered.set()
        return said

    try:
        assert anyio.run(talk) == "answered"
    finally:
        services.close()
