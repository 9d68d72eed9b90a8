"""The application: which routes there are, and what stands before them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from pansori import __version__
from pansori.api import analyses, assets, auth, engines, jobs, library, metrics, system, uploads, voice
from pansori.api.contracts import audio_analysis, memoria, openai_audio, texttune, voice_backend
from pansori.api.cookies import Cookies
from pansori.api.deps import Server
from pansori.api.edge import Edge, Faults
from pansori.api.guard import LOOPBACK_NAMES, Guard, is_loopback
from pansori.api.limits import BodyLimit, LargeBody
from pansori.api.observed import Observed, logs_requests
from pansori.api.openapi import complete
from pansori.api.pages import add_pages
from pansori.api.problems import as_problem
from pansori.api.routing import Router
from pansori.domain.errors import ConfigurationError, PansoriError, Text
from pansori.lexicon.particles import attach
from pansori.media import bucket_of
from pansori.settings import Settings
from pansori.workflows import WEBHOOK, Services

MESSAGE = "Pansori"
DESCRIPTION = "Words become songs: composed, sung, played and mastered on this machine."
ALWAYS: tuple[Router, ...] = (
    system.router,
    metrics.router,
    assets.router,
    voice_backend.uploads,
    *uploads.ROUTERS,
    *auth.ROUTERS,
)
CONTRACTS: dict[str, tuple[Router, ...]] = {
    "memoria": (memoria.router,),
    "texttune": (*texttune.routers, library.router),
    "audio_analysis": audio_analysis.routers,
    "voice_backend": (voice_backend.backend,),
    "atot": (voice_backend.atot,),
    "ttot": (voice_backend.ttot,),
    "tts": (voice_backend.tts,),
    "openai_audio": openai_audio.routers,
    "v1": (jobs.router, analyses.router, engines.router, voice.router),
}
LARGE_BODIES: tuple[LargeBody, ...] = (
    *uploads.LARGE_BODIES,
    *voice_backend.LARGE_BODIES,
    *openai_audio.LARGE_BODIES,
    LargeBody("POST", "/v1/assets"),
    LargeBody("POST", "/tokens/[^/]+/upload-audio"),
    LargeBody("PUT", "/tokens/[^/]+/reference"),
    LargeBody("POST", "/v1/analyses"),
    LargeBody("POST", WEBHOOK),
    LargeBody("POST", "/app/analyse"),
    LargeBody("POST", "/app/talk"),
    LargeBody("POST", "/app/tokens/[^/]+/(reference|attempts)"),
)
"""Requests that bring files, whose bytes are counted while they are stored."""
UNSEEN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""What FastAPI itself tells OpenTelemetry: nothing. It would tell addresses with all that people write into them;
`Observed` tells what is needed."""
EXPOSED = ("Content-Disposition", "Content-Range", "ETag", "Location", "Retry-After", "X-Request-ID")
"""Headers of answers that pages of other origins may read, where such may read anything."""
PAGED = "texttune"  #: the contract whose document has pages
MESSAGES = {
    "memoria": memoria.MESSAGE,
    "texttune": texttune.MESSAGE,
    "audio_analysis": audio_analysis.MESSAGE,
    "voice_backend": voice_backend.MESSAGE,
    "atot": voice_backend.ATOT_MESSAGE,
    "ttot": voice_backend.TTOT_MESSAGE,
    "tts": voice_backend.TTS_MESSAGE,
}
"""What `/` says where one contract is served alone."""
ROLES = ("atot", "ttot", "tts")  #: servers that the voice backend's document has beside it
ORIGINS = {"voice_backend": voice_backend.ORIGINS}
"""Origins whose pages a contract's document lets call it."""


