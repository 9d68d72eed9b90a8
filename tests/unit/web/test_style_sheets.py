"""What the style sheets promise: one scale, one shadow, layers, every way of writing and of looking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pansori.web import assets

STATIC = Path(assets.__file__).parent / "static"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SHEETS = {file.name: COMMENT.sub("", file.read_text(encoding="utf-8")) for file in sorted(STATIC.glob("*.css"))}
MAIN = SHEETS["pansori.css"]
ALL = "\n".join(SHEETS.values())
PHYSICAL = re.compile(
    r"(?<![\w-])(?:margin|padding|border)-(?:left|right|top|bottom)\b|(?<![\w-])(?:left|right|top|bottom)\s*:|"
    r"text-align\s*:\s*(?:left|right)|float\s*:\s*(?:left|right)"
)


def test_sizes_of_letters_are_those_of_the_scale() -> None:
    told = {name: float(size) * 16 for name, size in re.findall(r"--(s\d+):\s*([\d.]+)rem;", MAIN.split("@media")[0])}
    assert told == {"s13": 13, "s15": 15, "s18": 18, "s24": 24, "s34": 34, "s48": 48}


def test_letters_corners_and_lines_are_as_agreed() -> None:
    body = re.search(r"\bbody\s*\{([^}]*)\}", MAIN)
    assert body is not None
    assert re.search(r"font:\s*400 var\(--s15\)/1\.6 var\(--sans\)", body[1])
    assert "word-break: keep-all" in body[1]
    assert re.search(r"--round:\s*10px", MAIN)
    assert re.search(r"--sans:\s*Pretendard\b", MAIN)
    assert "max-inline-size: 64ch" in MAIN
    assert "tabular-nums" in MAIN


def test_corners_are_round_as_agreed() -> None:
    """Small parts inside of others have smaller corners."""
    assert set(re.findall(r"border-radius:\s*([^;}]+?)\s*[;}]", ALL)) <= {
        *("var(--round)", "var(--pill)", "50%", "6px", "4px"),
    }


def test_letters_have_sizes_of_the_scale() -> None:
    """But for the product's name, icons, code among words, and labels that have no room."""
    told = {one.strip() for one in re.findall(r"font-size:\s*([^;}]+)", ALL)}
    assert {one for one in told if not re.fullmatch(r"var\(--s\d+\)", one)} == {
        *("1.625rem", "inherit", "0", "clamp(100%, 50% + 0.4167vw, 150%)")
    }


def test_there_is_one_shadow() -> None:
    assert set(re.findall(r"box-shadow:\s*([^;}]+)", ALL)) <= {"var(--shade)", "none"}


@pytest.mark.parametrize("name", SHEETS)
def test_every_rule_stands_in_a_layer(name: str) -> None:
    """So that what a page adds never fights with what it builds on."""
    depth, outside = 0, []
    for line in SHEETS[name].splitlines():
        if depth == 0 and line.strip():
            outside.append(line.strip())
        depth += line.count("{") - line.count("}")
    assert depth == 0
    assert [line for line in outside if not line.startswith("@layer")] == []


@pytest.mark.parametrize("name", SHEETS)
def test_directions_are_those_of_the_text(name: str) -> None:
    assert PHYSICAL.findall(SHEETS[name]) == []


@pytest.mark.parametrize(
    "query",
    ["prefers-reduced-motion: reduce", "forced-colors: active", "@media print", "scripting: none", "@container"],
)
def test_every_way_of_looking_is_thought_of(query: str) -> None:
    assert query in ALL


def test_whoever_wants_no_motion_gets_none() -> None:
    still = re.search(r"@media \(prefers-reduced-motion: reduce\) \{\s*:root \{([^}]*)\}", MAIN)
    assert still is not None
    assert "--fast: 0ms" in still[1]
    assert [rule for rule in re.findall(r"transition:\s*([^;}]+)", ALL) if "var(--fast)" not in rule] == []
    assert "animation" not in ALL, "nothing moves for ever"


def test_what_has_the_focus_has_a_ring() -> None:
    ring = re.search(r":focus-visible \{([^}]*)\}", MAIN)
    assert ring is not None
    assert "outline: 2px solid" in ring[1]


def test_quick_is_under_a_fifth_of_a_second() -> None:
    fast = re.search(r"--fast:\s*(\d+)ms", MAIN)
    assert fast is not None
    assert 0 < int(fast[1]) < 200


def test_no_picture_is_bought_in() -> None:
    assert not list(STATIC.glob("*.png")) + list(STATIC.glob("*.jpg"))
