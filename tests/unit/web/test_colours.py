"""Every pair of colours that is read by somebody, in both looks, measured as WCAG 2.2 does (§1.4.3, §1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pansori.web import assets

TEXT, GRAPHICAL = 4.5, 3.0
SURFACES = ("paper", "sheet", "well")
PAIRS = (
    *(("ink", surface, TEXT) for surface in (*SURFACES, "accent-wash")),
    *(("soft", surface, TEXT) for surface in SURFACES),
    *(("accent", surface, TEXT) for surface in (*SURFACES, "accent-wash")),
    *(("accent-deep", surface, TEXT) for surface in (*SURFACES, "accent-wash")),
    *(("jade", surface, TEXT) for surface in ("paper", "sheet", "jade-wash")),
    ("amber", "amber-wash", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    ("paper", "jade", TEXT),
    ("paper", "ink", TEXT),
    *(("edge", surface, GRAPHICAL) for surface in SURFACES),
)
DECLARED = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
STATIC = Path(assets.__file__).parent / "static"
STYLE = (STATIC / "pansori.css").read_text(encoding="utf-8")
COLOURS = {name: {"light": light, "dark": dark} for name, light, dark in DECLARED.findall(STYLE)}


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, 0 to 1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_a_pair_can_be_told_apart(front: str, back: str, least: float, look: str) -> None:
    assert contrast(COLOURS[front][look], COLOURS[back][look]) >= least


def test_every_colour_of_the_identity_is_there() -> None:
    told = {"paper": "#f7f3ea", "ink": "#1f1b16", "line": "#d9d0bf", "accent": "#b83a24", "jade": "#1a706a"}
    assert {name: COLOURS[name]["light"] for name in told} == told


def test_no_colour_stands_outside_of_the_tokens() -> None:
    rules = STYLE.split("@layer base {", 1)[1]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == ["#fff", "#fff"]  # paper that is printed on
    for file in STATIC.glob("*.css"):
        if file.name != "pansori.css":
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", file.read_text(encoding="utf-8")), file.name
