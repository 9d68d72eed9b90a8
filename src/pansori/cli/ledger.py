"""What a command keeps in the installation only while it runs, written down: where it was killed or cut off and could
not tidy up, the next one does."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final
from uuid import UUID

from pansori import jobs
from pansori.domain.errors import NotFound
from pansori.workflows import Services

FOLDER: Final = "running"  #: in the data folder: a file for each command, which holds its lock for as long as it lives
KEPT, GONE = "+", "-"  #: before an id


class Ledger:
    """Ids of files and jobs: noted before anybody could lose them, struck out when they need no removing any more."""

    def __init__(self, services: Services, file: IO[str]) -> None:
        self._services = services
        self._file = file
        self.left = set[UUID]()

    def note(self, one: UUID) -> None:
        self.left.add(one)
        self._write(KEPT, one)

    def strike(self, *ids: UUID) -> None:
        for one in ids:
            self._write(GONE, one)
            self.left.discard(one)

    def clear(self) -> None:
        """Remove what is left, after Ctrl-C came at any moment."""
        _remove(self._services, self.left)
        self.strike(*self.left.copy())

    def _write(self, sign: str, one: UUID) -> None:
        self._file.write(f"{sign}{one}\n")
        self._file.flush()


@contextmanager
def ledger(services: Services) -> Iterator[Ledger]:
    """That of a command. What commands have left that were killed is removed first: files deleted, jobs cancelled."""
    folder = services.settings.data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with _nobody_else(folder):  # whose file would be there, and not locked yet
        for path in folder.iterdir():
            _clear(services, path)
        file = NamedTemporaryFile("w", dir=folder, delete=False)  # noqa: SIM115 - closed below
        fcntl.flock(file, fcntl.LOCK_EX)
    with file:
        kept = Ledger(services, file)
        try:
            yield kept
        finally:
            if not kept.left:
                Path(file.name).unlink()


@contextmanager
def _nobody_else(folder: Path) -> Iterator[None]:
    """Begins meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _clear(services: Services, path: Path) -> None:
    try:
        file = path.open()
    except FileNotFoundError:
        return  # that command has just ended
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # that command lives
        left = _left(file)
    _remove(services, left)
    path.unlink(missing_ok=True)


def _remove(services: Services, ids: set[UUID]) -> None:
    with services.database.write() as session:
        services.assets.retire(session, ids)
        for one in ids:
            with suppress(NotFound):  # it is no job
                jobs.cancel(session, one)
    services.assets.collect()


def _left(lines: IO[str]) -> set[UUID]:
    found = set[UUID]()
    for line in lines:
        if line.endswith("\n"):  # or it was killed while it wrote
            one = UUID(line[1:].strip())
            (found.add if line[0] == KEPT else found.discard)(one)
    return found
