"""What goes wrong with Spaces, told apart: loading, quota, login, time-out, and the Space's own errors."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from pansori.domain.errors import (
    EngineError,
    FetchTimedOut,
    NetworkError,
    ResponseTooLarge,
    SpaceFailed,
    SpaceLoading,
    SpaceLogin,
    SpaceQuota,
    SpaceSignInOnly,
    SpaceTimedOut,
    SpaceUnreachable,
    Text,
    Unreachable,
    UnsafeAddress,
)
from pansori.domain.units import Bytes
from pansori.lexicon.particles import attach
from pansori.net import Response

TOLD_CHARACTERS = 500
PAGE = Bytes(262_144)  #: of an unexpected page, as much as is looked at
TAGS = re.compile(r"<[^>]{0,2000}>")
SPACES = re.compile(r"\s+")
SIGN_IN = re.compile(r"sign[\s-]?in|log[\s-]?in|로그인|ログイン|サインイン|登录|登入", re.IGNORECASE)
STARTING = re.compile(
    r"\b(?:is|still|currently)\s+(?:starting|building|loading|sleeping|waking|restarting)|preparing space|app_starting",
    re.IGNORECASE,
)
QUOTA = re.compile(
    r"\bquota\b|rate.?limit|too many requests|queue is full|GPU (?:limit|task) |할당량|配额", re.IGNORECASE
)
LOGIN = re.compile(
    r"\b(?:unauthori[sz]ed|not authenticated|authentication (?:required|failed)|invalid (?:user )?token)\b|"
    r"(?:must|need to|please) (?:be )?(?:log|sign)(?:ged)?[ -]?in",
    re.IGNORECASE,
)

TOKEN_CURE = Text(
    "Set HF_API_TOKEN to a token that may use this Space, and HF_SPACE_ID to the Space: the token goes there alone.",
    "이 Space를 쓸 수 있는 토큰을 HF_API_TOKEN에, Space를 HF_SPACE_ID에 설정해 주세요. 토큰은 그 Space에만 보내요.",
)


def check(response: Response) -> None:
    """Raise what an answer of the Space's that is no success means."""
    if response.ok:
        return
    if response.status == 401:
        raise _login(401)
    if response.status == 429:
        raise quota()
    words = text_of(_beginning(response))
    if response.status == 503 and "queue" in words.casefold():
        raise quota(words)
    if response.status in (502, 503, 504) or STARTING.search(words):
        raise loading()
    if response.status in (403, 407):
        raise _login(response.status)
    raise SpaceFailed(
        Text(
            f"The Space answered with status {response.status}{_after(words)}.",
            f"Space가 상태 코드 {attach(str(response.status), '으로/로')} 답했어요{_after(words)}.",
        ),
        cure=Text("Look at the Space's own page.", "Space의 페이지를 확인해 주세요."),
    )


def page(media_type: str, body: bytes) -> EngineError:
    """What a page that came in place of data or sound means."""
    words = text_of(body)
    if STARTING.search(words):
        return loading()
    if SIGN_IN.search(words):
        return sign_in_only()
    return not_sound(media_type, body)


def not_sound(media_type: str, body: bytes) -> SpaceFailed:
    """Something came, and what it was."""
    came = media_type or "?"
    words = text_of(body)
    return SpaceFailed(
        Text(
            f"The Space answered with {came} in place of sound{_after(words)}.",
            f"Space가 소리 대신 {attach(came, '을/를')} 보냈어요{_after(words)}.",
        ),
        cure=Text(
            "Look at the Space's own page, or choose another.", "Space의 페이지를 확인하거나 다른 Space를 골라 주세요."
        ),
    )


def loading(stage: str = "") -> SpaceLoading:
    shown = f" ({stage})" if stage else ""
    return SpaceLoading(
        Text(f"The Space is still starting{shown}.", f"Space가 아직 준비 중이에요{shown}."),
        cure=Text("Try again in a few minutes.", "몇 분 뒤에 다시 시도해 주세요."),
    )


def quota(words: str = "") -> SpaceQuota:
    return SpaceQuota(
        Text(
            f"The Space's quota is used up, or too many wait for it{_after(words)}.",
            f"Space의 사용량을 다 썼거나 기다리는 사람이 너무 많아요{_after(words)}.",
        ),
        cure=Text(
            "Try again later, or set HF_API_TOKEN to use the quota of your own account.",
            "나중에 다시 시도하거나, HF_API_TOKEN을 설정해 내 계정의 사용량을 쓰세요.",
        ),
    )


def _login(status: int) -> SpaceLogin:
    return SpaceLogin(
        Text(
            f"The Space wants a login (status {status}): its token is missing or unfit.",
            f"Space에 로그인이 필요해요(상태 코드 {status}). 토큰이 없거나 맞지 않아요.",
        ),
        cure=TOKEN_CURE,
    )


