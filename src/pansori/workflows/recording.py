"""What every workflow that makes a song shares: an engine composes it, then it is delivered in the format asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from pansori import __version__
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import JsonDict, StepSpec
from pansori.domain.media import AudioFormat, Quality
from pansori.domain.tasks import SEED_MAX, ComposeTask, Family
from pansori.domain.units import SampleRateHz, Seconds
from pansori.domain.words import explain
from pansori.engines.base import Engine, EngineOptions
from pansori.engines.compose.base import Composer, Plan, Song
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, cache_key
from pansori.lexicon.particles import attach
from pansori.media import Tags, delivered_rate, extension, master_encode, read_flac, resample
from pansori.workflows.context import StepContext

FORBIDDEN = "\0"
BROAD = frozenset({"lines", "finished"})  #: kept with the step, not with the job: as long as the lyrics, or told twice

USUAL = AudioFormat.MP3

#: Bits a second where they are not the usual ones; lossless formats have none.
BITRATES: dict[tuple[Quality, AudioFormat], int] = {
    (Quality.DRAFT, AudioFormat.MP3): 128_000,
    (Quality.DRAFT, AudioFormat.M4A): 128_000,
    (Quality.DRAFT, AudioFormat.OPUS): 96_000,
    (Quality.HIGH, AudioFormat.MP3): 320_000,
    (Quality.HIGH, AudioFormat.M4A): 320_000,
    (Quality.HIGH, AudioFormat.OPUS): 256_000,
}

Share = tuple[float, float]  #: of the whole job's progress, where a step begins and ends


@dataclass(frozen=True)
class Order:
    """A song that is to be made: what, by whom, and in which format."""

    task: ComposeTask
    engine: str
    options: JsonDict
    asked: AudioFormat | None = None
    """The format that was asked for. None: whichever is at hand."""

    @property
    def format(self) -> AudioFormat:
        """What the song is delivered as, unless it came as a finished file."""
        return self.asked or USUAL


def refuse_nul(**texts: str) -> None:
    """Raises `InvalidRequest` naming the text that has a NUL character, which not every database can keep."""
    for field, text in texts.items():
        if FORBIDDEN in text:
            raise InvalidRequest(
                Text("The text contains a NUL character.", "글에 NUL 문자가 들어 있어요."),
                field=field,
                cure=Text("Leave it out.", "그 문자를 빼 주세요."),
            )


def check(registry: Registry, order: Order) -> None:
    """Raise for an order that would be refused: `InvalidRequest` naming the field, `EngineUnavailable`."""
    engine = _engine(registry, order)
    engine.check(order.task, options_of(engine, order.options))


def preview(registry: Registry, order: Order) -> Plan | None:
    """What the engine would make of it, in milliseconds. None: it cannot tell. Raises what `check` raises."""
    engine = _engine(registry, order)
    planned: Plan | None = engine.preview(order.task, options_of(engine, order.options))
    return planned


def compose_step(
    registry: Registry, order: Order, *, after: tuple[str, ...] = (), inputs: Sequence[Any] = ()
) -> StepSpec:
    """The step that composes. `inputs`: what decides over its output beside the order; where the seed is fixed, what
    an earlier step made of the same is used."""
    engine = _engine(registry, order)
    card = engine.card()
    known = (__version__, order.task.model_dump(mode="json"), order.options, card.parts, engine.name, *inputs)
    return StepSpec(
        name="compose",
        queue=card.queue,
        after=after,
        grace=card.cancel_grace,
        cache_key=None if order.task.seed is None else cache_key("compose", *known),
    )


def seed_of(job_id: UUID, seed: int | None) -> int:
    """The seed that was asked for, or else one that is the same for every attempt: a song begun again is the same."""
    return seed if seed is not None else job_id.int % (SEED_MAX + 1)


def compose(step: StepRun, registry: Registry, order: Order, share: Share) -> JsonDict:
    """Let the engine make the song. Artifacts: `master` (FLAC) and what it keeps beside: `stem.*`, `midi`, `lrc` …"""
    engine = _engine(registry, order)
    seed = seed_of(step.job_id, order.task.seed)
    context = StepContext(step, seed, share=share, roles={"song": "master"})
    song: Song = engine.run(order.task, options_of(engine, order.options), context)
    return {**song.model_dump(mode="json"), "engine": engine.name, "finished": context.finished.get("song")}


def deliver(step: StepRun, order: Order, composed: JsonDict, share: Share) -> JsonDict:
    """The composed song as a file of the format asked for, tagged: the artifact `song`. One that came as a finished
    file stays as it is."""
    begin, end = share

    def watch(fraction: float) -> None:
        step.check_cancelled()
        step.progress("deliver", begin + (end - begin) * fraction)

    watch(0.0)
    if composed["finished"]:
        return {**composed["finished"], **_as_it_came(order, composed)}
    path = step.scratch / f"song.{order.format.value}"
    with step.artifact("master") as master:
        samples, rate = read_flac(master)
    duration = Seconds(composed["duration"])
    wanted = delivered_rate(order.format, SampleRateHz(order.task.sample_rate or rate))
    samples = resample(samples, rate, wanted, round(duration * wanted))
    bitrate = BITRATES.get((order.task.quality, order.format))
    tags = _tags(order, composed)
    report = master_encode(samples, wanted, order.format, path, tags, bitrate=bitrate, progress=watch)
    asset = step.add_file(
        "song",
        path,
        name=f"{composed['title']}.{order.format.value}",
        media_type=order.format.media_type,
        duration=duration,
    )
    return {
        "asset_id": str(asset),
        "format": order.format.value,
        "media_type": order.format.media_type,
        "gain_db": report.gain,
        "true_peak_dbtp": report.true_peak,
        "sample_rate": wanted,
        **_otherwise(order, wanted, composed),
    }


def _as_it_came(order: Order, composed: JsonDict) -> JsonDict:
    """The song's notices with that of another format than was asked for: a finished file is not encoded anew."""
    came = composed["finished"]["media_type"]
    if order.asked is None or came == order.asked.media_type:
        return {}
    asked, kind = order.asked.value, extension(came)
    notice = Text(
        f"The song came as a finished {kind} file and is kept as that; {asked} was asked for.",
        f"{attach(asked, '을/를')} 요청했지만, 노래가 완성된 {kind} 파일로 와서 그대로 담았어요.",
    )
    return {"notices": [*composed.get("notices", ()), asdict(notice)]}


