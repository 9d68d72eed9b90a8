"""Prompt templates: prompts with {variables}. Some come with the program, in both languages; others are one's own."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pansori.db import now as now_of
from pansori.db import owned
from pansori.db.tables import PromptTemplate
from pansori.domain.errors import InvalidRequest, Language, NotFound, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import LYRICS_MAX_CHARACTERS, PROMPT_MAX_CHARACTERS
from pansori.library._words import NUL

NAME_MAX_CHARACTERS = 100
MOST = 500  #: templates of one account
VARIABLE = re.compile(r"\{([^{}=\n]{1,40})(?:=([^{}\n]{0,200}))?\}")
VALUE_MAX_CHARACTERS = 200
NO_SUCH_TEMPLATE = Text("There is no such template.", "그런 템플릿은 없어요.")


class TemplateDraft(BaseModel):
    """A template as it is saved. `{name}` in prompt and lyrics is a variable; `{name=value}` says what it is where
    nothing else is said."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_MAX_CHARACTERS)]
    language: Literal["", "en", "ko"] = Field(default="", description="Whose readers it is for; empty: everybody's.")
    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_MAX_CHARACTERS)]
    lyrics: Annotated[str, StringConstraints(max_length=LYRICS_MAX_CHARACTERS)] = ""
    parameters: dict[str, str | int | float | bool | None] = Field(
        default_factory=dict, max_length=20, description="Fields of a generation that come with it, such as `duration`."
    )

    @field_validator("name", "prompt", "lyrics")
    @classmethod
    def _is_text(cls, value: str) -> str:
        if NUL in value:
            raise ValueError("The text contains a NUL character")
        return value


class Variable(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: str
    default: str = ""


class TemplateView(BaseModel):
    """A template as readers see it."""

    model_config = ConfigDict(frozen=True)

    id: str
    """A name for those that come with the program, a UUID for one's own."""
    name: str
    language: Literal["", "en", "ko"]
    prompt: str
    lyrics: str
    parameters: JsonDict
    bundled: bool
    variables: tuple[Variable, ...]
    """In the order in which they appear; each once."""


@dataclass(frozen=True)
class Filled:
    """A template with its variables replaced."""

    prompt: str
    lyrics: str
    parameters: JsonDict


def list_templates(session: Session, owner: UUID, *, language: Language | None = None) -> list[TemplateView]:
    """One's own by name, then those that come with the program. `language`: only those for its readers, and one's
    own."""
    rows = session.scalars(owned(select(PromptTemplate), owner).order_by(PromptTemplate.name, PromptTemplate.id))
    return [*map(_view, rows), *(one for one in bundled() if language in (None, one.language))]


def get(session: Session, template_id: str, owner: UUID) -> TemplateView:
    """Raises `NotFound`."""
    for one in bundled():
        if one.id == template_id:
            return one
    key = _key(template_id)
    row = session.scalars(owned(select(PromptTemplate).where(PromptTemplate.id == key), owner)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_TEMPLATE)
    return _view(row)


def save(session: Session, owner: UUID, draft: TemplateDraft, template_id: str | None = None) -> TemplateView:
    """A new one, or another content for one's own. Raises `NotFound`; `InvalidRequest` where there are too many."""
    values = draft.model_dump()
    if template_id is not None:
        changed = owned(update(PromptTemplate).where(PromptTemplate.id == _key(template_id)), owner)
        if session.execute(changed.values(**values).returning(PromptTemplate.id)).one_or_none() is None:
            raise NotFound(NO_SUCH_TEMPLATE)
        return get(session, template_id, owner)
    if session.execute(owned(select(func.count()).select_from(PromptTemplate), owner)).scalar_one() >= MOST:
        raise InvalidRequest(
            Text(f"You have {MOST} templates already.", f"템플릿은 {MOST}개까지 저장할 수 있어요."),
            cure=Text("Delete some first.", "필요 없는 템플릿을 먼저 지워 주세요."),
        )
    row = PromptTemplate(owner=owner, created_at=now_of(session), **values)
    session.add(row)
    session.flush()
    return _view(row)


def delete(session: Session, template_id: str, owner: UUID) -> None:
    """Raises `NotFound`, also for one that comes with the program."""
    gone = owned(delete_rows(PromptTemplate).where(PromptTemplate.id == _key(template_id)), owner)
    if session.execute(gone.returning(PromptTemplate.id)).one_or_none() is None:
        raise NotFound(NO_SUCH_TEMPLATE)


def fill(template: TemplateView, variables: Mapping[str, str]) -> Filled:
    """The template with its variables replaced; one that is empty or not given is what the template says. Raises
    `InvalidRequest` naming one that is needed, unknown or too long."""
    known = {variable.name: variable.default for variable in template.variables}
    for name, value in variables.items():
        if name not in known:
            raise _refused(name, Text("The template has no such variable.", "템플릿에 그런 변수가 없어요."))
        if len(value) > VALUE_MAX_CHARACTERS:
            most = VALUE_MAX_CHARACTERS
            raise _refused(name, Text(f"At most {most} characters are accepted.", f"최대 {most}자까지 쓸 수 있어요."))
    values = {name: variables.get(name, "").strip() or default for name, default in known.items()}
    for name, value in values.items():
        if not value:
            raise _refused(name, Text("This variable needs a value.", "이 변수에 값을 넣어 주세요."))

    def replaced(text: str) -> str:
        return VARIABLE.sub(lambda found: values[found[1].strip()], text)

    return Filled(replaced(template.prompt), replaced(template.lyrics), template.parameters)


@cache
def bundled() -> tuple[TemplateView, ...]:
    """Those that come with the program."""
    text = files("pansori.library").joinpath("bundled.toml").read_text(encoding="utf-8")
    return tuple(_bundled(entry) for entry in tomllib.loads(text)["template"])


# -- pieces ------------


def _bundled(entry: dict[str, Any]) -> TemplateView:
    fields = {name: value for name, value in entry.items() if name not in ("id", "pair")}
    draft = TemplateDraft.model_validate({**fields, "lyrics": entry.get("lyrics", "").strip()})
    return TemplateView(
        **draft.model_dump(), id=entry["id"], bundled=True, variables=variables_of(draft.prompt, draft.lyrics)
    )


def _view(row: PromptTemplate) -> TemplateView:
    return TemplateView(
        id=str(row.id),
        name=row.name,
        language=row.language,  # type: ignore[arg-type]  # checked when it was saved
        prompt=row.prompt,
        lyrics=row.lyrics,
        parameters=row.parameters,
        bundled=False,
        variables=variables_of(row.prompt, row.lyrics),
    )


def variables_of(*texts: str) -> tuple[Variable, ...]:
    """Each once; its default is the first that is given."""
    found: dict[str, str] = {}
    for text in texts:
        for match in VARIABLE.finditer(text):
            name, default = match[1].strip(), (match[2] or "").strip()
            found[name] = found.get(name) or default
    return tuple(Variable(name=name, default=default) for name, default in found.items())


def _key(template_id: str) -> UUID:
    try:
        return UUID(template_id)
    except ValueError:
        raise NotFound(NO_SUCH_TEMPLATE) from None


def _refused(name: str, message: Text) -> InvalidRequest:
    return InvalidRequest(message, field=f"variables.{name}")
