"""Where a Space is: asked of a hub of our own, and who is told the token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pansori.domain.errors import (
    InvalidRequest,
    PansoriError,
    SpaceFailed,
    SpaceLogin,
)
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Answer, Origin, serving
from support.space import CONFIG, TASK, as_json, in_turn, page, paths


@pytest.fixture
def hub(space: Origin) -> Iterator[Origin]:
    """Knows one Space, which runs."""
    facts = {"host": space.url, "runtime": {"stage": "RUNNING"}}
    with serving({"/api/spaces/owner/name": as_json(facts)}) as origin:
        yield origin


@pytest.fixture
def named(hub: Origin, tmp_path: Path) -> Callable[..., SpaceComposer]:
    def make(space: str = "owner/name", token: str = "hf_s3cret") -> SpaceComposer:
        settings = Settings(
            data_dir=tmp_path, hf_space_id=space, hf_api_token=token, hf_endpoint=hub.url, allow_loopback_urls=True
        )
        return SpaceComposer(settings)

    return make


@pytest.mark.parametrize("space_id", ["owner/name", "https://huggingface.co/spaces/owner/name"])
def test_a_space_by_name_is_found_and_told_the_token(
    named: Callable[..., SpaceComposer], hub: Origin, space: Origin, context: MemoryContext, space_id: str
) -> None:
    song = named(space_id).run(TASK, SpaceOptions(), context)
    assert song.report["space"] == "owner/name"
    assert [request.headers["Authorization"] for request in (*hub.requests, *space.requests)] == [
        "Bearer hf_s3cret"
    ] * 6
    assert space.requests[0].headers["X-HF-Authorization"] == "Bearer hf_s3cret"


def test_a_space_that_a_request_names_is_not_told_the_token(
    named: Callable[..., SpaceComposer], hub: Origin, space: Origin, context: MemoryContext
) -> None:
    named("some/other").run(TASK, SpaceOptions(space="owner/name"), context)
    assert space.requests
    assert not any("hf_s3cret" in str(request.headers) for request in (*hub.requests, *space.requests))


def test_a_space_that_a_request_names_does_not_lead_to_the_operators_own(
    hub: Origin, space: Origin, context: MemoryContext
) -> None:
    settings = Settings(data_dir=context.scratch, hf_space_id=space.url, hf_endpoint=hub.url)
    with pytest.raises(SpaceFailed, match="not a public address"):
        SpaceComposer(settings).run(TASK, SpaceOptions(space="owner/name"), context)
    assert hub.requests
    assert not space.requests


def test_a_token_that_is_none_is_told(named: Callable[..., SpaceComposer], context: MemoryContext) -> None:
    with pytest.raises(SpaceLogin) as raised:
        named(token="토큰").run(TASK, SpaceOptions(), context)
    assert "HF_API_TOKEN" in raised.value.message.en


def test_a_token_alone_names_the_documented_space(named: Callable[..., SpaceComposer], hub: Origin) -> None:
    engine = named("")
    assert engine.status().state == "ready"
    assert engine.card().parts == {"space": "CryptoThaler/melody"}


def test_nothing_leaves_unless_a_space_is_set(named: Callable[..., SpaceComposer]) -> None:
    status = named("", token="").status()
    assert status.state == "missing"
    assert "HF_SPACE_ID" in status.cure


@pytest.mark.parametrize(
    "wanted",
    ["http://127.0.0.1:7860", "https://evil.example/", "file:///etc/passwd", "owner", "a/b/c", "../../x", "a/b?c"],
)
def test_requests_name_spaces_and_not_addresses(named: Callable[..., SpaceComposer], wanted: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        named().check(TASK, SpaceOptions(space=wanted))
    assert raised.value.field == "options.space"


@pytest.mark.parametrize(
    ("answer", "error", "told"),
    [
        (as_json({"error": "not found"}, 404), SpaceFailed, "no Space owner/name"),
        (as_json({"error": "who are you"}, 401), SpaceLogin, "private"),
        (as_json({"host": "https://x.hf.space", "runtime": {"stage": "PAUSED"}}), SpaceFailed, "PAUSED"),
        (as_json({"host": "https://x.hf.space", "runtime": {"stage": "BUILD_ERROR"}}), SpaceFailed, "BUILD_ERROR"),
        (as_json({"host": "http://169.254.169.254"}), SpaceFailed, "not a public address"),
        (as_json({"host": "http://10.0.0.1:8000"}), SpaceFailed, "not a public address"),
        (as_json([]), SpaceFailed, "not Gradio's"),
        (page("busy", 500), SpaceFailed, "500"),
    ],
)
def test_what_the_hub_says_is_told(
    named: Callable[..., SpaceComposer],
    hub: Origin,
    context: MemoryContext,
    answer: Answer,
    error: type[PansoriError],
    told: str,
) -> None:
    hub.routes["/api/spaces/owner/name"] = answer
    with pytest.raises(error) as raised:
        named().run(TASK, SpaceOptions(), context)
    assert told in raised.value.message.en


def test_a_sleeping_space_is_woken(
    named: Callable[..., SpaceComposer], hub: Origin, space: Origin, context: MemoryContext
) -> None:
    sleeping = {"host": space.url, "runtime": {"stage": "SLEEPING"}}
    running = {"host": space.url, "runtime": {"stage": "RUNNING"}}
    hub.routes["/api/spaces/owner/name"] = in_turn(as_json(sleeping), as_json(running))
    space.routes["/config"] = in_turn(page("not there yet", 404), as_json(CONFIG))
    assert named().run(TASK, SpaceOptions(), context).duration
    assert paths(space).count("/config") == 2
