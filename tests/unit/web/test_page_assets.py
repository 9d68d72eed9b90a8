"""Files of the pages: named by what they hold, in reach of each other, and kept for ever."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from pansori.domain.errors import ConfigurationError, NotFound
from pansori.web.assets import PageAssets, answer
from pansori.web.build import build


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "app.js": 'import { a } from "./part.js";\nconst later = () => import("./late.js");\n' + "// long\n" * 200,
        "part.js": "export const a = 1;",
        "late.js": "export default 2;",
        "fonts.css": "@font-face { src: url(./letters.woff2) }",
        "htmx.js": "var htmx;",
        "letters.woff2": "letters",
        "notes.txt": "not served",
    }.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_names_change_with_what_is_in_them_and_in_those_that_they_need(folder: Path) -> None:
    before = PageAssets((folder,))
    (folder / "part.js").write_text("export const a = 3;")
    after = PageAssets((folder,))
    assert before.path("part.js") != after.path("part.js")
    assert before.path("app.js") != after.path("app.js")
    assert before.path("late.js") == after.path("late.js")
    assert re.fullmatch(r"/assets/app\.[0-9a-f]{12}\.js", after.path("app.js"))


def test_files_find_each_other(folder: Path) -> None:
    assets = PageAssets((folder,))
    text = assets.file("app.js").content.decode()
    for name in ("part.js", "late.js"):
        assert f'"./{assets.file(name).name}"' in text
    assert f"url(./{assets.file('letters.woff2').name})" in assets.file("fonts.css").content.decode()


def test_what_is_not_there_is_told_of_at_once(folder: Path) -> None:
    (folder / "part.js").unlink()
    with pytest.raises(LookupError, match=r"part\.js"):
        PageAssets((folder,))
    (folder / "htmx.js").unlink()
    with pytest.raises(ConfigurationError, match=r"htmx\.js") as failed:
        PageAssets((folder,))
    assert failed.value.cure is not None
    assert "make setup" in failed.value.cure.en


def test_circles_are_refused(folder: Path) -> None:
    (folder / "part.js").write_text('import "./app.js";')
    with pytest.raises(LookupError, match="refers to itself"):
        PageAssets((folder,))


def test_only_the_whole_name_serves(folder: Path) -> None:
    assets = PageAssets((folder,))
    name = assets.file("app.js").name
    assert assets.served(name) is assets.file("app.js")
    for other in ("app.js", "notes.txt", name.replace(".js", ".css"), "../pansori.db"):
        with pytest.raises(NotFound):
            assets.served(other)


def test_answers_are_compressed_and_kept(folder: Path) -> None:
    file = PageAssets((folder,)).file("app.js")
    plain, packed = answer(request(), file), answer(request(accept_encoding="br;q=1, gzip;q=0.5"), file)
    assert plain.body == file.content
    assert gzip.decompress(bytes(packed.body)) == file.content
    assert packed.headers["Content-Encoding"] == "gzip"
    for one in (plain, packed):
        assert "immutable" in one.headers["Cache-Control"]
        assert one.headers["Vary"] == "Accept-Encoding"
    assert answer(request(accept_encoding="gzip;q=0"), file).body == file.content
    again = answer(request(if_none_match=plain.headers["ETag"]), file)
    assert (again.status_code, again.body) == (304, b"")


def test_fonts_are_not_compressed_twice(folder: Path) -> None:
    file = PageAssets((folder,)).file("letters.woff2")
    assert "Content-Encoding" not in answer(request(accept_encoding="gzip"), file).headers


def test_a_build_without_packages_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="htmx"):
        build(tmp_path / "node_modules", tmp_path / "vendor")


def test_no_script_or_style_of_ours_names_another_host() -> None:
    assets = PageAssets()
    for name in (
        "app.js",
        "player.js",
        "make.js",
        "track.js",
        "mixer.js",
        "words.js",
        "live.js",
        "pansori.css",
        "songs.css",
        "fonts.css",
    ):
        assert re.findall(rb"https?://(?!www\.w3\.org/2000/svg)", assets.file(name).content) == []
