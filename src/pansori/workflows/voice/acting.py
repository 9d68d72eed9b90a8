"""What a reply may do for whoever speaks: begin a song, look how far it is, find the last one, have a recording
analysed, speak slower. Each is a tool with typed parameters, so that the assistant and language models use the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori import jobs
from pansori.domain.jobs import JobState, JobView, JsonDict
from pansori.domain.tasks import LONGEST, PROMPT_MAX_CHARACTERS, SHORTEST
from pansori.domain.units import Decibels, Seconds
from pansori.engines.write.base import Tool
from pansori.library import analyses, brief_of, recordings, tracks
from pansori.workflows.analysis.workflow import submit_analysis
from pansori.workflows.generation import GenerationWorkflow
from pansori.workflows.generation_task import GenerationTask, Voice
from pansori.workflows.services import Services

ORIGIN: Final = "voice"  #: of the jobs that are begun
FASTER: Final = 1.25  #: a step of the pace
SLOWEST, FASTEST = 0.5, 2.0
LOUDER: Final = Decibels(6.0)  #: a step of the loudness
SOFTEST: Final = Decibels(-24.0)
UNFINISHED: Final = (JobState.QUEUED, JobState.RUNNING)

ParametersT = TypeVar("ParametersT", bound="Parameters")


class Parameters(BaseModel):
    """Of a tool. What a language model gives beside them is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NoParameters(Parameters):
    """There is nothing to say."""


class SongParameters(Parameters):
    prompt: str = Field(
        min_length=1,
        max_length=PROMPT_MAX_CHARACTERS,
        description="What the song should be, in the user's own words and language: topic, mood, style, instruments.",
    )
    voice: Voice = Field(default="auto", description="Who sings. auto: as the prompt asks.")
    duration: Seconds | None = Field(
        default=None, ge=SHORTEST, le=LONGEST, description="Length in seconds, where the user names one."
    )


class SpeechParameters(Parameters):
    pace: Literal["slower", "faster", "usual"] | None = Field(default=None, description="How fast to speak.")
    loudness: Literal["louder", "quieter", "usual"] | None = Field(default=None, description="How loud to speak.")


@dataclass
class Manner:
    """How replies are spoken in one conversation; `volume` as `SpeakTask` has it."""

    rate: float = 1.0
    volume: Decibels = field(default=Decibels(0.0))


@dataclass(frozen=True)
class Deed:
    """Something that was done by a reply, for whoever shows or plays it: `make_song`, `cancel_song`, `play` …"""

    name: str
    facts: JsonDict


