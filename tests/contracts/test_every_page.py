"""What every page keeps to, over HTTP and without a browser. It grows by itself: a page that is added is looked at."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from support.markup import Element, Markup, read_markup
from support.members import Member, furnish, join
from support.routes import Address, addresses
from support.server import Server

WORDS = "쾌지나칭칭나네"  #: in everything that the reader has made
DOCUMENTED = ("/", "/index.html", "/generate.html", "/track.html", "/library.html")
NO_PAGES = ("/events", "/making", "/pill", "/live", "/stream", "/take", "/shown")
"""How parts of pages, and streams of them, end."""
OVER = ("/app/verify", "/app/reset")  #: asked for without the link that was mailed
ICON, FILES = "/favicon.ico", "/assets/"
HASHED = re.compile(r"/assets/[\w.-]+\.[0-9a-f]{12}\.(?:js|css|svg|woff2|webmanifest)")
IMPORTS = re.compile(rb"""(?:\bfrom\s*|\bimport\s*\(?\s*|\burl\()["']?\./([\w.-]+)""")
MOST = 150 * 1024  #: bytes of HTML, styles and scripts that a first view may take, compressed
LOADED = ("script", "link", "img", "audio", "video", "source", "iframe", "object", "embed")


def is_page(address: Address) -> bool:
    return (
        address.method == "GET"
        and (address.path.startswith("/app/") or address.path in DOCUMENTED)
        and not address.path.endswith(NO_PAGES)
    )


PAGES = [one for one in addresses() if is_page(one)]


@pytest.fixture(scope="module")
def reader(accounts_server: Server) -> Member:
    member = join(accounts_server, "reader@mail.example")
    furnish(member, WORDS)
    return member


def path_of(address: Address, reader: Member) -> str:
    """The address with ids of the reader's, and with what its query needs."""
    path = address.path
    for name in address.parameters:
        assert name in reader.things, f"say in tests/support/members.py what {{{name}}} stands for"
        path = path.replace(f"{{{name}}}", reader.things[name][-1])
    if address.path == "/track.html":
        return f"{path}?id={reader.things['track_id'][0]}"
    if address.path.startswith("/app/shared/"):
        shared = reader.post(f"/v1/tracks/{reader.things['track_id'][0]}/share", json={}).json()["url"]
        return f"{path}?{urlsplit(shared).query}"
    return path


_looked: dict[tuple[str, str], requests.Response] = {}


def seen(reader: Member, address: Address) -> requests.Response:
    """The page in English, asked for once."""
    key = (reader.token, address.path)
    if key not in _looked:
        _looked[key] = look(reader, path_of(address, reader))
    return _looked[key]


def look(reader: Member, path: str, language: str = "en") -> requests.Response:
    """As a browser asks: followed to where it leads."""
    headers = {**reader.headers, "Accept": "text/html,*/*;q=0.8", "Accept-Language": language}
    return requests.get(reader.server.url + path, headers=headers, timeout=60)


def test_there_are_pages_to_look_at() -> None:
    assert {"/", "/app/make", "/app/library", "/app/tracks/{track_id}", "/app/jobs/{job_id}"} <= {
        one.path for one in PAGES
    }


def test_pages_live_where_they_are_documented_or_under_app() -> None:
    """JSON has `/jobs`, `/status` and the like; what a browser is for has its own place."""
    api = {one.path for one in addresses(pages=False)}
    for one in addresses():
        if one.path not in api:
            assert one.path in (*DOCUMENTED, ICON) or one.path.startswith(("/app/", FILES)), one.path


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_it_is_a_whole_page_in_both_languages(address: Address, reader: Member) -> None:
    for language in ("ko", "en"):
        answer = look(reader, path_of(address, reader), language)
        assert answer.status_code == 200 or (answer.status_code == 410 and address.path in OVER), answer.url
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        page = read_markup(answer.text)
        assert page.named("html")[0].attributes["lang"] == answer.headers["Content-Language"] == language
        assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))
        assert "no-store" in answer.headers["Cache-Control"], "it is of one reader"
        assert page.named("title")[0].text.strip()
        assert page.named("h1")
        assert len(page.named("main")) == 1
        names = Counter(one.attributes["id"] for one in page.elements if "id" in one.attributes)
        assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("address", [*PAGES, Address("GET", "/docs"), Address("GET", "/redoc")], ids=str)
