"""A command beside something else: a reason, a greeting, thanks. What only speaks of commands is none."""

from __future__ import annotations

import sys
import unicodedata
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.lexicon.commands import INTENTS, LONGEST, understand
from support.commands import sentences

NO_COMMANDS = [one.text for one in sentences("commands.tsv") if not one.intent]
COMMANDS = [one for one in sentences("commands.tsv") if one.intent]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("My wife's birthday is tomorrow, can you make her a song?", "make_song"),
        ("I'm sad so make me a song", "make_song"),
        ("could you make me a relaxing song i've had a long day", "make_song"),
        ("Sorry, I was in the kitchen. Is my song ready?", "song_status"),
        ("Not so loud, the baby's sleeping!", "quieter"),
        ("not so loud the baby's sleeping", "quieter"),
        ("slow down because i can't follow you", "slower"),
        ("You're too quiet. Can you speak up?", "louder"),
        ("I'm in a hurry, so speak faster please", "faster"),
        ("Good morning! What time is it? Thanks!", "time"),
        ("Please stop, you're hurting me", "stop"),
        ("Tom, come here. Play my last song.", "play_last"),
        ("미안한데 다시 말해 줘", "repeat"),
        ("답답하니까 좀 빨리 말해 봐", "faster"),
        ("아기가 자고 있어서 그러는데 좀 작게 말해 줘", "quieter"),
        ("잘 안 들려요, 더 크게 말해 주세요", "louder"),
        ("엄마 생신이라서 노래 하나 만들어 줘", "make_song"),
        ("시간 되면 노래 다 됐는지 알려 줘", "song_status"),
    ],
)
def test_a_command_is_found_beside_something_else(text: str, intent: str) -> None:
    command = understand(text)
    assert command is not None
    assert command.intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "I said stop yesterday, and he left.",
        "Play it? No.",
        "Play it? No, not now.",
        "He said, play it.",
        '"Louder," she shouted, and ran.',
        "Don't stop, I like it.",
        "He told me to slow down, so I did.",
        "She asked, what time is it?",
        "My mom is always like, turn it down.",
        "If it's too loud, tell me.",
        "Play my song, no thanks.",
        "Never play my song, please!",
        "Tell him to stop, please.",
        "Hi, what is the capital of France?",
        "What's the weather tomorrow? Thanks!",
        "Play my last song. Make me a sad song.",
        "틀어 줘? 아니.",
        "마지막 노래 틀어 줘, 아니 틀지 마",
        "크게 말해 줘, 라고 했어요",
        "안녕하세요, 오늘 회의는 세 시예요",
        "다시, 처음부터 걸었어요",
        "서울에서 부산까지 가려면 얼마나 걸려",
    ],
)
def test_what_denies_reports_or_asks_for_two_things_is_none(text: str) -> None:
    assert understand(text) is None


@pytest.mark.parametrize(
    ("text", "slots", "said"),
    [
        (
            "It's late, so write me a short rock song.",
            {"style": ("short", "rock"), "piece": ("song",)},
            "short rock song",
        ),
        (
            "He's ill, can you make a song for my mother please?",
            {"piece": ("song",), "topic": ("my mother",)},
            "song for my mother",
        ),
        (
            "오늘 우울하니까 비에 대한 슬픈 노래 만들어 줘",
            {"topic": ("비",), "style": ("슬픈",), "piece": ("노래",)},
            "비에 대한 슬픈 노래",
        ),
    ],
)
def test_slots_are_as_they_were_said_beside_something_else(
    text: str, slots: dict[str, tuple[str, ...]], said: str
) -> None:
    command = understand(text)
    assert command is not None
    assert (command.intent, command.slots, command.said) == ("make_song", slots, said)


def test_courtesies_are_what_is_meant_where_nothing_else_is() -> None:
    for text, intent in (
        ("Thanks! Bye!", "goodbye"),
        ("Hello. Good morning.", "hello"),
        ("고마워! 잘 있어!", "goodbye"),
    ):
        command = understand(text)
        assert command is not None
        assert command.intent == intent


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(NO_COMMANDS), st.sampled_from(NO_COMMANDS), st.sampled_from([", ", ". ", "? ", "! ", " … "]))
def test_clauses_that_are_no_commands_are_none_together(one: str, other: str, mark: str) -> None:
    assert understand(f"{one}{mark}{other}") is None


@pytest.mark.parametrize(
    "text",
    ["," * LONGEST, "a, " * 53, "stop, " * 26, "so please " * 16, "make a song about, " * 8, "하니까, 노래, " * 16],
)
def test_no_marks_take_long(text: str) -> None:
    understand("make a song")
    understand("노래 만들어 줘")  # the templates are read
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        understand(text[:LONGEST])
    finally:
        sys.setprofile(before)
    assert calls < 20_000


_WORDS = [
    "play it", "no", "stop", "because", "so", "i'm", "please", "make a song", "about", "노래", "하니까", "만들어 줘",
    ",", ". ", "? ",
]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    st.text(max_size=LONGEST)
    | st.lists(st.sampled_from(_WORDS), max_size=20).map(" ".join)
    | st.tuples(st.sampled_from(COMMANDS), st.text(max_size=30)).map(lambda drawn: f"{drawn[0].text}, {drawn[1]}")
)
def test_whatever_is_said_slots_are_in_it(text: str) -> None:
    command = understand(text)
    if command is None:
        return
    assert command.intent in INTENTS
    said = " ".join(unicodedata.normalize("NFC", text).split())
    assert command.said in said
    assert all(value and value in command.said for values in command.slots.values() for value in values)
