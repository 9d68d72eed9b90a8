"""The page of conversations as a form without scripts uses it, in this process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from html import unescape
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.db.tables import Asset
from pansori.domain.errors import Busy
from pansori.settings import load
from pansori.web.site import install
from pansori.workflows import Services
from support.accounts import CHEAP
from support.installations import sound
from support.services import free_port
from support.voice import ENGINES

pytestmark = pytest.mark.anyio
PATH = "/app/talk"


def reading(services: Services, language: str = "ko") -> httpx.AsyncClient:
    app = create_app(services)
    install(app)
    return reader_of(app, language)


def reader_of(app: FastAPI, language: str = "ko") -> httpx.AsyncClient:
    headers = {"Accept": "text/html", "Accept-Language": language, "Origin": "http://localhost"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path_factory.mktemp("talk"), workers=0, **ENGINES))
    yield made
    made.close()


@pytest.fixture
async def reader(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with reading(services) as made:
        yield made


async def post(reader: httpx.AsyncClient, text: str = "", file: bytes | None = None) -> httpx.Response:
    """What the form sends, as a browser does: a file that was not chosen is empty and has no name."""
    head = '--x\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    name = "" if file is None else "녹음.wav"
    said, sent = head.format("text", ""), head.format("file", f'; filename="{name}"')
    body = f"{said}{text}\r\n{sent}".encode() + (file or b"") + b"\r\n--x--\r\n"
    return await reader.post(PATH, content=body, headers={"Content-Type": "multipart/form-data; boundary=x"})


async def said(reader: httpx.AsyncClient) -> list[str]:
    """What the page shows that was said, the latest first."""
    answer = await reader.get(PATH)
    assert answer.status_code == 200
    found = re.findall(r'class="turn-you"><span class="unseen">.*?</span><span[^>]*>(.*?)</span></p>', answer.text)
    return [unescape(one) for one in found]


async def test_words_are_answered(reader: httpx.AsyncClient) -> None:
    answer = await post(reader, "  안녕 하세요 ")
    assert (answer.status_code, answer.headers["Location"]) == (303, PATH)
    assert (await said(reader))[0] == "안녕 하세요"
    page = (await reader.get(PATH)).text
    assert "하신 말씀이에요: 안녕 하세요" in page
    source = re.findall(r'data-source="([^"]+)"', page)[0]
    assert (await reader.get(source, headers={"Accept": "*/*"})).content.startswith(b"RIFF")


async def test_a_recording_is_answered(reader: httpx.AsyncClient) -> None:
    answer = await post(reader, file=sound(0.25))
    assert answer.status_code == 303, answer.text
    assert (await said(reader))[0] == "five"


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, None),
        (b"RIFF\0\0\0\0WAVEjunk", 422, None),
        (b"<!doctype html>" * 100, 422, None),
        (sound(0.5, hertz=0.0), 422, "알아들은 말이 없어요"),
    ],
    ids=["empty", "half a WAV", "a page", "silence"],
)
async def test_what_is_no_speech_is_told_and_nothing_is_answered(
    content: bytes, status: int, words: str | None, reader: httpx.AsyncClient
) -> None:
    before = await said(reader)
    answer = await post(reader, file=content)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert words is None or words in answer.text
    assert await said(reader) == before


async def test_nothing_is_refused_in_words(reader: httpx.AsyncClient) -> None:
    for nothing in ("", " \n\t "):
        answer = await post(reader, nothing)
        assert answer.status_code == 422
        assert "글을 쓰거나 녹음 파일을 골라 주세요." in answer.text


async def test_what_is_hostile_is_words_like_any_other(reader: httpx.AsyncClient) -> None:
    hostile = "<script>alert(1)</script> \" onload='x' {{ 7 * 7 }} \u202e"
    assert (await post(reader, hostile)).status_code == 303
    page = (await reader.get(PATH)).text
    assert "<script>alert" not in page
    assert "{{ 7 * 7 }}" in page
    assert (await said(reader))[0] == hostile.strip()
    assert (await post(reader, "가" * 100_000)).status_code == 422


async def test_a_page_elsewhere_cannot_speak_for_one(reader: httpx.AsyncClient) -> None:
    answer = await reader.post(PATH, data={"text": "hello"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403


async def test_a_turn_is_deleted_with_its_sounds(reader: httpx.AsyncClient) -> None:
    await post(reader, "forget this")
    page = (await reader.get(PATH)).text
    turn = re.findall(r'id="turn-([0-9a-f-]{36})"', page)[0]
    alone = (await reader.get(f"{PATH}/turns/{turn}/shown")).text
    assert "forget this" in alone
    source = re.findall(r'data-source="([^"]+)"', alone)[0]
    assert (await reader.post(f"{PATH}/turns/{turn}/delete")).status_code == 303
    assert "forget this" not in await said(reader)
    assert (await reader.get(source, headers={"Accept": "*/*"})).status_code == 404
    for other in (turn, "nonsense"):
        assert (await reader.get(f"{PATH}/turns/{other}/shown")).status_code == 404
        assert (await reader.post(f"{PATH}/turns/{other}/delete")).status_code == 404


async def test_a_turn_of_which_no_job_tells_is_deleted_with_its_sounds_too(reader: httpx.AsyncClient) -> None:
    heard = await reader.post("/run-model", files={"file": ("a.wav", sound(0.35))})
    source = heard.json()["input_wav"]
    assert (await reader.get("/atot")).status_code == 200  # and there it ends
    page = (await reader.get(PATH)).text
    assert source in page
    [delete] = re.findall(rf'action="({PATH}/turns/[0-9a-f-]+/delete)"', page[page.index(source) :])[:1]
    assert (await reader.post(delete)).status_code == 303
    assert source not in (await reader.get(PATH)).text
    assert (await reader.get(source, headers={"Accept": "*/*"})).status_code == 404


async def test_a_recording_that_nobody_has_time_to_hear_is_not_kept(services: Services) -> None:
    app = create_app(services)
    install(app)
    owner, talking = services.accounts.local().known("write").id, app.state.server.talking
    with services.database.read() as session:
        before = session.scalar(select(func.count()).select_from(Asset))
    async with reader_of(app) as reader:
        with ExitStack() as places:
            with suppress(Busy):
                while True:
                    places.enter_context(talking.place(owner))
            answer = await post(reader, file=sound(0.25))
    assert answer.status_code == 429
    assert "말하는 사람이 너무 많아요" in answer.text
    with services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Asset)) == before


async def test_a_part_that_fails_is_told_and_what_was_said_is_kept(tmp_path: Path) -> None:
    settings = {**ENGINES, "reply_engine": "openai", "openai_url": f"http://127.0.0.1:{free_port()}/v1"}
    services = build(load(data_dir=tmp_path, workers=0, **settings))
    try:
        async with reading(services) as reader:
            answer = await post(reader, "hello")
            assert answer.status_code >= 500
            assert 'role="alert"' in answer.text
            assert await said(reader) == ["hello"]
            assert "대답하지 못했어요" in (await reader.get(PATH)).text
    finally:
        services.close()


async def test_what_is_sent_here_is_answered_though_another_server_hears_for_the_backend(tmp_path: Path) -> None:
    settings = {"reply_engine": "debug", "speak_engine": "debug", "atot_url": f"http://127.0.0.1:{free_port()}"}
    services = build(load(data_dir=tmp_path, workers=0, **settings))
    try:
        async with reading(services) as reader:
            assert (await post(reader, "hello")).status_code == 303
            assert await said(reader) == ["hello"]
    finally:
        services.close()


async def test_where_one_logs_in_whoever_speaks_becomes_a_guest(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, mode="accounts", password_memory=CHEAP, **ENGINES))
    try:
        async with reading(services, "en") as one, reading(services, "en") as other:
            assert "data-stranger" in (await one.get(PATH)).text
            assert (await one.post(f"{PATH}/enter")).status_code == 204
            assert "data-stranger" not in (await one.get(PATH)).text, "it may open a socket now"
            assert (await post(one, "mine")).status_code == 303
            assert (await post(other, "theirs")).status_code == 303
            assert (await said(one), await said(other)) == (["mine"], ["theirs"])
            turn = re.findall(r'id="turn-([0-9a-f-]{36})"', (await one.get(PATH)).text)[0]
            assert (await other.get(f"{PATH}/turns/{turn}/shown")).status_code == 404
            assert (await other.post(f"{PATH}/turns/{turn}/delete")).status_code == 404
    finally:
        services.close()
