"""Turns of conversations: what they cost beside the engines, how soon the answer is heard, and fifty at once.

The embedded engines hear, answer and speak one question, said by espeak. Their own time is that of the same calls in
this process, in the same run: what is left to be understood when speech is over, the whole reply, with what may be done
in mind as in any turn, and all of its speech. A turn takes what it takes from the moment in which speech was found to
be over until all of the answer is sent; the rest of that is overhead. Over the three servers of the document, processes
of their own, it is the time of `POST /run-full-pipeline`, with the recording sent to the ATOT server before, whose
answer waits for the same engine; that the backend copies the recording from there is overhead too.

Fifty conversations at once, on one server, say the same at the same moment, each faster than it can be spoken, so they
compete for the processor as they never would. Who came first is served first: the first answer is heard soon, the last
when all are done, and their median is half of that. The peer is what the machine could do at best: the engines' whole
work for one of them, hearing included, measured alone, for all fifty, on all cores. The decoder holds Python's lock, so
that hearing has one core.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.report import Figure, against, at_most, median, percentile
from bench.servers import Server, serving
from pansori.accounts import local_account
from pansori.bootstrap import build
from pansori.settings import load
from pansori.workflows import Services, voice
from support.talking import RATE, Talker, spoken, talking

QUESTION = "What can you do?"
TURNS = 20
CROWD = 50
IN_PROCESS_MS, OVER_SERVERS_MS = 30.0, 60.0
FIRST_SOUND_MS = 250.0


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, closing(build(load(data_dir=Path(folder)))) as services:
        own, all_of_it = engines_alone(services)
        turns = live_turns(services)
    whole, first = [one["total"] * 1e3 for one in turns], [one["say_first"] * 1e3 for one in turns]
    over = over_servers()
    crowd = crowded()
    best = median(all_of_it) * CROWD / (os.cpu_count() or 1)
    return [
        Figure("the engines alone, median", median(own), "ms"),
        Figure("a turn in process, median", median(whole), "ms"),
        at_most("overhead of a turn in process, median", median(whole) - median(own), "ms", IN_PROCESS_MS),
        at_most("end of speech to the first sound, median", median(first), "ms", FIRST_SOUND_MS),
        Figure("end of speech to the first sound, p95", percentile(first, 0.95), "ms"),
        Figure("a turn over the three servers, median", median(over), "ms"),
        at_most("overhead of a turn over three servers, median", median(over) - median(own), "ms", OVER_SERVERS_MS),
        Figure(f"{CROWD} turns at once: the first answer's first sound", min(crowd), "ms"),
        Figure(f"{CROWD} turns at once: median", median(crowd), "ms"),
        Figure(f"{CROWD} turns at once: p95", percentile(crowd, 0.95), "ms"),
        against(f"{CROWD} turns at once: the last one", max(crowd), "ms", "the engines' work on all cores", best),
    ]


# -- in this process ------------


def engines_alone(services: Services) -> tuple[list[float], list[float]]:
    """Milliseconds of what the engines do for a turn once speech is over, and of all that they do for it."""
    with services.database.write() as session:
        tools = voice.Acting(services, local_account(session), manner=voice.Manner(), key="bench").tools
    parts = voice.Parts(services.registry, services.settings, voice.Choice.of(services.settings))
    after, whole = [], []
    with services.kernel.folder() as folder:
        for _ in range(TURNS + 1):
            engine, task = parts.transcriber, parts.listening_for()
            begun = time.perf_counter()
            listening = engine.listen(task, parts.options(engine), voice.Aside(folder, services.settings))
            with closing(listening):
                listening.feed(spoken(QUESTION).astype(np.float32))
                over = time.perf_counter()
                heard = listening.finish()
            reply = "".join(parts.answer(heard.text, folder, language=heard.language, tools=tools))
            for _ in parts.speak(reply, folder):
                pass
            ended = time.perf_counter()
            after.append((ended - over) * 1e3)
            whole.append((ended - begun) * 1e3)
    return after[1:], whole[1:]  # the first loads what all use


def live_turns(services: Services) -> list[dict[str, float]]:
    """The timings of turns of one conversation."""
    with services.database.write() as session:
        owner = local_account(session)
    talk = voice.live.Live(services, owner, voice.live.Start(type="start"))
    pcm = (spoken(QUESTION) * 32767).astype("<i2").tobytes()
    found = []
    for _ in range(TURNS + 1):
        for at in range(0, len(pcm), 3_200):
            talk.hear(pcm[at : at + 3_200])
        talk.wait()
        while (message := talk.outbox.next()) is not None:
            told = json.loads(message.text)
            if told["type"] == "done":
                found.append(told["timings"])
    talk.close()
    return found[1:]


# -- over the three servers ------------


@contextmanager
def documented() -> Iterator[tuple[Server, Server]]:
    """The backend and its ATOT server, with the other two; each is a process with data of its own."""
    with ExitStack() as stack:

        def started(**settings: str) -> Server:
            return stack.enter_context(serving("embedded", "/", PANSORI_WORKERS="0", **settings))

        atot, ttot, tts = started(), started(), started()
        yield started(ATOT_URL=atot.url, TTOT_URL=ttot.url, TTS_URL=tts.url), atot


def over_servers() -> list[float]:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, RATE, 0, "NONE", ""))
        writer.writeframes((spoken(QUESTION) * 32767).astype("<i2").tobytes())
    found = []
    with documented() as (backend, atot), httpx.Client(timeout=120) as client:
        for _ in range(TURNS + 1):
            client.post(f"{atot.url}/run-model", files={"file": ("a.wav", file.getvalue())}).raise_for_status()
            began = time.perf_counter()
            done: Any = client.post(f"{backend.url}/run-full-pipeline").raise_for_status().json()
            found.append((time.perf_counter() - began) * 1e3)
            assert done["success"], done
    return found[1:]


# -- many at once ------------


def crowded() -> list[float]:
    """Milliseconds from the last of the question that was sent to the first sound of the answer, of each of them."""
    found: list[float] = []
    sound = spoken(QUESTION)
    with (
        serving("embedded", "/", PANSORI_WORKERS="0", PANSORI_VOICE_SESSIONS=str(CROWD)) as server,
        ExitStack() as stack,
    ):
        talkers = [stack.enter_context(talking(server.url)) for _ in range(CROWD)]
        for talker in talkers:
            talker.start(hands_free=False)
        together = threading.Barrier(CROWD)

        def turn(talker: Talker) -> None:
            together.wait()
            talker.say(sound)
            talker.tell("speech_end")
            began = time.perf_counter()
            talker.until("audio")
            found.append((time.perf_counter() - began) * 1e3)
            talker.until("done")

        threads = [threading.Thread(target=turn, args=(talker,)) for talker in talkers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return found
