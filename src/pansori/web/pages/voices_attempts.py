"""An attempt at a token: being measured, then what the comparison says, drawn over the reference."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fastapi.responses import Response
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool

from pansori.api.deps import OwnerDep, parse_id
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.domain.errors import NotFound
from pansori.library import AnalysisView, analyses
from pansori.library.voices import TokenView, attempts, tokens
from pansori.web.cards import card_of
from pansori.web.frame import Page, PageDep
from pansori.web.pages.voices_tokens import name_of
from pansori.web.pages.voices_words import WORDS
from pansori.web.streams import Look, stream
from pansori.web.words import FRAME, Told

if TYPE_CHECKING:
    from pansori.engines.analyze.imitation.model import Imitation, Mark

__all__ = ["WORDS", "router"]

log = logging.getLogger(__name__)

router = Router(include_in_schema=False)
PARTS: Final = ("words", "timing", "pitch", "intensity")


@dataclass(frozen=True)
class Part:
    """One of the marks, as it is explained. `drawing`: SVG; empty where there is nothing to draw."""

    name: str
    score: int | None
    explanation: str
    drawing: str


@router.get("/app/attempts/{analysis_id}")
def show(analysis_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """An analysis that was for no token is shown as one."""
    view = _find(page, parse_id(analysis_id, analyses.NO_SUCH_ANALYSIS), owner)
    token_id = attempts.token_of(view)
    if token_id is None:
        return page.go(f"/app/analyses/{view.id}")
    found = imitation_of(page, view)
    told: dict[str, Any] = {"view": view, "token_id": token_id, "token": _token(page, token_id, owner)}
    told["name"] = name_of(told["token"]) if told["token"] else token_id
    if not view.job.state.finished or found is None:
        why = "other_imitation" if _is_compared(view) else "no_imitation"
        return page.render("attempt.html", WORDS, **told, **_card(page, view), imitation=None, why=why)
    overall = round(found.overall.score) if found.overall.score is not None else None
    return page.render(
        "attempt.html",
        WORDS,
        **told,
        card=None,
        imitation=found,
        overall=overall,
        explanation=found.overall.explained.in_language(page.language),
        parts=parts_of(found, page),
        reference=_same_clip(told["token"], found),
    )


@router.get("/app/attempts/{analysis_id}/events", response_class=EventStream)
async def events(analysis_id: str, page: PageDep, owner: OwnerDep) -> Response:
    key = parse_id(analysis_id, analyses.NO_SUCH_ANALYSIS)
    await run_in_threadpool(_find, page, key, owner)  # 404 as long as there can be one

    def look() -> Look:
        view = _find(page, key, owner)
        shown = page.fragment("_job.html", WORDS, **_card(page, view))
        return Look({"job": shown}, view.job.seq, f"/app/attempts/{key}" if view.job.state.finished else None)

    return stream(page, look)


# -- pieces ------------


def imitation_of(page: Page, view: AnalysisView) -> Imitation | None:
    """What the comparison said. None: there was none, or it is of another version."""
    from pansori.engines.analyze.imitation.model import Imitation  # with the whole comparison

    services = page.server.services
    told: Any = (view.job.result or {}).get(attempts.IMITATION)
    stored = next((one for one in view.job.artifacts if one.role == attempts.IMITATION), None)
    try:
        if stored is not None:
            with services.database.read() as session:
                info = services.assets.info(session, stored.asset_id)
            return Imitation.model_validate_json(b"".join(services.assets.read(info)))
        return Imitation.model_validate(told) if told else None
    except ValidationError as error:
        log.warning("the comparison of job %s is of another form: %s", view.id, error.errors()[0])
        return None


def _is_compared(view: AnalysisView) -> bool:
    roles = {one.role for one in view.job.artifacts}
    return attempts.IMITATION in roles or attempts.IMITATION in (view.job.result or {})


def parts_of(found: Imitation, page: Page) -> list[Part]:
    """Those of which there is something to say."""
    from pansori.reports.imitation import drawings  # what draws is loaded when something is drawn

    drawn = drawings(found, page.language)

    def part(name: str) -> Part:
        mark: Mark = getattr(found, name)
        score = None if mark.score is None else round(mark.score)
        drawing = drawn[name].svg(page.language, alone=False) if name in drawn else ""
        return Part(name, score, mark.explained.in_language(page.language), drawing)

    whole = found.overall.explained.in_language(page.language)  # where it is said of every part, once is enough
    return [one for one in map(part, PARTS) if one.score is not None or one.explanation != whole]


def _find(page: Page, key: UUID, owner: UUID) -> AnalysisView:
    with page.server.services.database.read() as session:
        return analyses.get(session, key, owner)


def _token(page: Page, token_id: str, owner: UUID) -> TokenView | None:
    """None: it was deleted."""
    try:
        with page.server.services.database.read() as session:
            return tokens.get(session, token_id, owner)
    except NotFound:
        return None


def _same_clip(token: TokenView | None, found: Imitation) -> str:
    """Where the clip is that this was compared with; empty where the token has another one by now."""
    clip = token.reference if token else None
    return clip.url if clip is not None and clip.sha256 == found.reference.sha256 else ""


def _card(page: Page, view: AnalysisView) -> dict[str, Any]:
    database = page.server.services.database
    with database.read() as session:
        now = database.now(session)
    return {"card": card_of(view.job, Told(page.language, FRAME), now, title=view.name)}
