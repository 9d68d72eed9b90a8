"""Whether the model that an engine needs is here, and what to do where it is not."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from pansori import models
from pansori.domain.errors import EngineUnavailable, InvalidRequest, Text
from pansori.domain.units import Bytes
from pansori.engines.base import READY, Status, not_installed
from pansori.lexicon.particles import attach
from pansori.settings import Settings


def weights(settings: Settings, name: str, *, by_operator: bool = False) -> Path:
    """The folder of a model: `whisper-base`, `hf:owner/name`. `by_operator`: a setting names it, which may be any
    folder's path too; who asks for a job may not look around on this machine.

    Raises `EngineUnavailable` naming the command that fetches it, `InvalidRequest` for what is no name of a model.
    """
    path = _found(settings, name, by_operator)
    if path is None:
        status = missing(name)
        raise EngineUnavailable(
            Text(f"{_sentence(status.reason)}.", f"{status.reason_ko}."), cure=Text(status.cure, status.cure_ko)
        )
    return path


def weights_status(settings: Settings, name: str, *, by_operator: bool = False) -> Status:
    """Ready, or `missing` with that command. Cheap; never raises for what the operator names."""
    return READY if _found(settings, name, by_operator) else missing(name)


def here(settings: Settings, engine: str) -> tuple[str, ...]:
    """Models for `engine`, as in `speak.piper`, that are here: those of the catalogue in its order, which is by size,
    then others, fetched from the hub or put there, whose files are such as the engine wants."""
    return tuple(one.model.name for one in models.usable(settings, engine))


def size(path: Path) -> Bytes:
    """Of all files of a model: what it takes in memory, about, where its weights are loaded as they are."""
    return Bytes(sum(one.stat().st_size for one in path.rglob("*") if one.is_file()))


def missing(name: str) -> Status:
    """Of an engine whose model is not here."""
    if _is_path(name):
        return Status(
            state="missing",
            reason=f"there is no folder {name}",
            cure="Correct the setting that names it.",
            reason_ko=f"{name} 폴더가 없어요",
            cure_ko="그 폴더를 적은 설정을 고치세요.",
        )
    return Status(
        state="missing",
        reason=f"the model {name} is not here",
        cure=f"Fetch it: {fetching(name)}",
        reason_ko=f"{attach(f'{name} 모델', '이/가')} 없어요",
        cure_ko=f"이 명령으로 받으세요: {fetching(name)}",
    )


def lacking(library: str, package: str, weighed: Status, name: str) -> Status:
    """Of an engine that needs a `library`, which `package` brings, and weights, whose status is `weighed`: all that is
    still to be done. `name`: the model that is meant."""
    if find_spec(library) is not None:
        return weighed
    first = not_installed(library, package)
    if weighed.state == READY.state:
        return first
    if _is_path(name):
        return first.model_copy(
            update={"cure": f"{first.cure}. {weighed.cure}", "cure_ko": f"{first.cure_ko}. {weighed.cure_ko}"}
        )
    then = fetching(name)
    return first.model_copy(
        update={"cure": f"{first.cure}. Then: {then}", "cure_ko": f"{first.cure_ko} 그다음: {then}"}
    )


def fetching(name: str) -> str:
    """The command, as it is typed."""
    return f"`pansori models get {name}`"


def _found(settings: Settings, name: str, by_operator: bool) -> Path | None:
    if not by_operator:
        return models.find(settings, name)
    if _is_path(name):
        path = Path(name).expanduser()
        return path if path.is_dir() else None
    try:
        return models.find(settings, name)
    except InvalidRequest:
        return None  # a setting that is wrong is a status


def _is_path(name: str) -> bool:
    return name.startswith(("/", ".", "~")) or ("/" in name and not name.startswith(models.HUB))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
