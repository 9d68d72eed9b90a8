"""Models that are here: a folder for each below `PANSORI_MODELS_DIR`."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pansori.domain.errors import NotFound, StorageError, StorageFull, Text
from pansori.domain.units import Bytes
from pansori.models._catalogue import Model, catalogue, engine_of, folder_of, models_for
from pansori.settings import Settings

try:
    import fcntl
except ImportError:  # Windows, where nothing keeps two from fetching the same
    fcntl = None  # type: ignore[assignment]

FETCHING = ".fetching"  #: where a model's files are until all of them are there; no model's name begins with a dot
NOTE = ".pansori.json"  #: in a model's folder: what it is and where it came from


class Shelved(BaseModel):
    """A model that is here, or was begun. `state`: `damaged` where files lack or have another size, as after a copy
    that broke off; `begun` where fetching it was interrupted."""

    model_config = ConfigDict(frozen=True)

    model: Model
    state: str
    path: Path
    size: Bytes
    """Of its files that are here now."""


def models_dir(settings: Settings) -> Path:
    return (settings.models_dir or settings.data_dir / "models").absolute()


def find(settings: Settings, name: str) -> Path | None:
    """The folder with the files of a model that is here whole: one of the catalogue, `hf:owner/name`, or the name of a
    folder that somebody put there. None: it has to be fetched. Reads no weights, so it is cheap.

    Raises `InvalidRequest` for what is no name of a model.
    """
    path = models_dir(settings) / folder_of(name)
    if not path.is_dir():
        return None
    listed = next((model for model in catalogue() if model.name == name), None)
    return path if is_whole(path, listed or noted(path)) else None


def noted(path: Path) -> Model | None:
    """What a model's folder says of itself. None: somebody else put it there."""
    try:
        return Model.model_validate_json((path / NOTE).read_bytes())
    except (OSError, ValidationError):
        return None


def is_whole(path: Path, model: Model | None) -> bool:
    """Whether the files are there, at their sizes. Without `model`: whether there are any."""
    if model is None:
        return any(path.iterdir())
    return all(_size(path / file.path) == file.size for file in model.files)


def shelved(settings: Settings) -> Iterator[Shelved]:
    """What is here, by name."""
    root = models_dir(settings)
    listed = {model.name: model for model in catalogue()}
    found = {path.name: path for path in _folders(root)}
    begun = {path.name: path for path in _folders(root / FETCHING)}
    for name in sorted(found | begun):
        path = found.get(name, begun.get(name, root))
        model = listed.get(name) or noted(path)
        state = "begun" if name not in found else "there" if is_whole(path, model) else "damaged"
        if model is None:  # somebody put it there
            model = Model(name=name, repository="", engine=engine_of(one.name for one in path.rglob("*")))
        yield Shelved(model=model, state=state, path=path, size=_size_of_all(path))


def usable(settings: Settings, engine: str) -> tuple[Shelved, ...]:
    """The models for `engine`, as in `speak.piper`, that are here whole: those of the catalogue in its order, then
    others by name."""
    order = [model.name for model in models_for(engine)]
    found = [one for one in shelved(settings) if one.state == "there" and one.model.engine == engine]
    return tuple(sorted(found, key=lambda one: order.index(one.model.name) if one.model.name in order else len(order)))


def remove(settings: Settings, name: str) -> Bytes:
    """Delete a model, and what of it was begun; returns how much room that makes. Raises `NotFound`."""
    root, folder = models_dir(settings), folder_of(name)
    with locked(root, folder):
        there = [path for path in (root / folder, root / FETCHING / folder) if path.is_dir()]
        if not there:
            raise NotFound(Text(f"The model {name} is not here.", f"{name} 모델은 여기 없어요."), field="name")
        size = Bytes(sum(_size_of_all(path) for path in there))
        with storing(root):
            for path in there:
                put_away(root, path)
    return size


def put_away(root: Path, path: Path) -> None:
    """Delete a folder, at once for all who look for it."""
    gone = root / FETCHING / f".{path.name}"
    shutil.rmtree(gone, ignore_errors=True)
    path.rename(gone)
    shutil.rmtree(gone)


@contextmanager
def locked(root: Path, folder: str) -> Iterator[bool]:
    """Nobody else fetches or deletes this model meanwhile, in whatever process; waits for who does. Yields whether it
    had to wait. Who dies lets go."""
    with storing(root):
        (root / FETCHING).mkdir(parents=True, exist_ok=True)
        file = (root / FETCHING / f"{folder}.lock").open("ab")
    with file:
        yield _lock(file.fileno())


def _lock(descriptor: int) -> bool:
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return True
    return False


@contextmanager
def storing(root: Path) -> Iterator[None]:
    """What the system says of files, by our names."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise full(root) from error
        raise StorageError(
            Text(
                f"{root} cannot be used: {error.strerror or error}", f"{root}: 쓸 수 없어요({error.strerror or error})."
            ),
            cure=Text("PANSORI_MODELS_DIR names another folder.", "PANSORI_MODELS_DIR로 다른 폴더를 정할 수 있어요."),
        ) from error


def full(root: Path, needed: Bytes | None = None, free: Bytes | None = None) -> StorageFull:
    told = Text("", "")
    if needed is not None and free is not None:
        told = Text(f": {shown(needed)} needed, {shown(free)} free", f"({shown(needed)} 필요, {shown(free)} 남음)")
    return StorageFull(
        Text(f"There is not enough room in {root}{told.en}.", f"{root}에 자리가 모자라요{told.ko}."),
        cure=Text(
            "Make room (pansori models remove NAME), or name another folder: PANSORI_MODELS_DIR.",
            "자리를 만들거나(pansori models remove 이름) PANSORI_MODELS_DIR로 다른 폴더를 정하세요.",
        ),
    )


def shown(size: Bytes) -> str:
    """A size as people read it: weights are told by the thousand, as hubs and shops of disks do."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _folders(root: Path) -> Iterator[Path]:
    if root.is_dir():
        yield from (path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _size_of_all(path: Path) -> Bytes:
    return Bytes(sum(_size(one) or 0 for one in path.rglob("*") if one.is_file() and one.name != NOTE))
