"""The Space engine against servers that answer as no Gradio app of good will would."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from pansori.domain.errors import (
    Cancelled,
    PansoriError,
    SpaceFailed,
    SpaceLoading,
    SpaceLogin,
    SpaceQuota,
    SpaceSignInOnly,
    SpaceTimedOut,
    SpaceUnreachable,
)
from pansori.domain.units import Bytes
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Answer, Exchange, Origin, serving
from support.space import CONFIG, TASK, a_wav, as_json, compose, done, events, in_turn, page, paths
from support.waiting import eventually


def test_a_finished_job_is_never_cancelled(space: Origin, context: MemoryContext) -> None:
    assert compose(space.url, context).duration == pytest.approx(0.5)
    assert paths(space) == ["/config", "/info", "/queue/join", "/queue/data", "/file=/tmp/a.wav"]
    joined = json.loads(space.requests[2].body)
    assert joined["data"] == ["calm"]
    assert joined["fn_index"] == 0
    assert space.requests[3].path.endswith(f"session_hash={joined['session_hash']}")


def test_cookies_of_the_space_come_back_to_it_alone(space: Origin, context: MemoryContext) -> None:
    with serving({"/a.wav": lambda exchange: exchange.answer(body=a_wav())}) as other:
        space.routes["/config"] = lambda exchange: exchange.answer(
            body=json.dumps(CONFIG).encode(), Set_Cookie="route=7; Path=/; HttpOnly"
        )
        space.routes["/queue/data"] = events(done(f"{other.url}/a.wav"))
        settings = Settings(
            data_dir=context.scratch, hf_space_id=space.url, allow_loopback_urls=True, hf_api_token="hf_s3cret"
        )
        SpaceComposer(settings).run(TASK, SpaceOptions(), context)
        assert [request.headers.get("Cookie") for request in space.requests] == [None, "route=7", "route=7", "route=7"]
        assert all(request.headers["Authorization"] == "Bearer hf_s3cret" for request in space.requests)
        assert not {"Authorization", "Cookie", "X-HF-Authorization"} & set(other.requests[0].headers)


def test_an_app_that_is_elsewhere_is_not_told_the_token(space: Origin, context: MemoryContext) -> None:
    with serving({"/queue/join": as_json({"event_id": "e"}), "/queue/data": events(done("data:,x"))}) as other:
        space.routes["/config"] = as_json({**CONFIG, "api_prefix": other.url})
        settings = Settings(
            data_dir=context.scratch, hf_space_id=space.url, allow_loopback_urls=True, hf_api_token="hf_s3cret"
        )
        with pytest.raises(PansoriError):
            SpaceComposer(settings).run(TASK, SpaceOptions(), context)
        assert other.requests
        assert not any({"Authorization", "X-HF-Authorization"} & set(request.headers) for request in other.requests)


def silence(exchange: Exchange) -> None:
    exchange.origin.ending.wait(120)


def endless(exchange: Exchange) -> None:
    exchange.start(Content_Type="text/event-stream")
    exchange.wfile.write(b"data: ")
    while not exchange.origin.ending.is_set():
        exchange.wfile.write(b"x" * 1_000_000)


def half(exchange: Exchange) -> None:
    exchange.start(Content_Type="text/event-stream", Content_Length="10000")
    exchange.wfile.write(b'data: {"msg": "process_starts", "event_id": "e"}\n\n')


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/config", as_json({"detail": "Not authenticated"}, 401), SpaceLogin),
        ("/config", page("Please sign in to go on"), SpaceSignInOnly),
        ("/config", page("Nothing of ours"), SpaceFailed),
        ("/config", as_json({"detail": "slow down"}, 429), SpaceQuota),
        ("/config", as_json({"hello": "world"}), SpaceFailed),
        ("/config", as_json([1, 2]), SpaceFailed),
        ("/config", as_json({**CONFIG, "protocol": "ws"}), SpaceFailed),
        ("/config", as_json({"error": "secret"}, 500), SpaceFailed),
        ("/config", lambda exchange: exchange.answer(body=b"{", media_type="application/json"), SpaceFailed),
        ("/config", lambda exchange: exchange.answer(body=b"[" * 100_000, media_type="application/json"), SpaceFailed),
        ("/queue/join", as_json({"detail": "Queue is full"}, 503), SpaceQuota),
        ("/queue/join", as_json({"detail": "Not authenticated"}, 401), SpaceLogin),
        ("/queue/join", as_json({}), SpaceFailed),
        ("/queue/data", events({"msg": "process_starts", "event_id": "e"}), SpaceUnreachable),
        ("/queue/data", half, SpaceUnreachable),
        ("/queue/data", events({"msg": "unexpected_error", "message": "boom", "event_id": None}), SpaceFailed),
        ("/queue/data", events(done()), SpaceFailed),
        ("/queue/data", events(done("la la la")), SpaceFailed),
        ("/queue/data", events({**done(), "output": {"data": 3}}), SpaceFailed),
        ("/queue/data", lambda exchange: exchange.answer(body=b"data: {nonsense\n\n"), SpaceFailed),
        ("/queue/data", lambda exchange: exchange.answer(body=b"data: " + b"[" * 100_000 + b"\n\n"), SpaceFailed),
        ("/queue/data", events(done("[" * 100_000)), SpaceFailed),
        ("/queue/data", events(done([8_000, [10**400] * 99])), SpaceFailed),
        ("/queue/data", endless, SpaceFailed),
        ("/queue/data", events(done("data:audio/wav;base64,AAAA")), SpaceFailed),
        ("/queue/data", events(done("data:audio/wav")), SpaceFailed),
        ("/queue/data", events(done([8_000, [0.0] * 99 + ["x"]])), SpaceFailed),
        ("/queue/data", silence, SpaceTimedOut),
        ("/file=/tmp/a.wav", page("Not what was asked for"), SpaceFailed),
        ("/file=/tmp/a.wav", lambda exchange: exchange.answer(404), SpaceFailed),
        ("/file=/tmp/a.wav", lambda exchange: exchange.answer(body=b"", media_type="audio/wav"), SpaceFailed),
        ("/file=/tmp/a.wav", lambda exchange: exchange.answer(body=b"GIF89a", media_type="image/gif"), SpaceFailed),
        ("/file=/tmp/a.wav", as_json({"error": "no file"}), SpaceFailed),
    ],
)
def test_what_goes_wrong_is_told_apart(
    space: Origin, context: MemoryContext, path: str, answer: Answer, error: type[PansoriError]
) -> None:
    space.routes[path] = answer
    with pytest.raises(PansoriError) as raised:
        compose(space.url, context, timeout=2 if error is SpaceTimedOut else 60)
    assert type(raised.value) is error
    assert raised.value.message.ko != raised.value.message.en
    assert not context.files


def test_an_app_may_keep_its_description_to_itself(space: Origin, context: MemoryContext) -> None:
    """What it is made of says enough: then a component that has a value needs none of ours."""
    del space.routes["/info"]
    seed = {"id": 3, "type": "slider", "props": {"label": "Warmth", "value": 3}}
    dependencies = [{**CONFIG["dependencies"][0], "inputs": [1, 3]}]
    space.routes["/config"] = as_json(
        {**CONFIG, "components": [*CONFIG["components"], seed], "dependencies": dependencies}
    )
    compose(space.url, context)
    joined = next(request for request in space.requests if request.method == "POST")
    assert json.loads(joined.body)["data"] == ["calm", 3]


@pytest.mark.parametrize("url", ["data:audio/wav;base64,{}", "data:audio/wav,{}"])
def test_sound_in_the_answer_itself_is_bounded_too(space: Origin, tmp_path: Path, url: str) -> None:
    space.routes["/queue/data"] = events(done(url.format("A" * 20_000)))
    settings = Settings(data_dir=tmp_path, hf_space_id=space.url, max_upload=Bytes(1_000))
    with pytest.raises(SpaceFailed) as raised:
        SpaceComposer(settings).run(TASK, SpaceOptions(), MemoryContext(seed=1, scratch=tmp_path))
    assert "too large" in raised.value.message.en


def test_a_page_that_is_no_app_and_only_offers_sign_in(context: MemoryContext) -> None:
    with serving({"/": page("<a href='/login'>Sign in</a> with Hugging Face")}) as origin:
        with pytest.raises(SpaceSignInOnly):
            compose(origin.url, context)
        origin.routes["/"] = page("A bakery")
        with pytest.raises(SpaceFailed):
            compose(origin.url, context)


def test_who_stops_waiting_says_so(space: Origin, context: MemoryContext) -> None:
    space.routes["/queue/data"] = silence

    def says_so() -> bool:
        with pytest.raises(SpaceTimedOut):
            compose(space.url, context, timeout=3)
        return paths(space)[-1] == "/cancel"

    eventually(says_so)  # a busy machine may take the time for what comes before
    farewell = json.loads(space.requests[-1].body)
    assert farewell["event_id"] == "e"
    assert farewell["fn_index"] == 0


def test_a_queue_is_waited_in(space: Origin, context: MemoryContext) -> None:
    progress = [{"index": 1, "length": 4, "desc": "Half a verse", "progress": None}]
    space.routes["/queue/data"] = events(
        {"msg": "estimation", "event_id": "e", "rank": 3, "queue_size": 4},
        {"msg": "heartbeat"},
        {"msg": "progress", "event_id": "other", "progress_data": [{"progress": 1.0}]},
        {"msg": "progress", "event_id": "e", "progress_data": progress},
        {"msg": "progress", "event_id": "e", "progress_data": [{"progress": float("nan")}, 3]},
        {"msg": "log", "event_id": "e", "log": "hello", "level": "info"},
        done({"path": "/tmp/a.wav"}),
    )
    compose(space.url, context)
    composing = [fraction for stage, fraction in context.reports if stage == "compose"]
    assert composing == [pytest.approx(0.05 + 0.85 / 4)] * 2
    assert "queue" in {stage for stage, _ in context.reports}


def test_an_app_below_a_path_gives_links_of_its_own(space: Origin, context: MemoryContext) -> None:
    """Since Gradio 5 the API has a prefix; an app may be mounted anywhere."""
    below = {f"/app/gradio_api{path}": answer for path, answer in space.routes.items()}
    below["/app/config"] = as_json({**CONFIG, "api_prefix": "/gradio_api"})
    below["/app/gradio_api/queue/data"] = events(done("/gradio_api/file=/tmp/a.wav"))
    space.routes = below
    compose(f"{space.url}/app", context)
    assert paths(space)[-1] == "/app/gradio_api/file=/tmp/a.wav"


# -- starting ------------


def test_a_space_that_starts_is_waited_for(space: Origin, context: MemoryContext) -> None:
    space.routes["/config"] = in_turn(page("Your Space is starting", 503), as_json(CONFIG))
    assert compose(space.url, context).duration
    assert paths(space).count("/config") == 2


def test_one_that_never_starts_is_given_up(space: Origin, context: MemoryContext) -> None:
    space.routes["/config"] = page("Your Space is starting", 503)
    with pytest.raises(SpaceLoading) as raised:
        compose(space.url, context, timeout=3)
    assert raised.value.retryable


def test_waiting_for_a_start_can_be_cancelled(space: Origin, tmp_path: Path) -> None:
    asked = threading.Event()

    def starting(exchange: Exchange) -> None:
        asked.set()
        exchange.answer(503)

    class Impatient(MemoryContext):
        def check_cancelled(self) -> None:
            if asked.is_set():
                raise Cancelled("cancelled by the test")

    space.routes["/config"] = starting
    with pytest.raises(Cancelled):
        compose(space.url, Impatient(seed=1, scratch=tmp_path))
