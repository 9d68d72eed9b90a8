"""`/v1/voice` where something ends or fails: connections, logins, engines, room, the server itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pansori.bootstrap import build
from pansori.domain.units import Seconds
from pansori.library import turns
from pansori.library.turns import TurnView
from pansori.settings import load
from pansori.workflows.voice import live
from pansori.workflows.voice.live.outbox import WAITING
from support.accounts import CHEAP, PASSWORD
from support.installations import Installation, installation
from support.services import free_port
from support.talking import Message, Talker, talking, tones
from support.voice import ENGINES
from support.waiting import eventually

LONG = " ".join(["fourteen-letter"] * 200)  #: takes the engine of the tests two minutes to say
PLACES = 50


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("talking"), workers=0, voice_sessions=16, **ENGINES) as made:
        yield made


def closed(talker: Talker) -> int:
    """The code with which the server closes, after whatever it says before."""
    with pytest.raises(ConnectionClosed) as found:
        talker.until("nothing of this kind")
    assert found.value.rcvd is not None
    return int(found.value.rcvd.code)


def turn_of(place: Installation, done: Message) -> TurnView:
    """What was kept of a turn."""
    services = place.services
    with services.database.read() as session:
        return turns.get(session, services.accounts.local().known("read").id, UUID(done["turn_id"]))


# -- connections ------------


def test_a_connection_that_breaks_while_it_is_answered_misses_nothing(place: Installation) -> None:
    with talking(place.url) as talker:
        session = talker.start()["session"]
        talker.tell("text", text="one two three. Four five six. Seven eight nine.")
        talker.until("audio")
        before = list(talker.messages)
        talker.connection.socket.shutdown(2)
    with talking(place.url) as again:
        again.tell("start", resume=session, after=before[-1]["n"])
        again.until("done")
        told = before + again.messages
    assert [one["n"] for one in told] == list(range(1, len(told) + 1))
    assert [one["text"] for one in told if one["type"] == "audio"][-1] == "Seven eight nine."


def test_another_connection_takes_its_place_and_the_first_is_told_so(place: Installation) -> None:
    with talking(place.url) as first, talking(place.url) as second:
        session = first.start()["session"]
        second.tell("start", resume=session, after=0)
        assert first.until("bye")["reason"] == "replaced"
        assert closed(first) == 1000
        second.until("ready", such=lambda one: one["resumed"])
        second.tell("text", text="still here")
        assert second.until("done")["state"] == "done"
        with talking(place.url) as third:  # and so on, although the second one has gone on to speak
            third.tell("start", resume=session, after=second.messages[-1]["n"])
            assert third.until("ready")["resumed"] is True


def test_what_was_dropped_long_ago_is_not_taken_up(place: Installation) -> None:
    with talking(place.url) as talker:
        session = talker.start()["session"]
        talker.tell("stop")
        assert closed(talker) == 1000
    with talking(place.url) as again:
        again.tell("start", resume=session, after=1)
        assert again.hear()["field"] == "resume"
        assert closed(again) == 1008


def test_fifty_talk_at_once_and_each_hears_their_own(tmp_path: Path) -> None:
    with ExitStack() as stack:
        place = stack.enter_context(installation(tmp_path, workers=0, voice_sessions=PLACES, **ENGINES))
        talkers = [stack.enter_context(talking(place.url)) for _ in range(PLACES)]
        for talker in talkers:
            talker.start()
        assert f"pansori_conversations {PLACES}.0" in place.get("/metrics").text
        for number, talker in enumerate(talkers):
            talker.tell("text", text=f"number {number}")
        for number, talker in enumerate(talkers):
            assert talker.until("done")["state"] == "done"
            assert "".join(one["delta"] for one in talker.of("reply")) == f"You said: number {number}"
            assert talker.of("audio")
        more = stack.enter_context(talking(place.url))
        more.tell("start")
        assert more.hear()["code"] == "busy"


# -- who is silent ------------


def test_who_says_nothing_for_long_is_told_good_bye(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, **ENGINES) as place:
        place.state.idle = Seconds(0.2)
        with talking(place.url) as talker:
            talker.start()
            assert talker.until("bye")["reason"] == "idle"
            assert closed(talker) == 1000
        place.state.to_start = Seconds(0.2)
        with talking(place.url) as talker:
            assert talker.hear()["field"] == "type"
            assert closed(talker) == 1008


def test_who_does_not_read_keeps_the_answer_waiting_and_may_still_stop_it(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, **ENGINES))
    try:
        talk = live.Live(services, services.accounts.local().known("write").id, live.Start(type="start"))
        talk.ask(live.ASKED.validate_python({"type": "text", "text": LONG}))
        eventually(lambda: talk.outbox.waiting > WAITING - 512 * 1024)
        assert talk.outbox.waiting < WAITING + 64 * 1024
        talk.ask(live.ASKED.validate_python({"type": "cancel"}))
        talk.wait(Seconds(60.0))
        assert talk.outbox.waiting < 64 * 1024
        talk.close()
    finally:
        services.close()


# -- the server ends ------------


def test_what_is_said_while_the_server_ends_is_kept(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, **ENGINES) as place, talking(place.url) as talker:
        talker.start()
        talker.tell("text", text=LONG)
        talker.until("audio")
        place.state.close()
        place.state.sessions.wait(Seconds(60.0))
        assert talker.until("bye")["reason"] == "closing"
        assert closed(talker) == 1001
        [job] = place.get("/v1/jobs?kind=voice_turn").json()["jobs"]
        assert job["result"]["heard"] == LONG
        with talking(place.url) as late:
            late.tell("start")
            assert late.hear()["code"] == "busy"


# -- what fails ------------


@pytest.mark.parametrize(
    ("part", "stage", "heard", "reply"),
    [
        ("transcribe_engine", "hear", None, None),
        ("reply_engine", "answer", "five", None),
        ("speak_engine", "say", "five", "You said: five"),
    ],
)
def test_a_part_that_fails_is_told_and_what_there_was_is_kept(
    part: str, stage: str, heard: str | None, reply: str | None, tmp_path: Path
) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}/v1"
    with (
        installation(tmp_path, workers=0, **{**ENGINES, part: "openai"}, openai_url=elsewhere) as place,
        talking(place.url) as talker,
    ):
        talker.start()
        for turn in (1, 2):  # the conversation goes on
            talker.say(tones(5))
            done = talker.until("done")
            assert (done["turn"], done["state"]) == (turn, "failed")
            assert [one["code"] for one in talker.of("error", turn)] == ["unreachable"]
        job = place.get("/v1/jobs?kind=voice_turn").json()["jobs"][0]
        assert job["state"] == "failed"
        assert [step["name"] for step in job["steps"] if step["state"] == "failed"] == [stage]
        assert place.get(f"/v1/assets/{job['task']['asset_id']}/content").content.startswith(b"RIFF")
        kept = turn_of(place, done)
        assert (kept.heard, kept.reply, kept.state) == (heard, reply, "failed")


def test_where_there_is_no_room_the_conversation_goes_on(tmp_path: Path) -> None:
    with installation(tmp_path, workers=0, **ENGINES, account_quota=20_000) as place, talking(place.url) as talker:
        talker.start()
        talker.say(tones(5))
        done = talker.until("done")
        assert done["state"] == "done"
        assert {one["code"] for one in talker.of("error")} == {"quota_exceeded"}
        assert talker.of("audio")
        kept = turn_of(place, done)
        assert (kept.heard, kept.input_path, kept.output_path) == ("five", None, None)


# -- accounts ------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("house")
    with installation(folder, workers=0, mode="accounts", password_memory=CHEAP, **ENGINES) as made:
        yield made


def logged_in(house: Installation, name: str) -> dict[str, str]:
    """The header by which they are known."""
    email = f"{name}@mail.example"
    house.services.accounts.office.create(email, PASSWORD)
    told = house.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).json()
    return {"Authorization": f"Bearer {told['token']}"}


def refused(house: Installation, headers: dict[str, str]) -> Any:
    """The answer to a handshake."""
    with pytest.raises(InvalidStatus) as found, talking(house.url, additional_headers=headers):
        pass
    return found.value.response


def test_who_is_not_logged_in_talks_to_nobody(house: Installation) -> None:
    answer = refused(house, {"Accept-Language": "en"})
    assert answer.status_code == 401
    assert b'"code":"unauthenticated"' in answer.body.replace(b" ", b"")
    assert refused(house, {"Authorization": "Bearer nonsense"}).status_code == 401


def test_a_key_that_may_only_read_may_not_talk(house: Installation) -> None:
    mina = logged_in(house, "mina")
    for scopes, may in ((["read"], False), (["read", "write"], True)):
        asked = {"name": "program", "scopes": scopes}
        key = house.post("/v1/account/keys", json=asked, headers=mina).json()["key"]
        headers = {"Authorization": f"Bearer {key}"}
        if may:
            with talking(house.url, additional_headers=headers) as talker:
                assert talker.start()["type"] == "ready"
        else:
            assert refused(house, headers).status_code == 403


def test_two_accounts_never_mix_nor_take_each_others_place(house: Installation) -> None:
    jun, sora = logged_in(house, "jun"), logged_in(house, "sora")
    with (
        talking(house.url, additional_headers=jun) as first,
        talking(house.url, additional_headers=sora) as second,
    ):
        ready = first.start()
        second.start()
        for letters in (3, 5):
            first.say(tones(letters))
            second.say(tones(letters + 1))
        heard = [[talker.until("final")["text"] for _ in range(2)] for talker in (first, second)]
        for talker in (first, second):
            talker.until("done", such=lambda one: one["turn"] == 2)
        for asked in ({"resume": ready["session"]}, {"conversation_id": ready["conversation_id"]}):
            with talking(house.url, additional_headers=sora) as thief:
                thief.tell("start", **asked)
                assert thief.hear()["code"] == "not_found"
        first.tell("text", text="mine")  # it is not disturbed by that
        assert first.until("done")["state"] == "done"
    assert heard == [["three", "five"], ["four", "six"]]
    jobs = [house.get("/v1/jobs?kind=voice_turn", headers=who).json()["jobs"] for who in (jun, sora)]
    assert [{job["result"]["heard"] for job in one} for one in jobs] == [{"three", "five", "mine"}, {"four", "six"}]


def test_a_login_that_ends_ends_the_conversation(house: Installation) -> None:
    nari = logged_in(house, "nari")
    with talking(house.url, additional_headers=nari) as talker:
        talker.start()
        assert requests.post(f"{house.url}/v1/auth/logout", headers=nari, timeout=60).ok
        assert talker.until("bye")["reason"] == "logged_out"
        assert closed(talker) == 1008
