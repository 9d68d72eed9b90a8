"""Where a Space runs, and who may be told the token.

A Space by name (`owner/name`) is looked up at Hugging Face; a URL is the operator's own, and trusted as such: a Gradio
app on this machine or in a private network is one too.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pansori.domain.errors import FetchFailed, InvalidRequest, SpaceFailed, SpaceLogin, Text
from pansori.domain.units import Bytes, Seconds
from pansori.engines.compose.space import faults
from pansori.engines.compose.space.model import read_json
from pansori.lexicon.particles import attach
from pansori.net import Bounds, Client, Url, parse_url
from pansori.settings import Settings

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
PAGE = re.compile(r"https?://(?:www\.)?huggingface\.co/spaces/(?P<name>[^/?#]+/[^/?#]+)/?", re.IGNORECASE)
LOOKUP = Bounds(total=Seconds(20.0), size=Bytes(4 * 1024 * 1024))
#: Stages of a Space's runtime that end by themselves.
STARTING = frozenset({"BUILDING", "APP_STARTING", "RUNNING_APP_STARTING", "RESTARTING", "SLEEPING", "STARTING"})
STOPPED = frozenset({"PAUSED", "STOPPED", "NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR", "DELETING"})


@dataclass(frozen=True)
class Place:
    """`secrets`: headers that carry the token; empty for a Space that the operator did not name. `loading`: the stage
    of one that is not ready yet."""

    shown: str
    url: Url
    secrets: Mapping[str, str]
    loading: str = ""


def space_of(wanted: str, settings: Settings) -> str:
    """The Space's name or URL: what the request names, which may be a name alone, or the operator's own.

    Raises `InvalidRequest`.
    """
    wanted = wanted.strip()
    if not wanted or wanted == settings.space:
        return settings.space
    name = PAGE.fullmatch(wanted)
    wanted = name["name"] if name else wanted
    if not NAME.fullmatch(wanted):
        raise InvalidRequest(
            Text(
                f"“{wanted[:100]}” is not the name of a Space.",
                f"{attach(f'“{wanted[:100]}”', '은/는')} Space의 이름이 아니에요.",
            ),
            field="options.space",
            cure=Text(
                "Write owner/name; other addresses are set by HF_SPACE_ID.",
                "owner/name 형식으로 적어 주세요. 다른 주소는 HF_SPACE_ID로 설정해요.",
            ),
        )
    return wanted


def trusted(space: str, settings: Settings) -> tuple[Url, ...]:
    """The addresses that the operator named, as far as this Space has to do with them: one that a request names must
    not lead to the operator's own."""
    named = (settings.hf_endpoint, settings.space if space == settings.space else "")
    return tuple(parse_url(url, any_port=True) for url in named if "://" in url and not PAGE.fullmatch(url))


def locate(space: str, settings: Settings, client: Client, look: Callable[[], None]) -> Place:
    """Where `space` runs now. Raises `SpaceLogin`, `SpaceFailed` for one that is not there or has stopped, and a
    `NetworkError`."""
    own = space == settings.space
    secrets = _secrets(settings.hf_api_token.strip()) if own and settings.hf_api_token else {}
    page = PAGE.fullmatch(space)
    if "://" in space and not page:
        return Place(space, parse_url(space.rstrip("/") + "/", any_port=True), secrets)
    name = page["name"] if page else space
    return _looked_up(name, _facts(name, settings, client, secrets, look), secrets)


def _secrets(token: str) -> dict[str, str]:
    """The second is read by Hugging Face where an app has a login of its own. Raises `SpaceLogin` for what no token can
    be: it would not even travel in a header."""
    if not token.isascii() or not token.isprintable():
        raise SpaceLogin(
            Text("HF_API_TOKEN is not a token.", "HF_API_TOKEN에 든 값은 토큰이 아니에요."), cure=faults.TOKEN_CURE
        )
    return {"Authorization": f"Bearer {token}", "X-HF-Authorization": f"Bearer {token}"}


def _facts(
    name: str, settings: Settings, client: Client, secrets: Mapping[str, str], look: Callable[[], None]
) -> Mapping[str, Any]:
    url = f"{settings.hf_endpoint.rstrip('/')}/api/spaces/{quote(name)}"
    bearer = {key: value for key, value in secrets.items() if key == "Authorization"}
    try:
        with client.open(
            "GET", client.parse(parse_url(url, any_port=True)), secrets=bearer, bounds=LOOKUP, look=look
        ) as response:
            if response.status == 404:
                raise _unknown(name)
            if response.status in (401, 403):
                raise SpaceLogin(
                    Text(
                        f"There is no Space {name}, or it is private: the token is missing or unfit.",
                        f"{name} Space가 없거나 비공개예요. 토큰이 없거나 맞지 않아요.",
                    ),
                    cure=faults.TOKEN_CURE,
                )
            faults.check(response)
            facts = read_json(response.read())
    except (ValueError, FetchFailed) as error:
        raise faults.strange() from error
    if not isinstance(facts, dict):
        raise faults.strange()
    return facts


def _unknown(name: str) -> SpaceFailed:
    return SpaceFailed(
        Text(f"There is no Space {name}.", f"{attach(name, '이라/라')}는 Space가 없어요."),
        cure=Text("Look whether its name is right: owner/name.", "이름이 맞는지 확인해 주세요: owner/name."),
    )


def _looked_up(name: str, facts: Mapping[str, Any], secrets: Mapping[str, str]) -> Place:
    runtime = facts.get("runtime")
    stage = str(runtime.get("stage", "")) if isinstance(runtime, Mapping) else ""
    if stage in STOPPED:
        raise SpaceFailed(
            Text(f"The Space {name} does not run ({stage}).", f"{name} Space가 멈춰 있어요({stage})."),
            cure=Text("Ask its owner to start it, or choose another.", "주인에게 요청하거나 다른 Space를 골라 주세요."),
        )
    host = facts.get("host")
    if not isinstance(host, str) or "://" not in host:
        host = f"https://{re.sub(r'[^a-z0-9]+', '-', name.lower())}.hf.space"
    return Place(name, parse_url(host.rstrip("/") + "/"), secrets, loading=stage if stage in STARTING else "")


class Patience:
    """Pauses between looks at a Space that is starting: twice as long each time, up to half a minute."""

    FIRST, LONGEST = Seconds(1.0), Seconds(30.0)
    SLICE = Seconds(0.2)

    def __init__(self, until: float, look: Callable[[], None]) -> None:
        self._until = until
        self._look = look
        self._pause = self.FIRST

    def pause(self) -> bool:
        """Wait once more; False when there is no time for it. Raises what `look` raises."""
        end = time.monotonic() + self._pause
        if end > self._until:
            return False
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, self.SLICE))
            self._look()
        self._pause = Seconds(min(self._pause * 2, self.LONGEST))
        return True
