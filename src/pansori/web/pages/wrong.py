"""What a reader sees where there is nothing to see: in the frame, with a way on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi.responses import Response

from pansori.api.problems import HTTP_CODES, Failure
from pansori.api.signing import is_signed
from pansori.domain.errors import Text
from pansori.web.frame import Page

WORDS = {
    "title_401": Text("Sign in to see this", "로그인이 필요해요"),
    "title_403": Text("This is not allowed", "허용되지 않는 요청이에요"),
    "title_404": Text("There is nothing here", "여기에는 아무것도 없어요"),
    "title_405": Text("There is nothing here", "여기에는 아무것도 없어요"),
    "title_link": Text("This link does not work", "쓸 수 없는 링크예요"),
    "title_410": Text("This link has expired", "기한이 지난 링크예요"),
    "title_413": Text("This is too large", "너무 커서 받을 수 없어요"),
    "title_429": Text("Wait a little", "잠시만 기다려 주세요"),
    "title_503": Text("This cannot be had just now", "지금은 할 수 없어요"),
    "title_507": Text("There is no room left", "저장 공간이 부족해요"),
    "title_4xx": Text("This cannot be done like that", "이렇게는 할 수 없어요"),
    "title_5xx": Text("Something went wrong here", "서버에서 문제가 생겼어요"),
    "said_401": Text(
        "Whoever is signed in sees more here. What you made is kept.",
        "로그인하면 이어서 볼 수 있어요. 만든 곡은 그대로 있어요.",
    ),
    "said_403": Text(
        "The request was refused. Open the page anew and try once more.",
        "요청을 받지 않았어요. 페이지를 새로 열고 다시 해 보세요.",
    ),
    "said_foreign_origin": Text(
        "A page of another site asked for this, so nothing was done. Do it on a page of this server.",
        "다른 사이트의 페이지에서 보낸 요청이라 받지 않았어요. 이 서버의 페이지에서 다시 해 보세요.",
    ),
    "said_404": Text(
        "The address may be mistyped, or what was here is deleted.",
        "주소가 잘못되었거나, 있던 것이 지워졌을 수 있어요.",
    ),
    "said_405": Text(
        "Forms lead here, addresses do not. Go back to the page you came from.",
        "주소로 바로 열 수 없는 곳이에요. 앞 페이지로 돌아가 주세요.",
    ),
    "said_413": Text(
        "What was sent is larger than this server takes. Nothing was changed.",
        "보낸 내용이 이 서버가 받을 수 있는 크기를 넘었어요. 바뀐 것은 없어요.",
    ),
    "said_4xx": Text("The request could not be understood.", "알아들을 수 없는 요청이에요."),
    "kept": Text("What you made is kept.", "만든 곡은 그대로 있어요."),
    "home": Text("To the first page", "첫 페이지로"),
    "reference": Text("Reference for whoever runs this server: {id}", "서버를 돌보는 분에게 알려 줄 번호: {id}"),
}
#: Of these it is for programs what the failure says: keys and scopes to be sent, methods, headers.
FOR_PROGRAMS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.METHOD_NOT_ALLOWED})


def show_failure(page: Page, failed: Failure) -> Response:
    reference = page.request.scope.get("state", {}).get("request_id", "") if failed.status >= 500 else ""
    said = _said(failed)
    response = page.render(
        "wrong.html",
        WORDS,
        status=failed.status,
        failed=failed,
        title=_title(page, failed),
        said=said,
        reference=reference,
    )
    response.headers.update(failed.headers)
    return response


def _title(page: Page, failed: Failure) -> str:
    """Name of the words that stand above it."""
    if failed.status == HTTPStatus.FORBIDDEN and is_signed(page.request):
        return "title_link"
    title = f"title_{failed.status}"
    return title if title in WORDS else "title_5xx" if failed.status >= 500 else "title_4xx"


def _said(failed: Failure) -> str:
    """Name of the words that say more to a reader than the failure does. Empty: the failure says it."""
    if f"said_{failed.code}" in WORDS:
        return f"said_{failed.code}"
    known = HTTP_CODES.get(failed.status)
    by_http = (known[1].en, known[1].ko) if known else (HTTPStatus(failed.status).phrase,)
    if failed.status not in FOR_PROGRAMS and failed.detail not in by_http:
        return ""
    if f"said_{failed.status}" in WORDS:
        return f"said_{failed.status}"
    return "said_4xx" if known is None and failed.status < 500 else ""
