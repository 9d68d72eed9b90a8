"""What the pages take from others, and the licences that it comes under: they go along with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from fastapi.responses import Response

from pansori.api.routing import Router
from pansori.domain.errors import Text
from pansori.web.assets import VENDOR
from pansori.web.frame import PageDep

router = Router(include_in_schema=False)

WORDS = {
    "heading": Text("What others made", "다른 분들이 만든 것"),
    "lead": Text(
        "These parts come to your browser with the pages. Their licences let us pass them on.",
        "페이지와 함께 브라우저로 보내는 프로그램과 글꼴이에요. 아래 라이선스에 따라 나누어 드려요.",
    ),
    "licence_of": Text("Licence of {name}", "{name}의 라이선스"),
}
ENDING = ".LICENSE.txt"
NAMES = {"htmx": "htmx", "wavesurfer": "wavesurfer.js", "pretendard": "Pretendard", "gowun-batang": "Gowun Batang"}


@dataclass(frozen=True)
class Part:
    """`text`: its licence, word for word."""

    name: str
    text: str


@router.get("/app/licences")
def licences(page: PageDep) -> Response:
    return page.render("licences.html", WORDS, parts=parts())


@cache
def parts() -> tuple[Part, ...]:
    """Those whose licences were fetched with them."""
    found = sorted(VENDOR.glob(f"*{ENDING}"), key=lambda file: file.name)
    return tuple(
        Part(NAMES.get(stem, stem), file.read_text(encoding="utf-8").strip())
        for file in found
        if (stem := file.name.removesuffix(ENDING))
    )
