"""The font files of a page are known before it is laid out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.web.assets import PageAssets
from pansori.web.fonts import Fonts, preload

STYLE = """\
@font-face { font-family: Sans; src: url(./hangul.woff2) format('woff2'); unicode-range: U+ac00-d7a3, U+25cf; }
@font-face { font-family: Sans; src: url(./latin.woff2) format('woff2'); unicode-range: U+20-7e, U+25CF; }
@font-face { font-family: Sans; src: url(./rare.woff2) format('woff2'); unicode-range: U+4e00-9fff; }
"""


@pytest.fixture
def fonts(tmp_path: Path) -> Fonts:
    for name in ("hangul", "latin", "rare"):
        (tmp_path / f"{name}.woff2").write_bytes(name.encode())
    (tmp_path / "fonts.css").write_text(STYLE, encoding="utf-8")
    (tmp_path / "htmx.js").write_text("", encoding="utf-8")
    return Fonts(PageAssets((tmp_path,)))


def files(fonts: Fonts, html: str) -> list[str]:
    return [path.rpartition("/")[2].partition(".")[0] for path in fonts.of(html)]


def test_a_text_needs_the_files_that_have_its_characters(fonts: Fonts) -> None:
    assert files(fonts, "<p>노래</p>") == ["hangul"]
    assert files(fonts, "<p>노래 song</p>") == ["hangul", "latin"]
    assert files(fonts, "<p>\N{SMILING FACE WITH SUNGLASSES}</p>") == []


def test_of_two_files_with_a_character_browsers_take_the_last(fonts: Fonts) -> None:
    assert files(fonts, "<p>●</p>") == ["latin"]


def test_what_is_not_shown_needs_none(fonts: Fonts) -> None:
    hidden = '<head><title>海</title></head><p title="海">노</p><script>"海"</script><dialog id="keys">海</dialog>'
    assert files(fonts, hidden) == ["hangul"]


def test_browsers_are_told_by_a_header(fonts: Fonts) -> None:
    first, second = fonts.of("<p>노a</p>")
    assert preload([first, second]) == (
        f'<{first}>; rel=preload; as=font; type="font/woff2"; crossorigin, '
        f'<{second}>; rel=preload; as=font; type="font/woff2"; crossorigin'
    )


def test_those_of_the_pages_have_korean_and_latin() -> None:
    fonts = Fonts(PageAssets())
    assert fonts.of("<p>a</p>")
    assert fonts.of("<p>뷁</p>") not in ([], fonts.of("<p>a</p>"))
