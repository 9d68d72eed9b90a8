"""What replies do: the assistant's commands carried out by the kernel, for whoever speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from pansori import jobs
from pansori.bootstrap import build
from pansori.domain.jobs import JobState
from pansori.domain.tasks import Family, Message, ReplyTask
from pansori.engines.write.base import Replying
from pansori.library import tracks
from pansori.settings import load
from pansori.workflows import Services, store_recording
from pansori.workflows.voice import Acting, Manner
from support.context import MemoryContext
from support.recordings import short


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    engines = {"compose_engine": "debug", "write_engine": "debug", "analyze_engine": "debug"}
    services = build(load(data_dir=tmp_path, workers=0, **engines))
    yield services
    services.close()


class Conversation:
    """With the assistant, who remembers it."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        self.owner: UUID = services.accounts.local().known("read").id
        self.manner = Manner()
        self.acting = Acting(services, self.owner, self.manner)
        self._context = MemoryContext(seed=0, scratch=folder)
        self._said: list[Message] = []

    def say(self, text: str) -> str:
        engine = self.services.registry.find(Family.WRITE, "assistant", Replying)  # type: ignore[type-abstract]  # nobody makes one
        task = ReplyTask(text=text, history=tuple(self._said))
        answer = "".join(engine.reply(task, None, self._context, self.acting.tools))
        self._said += [Message(role="user", text=text), Message(role="assistant", text=answer)]
        return answer

    def carry_out(self) -> None:
        """What was begun last."""
        done = jobs.run_inline(self.services.kernel, UUID(self.acting.done[-1].facts["job_id"]))
        assert done.state is JobState.SUCCEEDED, done.error


@pytest.fixture
def talk(services: Services, tmp_path: Path) -> Conversation:
    return Conversation(services, tmp_path)


def test_a_song_is_asked_for_made_and_played(talk: Conversation) -> None:
    assert "아직 부탁하신 노래가 없어요" in talk.say("내 노래 다 됐어?")
    assert talk.say("비 오는 날에 대한 슬픈 노래 만들어 줘").startswith(
        "‘비 오는 날에 대한 슬픈 노래’를 만들기 시작했어요."
    )
    assert talk.acting.done[-1].name == "make_song"
    assert talk.say("노래 어떻게 됐어?") == "‘비 오는 날에 대한 슬픈 노래’는 차례를 기다리고 있어요."
    assert "아직 다 만든 노래가 없어요" in talk.say("마지막 노래 틀어줘")
    talk.carry_out()
    assert talk.say("is my song ready yet?").startswith("Your song is done. It is called “")
    assert talk.say("마지막노래 틀어줘").endswith("들려 드릴게요.")
    played = talk.acting.done[-1]
    with talk.services.database.read() as session:
        track = tracks.get(session, UUID(played.facts["track_id"]), talk.owner)
    assert (played.name, track.prompt) == ("play", "비 오는 날에 대한 슬픈 노래")
    assert track.facts["understood"]["mood"]


def test_a_song_that_is_being_made_can_be_called_off(talk: Conversation) -> None:
    assert talk.say("cancel my song") == "No song is being made now."
    assert "a happy song about your cat" in talk.say("Make me a happy song about my cat, please!")
    assert talk.say("cancel my song") == "I stopped making it."
    assert talk.say("how is my song doing?") == "Your song was cancelled."


def test_the_newest_recording_is_analysed_and_told_of(talk: Conversation, tmp_path: Path) -> None:
    assert talk.say("마지막 녹음 분석해 줘").startswith("아직 녹음이 없어요.")
    for name in ("older", "newer"):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(short())
        store_recording(talk.services, path, name=path.name, owner=talk.owner)
    assert talk.say("analyse my last recording").startswith("I've begun to analyse")
    assert talk.acting.done[-1].facts["recording"] == "newer.wav"
    assert talk.say("analyse my last recording") == "It is still being analysed."
    talk.carry_out()
    assert talk.say("아까 녹음한 거 분석해 줘").startswith("마지막 녹음은 ")
    assert talk.say("analyse my last recording").startswith("Your latest recording is ")


def test_speech_becomes_slower_up_to_a_limit_and_says_again_what_it_said(talk: Conversation) -> None:
    first = talk.say("안녕")
    assert talk.say("더 천천히 말해 줘") == f"더 천천히 말할게요. {first}"
    assert talk.say("천천히") == f"더 천천히 말할게요. {first}"
    assert talk.manner.rate == pytest.approx(0.64)
    assert talk.say("더 천천히") == f"더 천천히 말할게요. {first}"
    assert (talk.say("더 천천히"), talk.manner.rate) == (f"더 천천히 말할게요. {first}", 0.5)
    assert talk.say("더 천천히") == "이보다 천천히는 말할 수 없어요."
    assert talk.say("louder please").startswith("I can't speak any louder.")
    assert talk.say("조금만 작게 말해 줘").startswith("더 작게 말할게요.")
    assert talk.manner.volume == -6.0


def test_nobody_hears_of_what_is_anothers(talk: Conversation, services: Services, tmp_path: Path) -> None:
    talk.say("make a song about rain")
    stranger = services.accounts.local().known("read").id
    assert stranger == talk.owner
    other = Acting(services, UUID(int=7))
    assert other.tools["song_status"].call(other.tools["song_status"].Parameters()) == {"state": "none"}
    assert other.tools["cancel_song"].call(other.tools["cancel_song"].Parameters()) == {"cancelled": False}
    assert "change_speech" not in other.tools


def test_what_a_model_makes_up_is_refused(talk: Conversation) -> None:
    parameters = talk.acting.tools["make_song"].Parameters
    for made_up in ({}, {"prompt": ""}, {"prompt": "rain", "loudness": 11}, {"prompt": "rain", "duration": 0.1}):
        with pytest.raises(ValidationError):
            parameters.model_validate(made_up)


def test_what_the_kernel_refuses_is_said(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0))
    try:
        answer = Conversation(services, tmp_path).say("make a song at 900 bpm about rain")
    finally:
        services.close()
    assert "must be from 40 to 240" in answer


def test_a_reply_that_is_tried_again_begins_nothing_twice(talk: Conversation) -> None:
    begun = set()
    for prompt in ("rain", "rain"):
        tool = Acting(talk.services, talk.owner, key="turn 1").tools["make_song"]
        begun.add(tool.call(tool.Parameters.model_validate({"prompt": prompt}))["job_id"])
    assert len(begun) == 1
    other = Acting(talk.services, talk.owner, key="turn 2").tools["make_song"]
    assert other.call(other.Parameters.model_validate({"prompt": "rain"}))["job_id"] not in begun
