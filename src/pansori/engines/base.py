"""What an engine is: a small class with options, a capability card and `run`."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict, Queue
from pansori.domain.tasks import Family, Task
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.lexicon.particles import attach
from pansori.settings import Settings

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"  #: shape [channels, samples], full scale ±1.0

TaskT = TypeVar("TaskT", bound=Task)
ResultT = TypeVar("ResultT", bound=BaseModel)
OptionsT = TypeVar("OptionsT", bound="EngineOptions")


class EngineOptions(BaseModel):
    """What an engine lets its user choose beyond the family's task. Schema, CLI flags and form come from the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Card(BaseModel):
    """What an engine declares of itself."""

    model_config = ConfigDict(frozen=True)

    summary: str
    summary_ko: str = Field(default="", exclude=True)
    """The same for readers of Korean. Empty: there is the English alone."""
    languages: tuple[str, ...] = ()
    """BCP 47 tags. Empty: language does not matter."""
    abilities: tuple[str, ...] = ()
    """Which of its family's several it has, such as `songs` and `replies` of a writing engine. Empty: there is one."""
    max_duration: Seconds | None = None
    """None: no limit of the engine's own."""
    sample_rate: SampleRateHz | None = None
    queue: Queue = "cpu"
    memory: Bytes = Bytes(0)
    """What it takes at its peak, beside the program itself."""
    holds_model: bool = False
    """Its model stays loaded from run to run."""
    cancel_grace: Seconds = Seconds(0.0)
    """How long a cancelled run is given to end by itself, so that a loaded model survives or another server is told."""
    code_licence: str
    weights_licence: str | None = None
    reports_progress: bool = True
    parts: dict[str, str] = Field(default_factory=dict)
    """What it is using here: voice, SoundFont, model file … as name → description."""


class Status(BaseModel):
    """Whether an engine can be used now, and if not, why and what would change that."""

    model_config = ConfigDict(frozen=True)

    state: Literal["ready", "missing", "broken"]
    reason: str = ""
    cure: str = ""
    reason_ko: str = Field(default="", exclude=True)
    """The same for readers of Korean. Empty: there is the English alone."""
    cure_ko: str = Field(default="", exclude=True)


READY = Status(state="ready")


def not_installed(library: str, package: str) -> Status:
    """Of an engine whose `library` is not here; `package`, perhaps with an extra, brings it."""
    # names of extras as they are stored (PEP 685): older pips do not find them else, and install nothing
    command = f"`pip install '{package.replace('_', '-')}'`"
    return Status(
        state="missing",
        reason=f"{library} is not installed",
        cure=f"Install it: {command}",
        reason_ko=f"{attach(library, '이/가')} 설치되어 있지 않아요",
        cure_ko=f"설치하세요: {command}",
    )


#: Abilities that cards name, in words.
ABILITIES: Final = {
    "commands": Text("hearing commands", "명령 듣기"),
    "replies": Text("replies", "대답하기"),
    "songs": Text("writing songs", "노래 쓰기"),
    "speech": Text("hearing free speech", "자유로운 말 듣기"),
}


@dataclass(frozen=True)
class Recording:
    """A sound that a run is given, with what is known of its file. `samples` are finite, within ±16, and may be longer
    than memory: read them in parts."""

    samples: Samples
    rate: SampleRateHz
    container: str
    codec: str
    media_type: str
    size: Bytes
    sha256: str
    video: bool = False
    damaged: bool = False

    @property
    def duration(self) -> Seconds:
        return Seconds(self.samples.shape[1] / self.rate)


class RunContext(ABC):
    """What a run may touch: its inputs, a scratch folder, a sink for outputs, progress, cancelling, chance."""

    inputs: Mapping[str, Recording] = MappingProxyType({})
    """What the run is given beside its task, by role: `recording`."""
    seed: int
    scratch: Path
    """An empty folder of this run's own; it is deleted afterwards."""

    @abstractmethod
    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        """Report that `stage` goes on and `fraction` (0–1) of the whole run is done. Cheap: call it often."""

    @abstractmethod
    def check_cancelled(self) -> None:
        """Raise `Cancelled` when the run should end. Call it at least once a second where that is possible."""

    @abstractmethod
    def save_audio(self, role: str, samples: Samples, sample_rate: SampleRateHz) -> None:
        """Keep sound as an output, losslessly (24-bit FLAC). `role`: `song`, `stem.vocal` …"""

    @abstractmethod
    def save_file(self, role: str, name: str, content: bytes, media_type: str) -> None:
        """Keep any other output. `role`: `midi`, `lrc`, `recipe` …"""

    @abstractmethod
    def save_media(self, role: str, path: Path, *, name: str) -> Seconds:
        """Keep a finished file as it is, such as sound that came encoded from elsewhere. Returns how long it
        lasts. Its content tells its type, and the extension that `name` is given. Raises `MediaError` for one that is
        not sound, or exceeds a bound."""

    def random(self, purpose: str) -> random.Random:
        """A generator that depends on the seed and on `purpose` alone, so that changing one part leaves others be."""
        return random.Random(f"{self.seed}/{purpose}")  # noqa: S311 - music, not secrets


class Offer(ABC):
    """What is listed among the engines. It can be run where it is an `Engine`; another server, which calls back when it
    is done, is told of as one and runs in no worker here."""

    name: ClassVar[str]
    family: ClassVar[Family]
    Options: ClassVar[type[EngineOptions]] = EngineOptions

    def __init__(self, settings: Settings) -> None:
        """Cheap: an engine is made to be asked for its card; it loads what it needs in `run`."""
        self.settings = settings

    @abstractmethod
    def card(self) -> Card: ...

    def status(self) -> Status:
        """Cheap: looks whether what is needed is there, loads nothing."""
        return READY


class Engine(Offer, Generic[TaskT, OptionsT, ResultT]):
    """Has one capability. Bundled and foreign engines alike enter by the entry point `pansori.engines`. `OptionsT` is
    the type of `Options`."""

    def check(self, task: TaskT, options: OptionsT) -> None:
        """Raise `InvalidRequest` for a task that this engine would refuse; called before a job is accepted."""

    @abstractmethod
    def run(self, task: TaskT, options: OptionsT, context: RunContext) -> ResultT:
        """Do the work. Raises `EngineFailed`, `Cancelled`."""


def describe(engine: Offer) -> JsonDict:
    """An engine as `pansori engines --json` and `GET /v1/engines` show it."""
    return {
        "name": engine.name,
        "family": engine.family.value,
        **engine.status().model_dump(),
        "card": engine.card().model_dump(mode="json"),
        "options": engine.Options.model_json_schema(),
    }
