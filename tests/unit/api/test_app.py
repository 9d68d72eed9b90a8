"""The application in this process, where no worker is needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from pansori.api import CONTRACTS, create_app, render
from pansori.bootstrap import build
from pansori.domain.errors import ConfigurationError
from pansori.settings import Settings, load
from pansori.workflows import Services

pytestmark = pytest.mark.anyio


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, compose_engine="debug", workers=0))
    yield services
    services.close()


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """One that nothing is asked of but its document, which is dear to make."""
    services = build(load(data_dir=tmp_path_factory.mktemp("described"), compose_engine="debug", workers=0))
    yield create_app(services)
    services.close()


async def ask(services: Services, path: str, *, only: list[str] | None = None, **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(services, only), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path, **options)


async def test_one_contract_alone_calls_itself_by_its_name(services: Services) -> None:
    assert (await ask(services, "/", only=["memoria"])).json()["message"] == "Memoria Music API"
    assert (await ask(services, "/")).json()["message"] == "Pansori"
    assert (await ask(services, "/", only=list(CONTRACTS))).json()["message"] == "Pansori"


async def test_one_contract_alone_is_all_there_is(services: Services) -> None:
    assert (await ask(services, "/v1/jobs", only=["memoria"])).status_code == 404
    assert (await ask(services, "/jobs", only=["memoria"])).status_code == 200
    assert (await ask(services, "/jobs", only=["v1"])).status_code == 404
    # files that `file_path` names are served in any case
    assert "There is no such file." in (await ask(services, "/v1/assets/x", only=["memoria"])).text


@pytest.mark.parametrize("only", [["opera"], ["memoria", "opera"], []])
async def test_a_contract_that_there_is_not(services: Services, only: list[str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        create_app(services, only)
    assert raised.value.cure is not None
    assert "memoria" in raised.value.cure.en


async def test_a_fault_is_answered_and_tells_nothing(services: Services) -> None:
    app = create_app(services)

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError("secret")

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/fault", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["X-Request-ID"]


async def test_a_database_that_is_away_is_told_and_fills_no_log(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(services)

    @app.get("/away")
    def away() -> None:
        raise OperationalError("SELECT secret", {}, sqlite3.OperationalError("disk I/O error\nmore"))

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/away")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "unavailable", "2")
    [record] = caplog.records
    assert record.getMessage().endswith("failed: disk I/O error")
    assert record.exc_info is None


async def test_an_allowed_page_may_read_of_faults_too(services: Services) -> None:
    settings = services.settings.model_copy(update={"allow_origins": ("https://a.example",)})
    app = create_app(Services(**{**vars(services), "settings": settings}))

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError

    @app.get("/away")
    def away() -> None:
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for path, status in (("/fault", 500), ("/away", 503), ("/nothing", 404)):
            answer = await client.get(path, headers={"Origin": "https://a.example"})
            assert answer.status_code == status
            assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
            assert answer.headers["X-Request-ID"]
            assert "X-Request-ID" in answer.headers["Access-Control-Expose-Headers"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            foreign = await client.get(path, headers={"Origin": "https://b.example"})
            assert "Access-Control-Allow-Origin" not in foreign.headers


async def test_an_address_cannot_write_lines_of_the_log(services: Services, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(services)

    @app.get("/fault/{name}")
    def fault(name: str) -> None:
        raise RuntimeError

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.get("/fault/a%0aCRITICAL%20all%20is%20lost")
    [record] = caplog.records
    assert "\n" not in record.getMessage()


async def test_without_its_broker_no_job_would_be_taken(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0, broker_url="redis://127.0.0.1:1"))
    answer = await ask(services, "/ready")
    services.close()
    assert (answer.status_code, answer.json()["detail"]) == (503, "Redis does not answer.")


@pytest.mark.parametrize(("workers", "told"), [(0, "pansori worker"), (2, "starting")])
async def test_who_is_not_there_yet_is_told_apart(services: Services, workers: int, told: str) -> None:
    settings = services.settings.model_copy(update={"workers": workers})
    answer = await ask(Services(**{**vars(services), "settings": settings}), "/ready")
    assert answer.status_code == 503
    assert told in answer.json()["detail"]


async def test_every_get_answers_head_with_the_same_headers(services: Services, described: FastAPI) -> None:
    paths = [path for path, routes in described.openapi()["paths"].items() if "get" in routes and "{" not in path]
    assert len(paths) > 6
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.post("/run-model", json={"text": "what can you do"})  # which others fetch and answer
        for path in (*paths, "/docs", "/redoc", "/openapi.json"):
            head = await client.head(path)
            assert head.status_code in (200, 503), path  # without workers it is not ready
            assert head.headers["Content-Type"]


@pytest.mark.parametrize("host", ["127.0.0.2", "::1", "localhost"])
async def test_a_loopback_address_is_known_by_its_own_name(services: Services, host: str) -> None:
    known = Services(**{**vars(services), "settings": services.settings.model_copy(update={"host": host})})
    name = f"[{host}]" if ":" in host else host
    assert (await ask(known, "/", headers={"Host": f"{name}:8080"})).status_code == 200
    assert (await ask(known, "/", headers={"Host": "127.0.0.3"})).status_code == 403


async def test_the_origins_of_both_settings_are_allowed(services: Services) -> None:
    origins = {"allow_origins": ("https://a.example",), "allow_origin": ("https://b.example",)}
    open_to = Services(**{**vars(services), "settings": services.settings.model_copy(update=origins)})
    for origin, allowed in (("https://a.example", True), ("https://b.example", True), ("https://c.example", False)):
        answer = await ask(open_to, "/", headers={"Origin": origin})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


async def test_the_document_names_tasks_and_options(described: FastAPI) -> None:
    document = described.openapi()
    schemas = document["components"]["schemas"]
    assert document["paths"]["/v1/jobs"]["post"]["responses"]["default"]["content"].keys() == {
        "application/problem+json"
    }
    assert "song" in schemas["JobRequest"]["properties"]["kind"]["enum"]
    assert "genre" in schemas["SongTask"]["properties"]
    assert {"$ref": "#/components/schemas/compose.debug"} in schemas["SongTask"]["properties"]["options"]["anyOf"]
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations))


async def test_the_document_gives_the_shape_of_every_answer(described: FastAPI) -> None:
    document = described.openapi()
    shapeless, silent = [], []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if "{" in path and not {"404", "default"} & operation["responses"].keys():
                silent.append(f"{method} {path}")
            for status, answer in operation["responses"].items():
                schema = answer.get("content", {}).get("application/json", {"schema": {"$ref": "#"}})["schema"]
                if not (schema.keys() & {"$ref", "items", "properties", "anyOf"}):
                    shapeless.append(f"{method} {path} {status}")
    assert not shapeless
    assert not silent, "they do not say how they tell that there is no such thing"
    begun = document["paths"]["/v1/jobs"]["post"]["responses"]
    for status in ("200", "202"):
        assert begun[status]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Job"}
    assert document["paths"]["/ready"]["get"]["responses"]["503"]["content"].keys() == {"application/problem+json"}
    assert document["components"]["schemas"]["Job"]["required"]


async def test_the_document_is_the_same_every_time(described: FastAPI, services: Services) -> None:
    assert render(described) == render(create_app(services))


async def test_the_public_name_is_answered_too(services: Services) -> None:
    settings: Settings = services.settings.model_copy(update={"public_url": "https://music.example"})
    known = Services(**{**vars(services), "settings": settings})
    assert (await ask(known, "/", headers={"Host": "music.example"})).status_code == 200
    assert (await ask(services, "/", headers={"Host": "music.example"})).status_code == 403
