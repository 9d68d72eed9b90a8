"""The songsmith as an engine: reads a prompt, completes it, writes what is sung. No model, no network, milliseconds."""

from __future__ import annotations

import random

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import WriteTask
from pansori.engines.base import Card, EngineOptions, RunContext
from pansori.engines.write.base import SONGS, Writer, Writing
from pansori.engines.write.songsmith.brief import Brief, read_brief
from pansori.engines.write.songsmith.choices import choose
from pansori.engines.write.songsmith.form import SongForm
from pansori.engines.write.songsmith.prose import LONGEST_HEAD, Expansion, expand, mood_in
from pansori.engines.write.songsmith.singing import (
    LITTLE,
    form_of,
    played_sections,
    sections_of,
    sung_theme,
    write_lyrics,
)
from pansori.lexicon.music import key_name
from pansori.lexicon.particles import particle
from pansori.lexicon.scripts import other_scripts
from pansori.lexicon.wishes import read_wishes


class SongsmithOptions(EngineOptions):
    """There is nothing to choose beyond the task."""


class Songsmith(Writer[SongsmithOptions]):
    """Understands prompts by the lexicon that the house band reads by, and writes by grammar: Korean verbs are
    conjugated and particles fitted, English lines are rhymed, and verses have the same number of syllables."""

    name = "songsmith"
    Options = SongsmithOptions

    def card(self) -> Card:
        return Card(
            summary="Completes prompts and writes lyrics by itself, in milliseconds: no model, no network.",
            summary_ko="모델도 네트워크도 없이 설명을 채우고 가사를 순식간에 써요.",
            languages=("ko", "en"),
            code_licence="GPL-3.0-or-later",
            abilities=(SONGS,),
        )

    def check(self, task: WriteTask, options: SongsmithOptions) -> None:
        _refuse_nothing(task)
        read_brief(task)

    def preview(self, task: WriteTask, options: SongsmithOptions) -> Writing:
        return write(task, task.seed or 0)

    def run(self, task: WriteTask, options: SongsmithOptions, context: RunContext) -> Writing:
        context.progress("write", 0.0)
        context.check_cancelled()
        writing = write(task, task.seed if task.seed is not None else context.seed)
        context.progress("write", 1.0)
        return writing


def write(task: WriteTask, seed: int) -> Writing:
    """Raises `InvalidRequest` for an empty prompt, and for one that asks for what nobody can play."""
    _refuse_nothing(task)
    brief = read_brief(task)
    choices = choose(brief, task, _chance(seed, "choices", task))
    expansion = expand(brief, choices)
    form = form_of(brief, task, choices.tempo)
    theme = sung_theme(brief, _chance(seed, "theme", task))
    lyrics = task.lyrics
    if task.purpose == "lyrics" and not lyrics.strip():
        lyrics = write_lyrics(brief, form, theme, _chance(seed, "lyrics", task))
    return Writing(
        expanded_prompt=expansion.text,
        genre=expansion.genre,
        mood=expansion.mood or mood_in(brief),
        instruments=expansion.instruments,
        tempo=choices.tempo,
        key=key_name(choices.key),
        structure=_structure(brief, form, lyrics),
        voice=choices.voice,
        language=brief.sung,
        wants_singing=brief.singing,
        theme=brief.theme,
        lyrics=lyrics,
        title=_title(brief, expansion, theme),
        notices=_notices(brief, expansion, theme, written=lyrics != task.lyrics),
    )


def _refuse_nothing(task: WriteTask) -> None:
    if not task.prompt.strip() and not task.lyrics.strip():
        raise InvalidRequest(
            Text("The prompt is empty.", "무엇을 만들지 적혀 있지 않아요."),
            field="prompt",
            cure=Text("Say what the song should be like.", "어떤 노래인지 한 줄만 적어 주세요."),
        )


def _chance(seed: int, purpose: str, task: WriteTask) -> random.Random:
    """Of the prompt too: the same seed is not the same verse for two prompts."""
    return random.Random(f"{seed}/{purpose}/{task.prompt}")  # noqa: S311 - words, not secrets


def _structure(brief: Brief, form: SongForm, lyrics: str) -> tuple[str, ...]:
    if lyrics.strip():
        return sections_of(lyrics) or form.labels
    return form.labels if brief.singing else played_sections(form)


def _title(brief: Brief, expansion: Expansion, theme: str) -> str:
    title = brief.theme or theme
    if not brief.singing and not brief.theme:
        title = _sound(brief, expansion)
    if not any("가" <= character <= "힣" for character in title):
        words = enumerate(title.split())
        title = " ".join(word if at and word in LITTLE else word[:1].upper() + word[1:] for at, word in words)
    return title[:200]


def _sound(brief: Brief, expansion: Expansion) -> str:
    """What an instrumental is called: by its style, or by the instrument where the prompt names nothing else."""
    called = expansion.genre
    if brief.wishes.genre is None and brief.wishes.instruments:
        called = brief.wishes.instruments[0].word
        if read_wishes(called).moods:
            return called
    return f"{expansion.mood or mood_in(brief)} {called}"


def _notices(brief: Brief, expansion: Expansion, theme: str, *, written: bool) -> tuple[Text, ...]:
    notices = [
        Text(
            f"Words in {script.en} are passed on as they stand: only Korean and English are understood here.",
            f"{script.ko}로 쓴 말은 그대로 넘겨요. 여기서는 한국어와 영어만 알아들어요.",
        )
        for script in other_scripts(brief.text)
    ]
    if expansion.cut:
        notices.append(
            Text(
                f"Of the prompt, the first {LONGEST_HEAD} characters are used.",
                f"설명은 앞에서부터 {LONGEST_HEAD}자까지만 써요.",
            )
        )
    if written and brief.theme and theme != brief.theme:
        notices.append(
            Text(
                f"The chorus calls the theme “{theme}”, which is short enough to sing.",
                f"후렴에서는 주제를 부르기 좋게 “{theme}”{particle(theme, '이라고/라고')} 불러요.",
            )
        )
    return tuple(notices)