def _otherwise(order: Order, rate: SampleRateHz, composed: JsonDict) -> JsonDict:
    """The song's notices with that of another rate than was asked for, where the format has it only."""
    asked = order.task.sample_rate
    if asked is None or asked == rate:
        return {}
    notice = Text(
        f"{order.format.value} files are always at {rate:,} Hz; {asked:,} Hz were asked for.",
        f"{order.format.value} 파일은 요청한 {asked:,} Hz가 아니라 언제나 {rate:,} Hz로 만들어요.",
    )
    return {"notices": [*composed.get("notices", ()), asdict(notice)]}


def without_broad(composed: JsonDict) -> JsonDict:
    """What of the composing step's output is told with the job."""
    return {name: value for name, value in composed.items() if name not in BROAD}


def _engine(registry: Registry, order: Order) -> Composer[Any]:
    engine = registry.get(Family.COMPOSE, order.engine)
    assert isinstance(engine, Composer), "what the family's entry points name"
    return engine


def options_of(engine: Engine[Any, Any, Any], given: JsonDict) -> EngineOptions:
    """`given` as the engine's own options. Raises `InvalidRequest` naming the one that is wrong."""
    try:
        return engine.Options.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        known = ", ".join(engine.Options.model_fields) or "–"
        raise InvalidRequest(
            explain(first["type"], first["msg"], first.get("ctx", {})),
            field=".".join(("options", *map(str, first["loc"]))),
            cure=Text(f"Options of {engine.name}: {known}.", f"{engine.name}의 옵션: {known}."),
        ) from error


def _tags(order: Order, composed: JsonDict) -> Tags:
    recipe = {"engine": composed["engine"], **order.task.model_dump(mode="json"), "options": order.options}
    recipe["seed"] = composed["seed"]
    return Tags(
        title=composed["title"],
        engine=composed["engine"],
        seed=composed["seed"],
        recipe=json.dumps(recipe, ensure_ascii=False, separators=(",", ":")),
    )
