"""Other servers that engines ask: what is sent there, and what goes wrong told apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest

from pansori.domain.errors import (
    Cancelled,
    EngineUnavailable,
    FetchFailed,
    FetchTimedOut,
    GarbledAnswer,
    NetworkError,
    ResponseTooLarge,
    Unreachable,
)
from pansori.domain.units import Bytes, Seconds
from pansori.engines.elsewhere import Body, Elsewhere, File, events, set_or_not
from pansori.settings import Settings
from support.origin import Exchange, Origin, redirecting, serving
from support.services import free_port

SETTING, KEY = "PANSORI_OPENAI_URL", "PANSORI_OPENAI_KEY"


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with serving() as origin:
        yield origin


@pytest.fixture
def server(origin: Origin, tmp_path: Path) -> Elsewhere:
    return Elsewhere(Settings(data_dir=tmp_path), f"{origin.url}/v1", SETTING, key="secret", key_setting=KEY)


def answering(origin: Origin, body: bytes, media_type: str = "application/json", status: int = 200) -> None:
    origin.routes["/v1/ask"] = lambda exchange: exchange.answer(status, body, media_type)


# -- what is sent ------------


def test_json_goes_there_and_comes_back(origin: Origin, server: Elsewhere) -> None:
    answering(origin, b'{"heard": "yes"}')
    assert server.told("POST", "ask", Body.json({"said": "안녕"})) == {"heard": "yes"}
    sent = origin.requests[-1]
    assert json.loads(sent.body) == {"said": "안녕"}
    assert (sent.method, sent.path, sent.headers["Authorization"]) == ("POST", "/v1/ask", "Bearer secret")


def test_a_form_is_read_as_it_was_meant(origin: Origin, server: Elsewhere) -> None:
    answering(origin, b"{}")
    file = File("file", 'a "b"\n.wav', b"\r\n--RIFF\x00\xff", "audio/wav")
    server.told("POST", "ask", Body.form([("model", "whisper-1"), ("part", "가"), ("part", "나")], [file]))
    sent = origin.requests[-1]
    head = f"Content-Type: {sent.headers['Content-Type']}\r\n\r\n".encode()
    parts: list[Any] = BytesParser().parsebytes(head + sent.body).get_payload()  # type: ignore[assignment]  # it has parts
    told = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True)) for part in parts]
    assert told == [
        ("model", b"whisper-1"),
        ("part", "가".encode()),
        ("part", "나".encode()),
        ("file", b"\r\n--RIFF\x00\xff"),
    ]
    assert parts[-1].get_content_type() == "audio/wav"
    assert parts[-1].get_filename() == "a %22b%22%0A.wav"


def test_the_key_goes_nowhere_else(origin: Origin, server: Elsewhere) -> None:
    with serving() as other:
        other.routes["/"] = lambda exchange: exchange.answer(200, b"{}")
        origin.routes["/v1/ask"] = redirecting(f"{other.url}/")
        with pytest.raises(NetworkError):
            server.told("POST", "ask", Body.json({}))
        with pytest.raises(NetworkError):
            server.told("GET", "ask")
        assert not other.requests


def test_no_proxy_is_used(origin: Origin, server: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    answering(origin, b"{}")
    assert server.told("GET", "ask") == {}


# -- what goes wrong ------------


def test_nobody_listens(tmp_path: Path) -> None:
    server = Elsewhere(Settings(data_dir=tmp_path), f"http://127.0.0.1:{free_port()}", SETTING)
    with pytest.raises(Unreachable) as failed:
        server.told("GET", "ask")
    assert SETTING in str(failed.value.cure)


@pytest.mark.parametrize(
    ("body", "media_type", "came"),
    [
        (b"<html></html>", "text/html", "text/html"),
        (b"[1]", "application/json", "list"),
        (b"", "application/json", "application/json"),
        (b'{"a": NaN}', "application/json", "application/json"),
        (b"[" * 5_000, "application/json", "application/json"),
    ],
)
def test_nonsense(origin: Origin, server: Elsewhere, body: bytes, media_type: str, came: str) -> None:
    answering(origin, body, media_type)
    with pytest.raises(GarbledAnswer, match=f"answered with {came} in place of JSON") as failed:
        server.told("GET", "ask")
    assert SETTING in str(failed.value.cure)


@pytest.mark.parametrize(
    ("status", "body", "media_type", "said", "cure"),
    [
        (500, b'{"error": {"message": "out\\n of  memory"}}', "application/json", ": out of memory", SETTING),
        (422, b'{"detail": "no such voice"}', "application/json", ": no such voice", SETTING),
        (404, b"nothing here", "text/plain", ": nothing here", SETTING),
        (502, b"<html>Bad gateway</html>", "text/html", ".", SETTING),
        (401, b"{}", "application/json", ".", KEY),
    ],
)
def test_an_error_is_told_in_its_own_words(
    origin: Origin, server: Elsewhere, status: int, body: bytes, media_type: str, said: str, cure: str
) -> None:
    answering(origin, body, media_type, status)
    with pytest.raises(FetchFailed) as failed:
        server.told("GET", "ask")
    assert failed.value.status == status
    assert failed.value.message.en.endswith(f"answered with status {status}{said}")
    assert cure in str(failed.value.cure)


def test_a_page_of_complaints_is_cut(origin: Origin, server: Elsewhere) -> None:
    answering(origin, json.dumps({"error": "no " * 100_000}).encode(), status=400)
    with pytest.raises(FetchFailed) as failed:
        server.told("GET", "ask")
    assert len(failed.value.message.en) < 300


def test_a_failure_whose_words_do_not_come_whole_is_a_failure_still(origin: Origin, server: Elsewhere) -> None:
    def half(exchange: Exchange) -> None:
        exchange.start(503, Content_Type="text/plain", Content_Length="1000")
        exchange.wfile.write(b"out of memory")

    origin.routes["/v1/ask"] = half
    with pytest.raises(FetchFailed, match="503: out of memory"):
        server.told("GET", "ask")


def test_more_than_is_read(origin: Origin, server: Elsewhere) -> None:
    answering(origin, bytes(2_000), "audio/wav")
    with pytest.raises(ResponseTooLarge), server.ask("GET", "ask", size=Bytes(1_000)) as response:
        response.read()


def _dripping(exchange: Exchange) -> None:
    exchange.start(200, Content_Type="application/json")
    while not exchange.origin.ending.wait(0.05):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()


def test_dripping_for_ever_is_too_slow(origin: Origin, server: Elsewhere) -> None:
    origin.routes["/v1/ask"] = _dripping
    with pytest.raises(FetchTimedOut) as failed:
        server.told("GET", "ask", within=Seconds(0.4))
    assert SETTING in str(failed.value.cure)


def test_who_waits_may_call_it_off(origin: Origin, server: Elsewhere) -> None:
    def look() -> None:
        raise Cancelled("enough")

    origin.routes["/v1/ask"] = _dripping
    with pytest.raises(Cancelled):
        server.told("GET", "ask", look=look)


def test_half_an_answer(origin: Origin, server: Elsewhere) -> None:
    def half(exchange: Exchange) -> None:
        exchange.start(200, Content_Type="audio/wav", Content_Length="1000")
        exchange.wfile.write(b"RIFF")

    origin.routes["/v1/ask"] = half
    with pytest.raises(Unreachable), server.ask("GET", "ask") as response:
        response.read()


# -- settings ------------


@pytest.mark.parametrize("address", ["", "localhost", "ftp://host/", "http://user:word@host/", "http://ho st/"])
def test_what_is_no_address_is_said(tmp_path: Path, address: str) -> None:
    with pytest.raises(EngineUnavailable) as failed:
        Elsewhere(Settings(data_dir=tmp_path), address, SETTING)
    assert SETTING in str(failed.value.cure)


@pytest.mark.parametrize("key", ["열쇠", "a\nb"])
def test_what_is_no_key_is_said(tmp_path: Path, key: str) -> None:
    with pytest.raises(EngineUnavailable, match=KEY):
        Elsewhere(Settings(data_dir=tmp_path), "http://127.0.0.1/v1", SETTING, key=key, key_setting=KEY)


def test_an_engine_without_its_server_is_missing() -> None:
    assert set_or_not("http://127.0.0.1/", SETTING).state == "ready"
    missing = set_or_not("", SETTING)
    assert (missing.state, SETTING in missing.cure, SETTING in missing.cure_ko) == ("missing", True, True)


# -- streams ------------


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([b"data: one\n\ndata: two\n\n"], ["one", "two"]),
        ([b"da", b"ta:on", b"e\r\n\r", b"\n"], ["one"]),
        ([b": ping\n\nevent: x\ndata: a\ndata: b\nid: 3\n\n"], ["a\nb"]),
        (["data: 가".encode()[:-1], "가".encode()[-1:], b"\n\n"], ["가"]),
        ([b"data:\n\n", b"data: half"], [""]),
        ([], []),
    ],
)
def test_events_come_however_they_are_cut(
    origin: Origin, server: Elsewhere, sent: list[bytes], told: list[str]
) -> None:
    def stream(exchange: Exchange) -> None:
        exchange.start(200, Content_Type="text/event-stream")
        for piece in sent:
            exchange.wfile.write(piece)
            exchange.wfile.flush()

    origin.routes["/v1/ask"] = stream
    with server.ask("POST", "ask", Body.json({})) as response:
        assert list(events(response)) == told
