"""Signing in and out, signing up, following mailed links, and choosing a forgotten password anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori.accounts import AccountView
from pansori.api import cookies
from pansori.api.deps import Server, ServerDep, client_of
from pansori.api.routing import Router
from pansori.domain.errors import PansoriError, Text
from pansori.web.forms import Given, Wrong, read_form, wrong_with
from pansori.web.frame import Page, PageDep, own_path

router = Router(include_in_schema=False)

WORDS = {
    "sign_in_heading": Text("Sign in", "로그인"),
    "sign_in_deed": Text("Sign in", "로그인"),
    "sign_up_heading": Text("Sign up", "가입하기"),
    "sign_up_deed": Text("Sign up", "가입하기"),
    "sign_up_more": Text(
        "A mail with a link comes to this address; following it finishes the sign-up. What you made as a guest stays "
        "yours.",
        "적어 주신 주소로 링크를 보내 드려요. 링크를 누르면 가입이 끝나고, 게스트로 만든 곡도 그대로 이어져요.",
    ),
    "sent_heading": Text("Check your mail", "메일을 확인해 주세요"),
    "sent_sign_up": Text(
        "A mail with a link is on its way to {email}. The link is good for a day.",
        "{email|으로/로} 링크를 보냈어요. 링크는 하루 동안 쓸 수 있어요.",
    ),
    "sent_sign_up_more": Text(
        "Open it in this browser, and you are signed in at once; anywhere else you sign in afterwards.",
        "이 브라우저에서 링크를 열면 바로 로그인돼요. 다른 곳에서 열었다면 그다음에 로그인하면 돼요.",
    ),
    "sent_forgot": Text(
        "If {email} has an account here, a mail with a link is on its way. The link is good for an hour.",
        "{email|이/가} 여기에 가입한 주소라면 곧 링크가 도착해요. 링크는 한 시간 동안 쓸 수 있어요.",
    ),
    "sent_again": Text(
        "If {email} waits to be confirmed, the mail was sent again.",
        "{email|이/가} 확인을 기다리는 주소라면 메일이 다시 도착해요.",
    ),
    "sent_log": Text(
        "No mail server is set, so mails are written to this server's log.",
        "메일 서버가 설정되어 있지 않아서, 메일 내용이 서버 로그에 남아요.",
    ),
    "resend": Text("Send it again", "다시 보내기"),
    "verify_heading": Text("Confirm your address", "이메일 주소 확인"),
    "verify_more": Text("One more click, and the address is confirmed.", "버튼을 한 번만 누르면 확인이 끝나요."),
    "verify_deed": Text("Confirm", "확인하기"),
    "verified": Text("The address is confirmed. You can sign in now.", "주소를 확인했어요. 이제 로그인할 수 있어요."),
    "forgot_heading": Text("Forgotten password", "비밀번호를 잊었을 때"),
    "forgot_more": Text(
        "A mail with a link comes to your address; there you choose a new password.",
        "이메일로 링크를 보내 드려요. 링크에서 새 비밀번호를 정할 수 있어요.",
    ),
    "forgot_deed": Text("Send the link", "링크 보내기"),
    "reset_heading": Text("A new password", "새 비밀번호"),
    "reset_more": Text(
        "Every login and API key of the account ends with the old password.",
        "예전 비밀번호로 한 로그인과 API 키는 모두 끊겨요.",
    ),
    "reset_deed": Text("Use this password", "이 비밀번호로 바꾸기"),
    "reset_done": Text(
        "The password is changed. Sign in with it.", "비밀번호를 바꿨어요. 새 비밀번호로 로그인해 주세요."
    ),
    "over_heading": Text("This link no longer works", "이제 쓸 수 없는 링크예요"),
    "over_verify": Text(
        "It has been used, or its day is over. If the address is confirmed already, sign in; if not, sign up again and "
        "a new link comes.",
        "이미 썼거나 하루가 지난 링크예요. 확인을 마쳤다면 로그인하면 되고, 아니라면 다시 가입해 주세요. "
        "새 링크를 보내 드려요.",
    ),
    "over_in": Text(
        "It has been used, or its day is over. You are signed in, so there is nothing left to do here; an address that "
        "is to be changed is changed on the account's page.",
        "이미 썼거나 하루가 지난 링크예요. 로그인되어 있으니 더 할 일은 없어요. 주소를 바꾸던 중이라면 계정 페이지에서 "
        "다시 바꿀 수 있어요.",
    ),
    "over_reset": Text(
        "It has been used, or its hour is over. The password is as it was set last. Say your address, and a new link "
        "comes.",
        "이미 썼거나 한 시간이 지난 링크예요. 비밀번호는 마지막으로 정한 그대로예요. "
        "주소를 적으면 새 링크를 보내 드려요.",
    ),
    "show_password": Text("Show", "보기"),
    "email": Text("E-mail", "이메일"),
    "password": Text("Password", "비밀번호"),
    "new_password": Text("New password", "새 비밀번호"),
    "password_hint": Text("8 characters or more.", "8자 이상으로 정해 주세요."),
    "own_name": Text("Name, if you like", "이름(선택)"),
    "no_account": Text("No account yet?", "아직 계정이 없나요?"),
    "have_account": Text("Have an account already?", "이미 계정이 있나요?"),
    "forgot_link": Text("Forgot your password?", "비밀번호를 잊으셨나요?"),
    "guest_keeps": Text("Or go on as a guest: nothing is lost.", "게스트로 계속해도 괜찮아요. 만든 곡은 그대로예요."),
    "go_on": Text("Go on", "계속하기"),
    "open_heading": Text("There is no login here", "로그인 없이 쓰는 서버예요"),
    "open_more": Text(
        "Whoever reaches this server may use it, and everything is kept in one library. Its operator can change that "
        "with PANSORI_MODE=accounts.",
        "이 서버에 접속할 수 있으면 누구나 쓸 수 있고, 곡은 한 보관함에 모여요. "
        "운영자가 PANSORI_MODE=accounts로 바꿀 수 있어요.",
    ),
}
DONE: Final = ("verified", "reset_done")
HOME: Final = "/app/library"
#: Form → its fields, in order, and where it is posted.
FORMS: Final = {
    "sign_in": ("email", "password"),
    "sign_up": ("own_name", "email", "password"),
    "forgot": ("email",),
    "verify": ("token",),
    "reset": ("token", "new_password"),
}
OVER: Final = 410  #: HTTP's status for what was here once
ALIASES: Final = {"name": "own_name", "password": "new_password"}  #: fields that are called otherwise here
PATHS: Final = {name: f"/app/{name.replace('_', '-')}" for name in FORMS}


# -- forms ------------


@router.get("/app/sign-in")
def sign_in_form(page: PageDep) -> Response:
    if page.viewer.account is not None and not page.viewer.account.is_guest and not page.server.is_open:
        return page.go(_after(page))
    return _form(page, "sign_in")


@router.get("/app/sign-up")
def sign_up_form(page: PageDep) -> Response:
    return _form(page, "sign_up")


@router.get("/app/forgot")
def forgot_form(page: PageDep) -> Response:
    return _form(page, "forgot")


@router.get("/app/verify")
def verify_form(page: PageDep) -> Response:
    """A button: mail programs follow links by themselves, and may not confirm anything."""
    return _mailed(page, "verify")


@router.get("/app/reset")
def reset_form(page: PageDep) -> Response:
    return _mailed(page, "reset")


# -- what they do ------------


@router.post("/app/sign-in")
async def sign_in(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        enter = server.accounts.logins.by_password
        login = await server.hash(enter, given["email"], given["password"], client_of(request), page.viewer.account)
        cookies.remember(request, login.token, server.services.settings)
        return page.go(_after(page))

    return await _answer(page, request, "sign_in", deed)


@router.post("/app/sign-up")
async def sign_up(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        begin = server.accounts.sign_up.begin
        told = (given["email"], given["password"], given["own_name"])
        await server.hash(begin, *told, client_of(request), await _asking(page, request, server))
        return await run_in_threadpool(_sent, page, given["email"], "sign_up")

    return await _answer(page, request, "sign_up", deed)


@router.post("/app/resend")
async def resend(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        await run_in_threadpool(server.accounts.sign_up.resend, given["email"], client_of(request))
        return await run_in_threadpool(_sent, page, given["email"], "again")

    return await _answer(page, request, "forgot", deed)


@router.post("/app/verify")
async def verify(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        finish = server.accounts.sign_up.verify
        verified = await run_in_threadpool(finish, given["token"], client_of(request), page.viewer)
        if verified.login is None:
            return page.go("/app/sign-in?done=verified")
        cookies.remember(request, verified.login.token, server.services.settings)
        return page.go(HOME)

    return await _answer(page, request, "verify", deed)


@router.post("/app/forgot")
async def forgot(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        await run_in_threadpool(server.accounts.recovery.forgot, given["email"], client_of(request))
        return await run_in_threadpool(_sent, page, given["email"], "forgot")

    return await _answer(page, request, "forgot", deed)


@router.post("/app/reset")
async def reset(page: PageDep, request: Request, server: ServerDep) -> Response:
    async def deed(given: Given) -> Response:
        change = server.accounts.recovery.reset
        await server.hash(change, given["token"], given["new_password"], client_of(request))
        return page.go("/app/sign-in?done=reset_done")

    return await _answer(page, request, "reset", deed)


@router.post("/app/sign-out")
def sign_out(page: PageDep, request: Request, server: ServerDep) -> Response:
    """Whoever is not in is out already."""
    if page.viewer.account is not None and page.viewer.session_id is not None:
        server.accounts.sessions.end(page.viewer.account.id, page.viewer.session_id)
    cookies.forget(request)
    return page.go("/")


# -- pieces ------------


async def _asking(page: Page, request: Request, server: Server) -> AccountView:
    """Who signs up. Somebody unknown becomes a guest, by which this browser is known again when the mailed link is
    opened in it; whoever opens the link elsewhere may not be who chose the password, and is not let in by it."""
    if page.viewer.account is not None:
        return page.viewer.account
    login = await run_in_threadpool(server.accounts.logins.as_guest, client_of(request))
    cookies.remember(request, login.token, server.services.settings)
    return login.viewer.known("account")


async def _answer(page: Page, request: Request, form: str, deed: Callable[[Given], Awaitable[Response]]) -> Response:
    """What the deed answers; or the form again, with what is wrong at its field."""
    if page.server.is_open:
        return page.go(PATHS[form])
    names = FORMS[form]
    given = await read_form(request, names)
    try:
        return await deed({**given, "email": given.get("email", "").strip()})
    except PansoriError as error:
        wrong, status = wrong_with(error, page.language, (*names, *ALIASES))
        wrong = {ALIASES[name] if ALIASES.get(name) in names else name: words for name, words in wrong.items()}
        if "token" in wrong:
            return await run_in_threadpool(_over, page, form)
        return await run_in_threadpool(_form, page, form, given, wrong, status)


def _mailed(page: Page, form: str) -> Response:
    """The form behind a mailed link; where the link is over, that is said before anything is filled in."""
    if page.server.is_open:
        return _form(page, form)
    token, accounts = page.request.query_params.get("token", ""), page.server.accounts
    awaits = accounts.sign_up.awaits if form == "verify" else accounts.recovery.awaits
    return _form(page, form) if awaits(token) else _over(page, form)


def _over(page: Page, form: str) -> Response:
    is_in = page.viewer.account is not None and not page.viewer.account.is_guest
    return page.render("link_over.html", WORDS, status=OVER, form=form, is_in=is_in)


def _form(page: Page, form: str, given: Given | None = None, wrong: Wrong | None = None, status: int = 200) -> Response:
    if page.server.is_open:
        return page.render("no_login.html", WORDS)
    done = page.request.query_params.get("done", "")
    told = {"token": page.request.query_params.get("token", ""), **(given or {})}
    return page.render(
        "signin.html",
        WORDS,
        status=status,
        form=form,
        path=PATHS[form],
        names=FORMS[form],
        given=told,
        wrong=wrong or {},
        done=done if done in DONE else "",
        after=page.request.query_params.get("next", ""),
    )


def _sent(page: Page, email: str, form: str) -> Response:
    """`form`: what was asked for: "sign_up", "forgot", or a letter "again"."""
    logged = not page.server.services.settings.smtp_url
    return page.render("sent.html", WORDS, email=email, form=form, logged=logged)


def _after(page: Page) -> str:
    return own_path(page.request.query_params.get("next") or HOME)