def test_its_policy_lets_in_nothing_that_is_not_ours(address: Address, reader: Member) -> None:
    answer = seen(reader, address)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert (policy["base-uri"], policy["frame-ancestors"], policy["form-action"]) == ("'none'", "'none'", "'self'")
    allowed = re.compile(r"'(none|self|nonce-[\w-]+)'|data:")
    assert [source for kind in policy.values() for source in kind.split() if not allowed.fullmatch(source)] == []
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_nothing_in_it_runs_or_looks_otherwise_than_its_files_say(address: Address, reader: Member) -> None:
    page = read_markup(seen(reader, address).text)
    assert [one for one in page.scripts if "src" not in one.attributes] == []
    assert page.named("style") == []
    for one in page.elements:
        assert "style" not in one.attributes, one
        assert not [name for name in one.attributes if name.startswith("on")], one
        assert not [value for value in one.attributes.values() if value.strip().lower().startswith("javascript:")], one


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_its_files_are_ours_and_kept_for_ever(address: Address, reader: Member) -> None:
    page = read_markup(seen(reader, address).text)
    needed = files_of(page)
    assert needed
    for path in needed:
        assert HASHED.fullmatch(path), path
        answer = fetched(reader.server, path)
        assert "immutable" in answer.headers["Cache-Control"], path
        assert answer.headers.get("Content-Encoding") == ("gzip" if path.endswith((".js", ".css", ".svg")) else None)
    for one in page.named(*LOADED):
        source = one.attributes.get("src") or (one.attributes.get("href", "") if one.name == "link" else "")
        assert urlsplit(source).netloc in ("", urlsplit(reader.server.url).netloc), one


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_a_first_view_of_it_is_light(address: Address, reader: Member) -> None:
    html = seen(reader, address)
    page = read_markup(html.text)
    sizes = {"html": len(gzip.compress(html.content, 5))}
    waiting = [path for path in files_of(page) if path.endswith((".js", ".css"))]
    while waiting:
        path = waiting.pop()
        if path not in sizes:
            answer = fetched(reader.server, path)
            sizes[path] = int(answer.headers["Content-Length"])
            found = (FILES + name.decode() for name in IMPORTS.findall(answer.content))
            waiting += [one for one in found if one.endswith((".js", ".css"))]
    assert len(sizes) > 5
    assert sum(sizes.values()) <= MOST, sizes


def files_of(page: Markup) -> set[str]:
    """Scripts, styles, icons and fonts that it names."""
    named: list[Element] = page.named("script", "link")
    paths = {one.attributes.get("src") or one.attributes.get("href", "") for one in named}
    return {path for path in paths if path}


_fetched: dict[tuple[str, str], requests.Response] = {}


def fetched(server: Server, path: str) -> requests.Response:
    """A file, which never changes, once."""
    key = (server.url, path)
    if key not in _fetched:
        _fetched[key] = requests.get(server.url + path, headers={"Accept-Encoding": "gzip"}, timeout=60)
        assert _fetched[key].status_code == 200, path
    return _fetched[key]


def test_a_file_by_another_name_is_not_there(accounts_server: Server) -> None:
    for name in ("app.js", "app.000000000000.js", "..%2fframe.py", "%2e%2e/frame.py", ""):
        assert accounts_server.get(FILES + name).status_code == 404, name


def test_what_others_made_is_shown_with_its_licence(reader: Member) -> None:
    shown = look(reader, "/app/licences").text
    for name, words in (
        ("htmx", "Zero-Clause BSD"),
        ("wavesurfer.js", "BSD 3-Clause"),
        ("Pretendard", "SIL Open Font License"),
        ("Gowun Batang", "SIL Open Font License"),
    ):
        assert name in shown
        assert words in shown
    linked: dict[str, Any] = {one.attributes.get("href", ""): one for one in read_markup(shown).named("a")}
    assert "/app/licences" in linked, "every page leads there"


def test_whatever_was_made_with_a_song_is_within_reach_of_its_page(reader: Member) -> None:
    track = reader.things["track_id"][0]
    made = reader.get(f"/v1/tracks/{track}").json()["artifacts"]
    page = read_markup(look(reader, f"/app/tracks/{track}").text)
    linked = {value for one in page.elements for value in one.attributes.values()}
    assert {role for role, path in made.items() if not any(path in value for value in linked)} == set()
