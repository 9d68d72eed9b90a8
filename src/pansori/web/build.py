"""What the pages take from npm, copied out of `node_modules` to where the server finds it.

`make setup` calls `python -m pansori.web.build` after `npm ci`. There is no bundler. Names with hashes and compressed
forms are made by `pansori.web.assets` when the server starts, so that nothing built can be older than its source.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"
PACKAGES = HERE.parents[2] / "node_modules"

#: htmx looks over the page once, as soon as it has run: an extension that comes in a file of its own may be too late.
SCRIPTS = {
    "htmx.js": ("htmx.org/dist/htmx.min.js", "htmx.org/dist/ext/hx-sse.min.js"),
    "wavesurfer.js": ("wavesurfer.js/dist/wavesurfer.esm.js",),
}
LICENCES = {
    "htmx": "htmx.org/LICENSE",
    "wavesurfer": "wavesurfer.js/LICENSE",
    "gowun-batang": "@fontsource/gowun-batang/LICENSE",
    "pretendard": "pretendard/dist/LICENSE.txt",
}
PRETENDARD = "pretendard/dist/web/variable"
SERIF = "@fontsource/gowun-batang/files/gowun-batang-latin-700-normal.woff2"  #: for the product's name alone
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)


def build(packages: Path = PACKAGES, target: Path = VENDOR) -> None:
    """Replace `target` as a whole by what `packages` has. Raises `FileNotFoundError` naming what is missing there."""
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, sources in SCRIPTS.items():
        scripts = [SOURCE_MAP.sub("", (packages / source).read_text(encoding="utf-8")) for source in sources]
        (fresh / name).write_text("\n;\n".join(scripts), encoding="utf-8")
    for name, source in LICENCES.items():
        shutil.copyfile(packages / source, fresh / f"{name}.LICENSE.txt")
    shutil.copyfile(packages / SERIF, fresh / "name.woff2")
    for file in (packages / PRETENDARD / "woff2-dynamic-subset").glob("*.woff2"):
        shutil.copyfile(file, fresh / _short(file.name))
    style = (packages / PRETENDARD / "pretendardvariable-dynamic-subset.css").read_text(encoding="utf-8")
    (fresh / "fonts.css").write_text("\n".join(_faces(style)), encoding="utf-8")
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    with suppress(FileNotFoundError):
        target.rename(old)  # whoever reads meanwhile finds a whole folder, but for this moment
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _faces(style: str) -> Iterator[str]:
    """The rules of the style sheet, with the names that the files have here and nothing that is not needed. A font that
    comes too late for the first picture is kept for the next page: nothing moves under whoever reads."""
    for face in FACE.findall(style):
        face = re.sub(r"url\(\./woff2-dynamic-subset/([^)]+)\)", lambda m: f"url(./{_short(m[1])})", face)
        face = face.replace("'Pretendard Variable'", "Pretendard").replace("woff2-variations", "woff2")
        face = face.replace("font-display: swap", "font-display: optional")
        yield re.sub(r"\s+", " ", face)


def _short(name: str) -> str:
    """`PretendardVariable.subset.12.woff2` → `pretendard-12.woff2`."""
    return name.replace("PretendardVariable.subset.", "pretendard-")


if __name__ == "__main__":
    try:
        build()
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing: run `npm ci` first, or let `make setup` do both.")
