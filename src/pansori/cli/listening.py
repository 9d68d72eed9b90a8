"""`pansori listen`: a conversation in this process, with the devices of this machine or with files."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from pydantic import ValidationError

from pansori.accounts import local_account
from pansori.cli import inputs, outputs
from pansori.cli.asking import PLAYS
from pansori.cli.devices import PIECE, RATE, Loudspeaker, microphone
from pansori.cli.exits import tell_line
from pansori.cli.language import language, say, typable
from pansori.cli.services import opened
from pansori.domain.errors import NotFound, Text
from pansori.domain.media import AudioFormat
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.transcribe.sound import as_pcm, heard
from pansori.media import encode
from pansori.settings import Settings
from pansori.workflows import Services, read_recording, voice

live = voice.live
AFTER: Final = Seconds(1.0)  #: of silence after a recording, beside the pause that ends what was said
LOOK: Final = Seconds(0.1)
BARS: Final = (
    ("speech_ended", "", Text("pause", "멈춤")),
    ("", "hear_last", Text("understood", "알아듣기")),
    ("hear_last", "answer_first", Text("first word", "첫 낱말")),
    ("answer_first", "say_first", Text("first sound", "첫 소리")),
    ("say_first", "say_last", Text("all said", "끝까지")),
)
"""What of a turn's timings begins and ends what; empty: the end of the pause."""
WIDTH: Final = 40  #: characters of a turn's waterfall


@dataclass(frozen=True)
class ListenOrder:
    """What was typed."""

    file: Path | None
    output: Path | None
    language: str
    voice: str
    silence: float
    headphones: bool
    once: bool
    json: bool


def listen_to(order: ListenOrder) -> int:
    """Returns the exit code. Raises `PansoriError`."""
    audio_format = AudioFormat.WAV
    if order.output is not None:
        audio_format = inputs.choose_format(None, order.output, is_option=False)
        outputs.check(order.output)
    try:
        start = live.Start(
            type="start", rate=RATE, language=order.language, voice=order.voice, silence=Seconds(order.silence)
        )
    except ValidationError as error:
        raise inputs.invalid(error) from error
    with opened() as services:
        with services.database.write() as session:
            owner = local_account(session)
        pieces = None if order.file is None else _recorded(order.file, start, services.settings)
        talk = live.Live(services, owner, start)
        with _Company(talk, order, services) as company:
            if pieces is not None:
                company.hear_all(pieces)
            else:
                company.hear_microphone()
        if order.output is not None:
            _save(company.sounds, order.output, audio_format)
    return 0 if company.answered or order.file is None else 1


class _Company:
    """Sits beside a conversation: shows what is said, plays it, keeps it."""

    def __init__(self, talk: Any, order: ListenOrder, services: Services) -> None:
        self.sounds: list[tuple[np.ndarray, SampleRateHz]] = []
        self.answered = 0
        self._notices = set[str]()  #: that were told
        self._speaking = 0  #: the turn whose answer came last
        self._talk = talk
        self._order = order
        self._services = services
        self._loudspeaker = Loudspeaker() if order.file is None and order.output is None else None
        self._news, self._over = threading.Event(), threading.Event()
        self._marks = deque[threading.Event]()  #: of those who wait until all is told that was there before
        talk.outbox.listen(talk.outbox.reader, self._news.set)
        self._thread = threading.Thread(target=self._read, name="captions", daemon=True)

    def __enter__(self) -> _Company:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.close()
        self._talk.wait()
        self._over.set()
        self._news.set()
        self._thread.join()
        if self._loudspeaker is not None:
            self._loudspeaker.silence()
            self._loudspeaker.finish()

    def hear_all(self, pieces: Iterator[bytes]) -> None:
        """A recording, as it was spoken: while it is answered it stands still, unless that is to be interrupted."""
        for piece in pieces:
            self._talk.hear(piece)
            if not self._order.headphones:
                self._talk.wait()
            if self._order.once and self._has_answered():
                break
        self._talk.wait()

    def _has_answered(self) -> bool:
        """Once all is told that has happened."""
        mark = threading.Event()
        self._marks.append(mark)
        self._news.set()
        while not mark.wait(LOOK) and self._thread.is_alive():
            pass
        return self.answered > 0

    def hear_microphone(self) -> None:
        """Until Ctrl-C, or the first answer where that is enough."""
        with suppress(KeyboardInterrupt):  # from when one is told of it
            if not self._order.json:
                print(say("Speak. Ctrl-C ends it.", "말씀하세요. Ctrl-C로 끝내요."), file=sys.stderr)
            with microphone() as heard:
                while not (self._order.once and self.answered and not self._is_busy()):
                    piece = heard.next(LOOK)
                    self._tell_played()
                    if piece is not None and (self._order.headphones or not self._is_busy()):
                        self._talk.hear(piece)

    def _is_busy(self) -> bool:
        return self._loudspeaker is not None and self._loudspeaker.speaks

    def _tell_played(self) -> None:
        """How much of the answer was heard, which counts where it is interrupted."""
        if self._is_busy() and self._speaking:
            seconds = self._loudspeaker.played(self._speaking)  # type: ignore[union-attr]  # it is busy
            self._talk.ask(live.Played(type="played", turn=self._speaking, seconds=seconds))

    # -- what is told ------------

    def _read(self) -> None:
        while True:
            self._news.clear()
            marks = [self._marks.popleft() for _ in range(len(self._marks))]
            while (message := self._talk.outbox.next()) is not None:
                self._take(message)
            for mark in marks:
                mark.set()
            if self._over.is_set():
                return
            self._news.wait()

    def _take(self, message: Any) -> None:
        told = json.loads(message.text)
        if self._order.json:
            print(message.text, flush=True)
        else:
            _show(told)
            self._notify(told)
        if told["type"] == "audio":
            self._sound(told, message.sound)
        elif told["type"] == "interrupted" and self._loudspeaker is not None:
            self._loudspeaker.silence()
        elif told["type"] == "done" and told["state"] != "nothing":
            self.answered += 1

    def _notify(self, told: dict[str, Any]) -> None:
        """What it would take to be understood, and the like: once."""
        if (notice := told.get("notice")) and notice not in self._notices:
            self._notices.add(notice)
            print(typable(Text(notice, told["notice_ko"])), file=sys.stderr, flush=True)

    def _sound(self, told: dict[str, Any], pcm: bytes) -> None:
        rate, self._speaking = SampleRateHz(told["rate"]), told["turn"]
        if self._order.output is not None:
            self.sounds.append((np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0, rate))
        if self._loudspeaker is not None:
            self._loudspeaker.play(told["turn"], pcm, rate)


