"""Conversations are heard, and turns carried out, on threads of their own."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import UUID, uuid4

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


def test_an_account_with_many_slow_turns_keeps_no_other_waiting_behind_them_all(tmp_path: Path) -> None:
    services = assemble(Settings(data_dir=tmp_path))
    server, answered, turn = Server(services), threading.Event(), threading.Semaphore(0)
    one, other = uuid4(), uuid4()
    order: list[UUID] = []

    def answer(owner: UUID) -> None:
        order.append(owner)
        answered.wait() if len(order) < TALKING_AT_ONCE else turn.acquire()

    async def talk() -> None:
        async with anyio.create_task_group() as tasks:
            for owner in (*[one] * 2 * TALKING_AT_ONCE, other):
                tasks.start_soon(server.talk, owner, answer, owner)
            while len(order) < TALKING_AT_ONCE:
                await anyio.sleep(0.001)
            await anyio.wait_all_tasks_blocked()
            turn.release()
            while len(order) == TALKING_AT_ONCE:
                await anyio.sleep(0.001)
            answered.set()
            turn.release(len(order) + 2 * TALKING_AT_ONCE)

    try:
        anyio.run(talk)
        assert order[TALKING_AT_ONCE] == other
    finally:
        services.close()
