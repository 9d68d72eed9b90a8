"""What somebody has typed is text on every page that shows it, also where it was refused; and a form without scripts
asks for all that the API takes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
import requests

from support.accounts import PASSWORD
from support.markup import Markup, read_markup
from support.members import Member, join
from support.server import Server
from support.waiting import eventually

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"</textarea></title>&lt;b&gt;{{7*7}}"
PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture(scope="module")
def writer(accounts_server: Server) -> Member:
    return join(accounts_server, "writer@mail.example")


def shows_it_as_text(html: str) -> Markup:
    """The page, which has nothing in it that was typed but words."""
    page = read_markup(html)
    assert not page.named("img"), "a picture of the writer's"
    assert all("alert(" not in one.text for one in page.scripts)
    assert all(not name.startswith("on") for one in page.elements for name in one.attributes)
    assert "<script>alert(1)" not in html
    assert "49" not in "".join(one.text for one in page.named("h1", "textarea")), "it was taken for a template"
    return page


def send(writer: Member, path: str, status: int, **fields: str) -> str:
    answer = writer.post(path, data=fields, allow_redirects=False)
    assert answer.status_code == status, answer.text[-2000:]
    return answer.text


# -- text ------------


def test_on_pages_of_a_song(writer: Member) -> None:
    body = {"prompt": MARKUP, "title": MARKUP, "lyrics": "la\n" + MARKUP, "duration": 6, "expanded_prompt": MARKUP}
    job = writer.post("/v1/generations", json=body).json()["id"]
    shows_it_as_text(page_of(writer, f"/app/jobs/{job}"))
    track = eventually(lambda: writer.get(f"/v1/generations/{job}").json()["track_id"])
    for path in (f"/app/tracks/{track}", f"/app/make?from={track}", f"/app/templates/new?track={track}"):
        page = shows_it_as_text(page_of(writer, path))
        assert any(MARKUP.strip() in value for one in page.elements for value in (one.text, *one.attributes.values()))
    for path in ("/app/library", "/app/queue", "/"):
        shows_it_as_text(page_of(writer, path))
    shared = writer.post(f"/v1/tracks/{track}/share", json={}).json()["url"]
    shows_it_as_text(requests.get(shared, headers=PAGE, timeout=60).text)


def page_of(writer: Member, path: str) -> str:
    answer = requests.get(writer.server.url + path, headers={**PAGE, **writer.headers}, timeout=60)
    assert answer.status_code == 200, path
    return answer.text


def test_on_pages_of_templates(writer: Member) -> None:
    made = writer.post("/v1/templates", json={"name": MARKUP.replace("{{7*7}}", ""), "prompt": "{who} " + "<img>"})
    assert made.status_code == 201, made.text
    for path in ("/app/templates", f"/app/templates/{made.json()['id']}/edit"):
        shows_it_as_text(page_of(writer, path))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/app/{quote(MARKUP, safe='')}", 404),
        (f"/app/tracks/{quote(MARKUP, safe='')}", 404),
        (f"/app/library?q={quote(MARKUP)}", 200),
        (f"/app/library?sort={quote(MARKUP)}", None),
        (f"/app/library?cursor={quote(MARKUP)}", None),
        (
            f"/app/make?prompt={quote(MARKUP)}&lyrics={quote(MARKUP)}&duration={quote(MARKUP)}&title={quote(MARKUP)}",
            200,
        ),
        (f"/app/sign-in?next={quote(MARKUP)}", 200),
        (f"/app/verify?token={quote(MARKUP)}", None),
        (f"/app/reset?token={quote(MARKUP)}", None),
        (f"/track.html?id={quote(MARKUP)}", 404),
    ],
)
def test_where_an_address_brings_it(writer: Member, path: str, status: int | None) -> None:
    answer = requests.get(writer.server.url + path, headers={**PAGE, **writer.headers}, timeout=60)
    assert answer.status_code < 500
    assert status in (None, answer.status_code)
    assert answer.headers["Content-Type"].startswith("text/html"), path
    shows_it_as_text(answer.text)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/app/make", {"prompt": MARKUP, "lyrics": MARKUP, "title": MARKUP, "duration": MARKUP, "seed": MARKUP}),
        ("/app/make", {"prompt": MARKUP, "quality": MARKUP, "engine": MARKUP, "voice": MARKUP, "format": MARKUP}),
        ("/app/templates", {"name": MARKUP, "prompt": "", "lyrics": MARKUP, "duration": MARKUP}),
        ("/app/sign-in", {"email": MARKUP, "password": MARKUP}),
        ("/app/sign-up", {"email": MARKUP, "password": "x", "own_name": MARKUP}),
        ("/app/forgot", {"email": MARKUP}),
    ],
)
def test_where_it_is_refused(accounts_server: Server, path: str, fields: dict[str, str]) -> None:
    answer = accounts_server.post(path, data=fields, headers=PAGE, allow_redirects=False)
    assert 400 <= answer.status_code < 500
    page = shows_it_as_text(answer.text)
    assert PASSWORD not in answer.text
    assert [
        one
        for one in page.elements
        if one.attributes.get("role") == "alert" or "error" in one.attributes.get("class", "")
    ]


def test_errors_for_programs_are_no_pages(accounts_server: Server, writer: Member) -> None:
    for answer in (
        accounts_server.get(f"/v1/tracks/{quote(MARKUP, safe='')}", headers=writer.headers),
        accounts_server.get(f"/{quote(MARKUP, safe='')}"),
        accounts_server.post("/v1/auth/login", json={"email": MARKUP, "password": MARKUP}),
        accounts_server.post("/v1/generations", json={MARKUP: 1, "prompt": "x"}, headers=writer.headers),
    ):
        assert "json" in answer.headers["Content-Type"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# -- forms ------------

ASKED = {
    "prompt": "비 오는 밤의 재즈",
    "lyrics": "라라라\r\n나나나",
    "expanded_prompt": "jazz as I wrote it, 70 BPM",
    "title": "내 노래",
    "duration": "2.5",
    "quality": "high",
    "voice": "male",
    "engine": "debug",
    "seed": "77",
    "format": "flac",
    "samplerate": "32000",
}


def test_a_form_asks_for_all_that_it_says(writer: Member) -> None:
    answer = writer.post("/app/make", data=ASKED, allow_redirects=False)
    assert answer.status_code == 303, answer.text[-2000:]
    job = answer.headers["Location"].rpartition("/")[2]
    task: dict[str, Any] = writer.get(f"/v1/jobs/{job}").json()["task"]
    wanted = {**ASKED, "lyrics": "라라라\n나나나", "duration": 2.5, "seed": 77, "samplerate": 32_000}
    assert {name: task[name] for name in wanted} == wanted
    track = eventually(lambda: writer.get(f"/v1/generations/{job}").json()["track_id"])
    made = writer.get(f"/v1/tracks/{track}").json()
    assert (made["expanded_prompt"], made["title"], made["seed"]) == (wanted["expanded_prompt"], "내 노래", 77)
    assert (made["content_type"], made["duration"]) == ("audio/flac", 2.5)


def test_nothing_filled_in_is_nothing_asked_for(writer: Member) -> None:
    answer = writer.post("/app/make", data={**dict.fromkeys(ASKED, ""), "prompt": "jazz"}, allow_redirects=False)
    job = answer.headers["Location"].rpartition("/")[2]
    task = writer.get(f"/v1/jobs/{job}").json()["task"]
    assert (task["lyrics"], task["seed"], task["samplerate"], task["expanded_prompt"]) == (None, None, None, "")
    silent = writer.post("/app/make", data={"prompt": "sing", "instrumental": "1"}, allow_redirects=False)
    assert writer.get(f"/v1/jobs/{silent.headers['Location'].rpartition('/')[2]}").json()["task"]["lyrics"] == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", ""),
        ("prompt", "가" * 4_001),
        ("prompt", "가" * 34_000),  # 100 kB
        ("duration", "-1"),
        ("duration", "1e308"),
        ("duration", "long"),
        ("seed", "-1"),
        ("seed", "4294967296"),
        ("lyrics", "라" * 2_000),
        ("title", "a" * 201),
    ],
)
def test_what_is_wrong_stands_at_its_field(writer: Member, field: str, value: str) -> None:
    page = read_markup(send(writer, "/app/make", 422, **{"prompt": "jazz", "duration": "2", field: value}))
    told = page.by_id(f"e-{field}")
    assert told is not None
    assert told.text.strip()
    named = next(one for one in page.elements if one.attributes.get("name") == field)
    assert named.attributes["aria-invalid"] == "true"
    assert named.attributes["aria-describedby"] == f"e-{field}"


@pytest.mark.parametrize(
    ("field", "value"),
    [("quality", "best"), ("engine", "orchestra"), ("voice", "choir"), ("format", "exe"), ("samplerate", "11025")],
)
def test_what_no_form_offers_is_refused(writer: Member, field: str, value: str) -> None:
    page = read_markup(send(writer, "/app/make", 422, **{"prompt": "jazz", "duration": "2", field: value}))
    assert [one for one in page.elements if one.attributes.get("role") == "alert"]


def test_what_waits_is_counted_on_every_page(idle_server: Server) -> None:
    def waiting() -> int:
        html = idle_server.get("/app/engines", headers=PAGE).text
        pill = next(one for one in read_markup(html).elements if "pill" in one.attributes.get("class", "").split())
        found = re.search(r"(\d+) waiting", pill.attributes["title"].replace(",", ""))
        return int(found[1]) if found else 0

    before = waiting()
    asked = [idle_server.post("/v1/generations", json={"prompt": "jazz"}).json()["id"] for _ in range(2)]
    assert waiting() == before + 2
    for one in asked:
        idle_server.post(f"/v1/generations/{one}/cancel")
    assert waiting() == before
