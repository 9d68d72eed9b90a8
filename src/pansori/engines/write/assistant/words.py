"""What the assistant says: short, as one speaks, in both languages. Facts are those of the tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pansori.domain.errors import PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import LONGEST, SHORTEST, Kind
from pansori.domain.units import Seconds
from pansori.lexicon.articles import article
from pansori.lexicon.commands import Command
from pansori.lexicon.music import korean_key
from pansori.lexicon.particles import attach

WEEKDAYS: Final = (
    Text("Monday", "월요일"),
    Text("Tuesday", "화요일"),
    Text("Wednesday", "수요일"),
    Text("Thursday", "목요일"),
    Text("Friday", "금요일"),
    Text("Saturday", "토요일"),
    Text("Sunday", "일요일"),
)
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
KINDS: Final = {
    Kind.MUSIC: Text("music", "음악"),
    Kind.SPEECH: Text("speech", "말소리"),
    Kind.SINGING: Text("singing", "노래하는 목소리"),
    Kind.NOISE: Text("noise", "잡음"),
    Kind.SILENCE: Text("silence", "무음"),
}
ABILITIES: Final = {
    "make_song": Text("make songs", "노래를 만들고"),
    "song_status": Text("tell you how far a song is", "노래가 어디까지 됐는지 알려 드리고"),
    "play_last": Text("play your latest song", "마지막 노래를 틀고"),
    "analyse_last": Text("analyse your latest recording", "마지막 녹음을 분석하고"),
    "change_speech": Text("speak slower or louder", "더 천천히 말하고"),
}
#: What a song is about, said back to who said it.
_MINE: Final = {
    "my": "your",
    "me": "you",
    "mine": "yours",
    "our": "your",
    "us": "you",
    "i": "you",
    "myself": "yourself",
}
_LENGTH: Final = re.compile(
    r"(?<![\d.])(\d{1,3}(?:\.\d)?)[\s-]?(초|분|seconds?|secs?|minutes?|mins?)(?![a-z])", re.IGNORECASE
)
_MANNERS: Final = re.compile(r"[\s,]+(?:please|for me|for us|now|right now|thanks|thank you)$", re.IGNORECASE)

NOT_HERE = Text("I can't do that here.", "여기서는 그걸 할 수 없어요.")
BEYOND = Text(
    "That needs a language model: whoever runs this server can set PANSORI_REPLY_ENGINE=openai. "
    "Ask me “what can you do” to hear what I can.",
    "그건 언어 모델이 있어야 할 수 있어요. 서버 관리자가 PANSORI_REPLY_ENGINE=openai로 설정하면 돼요. "
    "제가 할 수 있는 일은 ‘뭐 할 수 있어?’라고 물어보세요.",
)
NO_SONG = Text(
    "You have not asked for a song yet. Say, for example: make a sad song about rain.",
    "아직 부탁하신 노래가 없어요. ‘비에 대한 슬픈 노래 만들어 줘’처럼 말해 보세요.",
)
NO_RECORDING = Text(
    "There is no recording yet. Record one on the page Analyse, or upload a file there.",
    "아직 녹음이 없어요. 분석 페이지에서 녹음하거나 파일을 올려 주세요.",
)
NOTHING_SAID = Text("I have not said anything yet.", "아직 제가 한 말이 없어요.")
CANCELLED = Text("I stopped making it.", "만들던 노래를 취소했어요.")
NOTHING_TO_CANCEL = Text("No song is being made now.", "지금 만들고 있는 노래가 없어요.")
STOPPED = Text("All right.", "네, 그만할게요.")
WELCOME = Text("You're welcome.", "천만에요.")
HELLO = Text(
    "Hello! Tell me what song to make, or ask what I can do.",
    "안녕하세요! 어떤 노래를 만들지 말씀해 주세요. 뭘 할 수 있는지 물어보셔도 돼요.",
)
GOODBYE = Text("Goodbye!", "안녕히 가세요!")
SPEECH: Final = {
    "slower": Text("I'll speak slower.", "더 천천히 말할게요."),
    "faster": Text("I'll speak faster.", "더 빨리 말할게요."),
    "louder": Text("I'll speak louder.", "더 크게 말할게요."),
    "quieter": Text("I'll speak more quietly.", "더 작게 말할게요."),
}
LIMITS: Final = {
    "slower": Text("I can't speak any slower.", "이보다 천천히는 말할 수 없어요."),
    "faster": Text("I can't speak any faster.", "이보다 빨리는 말할 수 없어요."),
    "louder": Text(
        "I can't speak any louder. Try turning up the volume.", "더 크게는 말할 수 없어요. 기기 볼륨을 높여 주세요."
    ),
    "quieter": Text("I can't speak any more quietly.", "이보다 작게는 말할 수 없어요."),
}


# -- songs ------------


def prompt_of(command: Command) -> str:
    """What the song should be, as it was said, in the order that prompts have."""
    topic = _MANNERS.sub("", command.slot("topic")).strip()
    piece, how = command.slot("piece"), command.slot("words") or command.slot("style")
    if command.language == "ko":
        if piece and not topic:
            return command.said
        return " ".join(part for part in (topic and f"{topic}에 대한", how, piece or "노래") if part)
    piece = "song" if piece.lower() in ("", "something", "one", "songs") else piece
    if topic:
        return f"{how} {piece} about {topic}".strip()
    said = _MANNERS.sub("", command.said)
    return re.sub(r"^(?:something|one)\b\s*(.*)$", r"\1 song", said, flags=re.IGNORECASE).strip()


def length_of(command: Command) -> Seconds | None:
    """How long the song should be, where that is said in figures and can be had."""
    seconds = sum(
        float(number) * (60 if unit.lower().startswith(("분", "m")) else 1)
        for number, unit in _LENGTH.findall(command.said)
    )
    return Seconds(seconds) if SHORTEST <= seconds <= LONGEST else None


def begun(facts: JsonDict) -> Text:
    prompt = str(facts["prompt"])
    return Text(
        f"I've started on {_with_article(_said_back(prompt))}. Ask me how it is coming along.",
        f"{attach(f'‘{prompt}’', '을/를')} 만들기 시작했어요. 얼마나 됐는지 언제든 물어보세요.",
    )


def status(facts: JsonDict) -> Text:
    state, prompt = facts["state"], str(facts.get("prompt", ""))
    if state == "none":
        return NO_SONG
    if state == "queued":
        return Text("Your song is waiting for its turn.", f"{attach(f'‘{prompt}’', '은/는')} 차례를 기다리고 있어요.")
    if state == "running":
        percent = facts.get("percent", 0)
        return Text(
            f"Your song is about {percent} percent done.",
            f"{attach(f'‘{prompt}’', '을/를')} 만들고 있어요. {percent}퍼센트쯤 됐어요.",
        )
    if state == "succeeded":
        return _finished(facts)
    if state == "cancelled":
        return Text("Your song was cancelled.", f"{attach(f'‘{prompt}’', '은/는')} 취소됐어요.")
    return Text(
        f"Your song could not be made. {facts.get('error', '')}".strip(),
        f"{attach(f'‘{prompt}’', '을/를')} 만들지 못했어요. {facts.get('error_ko', '')}".strip(),
    )


def playing(facts: JsonDict) -> Text:
    if facts.get("track_id") is not None:
        title = facts["title"]
        return Text(f"Here is “{title}”.", f"{attach(f'‘{title}’', '을/를')} 들려 드릴게요.")
    making = facts.get("making")
    if making is None:
        return NO_SONG
    still = status(making)
    return Text(f"There is no finished song yet. {still.en}", f"아직 다 만든 노래가 없어요. {still.ko}")


def _finished(facts: JsonDict) -> Text:
    if "title" not in facts:
        return Text("Your song was finished, and deleted since.", "노래를 다 만들었는데, 그 뒤에 지워졌어요.")
    title, long = facts["title"], duration(facts["seconds"])
    return Text(
        f"Your song is done. It is called “{title}” and lasts {long.en}. Say “play my last song” to hear it.",
        f"노래가 다 됐어요. 제목은 {attach(f'‘{title}’', '이고/고')}, 길이는 {attach(long.ko, '이에요/예요')}. "
        "‘마지막 노래 틀어 줘’라고 말해 보세요.",
    )


def _said_back(prompt: str) -> str:
    return re.sub(r"[A-Za-z]+", lambda word: _MINE.get(word[0].lower(), word[0]), prompt)


def _with_article(prompt: str) -> str:
    if re.search(r"\bmusic\b(?! box)", prompt) and "piece of" not in prompt:
        return f"some {prompt}"
    return f"{article(prompt)} {prompt}"


# -- recordings ------------


def analysed(facts: JsonDict) -> Text:
    state = facts["state"]
    if state == "none":
        return NO_RECORDING
    if state == "begun":
        return Text(
            "I've begun to analyse your latest recording. Ask me again in a moment.",
            "마지막 녹음을 분석하기 시작했어요. 잠시 뒤에 다시 물어봐 주세요.",
        )
    if state in ("queued", "running"):
        return Text("It is still being analysed.", "아직 분석하고 있어요. 조금만 기다려 주세요.")
    return _measured(facts.get("measured") or {})


def _measured(known: JsonDict) -> Text:
    what = KINDS[Kind(known["kind"])] if "kind" in known else Text("sound", "소리")
    long = duration(known["duration"]) if "duration" in known else None
    first = Text(
        f"Your latest recording is {f'{long.en} of ' if long else ''}{what.en}.",
        f"마지막 녹음은 {f'{long.ko}짜리 ' if long else ''}{attach(what.ko, '이에요/예요')}.",
    )
    told = [_MEASURES[name](known[name]) for name in _MEASURES if name in known]
    if not told:
        return first
    ko = attach(", ".join(one.ko for one in told), "이에요/예요")
    return Text(f"{first.en} It has {', '.join(one.en for one in told)}.", f"{first.ko} {ko}.")


#: A measure, said; by the name that `analyse_last` tells it under.
_MEASURES: Final[Mapping[str, Callable[[Any], Text]]] = {
    "tempo": lambda value: Text(f"{value:.0f} beats a minute", f"빠르기는 1분에 {value:.0f}박"),
    "key": lambda value: Text(f"the key of {value}", f"조는 {korean_key(str(value))}"),
    "pitch": lambda value: Text(f"a voice at {value:.0f} hertz", f"목소리 높이는 {value:.0f}헤르츠"),
}


# -- everything else ------------


def can_do(names: Sequence[str]) -> Text:
    """What there are tools for."""
    known = [ABILITIES[name] for name in ABILITIES if name in names]
    time = Text("tell you the time", "시간을 알려 드릴 수 있어요")
    en = ", ".join(one.en for one in known)
    ko = ", ".join(one.ko for one in known)
    example = Text(" Try: make a sad song about rain.", " ‘비에 대한 슬픈 노래 만들어 줘’처럼 말해 보세요.")
    wanted = "make_song" in names
    return Text(
        f"I can {f'{en}, and ' if en else ''}{time.en}.{example.en if wanted else ''}",
        f"저는 {f'{ko}, ' if ko else ''}{time.ko}.{example.ko if wanted else ''}",
    )


def time_of(moment: datetime) -> Text:
    hour, half = moment.hour % 12 or 12, moment.hour >= 12
    minutes = f" {moment.minute}분" if moment.minute else ""
    part = ("낮" if half else "밤") if hour == 12 else ("오후" if half else "오전")
    ko = attach(f"{part} {hour}시{minutes}", "이에요/예요")
    return Text(f"It's {hour}:{moment.minute:02d} {'PM' if half else 'AM'}.", f"지금은 {ko}.")


def date_of(moment: datetime) -> Text:
    weekday = WEEKDAYS[moment.weekday()]
    ko = attach(f"{moment.month}월 {moment.day}일 {weekday.ko}", "이에요/예요")
    return Text(f"Today is {weekday.en}, {MONTHS[moment.month - 1]} {moment.day}.", f"오늘은 {ko}.")


def duration(seconds: float) -> Text:
    minutes, rest = divmod(round(seconds), 60)
    en = [
        f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in ((minutes, "minute"), (rest, "second")) if count
    ]
    ko = [f"{count}{unit}" for count, unit in ((minutes, "분"), (rest, "초")) if count]
    return Text(" ".join(en) or "0 seconds", " ".join(ko) or "0초")


def refused(error: PansoriError) -> Text:
    """What went wrong and what would help."""
    if error.cure is None:
        return error.message
    return Text(f"{error.message.en} {error.cure.en}", f"{error.message.ko} {error.cure.ko}")
