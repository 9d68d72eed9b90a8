"""Prompt templates: those that come with the program, one's own, and variables filled in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pansori.domain.errors import InvalidRequest, NotFound
from pansori.library import TemplateDraft, TemplateView, templates
from pansori.workflows import GenerationTask
from support.shelf import Shelf

HANGUL = re.compile("[가-힣]")
BUNDLED = templates.bundled()


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.database.close()


def view(prompt: str, lyrics: str = "") -> TemplateView:
    return TemplateView(
        id="x",
        name="x",
        language="",
        prompt=prompt,
        lyrics=lyrics,
        parameters={},
        bundled=False,
        variables=templates.variables_of(prompt, lyrics),
    )


# -- those that come with the program ------------


def test_there_are_enough_in_both_languages() -> None:
    assert Counter(one.language for one in BUNDLED) == {"ko": len(BUNDLED) // 2, "en": len(BUNDLED) // 2}
    assert len(BUNDLED) >= 12
    assert len({one.id for one in BUNDLED}) == len(BUNDLED)
    assert all(one.variables or "lofi" in one.id for one in BUNDLED)


@pytest.mark.parametrize("template", BUNDLED, ids=lambda one: one.id)
def test_each_is_a_prompt_in_its_language(template: TemplateView) -> None:
    filled = templates.fill(template, {})
    assert bool(HANGUL.search(template.name)) == bool(HANGUL.search(filled.prompt)) == (template.language == "ko")
    assert "{" not in filled.prompt + filled.lyrics
    GenerationTask.model_validate({"prompt": filled.prompt, "lyrics": filled.lyrics or None, **filled.parameters})


# -- variables ------------


@pytest.mark.parametrize(
    ("text", "given", "filled"),
    [
        ("a {mood} song", {"mood": "sad"}, "a sad song"),
        ("a {mood=sad} song", {}, "a sad song"),
        ("a {mood=sad} song", {"mood": "  "}, "a sad song"),
        ("{a=1} {a} {b=2}", {"b": "3"}, "1 1 3"),
        ("{ 계절 = 여름 }", {}, "여름"),
        ("{a=1}", {"a": "{b}"}, "{b}"),
        ("no {} variable {\n} here {=}", {}, "no {} variable {\n} here {=}"),
        ("{a=<script>}", {}, "<script>"),
    ],
)
def test_variables_are_replaced(text: str, given: dict[str, str], filled: str) -> None:
    assert templates.fill(view(text, text), given).prompt == filled
    assert templates.fill(view("p", text), given).lyrics == filled


@pytest.mark.parametrize(
    ("given", "field"),
    [({}, "variables.a"), ({"a": "x", "z": "y"}, "variables.z"), ({"a": "x" * 201}, "variables.a")],
)
def test_what_cannot_be_filled_in_is_named(given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        templates.fill(view("{a}"), given)
    assert refused.value.field == field


@given(st.text(max_size=80), st.text(min_size=1, max_size=20).filter(lambda value: value.strip() != ""))
def test_any_text_can_be_a_template(text: str, value: str) -> None:
    template = view(text)
    filled = templates.fill(template, {one.name: value for one in template.variables})
    assert value.strip() in filled.prompt if template.variables else filled.prompt == text


# -- one's own ------------


def test_keeping_changing_and_deleting_one(shelf: Shelf) -> None:
    draft = TemplateDraft(name="My song", prompt="a {mood=happy} song", parameters={"duration": 10})
    with shelf.database.write() as session:
        saved = templates.save(session, shelf.owner, draft)
        assert not saved.bundled
        assert [(one.name, one.default) for one in saved.variables] == [("mood", "happy")]
        listed = templates.list_templates(session, shelf.owner, language="ko")
        assert listed[0] == saved
        assert {one.language for one in listed[1:]} == {"ko"}
        changed = templates.save(session, shelf.owner, draft.model_copy(update={"name": "Another"}), saved.id)
        assert (changed.id, changed.name) == (saved.id, "Another")
        templates.delete(session, saved.id, shelf.owner)
        with pytest.raises(NotFound):
            templates.get(session, saved.id, shelf.owner)


@pytest.mark.parametrize("which", ["somebody's", "bundled", "none", "no id"])
def test_only_ones_own_are_changed(shelf: Shelf, which: str) -> None:
    draft = TemplateDraft(name="x", prompt="x")
    other = shelf.another_account()
    with shelf.database.write() as session:
        theirs = templates.save(session, other, draft).id
        template = {"somebody's": theirs, "bundled": BUNDLED[0].id, "none": str(uuid4()), "no id": "%00"}[which]
        with pytest.raises(NotFound):
            templates.save(session, shelf.owner, draft, template)
        with pytest.raises(NotFound):
            templates.delete(session, template, shelf.owner)
        assert not [one for one in templates.list_templates(session, shelf.owner) if not one.bundled]


def test_there_are_only_so_many(shelf: Shelf) -> None:
    draft = TemplateDraft(name="x", prompt="x")
    with shelf.database.write() as session:
        for _ in range(templates.MOST):
            templates.save(session, shelf.owner, draft)
        with pytest.raises(InvalidRequest):
            templates.save(session, shelf.owner, draft)


@pytest.mark.parametrize(
    "draft",
    [
        {"name": " ", "prompt": "x"},
        {"name": "x", "prompt": ""},
        {"name": "x" * 101, "prompt": "x"},
        {"name": "x", "prompt": "a\0b"},
        {"name": "x", "prompt": "x", "language": "fr"},
        {"name": "x", "prompt": "x", "parameters": {"deep": {"er": 1}}},
        {"name": "x", "prompt": "x", "owner": str(uuid4())},
    ],
)
def test_drafts_that_are_none(draft: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TemplateDraft.model_validate(draft)
