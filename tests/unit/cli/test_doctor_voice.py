"""What `pansori doctor` says of who hears, replies and speaks."""

from __future__ import annotations

import socket

from pansori.cli.doctor.finding import Finding
from pansori.cli.doctor.voice import voice
from pansori.settings import Settings


def seen(**options: object) -> dict[str, Finding]:
    return {found.name: found for found in voice(Settings.model_validate(options))}


def test_engines_that_are_always_there_are_ready() -> None:
    found = seen()
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(("hearing", "replying", "speaking"), "ok")
    assert found["replying"].seen.en.startswith("assistant")


def test_an_engine_that_cannot_be_used_says_what_cures_it() -> None:
    unknown = seen(transcribe_engine="nobody")["hearing"]
    assert unknown.state == "missing"
    assert unknown.cure is not None
    assert "pocketsphinx" in unknown.cure.en
    unable = seen(reply_engine="songsmith")["replying"]
    assert unable.state == "missing"
    assert unable.cure is not None
    assert "assistant" in unable.cure.ko


def test_other_servers_are_knocked_at() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        there = seen(atot_url=address)["ATOT_URL"]
        assert (there.state, there.seen.en) == ("ok", address)
    gone = seen(atot_url=address)["ATOT_URL"]
    assert gone.state == "missing"
    assert gone.cure is not None
    assert "ATOT_URL" in gone.cure.ko
