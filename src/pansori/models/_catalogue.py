"""Models by name: those that we list, and any repository of the hub."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.units import Bytes

ELSEWHERE = Text(
    "See: pansori models list. Any repository of the hub will do too: hf:owner/name.",
    "pansori models list에서 고르세요. hf:owner/name처럼 허브의 저장소를 적어도 돼요.",
)
HUB = "hf:"  #: before the name of a repository
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_REPOSITORY = re.compile(
    rf"hf:(?P<repository>{_PART}/{_PART})(@(?P<revision>[A-Za-z0-9][A-Za-z0-9._/-]{{0,99}}))?(:(?P<folder>[^:@]+))?"
)
_NAME = re.compile(_PART)
MAIN = "main"
BETWEEN = "--"  #: in names of folders, where the model's name has another mark; the hub has no name with it
#: Words of licences, as hubs and cards write them, that forbid commercial use or allow research alone.
_NOT_COMMERCIAL = re.compile(r"(^|[^a-z])(nc|non-?commercial|research)([^a-z]|$)")


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelFile(_Listed):
    """A file of a model. One of the digests is known: `sha256`, or `blob`, git's own of files that are not kept in LFS:
    the SHA-1 of the header `blob SIZE` and a NUL byte, and then the content."""

    path: str
    """Below the model's folder, with `/`."""
    size: Bytes = Field(ge=0)
    sha256: str = ""
    blob: str = ""

    @property
    def digest(self) -> str:
        return self.sha256 or self.blob

    def hasher(self) -> hashlib._Hash:
        """An empty hash of the kind of `digest`."""
        if self.sha256:
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False)


class Model(_Listed):
    """A model that can be fetched. `files`: empty until the hub has told them."""

    name: str
    engine: str = ""
    """Whom it is for: `transcribe.faster_whisper`. Empty: nobody said."""
    summary: str = ""
    summary_ko: str = ""
    licence: str = ""
    """Empty: unknown."""
    commercial: bool = True
    """Whether the licence allows commercial use, as far as one knows."""
    repository: str
    revision: str = MAIN
    folder: str = ""
    """Of the repository, that alone is fetched. Empty: all of it."""
    files: tuple[ModelFile, ...] = ()

    @property
    def size(self) -> Bytes:
        return Bytes(sum(file.size for file in self.files))

    def remote(self, file: ModelFile) -> str:
        """The file's path in the repository."""
        return f"{self.folder}/{file.path}" if self.folder else file.path


@cache
def catalogue() -> tuple[Model, ...]:
    """The models that we list."""
    text = resources.files("pansori.models").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tuple(Model.model_validate(entry) for entry in tomllib.loads(text)["model"])


def models_for(engine: str) -> tuple[Model, ...]:
    """Those of the catalogue that are for `engine`, as in `speak.piper`; the one to begin with first."""
    return tuple(model for model in catalogue() if model.engine == engine)


def engine_of(paths: Iterable[str]) -> str:
    """Whom a model's files are for, told by their names. Empty: that is not known."""
    names = {path.rpartition("/")[2] for path in paths}
    networks = {name for name in names if name.endswith(".onnx")}
    if {"model.bin", "config.json"} <= names and any(name.startswith("vocabulary.") for name in names):
        return "transcribe.faster_whisper"
    if any(f"{name}.json" in names for name in networks):
        return "speak.piper"
    if networks and any(name.startswith("voices") for name in names):
        return "speak.kokoro"
    return ""


def look_up(name: str) -> Model:
    """A model of the catalogue, or a repository: `hf:owner/name`, `hf:owner/name@revision`, `hf:owner/name:folder`.

    Raises `NotFound` naming the nearest there is, `InvalidRequest` for what is no repository's name.
    """
    if name.startswith(HUB):
        return _repository(name)
    known = {model.name: model for model in catalogue()}
    if name in known:
        return known[name]
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    raise NotFound(
        Text(f"There is no model “{name}” in the catalogue.", f"“{name}” 모델은 목록에 없어요."),
        field="name",
        cure=Text(f"Did you mean {nearest[0]}?", f"혹시 {nearest[0]}인가요?") if nearest else ELSEWHERE,
    )


def _repository(name: str) -> Model:
    match = _REPOSITORY.fullmatch(name)
    folder = (match["folder"] or "").strip("/") if match else ""
    if match is None or (folder and not is_safe(folder)) or BETWEEN in name:
        raise InvalidRequest(
            Text(f"“{name}” names no repository.", f"“{name}”: 저장소 이름이 아니에요."),
            field="name",
            cure=Text(
                "As in hf:owner/name, or hf:owner/name:folder.", "hf:owner/name이나 hf:owner/name:folder처럼 쓰세요."
            ),
        )
    return Model(name=name, repository=match["repository"], revision=match["revision"] or MAIN, folder=folder)


def folder_of(name: str) -> str:
    """The name of the folder that a model is kept in; two models have two. Raises `InvalidRequest` for what is no name
    of a model."""
    if name.startswith(HUB):
        model = _repository(name)
        parts = (model.repository, f"@{model.revision}" if model.revision != MAIN else "", model.folder)
        return BETWEEN.join(part.replace("/", BETWEEN) for part in ("hf", *parts) if part)
    if not _NAME.fullmatch(name) or BETWEEN in name:
        raise InvalidRequest(Text(f"“{name}” is no name of a model.", f"“{name}”: 모델 이름이 아니에요."), field="name")
    return name


def is_safe(path: str) -> bool:
    """Whether a path that a hub tells stays below the folder it is written into, and hides nothing."""
    parts = path.split("/")
    return path.isprintable() and "\\" not in path and not any(part == "" or part.startswith(".") for part in parts)


def forbids_commerce(licence: str) -> bool:
    """Whether a licence's name says that it forbids commercial use: `cc-by-nc-4.0`."""
    return _NOT_COMMERCIAL.search(licence.lower()) is not None
