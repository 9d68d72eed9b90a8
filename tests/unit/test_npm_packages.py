"""What the pages take from npm: locked by hash, named without an address, never run while it is installed, and passed
on with its licence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pansori.web import build
from pansori.web.assets import PageAssets
from pansori.web.pages.licences import NAMES, parts

ROOT = Path(__file__).parents[2]
LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
WANTED: dict[str, Any] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
FOLDER = "node_modules/"
SHA512 = re.compile(r"sha512-[A-Za-z0-9+/]{86}==")
FREE = {"0BSD", "BSD-0-Clause", "BSD-2-Clause", "BSD-3-Clause", "MIT", "ISC", "Apache-2.0", "MPL-2.0", "OFL-1.1"}
"""Licences of what may be passed on with a program under the GPL."""
PACKAGES: dict[str, Any] = {path.removeprefix(FOLDER): one for path, one in LOCK["packages"].items() if path}


def test_every_package_is_locked_by_hash() -> None:
    assert LOCK["lockfileVersion"] == 3
    assert PACKAGES.keys() >= WANTED["dependencies"].keys() | WANTED["devDependencies"].keys()
    for name, one in PACKAGES.items():
        assert SHA512.fullmatch(one.get("integrity", "")), name


def test_no_address_says_where_they_come_from() -> None:
    """Any registry will do: the hashes say whether it was the right thing."""
    assert [name for name, one in PACKAGES.items() if "resolved" in one] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text(encoding="utf-8").split()


def test_versions_are_exact() -> None:
    for name, version in {**WANTED["dependencies"], **WANTED["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert PACKAGES[name]["version"] == version
    assert "scripts" not in WANTED


def test_nothing_of_theirs_runs_while_they_are_installed() -> None:
    assert "ignore-scripts=true" in (ROOT / ".npmrc").read_text(encoding="utf-8").split()
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"^.*npm.*\b(?:ci|install)\b.*$", makefile, re.MULTILINE)
    assert [line for line in installs if " ci " in line and "--ignore-scripts" not in line] == []
    assert any("--ignore-scripts" in line for line in installs)


def test_what_is_passed_on_may_be() -> None:
    for name in WANTED["dependencies"]:
        licence = PACKAGES[name].get("license")
        assert licence is None or licence in FREE, name  # one names it in its files alone


def test_everything_that_is_passed_on_shows_its_licence() -> None:
    shown = {part.name for part in parts()}
    assert shown == set(NAMES.values())
    assert len(shown) == len(WANTED["dependencies"])
    for part in parts():
        assert len(part.text) > 300, part.name  # whole, and not a line that says where to find it
        assert "OFL" not in part.text or "PERMISSION & CONDITIONS" in part.text, part.name
        assert re.search(r"permission|permitted|licen[cs]e", part.text, re.IGNORECASE), part.name


def test_everything_that_is_built_is_served() -> None:
    assets = PageAssets()
    for name in (*build.SCRIPTS, "fonts.css", "name.woff2"):
        assert assets.file(name).content
