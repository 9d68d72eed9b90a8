"""What `pansori doctor` says of who analyses."""

from __future__ import annotations

import socket

from pansori.cli.doctor.analyser import analyser
from pansori.cli.doctor.finding import Finding
from pansori.settings import Settings


def seen(**options: object) -> Finding:
    [found] = analyser(Settings.model_validate(options))
    return found


def test_who_analyses() -> None:
    here = seen()
    assert (here.state, here.seen.en) == ("ok", "pansori, here (TARGET_SERVER_URL)")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/analyze-voice"
        assert (seen(target_server_url=address).state, seen(target_server_url=address).seen.en) == ("ok", address)
        chosen = seen(target_server_url=address, analyze_engine="debug")
        assert (chosen.state, chosen.seen.en) == ("advice", f"debug; {address} is not asked")
    gone = seen(target_server_url=address)
    assert gone.state == "missing"
    assert gone.cure is not None
    assert "TARGET_SERVER_URL" in gone.cure.en