def sign_in_only() -> SpaceSignInOnly:
    return SpaceSignInOnly(
        Text(
            "The Space only offers “Sign in”: it has nothing that can be called, with or without a token.",
            "이 Space에는 “Sign in” 안내만 있어요. 토큰이 있어도 호출할 수 있는 기능이 없어요.",
        ),
        cure=Text(
            "Set HF_SPACE_ID to a Space with a public endpoint.",
            "공개된 기능이 있는 Space를 HF_SPACE_ID에 설정해 주세요.",
        ),
    )


def own_error(message: Any, title: Any = None) -> EngineError:
    """What the Space says went wrong in it, which may be its quota or a login."""
    words = text_of(str(message).encode()).strip("'\"") if message else ""  # Gradio 4 sends what Python would show
    heading = text_of(str(title).encode()) if title and title != "Error" else ""
    both = f"{heading} {words}".strip()
    if QUOTA.search(both):
        return quota(words)
    if LOGIN.search(both):
        return SpaceLogin(
            Text(f"The Space wants a login{_after(words)}.", f"Space에 로그인이 필요해요{_after(words)}."),
            cure=TOKEN_CURE,
        )
    told = _after(words) or Text(" and does not say why", "")
    english = told if isinstance(told, str) else told.en
    korean = told if isinstance(told, str) else " (이유는 알려 주지 않았어요)"
    return SpaceFailed(
        Text(f"The Space itself failed{english}.", f"Space에서 오류가 났어요{korean}."),
        cure=Text(
            "Look at the Space's own page, or try other words.",
            "Space의 페이지를 확인하거나 다른 표현으로 시도해 주세요.",
        ),
    )


def strange() -> SpaceFailed:
    return SpaceFailed(
        Text("The Space answered with something that is not Gradio's.", "Space가 Gradio 형식이 아닌 응답을 보냈어요.")
    )


def unreachable(address: str) -> SpaceUnreachable:
    """Of a Space that the operator named by its address."""
    return SpaceUnreachable(
        Text(
            f"The Space at {address} cannot be reached; is it running?",
            f"{address}의 Space에 연결할 수 없어요. Space가 켜져 있나요?",
        ),
        cure=Text("Start it, or correct HF_SPACE_ID.", "Space를 켜거나 HF_SPACE_ID를 고쳐 주세요."),
    )


def broken_off() -> SpaceUnreachable:
    return SpaceUnreachable(
        Text("The Space broke off before it was done.", "Space가 끝나기 전에 연결을 끊었어요."),
        cure=Text("Try again.", "다시 시도해 주세요."),
    )


def too_old(version: str) -> SpaceFailed:
    shown = version[:20] or "?"
    return SpaceFailed(
        Text(
            f"The Space runs Gradio {shown}, whose protocol is not spoken here any more.",
            f"Space가 쓰는 Gradio {shown}의 방식은 더 이상 지원하지 않아요.",
        ),
        cure=Text("Choose a Space with Gradio 4 or newer.", "Gradio 4 이상을 쓰는 Space를 골라 주세요."),
    )


def timed_out(within: float) -> SpaceTimedOut:
    return SpaceTimedOut(
        Text(f"The Space was not done within {within:.0f} s.", f"Space가 {within:.0f}초 안에 끝내지 못했어요."),
        cure=Text(
            "Ask for less, or allow more by the option timeout.", "더 짧게 요청하거나 timeout 옵션을 늘려 주세요."
        ),
    )


def of_network(error: NetworkError, within: float) -> EngineError:
    """What a failure of the network means for the Space's work."""
    if isinstance(error, FetchTimedOut):
        return timed_out(within)
    if isinstance(error, Unreachable):
        return SpaceUnreachable(error.message, cure=error.cure)
    if isinstance(error, UnsafeAddress):
        return SpaceFailed(
            Text(
                f"The Space leads to an address that is not visited: {error.message.en}",
                f"Space가 접속할 수 없는 주소를 알려 줬어요. {error.message.ko}",
            ),
            cure=error.cure,
        )
    if isinstance(error, ResponseTooLarge):
        return SpaceFailed(
            Text(f"The Space's sound is too large. {error.message.en}", f"Space의 결과가 너무 커요. {error.message.ko}")
        )
    return SpaceFailed(error.message, cure=error.cure)


def text_of(body: bytes) -> str:
    """The words of a page or a message, without its tags, in one line."""
    plain = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", " ", body[:PAGE].decode("utf-8", "replace"))
    return SPACES.sub(" ", unescape(TAGS.sub(" ", plain))).strip()


def _beginning(response: Response) -> bytes:
    """As much of a body as is looked at; what comes after, or does not come, changes nothing."""
    kept = b""
    try:
        for chunk in response.chunks:
            kept += chunk
            if len(kept) >= PAGE:
                break
    except NetworkError:
        return kept
    return kept


def _after(words: str) -> str:
    shown = words if len(words) <= TOLD_CHARACTERS else words[:TOLD_CHARACTERS] + "…"
    return f": {shown.rstrip('.')}" if shown else ""
