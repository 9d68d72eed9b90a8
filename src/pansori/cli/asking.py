"""`pansori ask`: a reply in this process, and what it does in the installation that the settings name."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from pansori import jobs
from pansori.accounts import local_account
from pansori.cli import inputs
from pansori.cli.language import command_as_typed, say
from pansori.cli.services import opened
from pansori.domain.errors import InvalidRequest, Text
from pansori.engines.base import Offer
from pansori.engines.speak.refusals import unknown
from pansori.workflows import Services, voice

ORIGIN = "cli"
PLAYS = "play"  #: the deed that a terminal cannot do
AUTO = "auto"  #: the language of what was said
BEGINS = frozenset({"make_song", "analyse"})  #: deeds after which somebody has to work


@dataclass(frozen=True)
class Question:
    """What was typed."""

    text: str
    language: str
    engine: str | None
    json: bool


def ask_reply(question: Question) -> int:
    """Returns the exit code. Raises `PansoriError`."""
    text = inputs.read_text(question.text, "text")
    if not text.strip():
        raise InvalidRequest(Text("The text is empty.", "글이 비어 있어요."), field="text")
    with opened() as services:
        with services.database.write() as session:
            acting = voice.Acting(services, local_account(session), origin=ORIGIN)
        choice = voice.Choice.of(services.settings)
        choice = replace(choice, answer=question.engine or choice.answer)
        parts = voice.Parts(services.registry, services.settings, choice)
        _see_language(parts.replier, question.language)
        reply = _said(parts, text, question, acting)
        if question.json:
            done = [{"name": deed.name, **deed.facts} for deed in acting.done]
            print(json.dumps({"engine": choice.answer, "reply": reply, "done": done}, ensure_ascii=False, indent=2))
            return 0
        deeds = {deed.name for deed in acting.done}
        if deeds & BEGINS:
            _tell_who_works(services)
        if PLAYS in deeds:
            _tell_where_it_is_heard()
    return 0


def _see_language(engine: object, wanted: str) -> None:
    """Raises `InvalidRequest` for one that who answers does not know. What is heard in a conversation is answered in
    what there is, whatever its language; this one was typed."""
    assert isinstance(engine, Offer), "what the registry gives"
    known = engine.card().languages
    if wanted != AUTO and known and wanted.partition("-")[0].lower() not in known:
        told = unknown("language", wanted, known)
        message = Text(f"--language: {told.message.en}", f"--language: {told.message.ko}")
        raise InvalidRequest(message, field="language", cure=told.cure)


def _said(parts: voice.Parts, text: str, question: Question, acting: voice.Acting) -> str:
    """The reply, which is also printed as it comes."""
    said = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for piece in parts.answer(text, Path(folder), language=question.language, tools=acting.tools):
                said.append(piece)
                if not question.json:
                    print(piece, end="", flush=True)
        except ValidationError as error:
            raise inputs.invalid(error, argument="text") from error
        finally:
            if said and not question.json:
                print()
    return "".join(said)


def _tell_where_it_is_heard() -> None:
    """Of a song that was to be played: a terminal shows its name alone."""
    serve = f"{command_as_typed()} serve"
    print(
        say(f"Hear it on the page Library: {serve}", f"보관함 페이지에서 들을 수 있어요: {serve}"),
        file=sys.stderr,
    )


def _tell_who_works(services: Services) -> None:
    with services.database.read() as session:
        served = jobs.served_queues(session)
    if not served:
        serve = f"{command_as_typed()} serve"
        print(
            say(f"Nobody works on it yet: {serve}", f"아직 맡을 곳이 없어요. 서버를 켜세요: {serve}"), file=sys.stderr
        )