@dataclass
class Acting:
    """The tools for one owner. `manner`: what changes when somebody wants it slower; None: nobody keeps it, so that is
    not offered. `key`: what is begun under it is not begun twice, though the reply be tried again. `done` grows as
    tools are used."""

    services: Services
    owner: UUID
    manner: Manner | None = None
    key: str = ""
    origin: str = ORIGIN
    done: list[Deed] = field(default_factory=list)

    @property
    def tools(self) -> Mapping[str, Tool]:
        """By name. What they are called with may raise whatever the kernel refuses with."""
        offered = [
            _tool(
                "make_song",
                "Begin to make a song. It is done some minutes later, in the background. Use it whenever the user asks "
                "for a song or for music to be made.",
                SongParameters,
                self._make_song,
            ),
            _tool("song_status", "How far the user's newest song is.", NoParameters, self._song_status),
            _tool("cancel_song", "Stop making the song that is being made.", NoParameters, self._cancel_song),
            _tool("play_last", "Play the user's newest finished song to them.", NoParameters, self._play_last),
            _tool(
                "analyse_last",
                "What the user's newest recording is like: pitch, tempo, key, loudness. Where nobody has measured it "
                "yet, that is begun.",
                NoParameters,
                self._analyse_last,
            ),
        ]
        if self.manner is not None:
            offered.append(
                _tool("change_speech", "Speak slower, faster, louder or quieter.", SpeechParameters, self._speech)
            )
        return {tool.name: tool for tool in offered}

    def _did(self, name: str, facts: JsonDict) -> JsonDict:
        self.done.append(Deed(name, facts))
        return facts

    def _make_song(self, asked: SongParameters) -> JsonDict:
        task = GenerationTask(prompt=asked.prompt, voice=asked.voice, duration=asked.duration)
        nth = sum(deed.name == "make_song" for deed in self.done)
        job = self.services.submit(
            GenerationWorkflow.kind,
            task,
            owner=self.owner,
            origin=self.origin,
            idempotency_key=f"{self.key}/make_song/{nth}" if self.key else None,
        )
        return self._did("make_song", {"job_id": str(job.id), "prompt": asked.prompt, "state": job.state.value})

    def _song_status(self, _: NoParameters) -> JsonDict:
        newest = self._newest(None)
        return {"state": "none"} if newest is None else self._told(newest)

    def _cancel_song(self, _: NoParameters) -> JsonDict:
        newest = self._newest(UNFINISHED)
        if newest is None:
            return {"cancelled": False}
        with self.services.database.write() as session:
            job = jobs.cancel(session, newest.id)
        self.services.kernel.wake()
        facts = {"cancelled": job.state is not JobState.SUCCEEDED, "job_id": str(job.id), "prompt": job.task["prompt"]}
        return self._did("cancel_song", facts)

    def _play_last(self, _: NoParameters) -> JsonDict:
        with self.services.database.read() as session:
            page = tracks.find(session, self.owner, limit=1)
        if not page.items:
            making = self._newest(UNFINISHED)
            return {"track_id": None, **({} if making is None else {"making": self._told(making)})}
        track = page.items[0]
        facts = {
            "track_id": str(track.id),
            "asset_id": str(track.asset_id),
            "title": track.title,
            "seconds": round(track.duration),
        }
        return self._did("play", facts)

    def _analyse_last(self, _: NoParameters) -> JsonDict:
        with self.services.database.read() as session:
            recording = recordings.latest(session, self.owner)
            if recording is None:
                return {"state": "none"}
            info = self.services.assets.info(session, recording, owner=self.owner)
            known = analyses.of_recording(session, recording, self.owner)
            job = None if known is None else jobs.get(session, known, owner=self.owner)
        if job is None:
            job = submit_analysis(self.services, info, {}, owner=self.owner, origin=self.origin)
            return self._did("analyse", {"job_id": str(job.id), "recording": info.name, "state": "begun"})
        facts: JsonDict = {"job_id": str(job.id), "recording": info.name, "state": job.state.value}
        if job.state is JobState.SUCCEEDED:
            brief = brief_of(job.result or {})
            facts["measured"] = {name: value for name, value in vars(brief).items() if value is not None}
        return facts

    def _speech(self, asked: SpeechParameters) -> JsonDict:
        manner = self.manner
        assert manner is not None, "or it was not offered"
        before = (manner.rate, manner.volume)
        pace = {"slower": manner.rate / FASTER, "faster": manner.rate * FASTER, "usual": 1.0}
        loudness = {"louder": manner.volume + LOUDER, "quieter": manner.volume - LOUDER, "usual": 0.0}
        if asked.pace is not None:
            manner.rate = min(max(round(pace[asked.pace], 3), SLOWEST), FASTEST)
        if asked.loudness is not None:
            manner.volume = Decibels(min(max(loudness[asked.loudness], SOFTEST), 0.0))
        facts = {"rate": manner.rate, "volume": manner.volume, "changed": (manner.rate, manner.volume) != before}
        return self._did("change_speech", facts)

    def _newest(self, states: tuple[JobState, ...] | None) -> JobView | None:
        with self.services.database.read() as session:
            page = jobs.list_jobs(session, owner=self.owner, kind=GenerationWorkflow.kind, states=states, limit=1)
        return page.items[0] if page.items else None

    def _told(self, job: JobView) -> JsonDict:
        facts: JsonDict = {"state": job.state.value, "prompt": job.task["prompt"], "job_id": str(job.id)}
        if job.state is JobState.RUNNING:
            facts["percent"] = round(100 * job.progress.fraction)
        if job.error is not None:
            facts |= {"error": job.error.message, "error_ko": job.error.message_ko}
        if job.state is JobState.SUCCEEDED and job.result is not None:
            with self.services.database.read() as session:
                made = tracks.of_jobs(session, [job.id]).get(job.id)
                track = None if made is None else tracks.get(session, made, self.owner)
            if track is not None:
                facts |= {"track_id": str(track.id), "title": track.title, "seconds": round(track.duration)}
        return facts


def _tool(name: str, description: str, parameters: type[ParametersT], call: Callable[[ParametersT], Any]) -> Tool:
    return Tool(name, description, parameters, call)
