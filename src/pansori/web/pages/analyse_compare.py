"""Two analyses beside each other."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Query
from fastapi.responses import Response
from markupsafe import Markup

from pansori.api.analyses import find_analysis
from pansori.api.deps import OwnerDep
from pansori.api.routing import Router
from pansori.domain.jobs import JsonDict
from pansori.library import AnalysisView, analyses
from pansori.web.frame import Page, PageDep
from pansori.web.pages.analyse_words import WORDS
from pansori.workflows import measured

router = Router(include_in_schema=False)

LISTED: Final = 200  #: analyses that one may choose from


@router.get("/app/analyses/compare")
def show(
    page: PageDep,
    owner: OwnerDep,
    of: Annotated[list[str] | None, Query(max_length=50)] = None,
    a: str = "",
    b: str = "",
) -> Response:
    """`of`: the two, as the list names what was chosen there; `a` and `b`: as the pickers of this page do."""
    services, named = page.server.services, of or []
    with services.database.read() as session:
        found = analyses.find(session, owner, limit=LISTED).items
    ready = [one for one in found if one.measures is not None]
    ids = [a or (named[0] if named else ""), b or (named[1] if len(named) > 1 else "")]
    chosen = [find_analysis(services, owner, one) if one else None for one in ids]
    return page.render(
        "analyse_compare.html",
        WORDS,
        choices=[(one.id, one.name) for one in ready],
        chosen=[one.id if one is not None else None for one in chosen],
        views=chosen,
        many=len(named) > 2,
        **_compared(page, chosen),
    )


def _compared(page: Page, chosen: list[AnalysisView | None]) -> JsonDict:
    first, second = chosen
    if first is None or second is None or first.measures is None or second.measures is None:
        return {"questions": (), "drawn": ()}
    from pansori.reports import compare, compared_plots  # what draws is loaded when something is drawn

    services = page.server.services
    one, other = measured(services, first).now, measured(services, second).now
    drawn = [
        (plot.title.in_language(page.language), Markup(plot.svg(page.language, alone=False)))  # noqa: S704 - our own
        for plot in compared_plots(one, other, (first.name, second.name), page.language)
    ]
    return {"questions": compare(one, other, page.language), "drawn": drawn}
