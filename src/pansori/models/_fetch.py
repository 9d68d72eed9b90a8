"""Fetching of a model: resumed where it was interrupted, checked, and there only when all of it is."""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from pansori.domain.errors import FetchFailed, NetworkError, Text, Unreachable
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.particles import attach
from pansori.models._catalogue import Model, ModelFile, folder_of
from pansori.models._hub import SILENCE, Hub
from pansori.models._shelf import FETCHING, NOTE, find, full, locked, models_dir, noted, put_away, storing
from pansori.settings import Settings

log = logging.getLogger(__name__)

PATIENCE = (Seconds(1.0), Seconds(4.0), Seconds(15.0))  #: pauses before asking again, while nothing more comes
PIECE = 1024 * 1024  #: bytes read at once
RANGE_REFUSED = 416  #: the status of an answer to a range that the file does not have
BUSY = 429  #: of one to an address that asks too often
Advance = Callable[[int], None]


class Fetching:
    """Fetches one model, whose files are known. `advance` is told of bytes that are there, also of those from an
    interrupted try, and of fewer than none where some have to be fetched again."""

    def __init__(
        self,
        settings: Settings,
        model: Model,
        *,
        advance: Advance = lambda _: None,
        patience: tuple[Seconds, ...] = PATIENCE,
        silence: Seconds = SILENCE,
    ) -> None:
        self._settings = settings
        self._model = model
        self._advance = advance
        self._patience = patience
        self._hub = Hub(settings, silence=silence)
        self._root = models_dir(settings)
        self._folder = folder_of(model.name)
        self._begun = self._root / FETCHING / self._folder
        self._before = 0
        """Bytes of files before this one."""
        self._counted = 0
        """Bytes that `advance` was told of."""

    def run(self) -> Path:
        """Returns the model's folder, at once where another process has fetched it meanwhile.

        Raises `StorageFull`, `StorageError`; `NotFound`, `Forbidden`, `Unreachable`, `FetchTimedOut`, `FetchFailed`.
        What has come stays for the next try, but for files that are not what they should be.
        """
        with locked(self._root, self._folder) as waited:
            if waited and (path := find(self._settings, self._model.name)):
                self._count(self._model.size)
                return path
            with storing(self._root):
                self._begin()
            try:
                for file in self._model.files:
                    self._have(file)
                    self._before += file.size
            except BaseException:
                self._forget_nothing()
                raise
            with storing(self._root):
                return self._publish()

    def _begin(self) -> None:
        was = noted(self._begun)
        if was is None or was.files != self._model.files:  # of another revision
            shutil.rmtree(self._begun, ignore_errors=True)
            self._begun.mkdir(parents=True)
            (self._begun / NOTE).write_text(self._model.model_dump_json(indent=1), encoding="utf-8")
        needed = Bytes(sum(file.size - self._here(file) for file in self._model.files))
        free = Bytes(shutil.disk_usage(self._root).free)
        if needed > free:
            raise full(self._root, needed, free)

    def _here(self, file: ModelFile) -> int:
        """Bytes of the file that need not be fetched."""
        places = (self._begun / file.path, self._part(file), self._root / self._folder / file.path)
        return max((length for place in places if (length := _length(place)) <= file.size), default=0)

    def _part(self, file: ModelFile) -> Path:
        """Where it is while it is fetched; no model has a hidden file."""
        return self._begun / f".{file.digest}.part"

    def _forget_nothing(self) -> None:
        """Where nothing has come, leave no trace of that."""
        if not any(_length(path) for path in self._begun.rglob("*") if path.is_file() and path.name != NOTE):
            shutil.rmtree(self._begun, ignore_errors=True)

    def _publish(self) -> Path:
        """Where everything is there, it all appears at once."""
        _flush(self._begun)
        target = self._root / self._folder
        if target.exists():  # damaged
            put_away(self._root, target)
        self._begun.rename(target)
        _flush(self._root)
        return target

    # -- one file ------------

    def _have(self, file: ModelFile) -> None:
        """See to it that the file is there."""
        done, part = self._begun / file.path, self._part(file)
        if not done.exists():
            if not self._take_over(file, part):
                self._complete(file, part)
            with storing(self._root):
                done.parent.mkdir(parents=True, exist_ok=True)
                part.replace(done)
                _flush(done.parent)
        self._count(self._before + file.size)

    def _take_over(self, file: ModelFile, part: Path) -> bool:
        """Whether the file was in a damaged model's folder, as it should be, and is now in `part`."""
        old = self._root / self._folder / file.path
        if _length(old) != file.size or not old.is_file():
            return False
        with storing(self._root), old.open("rb") as content:
            hasher = file.hasher()
            while chunk := content.read(PIECE):
                hasher.update(chunk)
            if hasher.hexdigest() == file.digest:
                old.replace(part)
        return not old.exists()

    def _complete(self, file: ModelFile, part: Path) -> None:
        """Ask until all of the file has come. Raises `FetchFailed` where that is another file."""
        tries, resumed = 0, _length(part) > 0
        while True:
            before = _length(part)
            try:
                if self._continue(file, part):
                    return
            except NetworkError as error:
                tries = 0 if _length(part) > before else tries
                if not self._may_pass(error) or tries == len(self._patience):
                    raise
                log.info("%s: %s; asking again in %g s", file.path, error, self._patience[tries])
                time.sleep(self._patience[tries])
                tries += 1
                continue
            if not resumed:
                raise self._damaged(file)
            resumed = False  # what was here before may be to blame: once more, from the beginning

    def _continue(self, file: ModelFile, part: Path) -> bool:
        """Fetch what lacks of the file. Returns whether it is that file then; what is another is deleted. Raises
        `Unreachable` where it does not come to its end."""
        try:
            with storing(self._root), part.open("a+b") as output:
                digest, size = self._append(file, output)
                output.flush()
                os.fsync(output.fileno())
        except FetchFailed as error:
            if error.status != RANGE_REFUSED:
                raise
            digest, size = "", file.size
        if size < file.size:
            raise Unreachable(Text(f"{self._hub.host} breaks off.", f"{self._hub.host} 연결이 중간에 끊겼어요."))
        if digest != file.digest:
            part.unlink()
            self._count(self._before)
        return digest == file.digest

    def _append(self, file: ModelFile, output: BinaryIO) -> tuple[str, int]:
        """Returns the digest and the size of what is there then: at most a piece too much."""
        hasher, size = file.hasher(), 0
        output.seek(0)
        while chunk := output.read(PIECE):
            hasher.update(chunk)
            size += len(chunk)
        if size >= file.size:
            return hasher.hexdigest(), size
        with self._hub.content(self._model, file, size) as (first, chunks):
            if first != size:  # the server sends all of it, whatever it was asked for
                output.truncate(0)
                hasher, size = file.hasher(), first
            for chunk in chunks:
                output.write(chunk)
                hasher.update(chunk)
                size += len(chunk)
                self._count(self._before + size)
                if size > file.size:
                    break
        return hasher.hexdigest(), size

    def _count(self, there: int) -> None:
        if there != self._counted:
            self._advance(there - self._counted)
            self._counted = there

    def _may_pass(self, error: NetworkError) -> bool:
        """Whether asking again may help. Who never reached the hub is told so at once."""
        status = error.status if isinstance(error, FetchFailed) else None
        return (error.retryable and self._hub.answered) or (status is not None and (status >= 500 or status == BUSY))

    def _damaged(self, file: ModelFile) -> FetchFailed:
        return FetchFailed(
            Text(
                f"{file.path}, as {self._hub.host} sends it, is not that file: its checksum differs.",
                f"{self._hub.host}에서 받은 {attach(file.path, '은/는')} 체크섬이 달라요.",
            ),
            cure=Text(
                "It was deleted. Try again; a proxy or mirror on the way may change files.",
                "받은 파일은 지웠어요. 다시 시도해 보세요. 중간의 프록시나 미러가 파일을 바꾸는지도 확인하세요.",
            ),
        )


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _flush(folder: Path) -> None:
    """See that what was renamed in a folder stays so when the power goes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
