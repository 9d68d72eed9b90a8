"""What a reader sees where there is nothing to see: in the frame, with a way on."""

from __future__ import annotations

from fastapi.responses import Response

from pansori.api.problems import Failure
from pansori.domain.errors import Text
from pansori.web.frame import Page

WORDS = {
    "title_401": Text("Please sign in", "로그인이 필요해요"),
    "title_403": Text("This is not open to you", "볼 수 없는 페이지예요"),
    "title_404": Text("There is nothing here", "여기에는 아무것도 없어요"),
    "title_410": Text("This link has expired", "기한이 지난 링크예요"),
    "title_4xx": Text("This cannot be done like that", "이렇게는 할 수 없어요"),
    "title_5xx": Text("Something went wrong here", "서버에서 문제가 생겼어요"),
    "kept": Text("What you made is kept.", "만든 곡은 그대로 있어요."),
    "home": Text("To the first page", "첫 페이지로"),
    "reference": Text("Reference for whoever runs this server: {id}", "서버를 돌보는 분에게 알려 줄 번호: {id}"),
}


def show_failure(page: Page, failed: Failure) -> Response:
    title = f"title_{failed.status}"
    if title not in WORDS:
        title = "title_5xx" if failed.status >= 500 else "title_4xx"
    reference = page.request.scope.get("state", {}).get("request_id", "") if failed.status >= 500 else ""
    response = page.render("wrong.html", WORDS, status=failed.status, failed=failed, title=title, reference=reference)
    response.headers.update(failed.headers)
    return response
