"""The first page: what this is, and where to begin."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from pansori.api.fields import joined
from pansori.api.prefer import prefers_page
from pansori.api.routing import Router
from pansori.domain.errors import Text
from pansori.library import TrackView, tracks
from pansori.web.frame import PageDep
from pansori.web.pages.make import EXAMPLES

WORDS = {
    "title": Text("Words become songs", "말이 노래가 돼요"),
    "headline": Text("Say it. Hear it sung.", "말하면, 노래가 돼요."),
    "lead": Text(
        "Describe a song in Korean or English. It is composed, sung, played and mastered, and kept on this machine.",
        "어떤 곡인지 한국어나 영어로 적어 보세요. 작곡하고, 부르고, 연주하고, 다듬어서 이 컴퓨터에 보관해요.",
    ),
    "prompt": Text("What should it sound like?", "어떤 곡을 만들까요?"),
    "placeholder": Text("A slow piano ballad, sung by a woman", "여성 보컬의 느린 피아노 발라드"),
    "begin": Text("Begin", "시작하기"),
    "or": Text("Or begin with one of these", "이런 곡은 어때요?"),
    "recent": Text("Made last", "최근에 만든 곡"),
    "all": Text("All songs", "모두 보기"),
    "play_track": Text("Play {title}", "{title} 재생"),
    "how_1": Text("Describe", "적고"),
    "how_1_more": Text(
        "Style, mood, tempo, instruments, voice. What was understood is shown while you type.",
        "장르, 분위기, 빠르기, 악기, 목소리. 적는 동안 어떻게 이해했는지 바로 보여 드려요.",
    ),
    "how_2": Text("Watch", "지켜보고"),
    "how_2_more": Text(
        "The work goes on when the page is closed, and when the server starts anew.",
        "페이지를 닫아도, 서버를 다시 켜도 만들던 곡은 이어져요.",
    ),
    "how_3": Text("Listen", "들어요"),
    "how_3_more": Text(
        "Lyrics that light up syllable by syllable, stems, notes, and the recipe that makes the same song again.",
        "음절마다 빛나는 가사, 악기별 트랙, 악보, 똑같은 곡을 다시 만드는 레시피까지 있어요.",
    ),
}
RECENT = 4


class ForReaders(APIRoute):
    """Is there only for whoever would rather have a page than JSON."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not prefers_page(joined(Headers(scope=scope).getlist("accept"))):
            return Match.NONE, {}
        return super().matches(scope)


first = Router(include_in_schema=False, route_class=ForReaders)
router = Router(include_in_schema=False)


@first.get("/")
def root(page: PageDep) -> Response:
    return landing(page)


@router.get("/index.html")
def landing(page: PageDep) -> Response:
    recent: Sequence[TrackView] = ()
    if page.owner is not None:
        with page.server.services.database.read() as session:
            recent = tracks.find(session, page.owner, limit=RECENT).items
    examples = [one for one in EXAMPLES if one.language == page.language]
    return page.render("landing.html", WORDS, recent=recent, examples=examples)


router.routes.extend(first.routes)