def create_app(
    services: Services, only: Collection[str] | None = None, *, extend: Callable[[FastAPI], None] | None = None
) -> FastAPI:
    """`only`: the contracts to answer; None: all. `extend` adds pages, where the contract that has them is answered.
    Raises `ConfigurationError` for a contract that there is not."""
    chosen = _chosen(only)
    origins = _origins(services.settings, chosen)
    app = FastAPI(
        title="Pansori",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would lose the body
        telemetry=UNSEEN,
        middleware=_middleware(services.settings, origins),
    )
    app.state.server = Server(
        services,
        message=_message(chosen),
        origins=origins,
        introduce=partial(voice_backend.introduce, services) if "voice_backend" in chosen else None,
    )
    if "openai_audio" in chosen:
        app.state.server.shape_at = partial(openai_audio.shape_at, _beside_openai(chosen))
    for router in (*ALWAYS, *(router for name in chosen for router in CONTRACTS[name])):
        router.add_to(app)
    add_pages(app)
    for kind in (PansoriError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, as_problem)
    complete(app, services)
    if extend is not None and (only is None or PAGED in chosen):
        extend(app)
    return app


def _chosen(only: Collection[str] | None) -> Sequence[str]:
    if only is None:
        return tuple(CONTRACTS)
    unknown = sorted(set(only) - set(CONTRACTS))
    if unknown or not only:
        known, names = ", ".join(CONTRACTS), f"“{', '.join(unknown)}”"
        raise ConfigurationError(
            Text(f"There is no contract {names}.", f"{attach(names, '이라/라')}는 계약은 없어요."),
            field="only",
            cure=Text(f"Choose from: {known}.", f"다음 중에서 고르세요: {known}."),
        )
    return tuple(name for name in CONTRACTS if name in only)


def _beside_openai(contracts: Sequence[str]) -> frozenset[str]:
    """First parts of the paths below OpenAI's that are no contract's of theirs."""
    others = (*ALWAYS, *(router for name in contracts if name != "openai_audio" for router in CONTRACTS[name]))
    paths = (str(getattr(route, "path", "")) for router in others for route in router.routes)
    root = openai_audio.ROOT
    return frozenset(path.removeprefix(root).partition("/")[0] for path in paths if path.startswith(root))


def _message(contracts: Sequence[str]) -> str:
    """What the server calls itself: as the one document has it that is served. Servers of a backend are no other."""
    others = [name for name in contracts if name not in ROLES]
    alone = others or contracts
    return MESSAGES.get(alone[0], MESSAGE) if len(alone) == 1 else MESSAGE


def _files_from(settings: Settings) -> str:
    """The origin that clients are sent to for files. Empty: none but ours."""
    bucket = bucket_of(settings) if settings.s3_redirect else None
    if bucket is None:
        return ""
    endpoint = urlsplit(bucket.endpoint)
    return f"{endpoint.scheme}://{endpoint.netloc}"


def _origins(settings: Settings, contracts: Sequence[str]) -> frozenset[str]:
    """Whose pages may read and change things here: those that the operator allows, and the contracts' own."""
    public = urlsplit(settings.public_url)
    own = [f"{public.scheme}://{public.netloc}"] if public.netloc else []
    return frozenset([*settings.origins, *own, *(one for name in contracts for one in ORIGINS.get(name, ()))])


def _middleware(settings: Settings, origins: Collection[str]) -> list[Middleware]:
    named = {urlsplit(one).hostname for one in (settings.public_url, settings.webhook_url)}
    own = {*LOOPBACK_NAMES, settings.host, *filter(None, named)}
    # where one logs in, a page that was rebound to this address has no login here
    hosts = own if settings.mode == "open" and is_loopback(settings.host) else set()
    return [
        Middleware(Edge, files_from=_files_from(settings)),
        Middleware(Observed, logged=logs_requests(settings)),
        Middleware(Cookies),
        Middleware(Guard, hosts=hosts, origins=origins),
        Middleware(
            CORSMiddleware,
            allow_origins=sorted(origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["*"],
            expose_headers=[*EXPOSED, *uploads.EXPOSED, *openai_audio.EXPOSED],
        ),
        Middleware(Faults),
        Middleware(BodyLimit, most=settings.max_body, larger=LARGE_BODIES),
    ]
