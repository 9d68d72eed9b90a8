"""Pages that need no browser to be read: what is told of engines, and of what went wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.domain.errors import Language, QuotaExceeded, TooManyAttempts, Unauthenticated
from pansori.settings import load
from pansori.web.site import install
from pansori.workflows import Services
from support.languages import left_over

pytestmark = pytest.mark.anyio


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = {"compose_engine": "house_band", "write_engine": "songsmith", "workers": 0, "max_body": 10_000}
    services = build(load(data_dir=tmp_path, **settings))
    yield services
    services.close()


@asynccontextmanager
async def reading(services: Services, language: Language, *errors: Exception) -> AsyncIterator[httpx.AsyncClient]:
    """As a browser reads the pages. Each of `errors` is met at `/broken/` and its place."""
    app = create_app(services)
    install(app)
    for place, error in enumerate((*errors, RuntimeError("a fault of the program"))):
        app.add_api_route(f"/broken/{place}", _raising(error), methods=["GET"])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Accept": "text/html", "Accept-Language": language}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


def _raising(error: Exception) -> Any:
    async def route() -> None:
        raise error

    return route


async def test_what_is_for_developers_is_shown_only_where_it_does_the_work(services: Services) -> None:
    async with reading(services, "en") as client:
        page = (await client.get("/app/engines")).text
    assert 'id="compose-house_band"' in page
    assert "debug" not in page


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_command_that_fetches_a_missing_model_can_be_copied(services: Services, language: Language) -> None:
    async with reading(services, language) as client:
        page = (await client.get("/app/engines")).text
    shown = page[page.index('id="speak-piper"') :]
    assert 'value="pansori models get piper-en_US-ljspeech-medium"' in shown[: shown.index("</article>")]


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_what_went_wrong_is_told_in_one_language(services: Services, language: Language) -> None:
    errors = (QuotaExceeded("…"), TooManyAttempts("…", retry_after=60), HTTPException(403), Unauthenticated("…"))
    async with reading(services, language, *errors) as client:
        answers = {
            404: await client.get("/app/nowhere"),
            405: await client.get("/app/library/delete"),
            413: await client.post("/app/make", content=b"x" * 20_000),
            507: await client.get("/broken/0"),
            429: await client.get("/broken/1"),
            403: await client.get("/broken/2"),
            401: await client.get("/broken/3"),
            500: await client.get("/broken/4"),
        }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert "<h1>" in answer.text, status
        assert list(left_over(answer.text, language)) == [], status
    assert len({answer.text.partition("<h1>")[2].partition("</h1>")[0] for answer in answers.values()}) >= 6


async def test_a_reader_is_not_told_what_is_for_programs(services: Services) -> None:
    async with reading(services, "en") as client:
        assert "PANSORI_MAX_BODY" not in (await client.post("/app/make", content=b"x" * 20_000)).text
        assert "take that method" not in (await client.get("/app/library/delete")).text


async def test_who_is_refused_reads_why(services: Services) -> None:
    async with reading(services, "en") as client:
        foreign = await client.post("/app/make", data={"prompt": "piano"}, headers={"Origin": "https://evil.example"})
        broken = await client.get(f"/app/shared/{services.accounts.local().known('read').id}?expires=1&signature=x")
    assert (foreign.status_code, broken.status_code) == (403, 403)
    assert "A page of another site asked for this" in foreign.text
    assert "<h1>This link does not work</h1>" in broken.text
    assert "Ask whoever sent it for a new one." in broken.text


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"prompt": " "}, "prompt"),
        ({"prompt": "piano", "duration": "-3"}, "duration"),
        ({"prompt": "piano", "duration": "long"}, "duration"),
        ({"prompt": "piano", "duration": "3000"}, "duration"),
        ({"prompt": "piano", "seed": "-1"}, "seed"),
        ({"prompt": "piano", "quality": "golden"}, "quality"),
        ({"prompt": "piano", "format": "8-track"}, "format"),
        ({"prompt": "piano", "samplerate": "1"}, "samplerate"),
        ({"prompt": "piano", "engine": "nobody"}, "engine"),
        ({"prompt": "piano", "voice": "cat"}, "voice"),
        ({"prompt": "piano", "title": "x" * 201}, "title"),
    ],
)
async def test_what_is_wrong_with_a_song_stands_at_its_field(
    services: Services, form: dict[str, str], field: str
) -> None:
    async with reading(services, "en") as client:
        answer = await client.post("/app/make", data=form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert answer.text.count('class="error"') == 1
    assert "What is wrong is marked below." in answer.text


async def test_an_engine_that_is_not_here_is_told_of_before_anything_is_sent(services: Services) -> None:
    async with reading(services, "ko") as client:
        page = (await client.get("/app/make?engine=orchestra")).text
    assert "orchestra 엔진은 지금 쓸 수 없어서 하우스 밴드를 골라 두었어요." in page
    assert '<option value="house_band" selected>' in page


async def test_what_was_typed_stays_whatever_goes_wrong(services: Services) -> None:
    """Also where it is no field's fault: here there is no room left."""
    async with reading(services, "en") as client:
        made = await client.post("/app/make", data={"prompt": "piano, kept", "space": "x", "engine": "space"})
    assert made.status_code in (422, 503)
    assert "piano, kept" in made.text
    assert "what you typed is kept" in made.text or "marked below" in made.text
