"""`/v1/voice`: a conversation as it happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import av
import numpy as np
import pytest
import soxr
from websockets.exceptions import ConnectionClosed

from pansori.api.voice import MOST_FAULTS
from support.installations import Installation, installation
from support.talking import RATE, Talker, spoken, talking, tones
from support.voice import numbers

DEBUG = {"transcribe_engine": "debug", "reply_engine": "debug", "speak_engine": "debug"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("talking"), workers=0, voice_sessions=8, **DEBUG) as made:
        yield made


@pytest.fixture
def talker(place: Installation) -> Iterator[Talker]:
    with talking(place.url) as connected:
        yield connected


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("embedded"), workers=0) as made:
        yield made


# -- whole turns ------------


@pytest.mark.parametrize(
    ("said", "language", "heard", "answered"),
    [("What can you do?", "en-us", "what can you do", "songs"), ("지금 몇 시야?", "ko", "지금 몇 시야", "지금은")],
)
def test_what_is_said_is_answered_aloud(
    said: str, language: str, heard: str, answered: str, embedded: Installation
) -> None:
    with talking(embedded.url) as talker:
        talker.start()
        talker.say(spoken(said, language))
        done = talker.until("done")
        assert [one["text"] for one in talker.of("final")] == [heard]
        assert answered in "".join(one["delta"] for one in talker.of("reply"))
        sounds = talker.of("audio")
        assert [one["sentence"] for one in sounds] == list(range(len(sounds)))
        for one in sounds:
            samples = np.frombuffer(one["sound"], dtype="<i2")
            assert len(samples) == one["samples"]
            assert np.abs(samples).max() > 1_000
        assert done["state"] == "done"
        assert [one["n"] for one in talker.messages] == list(range(1, len(talker.messages) + 1))


def test_a_song_is_begun_by_asking_for_it(embedded: Installation) -> None:
    with talking(embedded.url) as talker:
        talker.start()
        talker.tell("text", text="make a sad song about rain")
        talker.until("done")
        [action] = talker.of("action")
        assert action["name"] == "make_song"
        assert embedded.job(action["facts"]["job_id"]).task["prompt"] == action["facts"]["prompt"]


def test_a_turn_is_kept_with_its_sounds(talker: Talker, place: Installation) -> None:
    number = next(numbers)  # of nobody else: turns of other tests may still be being kept
    ready = talker.start(user_id=number)
    talker.say(tones(5))
    done = talker.until("done")
    jobs = place.get("/v1/jobs?kind=voice_turn&limit=500").json()["jobs"]
    [kept] = [one for one in jobs if one["task"]["user_id"] == number]
    assert kept["state"] == "succeeded"
    assert kept["result"]["heard"] == "five"
    assert kept["result"]["heard_by"] == talker.of("final")[0]["engine"] == "debug"
    assert kept["result"]["reply"] == "You said: five"
    assert done["turn_id"]
    assert kept["task"]["conversation_id"] == ready["conversation_id"]
    sounds = {one["role"]: one["asset_id"] for one in kept["artifacts"]}
    for role in ("recording", "speech"):
        assert place.get(f"/v1/assets/{sounds[role]}/content").content.startswith(b"RIFF")
    assert place.get(f"/users/{number}").json()["atot_text_list"] == [], "those are the turns of the voice backend"


def test_the_time_of_everything_is_told(talker: Talker) -> None:
    talker.start()
    talker.say(tones(6))
    timings = talker.until("done")["timings"]
    order = ["speech_ended", "hear_last", "answer_first", "say_first", "say_last", "total"]
    assert [timings[name] for name in order] == sorted(timings[name] for name in order)
    assert timings["speech_ended"] == pytest.approx(-0.6, abs=0.15)


def test_what_is_understood_so_far_is_told(embedded: Installation) -> None:
    with talking(embedded.url) as talker:
        talker.start(language="en")
        talker.say(spoken("make a sad song about rain")[:-RATE])
        partial = talker.until("partial")
        assert "make a sad song about rain".startswith(partial["text"])
        talker.tell("cancel")


def test_push_to_talk_ends_when_it_is_let_go(talker: Talker) -> None:
    talker.start(hands_free=False)
    talker.say(tones(4, pause=0.1))
    talker.tell("speech_end")
    assert talker.until("final")["text"] == "four"
    talker.until("done")
    talker.tell("speech_end")
    assert talker.until("error")["message"] == "Nobody is speaking."


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_microphones_of_other_rates_are_heard(rate: int, talker: Talker) -> None:
    talker.start(rate=rate)
    talker.say(soxr.resample(tones(5), RATE, rate))
    assert talker.until("final")["text"] == "five"
    assert talker.until("done")["state"] == "done"


@pytest.mark.parametrize(("silence", "heard"), [(0.3, ["three", "five"]), (1.5, ["three five"])])
def test_how_long_nobody_speaks_before_speech_is_over_is_a_choice(
    silence: float, heard: list[str], talker: Talker
) -> None:
    talker.start(silence=silence)
    talker.say(np.concatenate((tones(3, pause=0.5), tones(5, pause=2.0))))
    assert [talker.until("final")["text"] for _ in heard] == heard


@pytest.mark.parametrize("samples", [RATE, 16], ids=["a second", "a millisecond"])
def test_silence_is_no_turn(samples: int, talker: Talker) -> None:
    talker.start(hands_free=False)
    talker.connection.send(b"")
    talker.say(np.zeros(samples))
    talker.tell("speech_end")
    done = talker.until("done")
    assert done["state"] == "nothing"
    assert "turn_id" not in done
    assert talker.of("audio") == []


def test_a_conversation_is_gone_on_with(place: Installation) -> None:
    with talking(place.url) as first:
        conversation = first.start()["conversation_id"]
    with talking(place.url) as second:
        assert second.start(conversation_id=conversation)["conversation_id"] == conversation


# -- interrupted ------------

LONG = " ".join(["fourteen-letter"] * 40)  #: takes the engine of the tests half a minute to say


def test_speaking_stops_the_answer(talker: Talker) -> None:
    talker.start()
    talker.tell("text", text=LONG)
    talker.until("audio")
    talker.tell("played", turn=1, seconds=0.5)
    talker.say(tones(6, pause=0.0))
    stopped = talker.until("interrupted")
    assert (stopped["turn"], stopped["seconds"]) == (1, 0.5)
    assert stopped["heard"] == "You said:"
    began = talker.until("speech_started")
    assert began["turn"] == 2


def test_an_answer_that_was_heard_to_its_end_is_not_interrupted(talker: Talker) -> None:
    talker.start()
    talker.tell("text", text="one two")
    talker.until("done")
    heard = sum(one["samples"] / one["rate"] for one in talker.of("audio"))
    talker.tell("played", turn=1, seconds=heard - 0.02)  # as far as a client that looks a few times a second has seen
    talker.say(tones(5))
    assert talker.until("done")["turn"] == 2
    assert talker.of("interrupted") == []


def test_an_answer_stops_within_200_ms_of_speech(talker: Talker) -> None:
    talker.start()
    talker.tell("text", text=LONG)
    talker.until("audio")
    quiet, tone = np.zeros(RATE // 4), tones(8, pause=0.0)[RATE // 4 :]
    talker.say(np.concatenate((quiet, tone[: RATE // 5])))  # and nothing more, until it has stopped
    assert talker.until("interrupted")["turn"] == 1


def test_cancel_stops_the_answer_too(talker: Talker) -> None:
    talker.start()
    talker.tell("text", text=LONG)
    talker.until("reply")
    talker.tell("cancel")
    talker.until("interrupted")
    done = talker.until("done")
    assert done["state"] == "interrupted"
    talker.tell("text", text="again")
    assert talker.until("done")["state"] == "done"


# -- connections ------------


def test_a_connection_that_broke_is_taken_up_again(place: Installation) -> None:
    with talking(place.url) as talker:
        session = talker.start()["session"]
        talker.tell("text", text="one two three")
        arrived = talker.until("final")["n"]
        talker.connection.socket.shutdown(2)
    with talking(place.url) as again:
        again.tell("start", resume=session, after=arrived)
        done = again.until("done")
        assert done["state"] == "done"
        if not again.of("ready"):  # what was missed comes first
            again.until("ready")
        assert [one["n"] for one in again.messages] == list(range(arrived + 1, arrived + 1 + len(again.messages)))
        assert [one["resumed"] for one in again.of("ready")] == [True]


@pytest.mark.parametrize("asked", [{"resume": "nobody"}, {"conversation_id": str(uuid4())}])
def test_what_is_not_there_is_not_gone_on_with(asked: dict[str, Any], talker: Talker) -> None:
    talker.tell("start", **asked)
    refused = talker.hear()
    assert (refused["type"], refused["code"], refused["field"]) == ("error", "not_found", next(iter(asked)))
    with pytest.raises(ConnectionClosed):
        talker.hear()


def test_two_conversations_never_mix(place: Installation) -> None:
    with talking(place.url) as one, talking(place.url) as other:
        one.start()
        other.start()
        for letters in (3, 5, 7):
            one.say(tones(letters))
            other.say(tones(letters + 1))
        heard = [[talker.until("final")["text"] for _ in range(3)] for talker in (one, other)]
    assert heard == [["three", "five", "seven"], ["four", "six", "eight"]]


def test_stop_ends_it(talker: Talker) -> None:
    talker.start()
    talker.tell("stop")
    assert talker.until("bye")["reason"] == "stopped"
    with pytest.raises(ConnectionClosed) as closed:
        talker.hear()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1000


def test_who_finds_no_place_is_told_so(tmp_path: Any) -> None:
    with installation(tmp_path, workers=0, voice_sessions=1, **DEBUG) as place, talking(place.url) as first:
        first.start()
        with talking(place.url) as second:
            second.tell("start")
            assert second.hear()["code"] == "busy"
            with pytest.raises(ConnectionClosed) as closed:
                second.hear()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 1013


# -- bad input ------------


def test_a_page_of_another_origin_is_refused(place: Installation) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refused, talking(place.url, origin="https://elsewhere.example"):
        pass
    assert refused.value.response.status_code == 403


def test_a_page_of_its_own_is_not(place: Installation) -> None:
    with talking(place.url, origin=place.url) as talker:
        assert talker.start()["type"] == "ready"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("{", None),
        ("[]", None),
        ("[" * 20_000, None),
        ('{"type": "sing"}', "type"),
        ('{"type": "played", "turn": "x", "seconds": 1}', "turn"),
        ('{"type": "played", "turn": 1, "seconds": NaN}', "seconds"),
        ('{"type": "text", "text": ""}', "text"),
        ('{"type": "text", "text": "a", "more": 1}', "more"),
        (f'{{"type": "text", "text": "{"a" * 100_000}"}}', "text"),
        ('{"type": "start"}', "type"),
        (b"\0", "audio"),
    ],
)
def test_what_makes_no_sense_is_told_and_the_conversation_goes_on(
    message: str | bytes, field: str | None, talker: Talker
) -> None:
    talker.start()
    talker.connection.send(message)
    error = talker.until("error")
    assert error.get("field") == field
    assert error["message"] != error["message_ko"]
    talker.tell("text", text="still there")
    assert talker.until("done")["state"] == "done"


@pytest.mark.parametrize("message", [b"\0\0", '{"type": "text", "text": "a"}', "{"])
def test_sound_before_the_start_is_refused(message: str | bytes, talker: Talker) -> None:
    talker.connection.send(message)
    assert talker.hear()["type"] == "error"
    with pytest.raises(ConnectionClosed):
        talker.hear()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"rate": 4_000}, "rate"),
        ({"format": "mp3"}, "format"),
        ({"silence": 0}, "silence"),
        ({"language": "??"}, "language"),
        ({"language": "xx"}, "language"),
        ({"voice": "nobody"}, "voice"),
    ],
)
def test_a_start_that_cannot_be_is_refused_by_name(asked: dict[str, Any], field: str, talker: Talker) -> None:
    talker.tell("start", **asked)
    assert talker.hear()["field"] == field


def test_a_frame_that_is_too_large_ends_the_connection(talker: Talker, place: Installation) -> None:
    talker.start()
    with suppress(ConnectionClosed):  # it is refused before all of it has gone
        talker.connection.send(bytes(100 * 1024 * 1024))
    with pytest.raises(ConnectionClosed) as closed:
        talker.hear()
    assert closed.value.rcvd is None or closed.value.rcvd.code == 1009  # which a reset may overtake
    assert place.get("/").status_code == 200


def test_opus_is_heard_and_what_is_none_of_it_is_told(talker: Talker) -> None:
    talker.start(format="opus")
    talker.connection.send(b"\xff" * 100)
    assert talker.until("error")["field"] == "audio"
    for packet in opus(tones(5)):
        talker.connection.send(packet)
    assert talker.until("final")["text"] == "five"


def opus(sound: np.ndarray) -> Iterator[bytes]:
    """Packets of samples, shape [n] at `RATE`."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    pcm = (np.clip(sound, -1, 1) * 32_767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
    frame.sample_rate = RATE
    for given in (frame, None):
        yield from map(bytes, encoder.encode(given))


def test_who_makes_no_sense_for_long_is_told_good_bye(talker: Talker) -> None:
    talker.start()
    for _ in range(MOST_FAULTS):
        talker.connection.send("{")
    assert talker.until("bye")["reason"] == "stopped"