# -- captions ------------


def _show(told: dict[str, Any]) -> None:
    match told["type"]:
        case "final" if told["text"]:
            print(say(f"You: {told['text']}", f"나: {told['text']}"), flush=True)
        case "final":
            print(say("(not understood)", "(알아듣지 못했어요)"), flush=True)
        case "reply":
            print(told["delta"], end="", flush=True)
        case "action" if told["name"] == PLAYS:
            print(say(" – on the page Library", " – 보관함 페이지에서 들을 수 있어요"), end="", flush=True)
        case "interrupted":
            print(say(" – interrupted", " – 끊김"), flush=True)
        case "error":
            cure = Text(told["cure"], told["cure_ko"]) if told.get("cure") else None
            tell_line(Text(told["message"], told["message_ko"]), cure)
        case "done" if told["state"] != "nothing":
            print("\n" + "\n".join(waterfall(told["timings"])), flush=True)


def waterfall(timings: dict[str, float]) -> Iterator[str]:
    """A line for each thing that took time: a bar where it lies in the turn, its name, and its seconds."""
    begin, end = min(0.0, timings.get("speech_ended", 0.0)), max([0.0, *timings.values()])
    scale = WIDTH / max(end - begin, 1e-6)
    for first, last, name in BARS:
        if (first and first not in timings) or (last and last not in timings):
            continue
        start, stop = timings.get(first, 0.0), timings.get(last, 0.0)
        before = min(round((start - begin) * scale), WIDTH - 1)
        bar = " " * before + "█" * max(1, round((stop - start) * scale))
        yield f"  {bar[:WIDTH]:<{WIDTH}}  {stop - start:6.3f} s  {name.in_language(language())}"


# -- files ------------


def _recorded(path: Path, start: voice.live.Start, settings: Settings) -> Iterator[bytes]:
    """A file's sound as the microphone would give it, with silence after it. Raises a `MediaError`, `NotFound`."""
    if not path.exists():
        raise NotFound(Text(f"There is no file {path}.", f"{path} 파일이 없어요."), field="file")
    with tempfile.TemporaryDirectory() as folder:
        recording = read_recording(path, "", settings, Path(folder))
    silence = np.zeros(round((start.silence + AFTER) * RATE), np.float32)
    return (piece for sound in chain(heard(recording), (silence,)) for piece in _pieces(sound))


def _pieces(sound: np.ndarray) -> Iterator[bytes]:
    for at in range(0, len(sound), PIECE):
        yield as_pcm(sound[at : at + PIECE])


def _save(sounds: list[tuple[np.ndarray, SampleRateHz]], path: Path, audio_format: AudioFormat) -> None:
    """All answers, one after the other. Nothing is written where there is none."""
    if not sounds:
        return
    rate = sounds[0][1]
    whole = np.concatenate([one if at == rate else soxr.resample(one, at, rate) for one, at in sounds])
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / f"answers.{audio_format}"
        encode(whole[None], rate, audio_format, made, bits=16)
        outputs.write(iter([made.read_bytes()]), path)
    print(path, flush=True)
