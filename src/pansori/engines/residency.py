"""Models in memory: loaded on use, shared by all who use them, unloaded when nobody has for a while."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pansori import telemetry
from pansori.domain.errors import Cancelled, EngineUnavailable, NotEnoughMemory, PansoriError, Text
from pansori.domain.units import Bytes, Seconds
from pansori.engines.memory import Memory, give_back, memory

T = TypeVar("T")
Why = Literal["idle", "room", "asked"]
log = logging.getLogger(__name__)

LOOK = Seconds(0.1)  #: between two looks of one who waits for another's load
MOMENT = Seconds(1.0)  #: within which who used a model lets go of it
FOREVER = Seconds(-1.0)  #: of `ttl`: the model stays until the process ends


@dataclass(frozen=True)
class Resident:
    """A model that is loaded. `idle`: how long nobody has used it; None: somebody does."""

    key: str
    memory: Bytes
    users: int
    idle: Seconds | None


@dataclass(frozen=True)
class Tally:
    """What has happened since the process began. `refused`: loads that there was no memory for."""

    loads: int = 0
    unloads: int = 0
    refused: int = 0


@dataclass(eq=False)
class _Place:
    """Of one model: being loaded while `model` is not done."""

    key: str
    memory: Bytes
    ttl: Seconds
    unload: Callable[[Any], None] | None
    model: Future[Any] = field(default_factory=Future)
    users: int = 1
    left: float = 0.0
    """When its last user left it, on the monotonic clock."""
    reserved: bool = False
    """Memory was found for it and is not taken yet."""

    @property
    def idle(self) -> bool:
        return self.users == 0 and self.model.done()

    @property
    def expires(self) -> float:
        return self.left + self.ttl if self.idle and self.ttl >= 0 else float("inf")


class _Abandoned(Exception):
    """Who loaded was called off; somebody else may load."""


class Residency:
    """The models of one process, whichever engines they belong to. Any thread may call anything.

    `measure` tells how much memory there is.
    """

    def __init__(self, measure: Callable[[], Memory] = memory) -> None:
        self._measure = measure
        self._begin()

    def _begin(self) -> None:
        self._places: dict[str, _Place] = {}
        self._tally = Tally()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._janitor: threading.Thread | None = None
        self._dropped: deque[_Place] = deque()

    @contextmanager
    def hold(
        self,
        key: str,
        load: Callable[[], T],
        *,
        memory: Bytes,
        ttl: Seconds,
        unload: Callable[[T], None] | None = None,
        look: Callable[[], None] = lambda: None,
    ) -> Iterator[T]:
        """The model called `key`, loaded by `load` unless it is there, and kept while the block runs.

        `key` says all that the model depends on, as it is shown to people: `faster_whisper base int8`. `memory`: what
        it takes of this machine's, at its peak; 0 where it lies elsewhere, as on a GPU. `ttl`: how long it stays after
        its last use, `PANSORI_MODEL_IDLE_TTL`. `unload`: what has to be done beyond letting go of the last reference.
        `look` is called several times a second while another thread loads the same; what it raises ends the wait.

        Where memory is short, models that nobody uses are unloaded first, the longest idle first. A `load` that finds
        a GPU's memory short raises `NotEnoughMemory`: it is tried once more without them. Raises `NotEnoughMemory`,
        `EngineUnavailable` for what would never fit, and what `load` raises, to all who waited for it.
        """
        place, model = self._take(key, load, memory, ttl, unload, look)
        leave = self._leave
        try:
            yield model
        except GeneratorExit:
            leave = self._drop
            raise
        finally:
            del model
            leave(place)

    def loaded(self) -> tuple[Resident, ...]:
        """What is there now, by key."""
        now = time.monotonic()
        with self._locked():
            done = [place for place in self._places.values() if place.model.done()]
            return tuple(
                Resident(one.key, one.memory, one.users, None if one.users else Seconds(now - one.left))
                for one in sorted(done, key=lambda place: place.key)
            )

    def tally(self) -> Tally:
        with self._locked():
            return self._tally

    def clear(self) -> None:
        """Unload what nobody uses now."""
        with self._locked():
            idle = [place for place in self._places.values() if place.idle]
            for place in idle:
                del self._places[place.key]
        for place in idle:
            self._unload(place, "asked")

    def forget(self) -> None:
        """In a process that was just forked: what its parent had loaded is not to be used or unloaded here."""
        self._begin()

    # -- taking and leaving ------------

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        finally:
            self._settle()

    def _drop(self, place: _Place) -> None:
        """Leave it for one who lost it. The garbage collector calls this, at any moment of any thread, which may hold
        the lock itself: so nothing is waited for."""
        self._dropped.append(place)
        self._settle()

    def _settle(self) -> None:
        """Count what was dropped. Where the lock is held, its holder does, once it has let go of it."""
        while self._dropped and self._lock.acquire(blocking=False):
            try:
                place = self._dropped.popleft() if self._dropped else None
                over = place is not None and self._left(place)
            finally:
                self._lock.release()
            if over:
                threading.Thread(target=self._unload_unused, args=(place,), name="unload", daemon=True).start()

    def _take(
        self,
        key: str,
        load: Callable[[], T],
        memory: Bytes,
        ttl: Seconds,
        unload: Callable[[T], None] | None,
        look: Callable[[], None],
    ) -> tuple[_Place, T]:
        while True:
            with self._locked():
                place = self._places.get(key)
                if place is None:
                    mine = self._places[key] = _Place(key, memory, ttl, unload)
                    break
                place.users += 1
                place.ttl = ttl
            try:
                return place, _wait(place, look)
            except _Abandoned:
                continue
            except BaseException:
                self._leave(place)
                raise
        return mine, self._load(mine, load)

    def _leave(self, place: _Place) -> None:
        with self._locked():
            over = self._left(place)
        if over:
            self._unload_unused(place)

    def _left(self, place: _Place) -> bool:
        """Count one user less. Whether it is to be unloaded at once, by a `ttl` of 0. The lock is held."""
        place.users -= 1
        place.left = time.monotonic()
        idle = place.idle and self._places.get(place.key) is place  # it is not there where its load failed
        over = idle and place.expires <= place.left
        if over:
            del self._places[place.key]
        elif idle:
            self._watch()
        return over

    def _unload_unused(self, place: _Place) -> None:
        self._unload(place, "idle")
        later = threading.Timer(MOMENT, give_back)  # who used it may be the last to let go of it
        later.daemon = True
        later.start()

    # -- loading ------------

    def _load(self, place: _Place, load: Callable[[], T]) -> T:
        try:
            with telemetry.span("load model", "internal", {"pansori.model": place.key}):
                model = self._load_with_room(place, load)
        except BaseException as error:
            with self._locked():
                del self._places[place.key]
                if isinstance(error, NotEnoughMemory):
                    self._count(refused=1)
            shared = isinstance(error, Exception) and not isinstance(error, Cancelled)
            place.model.set_exception(error if shared else _Abandoned())
            raise
        with self._locked():
            place.reserved = False
            self._count(loads=1)
            place.model.set_result(model)
        return model

    def _load_with_room(self, place: _Place, load: Callable[[], T]) -> T:
        self._make_room(place)
        begun = time.monotonic()
        try:
            model = load()
        except (NotEnoughMemory, MemoryError) as error:
            if not self._drop_oldest():
                raise _as_told(place, error) from error
            while self._drop_oldest():
                pass
            try:
                model = load()
            except (NotEnoughMemory, MemoryError) as again:
                raise _as_told(place, again) from again
        log.info("loaded %s in %.2f s (%s)", place.key, time.monotonic() - begun, _size(place.memory))
        return model

    def _make_room(self, place: _Place) -> None:
        if place.memory == 0:
            return
        while True:
            with self._locked():
                found = self._measure()  # here: what is no longer reserved has been taken, and is seen
                promised = sum(other.memory for other in self._places.values() if other.reserved)
                if found.free - promised >= place.memory:
                    place.reserved = True
                    return
            if place.memory > found.whole:
                raise never_fits(place.key, place.memory, found.whole)
            if not self._drop_oldest():
                raise no_memory(place.key, place.memory, Bytes(max(0, found.free - promised)))

    # -- unloading ------------

    def _drop_oldest(self) -> bool:
        """Unload what was idle for longest. False: there is nothing idle."""
        with self._locked():
            idle = [place for place in self._places.values() if place.idle]
            if not idle:
                return False
            oldest = min(idle, key=lambda place: place.left)
            del self._places[oldest.key]
        self._unload(oldest, "room")
        return True

    def _unload(self, place: _Place, why: Why) -> None:
        """Let go of a model that is no longer among the places."""
        model, place.model = place.model.result(), Future()
        if place.unload is not None:
            try:
                place.unload(model)
            except Exception:  # the model is gone for us all the same, and who waits for room has done nothing wrong
                log.exception("%s could not be unloaded in good order", place.key)
        del model
        give_back()
        with self._locked():
            self._count(unloads=1)
        log.info("unloaded %s (%s)", place.key, why)

    def _watch(self) -> None:
        """Have a thread that unloads what expires, from now on until nothing does. The lock is held."""
        if self._janitor is None:
            self._janitor = threading.Thread(target=self._unload_expired, name="residency", daemon=True)
            self._janitor.start()
        self._changed.notify()

    def _unload_expired(self) -> None:
        while True:
            with self._locked():
                now = time.monotonic()
                over = [place for place in self._places.values() if place.expires <= now]
                for place in over:
                    del self._places[place.key]
                if not over:
                    soonest = min((place.expires for place in self._places.values()), default=float("inf"))
                    if soonest == float("inf"):
                        self._janitor = None
                        return
                    self._changed.wait(soonest - now)
                    continue
            for place in over:
                self._unload(place, "idle")

    def _count(self, *, loads: int = 0, unloads: int = 0, refused: int = 0) -> None:
        was = self._tally
        self._tally = Tally(was.loads + loads, was.unloads + unloads, was.refused + refused)


def _wait(place: _Place, look: Callable[[], None]) -> Any:
    """The model that another thread loads. Raises what its load raised."""
    while True:
        try:
            return place.model.result(timeout=LOOK)
        except TimeoutError:
            if place.model.done():  # the load itself raised it
                return place.model.result()
            look()


# -- words ------------


def _size(size: Bytes) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.0f} MiB"


def no_memory(key: str, needed: Bytes, free: Bytes) -> NotEnoughMemory:
    return NotEnoughMemory(
        Text(
            f"There is not enough memory for {key}: it needs {_size(needed)}, and {_size(free)} are free.",
            f"{key} 모델을 올릴 메모리가 모자라요: {_size(needed)} 필요한데 {_size(free)} 남았어요.",
        ),
        cure=Text(
            "Choose a smaller model, run fewer workers (PANSORI_WORKERS), or let models go sooner "
            "(PANSORI_MODEL_IDLE_TTL).",
            "더 작은 모델을 고르거나, 작업자 수(PANSORI_WORKERS)를 줄이거나, 모델이 더 빨리 내려가게"
            "(PANSORI_MODEL_IDLE_TTL) 하세요.",
        ),
    )


def never_fits(key: str, needed: Bytes, whole: Bytes) -> EngineUnavailable:
    return EngineUnavailable(
        Text(
            f"{key} needs {_size(needed)} of memory; this machine has {_size(whole)}.",
            f"{key} 모델은 메모리가 {_size(needed)} 필요한데 이 컴퓨터에는 {_size(whole)}뿐이에요.",
        ),
        cure=Text("Choose a smaller model.", "더 작은 모델을 고르세요."),
    )


def _as_told(place: _Place, error: NotEnoughMemory | MemoryError) -> PansoriError:
    if isinstance(error, NotEnoughMemory):
        return error
    return no_memory(place.key, place.memory, Bytes(0))


#: This process's own: memory belongs to a process, whoever made the engines in it.
HERE = Residency()
hold = HERE.hold
atexit.register(HERE.clear)  # what has a process or a file of its own ends in good order
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=HERE.forget)
