"""Every page speaks one language: in Korean no English is left over, in English no Korean."""

from __future__ import annotations

import pytest
import requests

from pansori.domain.errors import Language
from support.guests import SignedIn
from support.languages import OWN, left_over
from support.server import Server

PAGES = (
    "/",
    "/app/make",
    "/app/make?engine=nobody_here",
    "/app/library",
    "/app/library?q=%2E%2E%2E",
    "/app/queue",
    "/app/templates",
    "/app/templates/new",
    "/app/engines",
    "/app/talk",
    "/app/account",
    "/app/account?done=name",
    "/app/sign-up",
    "/app/forgot",
    "/app/verify?token=x",
    "/app/reset?token=x",
    "/app/sign-in?done=verified",
    "/app/nowhere",
)
WRONG_FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/app/make", {"prompt": ""}),
    ("/app/make", {"prompt": "…", "duration": "-3", "quality": "x", "seed": "x", "samplerate": "1", "format": "x"}),
    ("/app/make", {"prompt": "…", "duration": "3000"}),
    ("/app/make", {"prompt": "…", "engine": "x"}),
    ("/app/sign-in", {"email": "x", "password": ""}),
    ("/app/sign-in", {"email": "nobody@mail.example", "password": "wrong, wrong"}),
    ("/app/sign-up", {"email": "x@mail.example", "password": "x"}),
    ("/app/forgot", {"email": OWN}),
    ("/app/resend", {"email": OWN}),
    ("/app/templates", {"name": "", "prompt": "", "duration": "x"}),
    ("/app/account/keys", {"name": ""}),
    ("/app/account/password", {"password": "x", "new_password": "x"}),
    ("/app/account/delete", {"typed": "x", "password": "x"}),
)


@pytest.fixture(scope="module")
def member(accounts_server: Server) -> SignedIn:
    member = SignedIn(accounts_server, OWN)
    member.post("/v1/account/keys", json={"name": "파도"})
    return member


@pytest.mark.parametrize("language", ["ko", "en"])
def test_pages_speak_one_language(
    accounts_server: Server, idle_server: Server, member: SignedIn, language: Language
) -> None:
    words = {"ko": "파도", "en": "Waves"}[language]
    track = member.make(words)[0]
    headers = {"Accept-Language": language, "Accept": "text/html"}
    found = {}
    for path in (*PAGES, f"/app/tracks/{track}", "/app/tracks/x"):
        found[path] = list(left_over(member.get(path, headers=headers).text, language))
    for path in ("/app/sign-in", "/app/library", "/app/account", "/app/jobs/x", "/app/queue", f"/app/tracks/{track}"):
        page = requests.get(accounts_server.url + path, headers=headers, timeout=60).text
        found[f"{path}, as nobody"] = list(left_over(page, language))
    for path, form in WRONG_FORMS:
        answer = member.post(path, data=form, headers={**headers, "Origin": accounts_server.url})
        found[f"{path} {form}"] = list(left_over(answer.text, language))
    job = idle_server.post("/v1/generations", json={"prompt": words, "duration": 2}).json()["id"]
    for path in (f"/app/jobs/{job}", "/app/queue", "/app/library"):
        found[f"{path}, waiting"] = list(left_over(idle_server.get(path, headers=headers).text, language))
    left = {path: words for path, words in found.items() if words}
    assert left == {}, left
