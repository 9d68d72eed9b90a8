"""The composing engine that asks a Gradio Space for the song."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import Field

from pansori.domain.errors import (
    InvalidRequest,
    NetworkError,
    SpaceFailed,
    SpaceLoading,
    SpaceUnmapped,
    Text,
    Unreachable,
)
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import READY, Card, EngineOptions, RunContext, Status
from pansori.engines.compose.base import Composer, Song
from pansori.lexicon.particles import attach

if TYPE_CHECKING:
    from pansori.engines.compose.space.mapping import Call, Wish
    from pansori.engines.compose.space.model import App
    from pansori.engines.compose.space.place import Place
    from pansori.engines.compose.space.protocol import News, Session

DEFAULT_TIMEOUT, LONGEST_TIMEOUT = Seconds(600.0), Seconds(3600.0)
LARGEST_SOUND = Bytes(512 * 1024 * 1024)  #: never more, whatever uploads are allowed
FETCH_WITHIN = Seconds(300.0)  #: for the finished file
CANCEL_GRACE = Seconds(5.0)  #: to tell the Space that nobody waits
REACHED, ASKED, MADE = 0.02, 0.05, 0.9  #: parts of the run that are over when the Space …
TITLE_CHARACTERS = 80


class SpaceOptions(EngineOptions):
    space: str = Field(
        default="",
        max_length=200,
        description="Space that makes the song, as owner/name. Default: the one that is set by HF_SPACE_ID.",
    )
    endpoint: str = Field(
        default="", max_length=200, description="Function of the Space, such as /predict. Default: the fittest."
    )
    inputs: dict[str, Any] = Field(
        default_factory=dict,
        description="Values for inputs of the Space by their name or label, sent as they are; the rest is mapped.",
    )
    timeout: Seconds = Field(
        default=DEFAULT_TIMEOUT,
        ge=1,
        le=LONGEST_TIMEOUT,
        description="Seconds that the Space may take, waiting in its queue and starting included.",
    )


class SpaceComposer(Composer[SpaceOptions]):
    """The song comes from elsewhere as a finished file and is kept as it came. The same seed gives the same song only
    where the Space sees to that."""

    name = "space"
    Options = SpaceOptions

    def card(self) -> Card:
        return Card(
            summary="Asks a Gradio Space (Hugging Face or your own) and fills in what it wants by itself.",
            summary_ko="Gradio Space(Hugging Face나 직접 띄운 것)에 부탁하고, 필요한 값은 알아서 채워요.",
            languages=(),
            cancel_grace=CANCEL_GRACE,
            code_licence="GPL-3.0-or-later",
            weights_licence="as the Space states",
            parts={"space": self.settings.space} if self.settings.space else {},
        )

    def status(self) -> Status:
        """Not ready unless the operator named a Space: without that, nothing leaves this machine."""
        if self.settings.space:
            return READY
        return Status(
            state="missing",
            reason="no Space is set",
            cure="Set HF_SPACE_ID to owner/name or to the URL of a Gradio app.",
            reason_ko="정해 둔 Space가 없어요",
            cure_ko="HF_SPACE_ID를 owner/name이나 Gradio 앱의 주소로 설정하세요.",
        )

    def check(self, task: ComposeTask, options: SpaceOptions) -> None:
        from pansori.engines.compose.space.place import space_of

        space_of(options.space, self.settings)
        if not (task.genre or task.lyrics):
            raise InvalidRequest(
                Text("There is nothing to ask the Space for.", "Space에 요청할 내용이 없어요."),
                field="genre",
                cure=Text("Say what the song should be.", "어떤 노래인지 적어 주세요."),
            )

    def run(self, task: ComposeTask, options: SpaceOptions, context: RunContext) -> Song:
        """Raises a `SpaceError`, `Cancelled`, `MediaTooLarge`."""
        from pansori.engines.compose.space import faults

        self.check(task, options)
        context.check_cancelled()
        context.progress("connect", 0.0)
        try:
            return self._ask(task, options, context)
        except NetworkError as error:
            raise faults.of_network(error, options.timeout) from error

    def _ask(self, task: ComposeTask, options: SpaceOptions, context: RunContext) -> Song:
        from pansori.engines.compose.space.mapping import wishes_of
        from pansori.engines.compose.space.outputs import find_sound
        from pansori.engines.compose.space.sound import bring_home

        session, place, app = self._reach(options, context)
        call = _choose(app, wishes_of(task, context.seed), options)
        context.progress("ask", ASKED)
        values = session.call(app, call.endpoint, call.data, _teller(context))
        context.progress("fetch", MADE)
        found = find_sound(values, call.endpoint.outputs)
        if found is None:
            raise _silent(values)
        size = Bytes(min(self.settings.max_upload, LARGEST_SOUND))
        title = _title(task)
        duration = bring_home(found, session, app, context, name=title, size=size, within=FETCH_WITHIN)
        context.progress("fetch", 1.0)
        return Song(
            title=title,
            duration=duration,
            seed=context.seed,
            notices=_notices(call),
            report={"space": place.shown, "gradio": app.version, **call.report()},
        )

    def _reach(self, options: SpaceOptions, context: RunContext) -> tuple[Session, Place, App]:
        """The app and what it says of itself, as soon as it runs. Raises `SpaceLoading` where it does not in time."""
        from pansori.engines.compose.space import faults
        from pansori.engines.compose.space.place import Patience, locate, space_of, trusted
        from pansori.engines.compose.space.protocol import Session
        from pansori.net import Client

        deadline = time.monotonic() + options.timeout
        space = space_of(options.space, self.settings)
        client = Client.of(self.settings, trusted=trusted(space, self.settings))
        patience = Patience(deadline, context.check_cancelled)
        while True:
            try:
                place = locate(space, self.settings, client, context.check_cancelled)
                session = Session(client, place.url, place.secrets, deadline, context.check_cancelled)
                app = _described(session, place)
                context.progress("connect", REACHED, place.shown)
                return session, place, app
            except Unreachable as error:
                raise (faults.unreachable(space) if "://" in space else error) from error
            except SpaceLoading as error:
                context.progress("connect", 0.0, error.message.en)
                if not patience.pause():
                    raise


def _described(session: Session, place: Place) -> App:
    """What the app says of itself; being asked wakes one that sleeps. Raises `SpaceLoading` for one that cannot say."""
    from pansori.engines.compose.space import faults

    try:
        return session.app()
    except (SpaceFailed, Unreachable) as error:
        if place.loading:
            raise faults.loading(place.loading) from error
        raise


def _choose(app: App, wishes: Sequence[Wish], options: SpaceOptions) -> Call:
    """The fittest endpoint. Raises `SpaceUnmapped` with the report of what is missing, `SpaceSignInOnly`."""
    from pansori.engines.compose.space import faults
    from pansori.engines.compose.space.mapping import choose

    wanted = options.endpoint.strip().lstrip("/")
    endpoints = [endpoint for endpoint in app.endpoints if not wanted or endpoint.name == wanted]
    if wanted and not endpoints:
        known = ", ".join(f"/{endpoint.name}" for endpoint in app.endpoints if endpoint.name) or "–"
        raise SpaceUnmapped(
            Text(f"The Space has no endpoint /{wanted}.", f"Space에 /{wanted} 기능이 없어요."),
            field="options.endpoint",
            cure=Text(f"It has: {known}.", f"있는 기능: {known}."),
        )
    calls = choose(endpoints, wishes, options.inputs)
    if not calls:
        if app.offers_login:
            raise faults.sign_in_only()
        raise SpaceUnmapped(
            Text("The Space has nothing that gives sound.", "Space에 소리를 만드는 기능이 없어요."),
            cure=Text("Choose another Space.", "다른 Space를 골라 주세요."),
        )
    if not calls[0].usable:
        raise _unmapped(calls[0])
    return calls[0]


def _unmapped(call: Call) -> SpaceUnmapped:
    mapped = "; ".join(f"{entry.source} → {entry.parameter.shown}" for entry in call.filled) or "–"
    missing = ", ".join(f"{parameter.shown} ({parameter.component})" for parameter in call.missing)
    lacking = Text(f"no value for: {missing}", f"값이 없는 입력: {missing}")
    if not missing:
        lacking = Text("no input for the words", "글을 넣을 입력이 없어요")
    return SpaceUnmapped(
        Text(
            f"The Space's inputs cannot be filled in. {call.shown}: {lacking.en}. Mapped: {mapped}.",
            f"Space의 입력을 채울 수 없어요. {call.shown}: {lacking.ko}. 연결한 입력: {mapped}.",
        ),
        field="options.inputs",
        cure=Text(
            f"Give the missing values by the option inputs: {_example(call)}.",
            f"빠진 값을 inputs 옵션으로 적어 주세요: {_example(call)}.",
        ),
    )


def _example(call: Call) -> str:
    names = [parameter.name for parameter in call.missing[:2]] or ["name"]
    return "{" + ", ".join(f'"{name}": …' for name in names) + "}"


def _teller(context: RunContext) -> Callable[[News], None]:
    """Passes on news of the Space: its own fraction between the asking and the fetching, never backwards."""
    best = ASKED

    def tell(news: News) -> None:
        nonlocal best
        if news.position is not None:
            context.progress("queue", best, f"#{news.position}")
            return
        if news.fraction is not None:
            best = max(best, ASKED + (MADE - ASKED) * news.fraction)
        context.progress("compose", best, news.message[:200])

    return tell


def _silent(values: Sequence[Any]) -> SpaceFailed:
    from pansori.engines.compose.space import faults

    said = next((value for value in values if isinstance(value, str) and value.strip()), "")
    return faults.not_sound("text" if said else "nothing", said.encode())


def _title(task: ComposeTask) -> str:
    first = next((line.strip() for line in task.lyrics.splitlines() if line.strip()), "")
    return (task.title or first or task.genre)[:TITLE_CHARACTERS].strip() or "Space"


def _notices(call: Call) -> tuple[Text, ...]:
    """What was done otherwise than asked."""
    unused = [
        Text(
            f"The Space has no input for {wish.concept.value.replace('_', ' ')}.",
            f"이 Space에는 {wish.concept.korean} 입력란이 없어요.",
        )
        for wish in call.unused
    ]
    changed = [
        Text(
            f"{entry.parameter.shown}: {entry.value} is the nearest to what was asked.",
            f"{entry.parameter.shown}: 요청에 가장 가까운 {attach(str(entry.value), '으로/로')} 정했어요.",
        )
        for entry in call.filled
        if entry.changed
    ]
    return tuple(unused + changed)
