"""The voice backend where one logs in: everybody speaks for themselves."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from pansori.db.tables import Asset, Conversation, Turn, VoiceUser
from pansori.workflows import close_account, export_account
from support.accounts import CHEAP, PASSWORD
from support.installations import Installation, installation, sound
from support.origin import serving
from support.voice import ENGINES


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("house")
    with installation(folder, workers=0, mode="accounts", password_memory=CHEAP, **ENGINES) as made:
        yield made


class Speaker:
    """Somebody with an account, who has logged in."""

    def __init__(self, house: Installation, name: str) -> None:
        self.house, self.email = house, f"{name}@mail.example"
        house.services.accounts.office.create(self.email, PASSWORD)
        told = house.post("/v1/auth/login", json={"email": self.email, "password": PASSWORD}).json()
        self.headers = {"Authorization": f"Bearer {told['token']}"}
        self.number: int = self.call("GET", "/v1/account")["alias"]

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return requests.request(method, self.house.url + path, headers=headers, timeout=120, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        answer = self.ask(method, path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def speak(self, said: str) -> Any:
        """What the whole turn came to."""
        self.call("POST", "/run-model", json={"text": said})
        return self.call("POST", "/run-full-pipeline")["final_data"]


@pytest.fixture(scope="module")
def mina(house: Installation) -> Speaker:
    return Speaker(house, "mina")


@pytest.fixture(scope="module")
def jun(house: Installation) -> Speaker:
    return Speaker(house, "jun")


def test_who_has_not_logged_in_speaks_to_nobody(house: Installation) -> None:
    assert house.get("/").json()["user"] is None
    for path in ("/users", "/users/10", "/atot", "/ttot", "/run-model", "/generate"):
        assert house.get(path).status_code == 401
    for path in ("/process-audio", "/run-full-pipeline", "/run-model", "/generate", "/tts"):
        assert house.post(path, json={"text": "hello"}).status_code == 401


def test_the_user_is_the_account(mina: Speaker) -> None:
    assert mina.call("GET", "/")["user"]["id"] == mina.number
    assert mina.call("POST", "/run-model", json={"text": "me"})["user_id"] == mina.number


def test_what_two_accounts_say_at_once_never_mixes(house: Installation) -> None:
    speakers = [Speaker(house, name) for name in ("una", "dua", "tria")]

    def talk(speaker: Speaker) -> list[str]:
        told = [speaker.speak(f"{speaker.email} {turn}") for turn in range(4)]
        assert [one["ttot_text"] for one in told] == [f"You said: {speaker.email} {turn}" for turn in range(4)]
        return [one["output_wav"] for one in told]

    with ThreadPoolExecutor(len(speakers)) as threads:
        spoken = list(threads.map(talk, speakers))
    for speaker, paths in zip(speakers, spoken, strict=True):
        [user] = speaker.call("GET", "/users")
        assert (user["id"], user["output_wav_list"]) == (speaker.number, paths)
        others = {path for other in spoken if other is not paths for path in other}
        assert {speaker.ask("GET", path).status_code for path in paths} == {200}
        assert {speaker.ask("GET", path).status_code for path in others} == {404}


def test_a_number_is_no_proof_of_who_asks(mina: Speaker, jun: Speaker) -> None:
    mina.speak("between ourselves")
    assert jun.ask("GET", f"/users/{mina.number}").status_code == 404
    assert jun.ask("GET", f"/atot?user_id={mina.number}").status_code == 404
    jun.call("POST", "/run-model", json={"text": "mine", "user_id": mina.number})  # one's own user of that number
    assert "mine" not in mina.call("GET", "/atot")["atot_text"]
    assert jun.call("GET", f"/atot?user_id={mina.number}")["atot_text"] == "mine"


def test_servers_that_know_people_by_a_number_alone_are_told_ones_own_alone(tmp_path: Path) -> None:
    with serving() as origin:
        told = json.dumps({"user_id": 1, "input_wav": None, "atot_text": "between ourselves"}).encode()
        origin.routes["/run-model"] = lambda exchange: exchange.answer(200, told, "application/json")
        own = {"reply_engine": "debug", "speak_engine": "debug", "atot_url": origin.url}
        with installation(tmp_path, workers=0, mode="accounts", password_memory=CHEAP, **own) as house:
            one, other = Speaker(house, "mina"), Speaker(house, "jun")
            for method, path in (("GET", "/atot"), ("GET", "/ttot"), ("POST", "/run-full-pipeline")):
                assert one.ask(method, f"{path}?user_id={other.number}").status_code == 404
            assert one.ask("POST", "/generate", json={"text": "a", "user_id": other.number}).status_code == 404
            sent = {"file": ("a.wav", sound(0.3)), "user_id": (None, str(other.number))}
            assert one.ask("POST", "/run-model", files=sent).status_code == 404
            job = {"kind": "voice_turn", "task": {"text": "a", "user_id": other.number}}
            assert one.ask("POST", "/v1/jobs", json=job).status_code == 404
            assert origin.requests == []
            assert one.call("GET", f"/atot?user_id={one.number}")["atot_text"] == "between ourselves"
            assert f"user_id={one.number}" in origin.requests[0].path
            with house.services.database.read() as session:
                assert session.scalar(select(func.count()).select_from(Asset)) == 0


def test_what_changes_something_needs_more_than_a_key_that_reads(mina: Speaker) -> None:
    key = mina.ask("POST", "/v1/account/keys", json={"name": "looks", "scopes": ["read"]}).json()["key"]
    reading = {"Authorization": f"Bearer {key}"}
    mina.speak("hello")
    assert mina.ask("GET", "/users", headers=reading).status_code == 200
    assert mina.ask("GET", "/run-model", headers=reading).status_code == 200
    for path in ("/atot", "/ttot", "/generate"):
        assert mina.ask("GET", path, headers=reading).status_code == 403


def test_what_changes_something_is_not_done_for_foreign_pages(mina: Speaker) -> None:
    mina.speak("hello")
    for path in ("/atot", "/ttot", "/generate"):
        assert mina.ask("GET", path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert mina.ask("GET", path, headers={"Origin": "https://evil.example"}).status_code == 403
        assert mina.ask("GET", path, headers={"Origin": "http://localhost:8000"}).status_code == 200


def test_what_a_guest_said_comes_along(house: Installation) -> None:
    guest = requests.Session()
    assert guest.post(f"{house.url}/v1/generations", json={"prompt": "A song", "duration": 2}).status_code == 202
    said = guest.post(f"{house.url}/run-model", json={"text": "before"}).json()
    assert guest.post(f"{house.url}/run-full-pipeline").json()["success"]
    house.services.accounts.office.create("gina@mail.example", PASSWORD)
    login = guest.post(f"{house.url}/v1/auth/login", json={"email": "gina@mail.example", "password": PASSWORD})
    assert login.status_code == 200, login.text
    known = {user["id"]: user for user in guest.get(f"{house.url}/users").json()}
    assert known[said["user_id"]]["atot_text_list"] == ["before"]
    guest.close()


def test_an_account_takes_its_turns_along_and_leaves_none(house: Installation) -> None:
    lena = Speaker(house, "lena")
    lena.call("POST", "/run-model", files={"file": ("a.wav", sound(0.3))})
    told = lena.call("POST", "/run-full-pipeline")["final_data"]
    services = house.services
    with services.database.read() as session:
        account = services.accounts.recognise(lena.headers["Authorization"].removeprefix("Bearer ")).viewer.known(
            "read"
        )
        owner = account.id
    archive = zipfile.ZipFile(io.BytesIO(b"".join(export_account(services, account))))
    [turn] = json.loads(archive.read("turns.json"))
    assert (turn["heard"], turn["reply"]) == (told["atot_text"], told["ttot_text"])
    assert json.loads(archive.read("voice_users.json"))[0]["number"] == lena.number
    assert sum(name.startswith("files/") for name in archive.namelist()) == 2
    close_account(services, owner)
    with services.database.read() as session:
        for table in (Turn, VoiceUser, Conversation):
            assert session.scalar(select(func.count()).where(table.owner == owner)) == 0
