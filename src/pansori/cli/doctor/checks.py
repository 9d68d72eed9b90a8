"""Each check looks at one thing and changes nothing; it yields what it found and never raises."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from pansori import db, jobs
from pansori.cli.doctor.analyser import analyser
from pansori.cli.doctor.finding import Finding, advice, missing, of_error, ok
from pansori.cli.doctor.space import space
from pansori.cli.doctor.storage import store
from pansori.cli.doctor.voice import voice
from pansori.cli.doctor.watching import watching
from pansori.db import Database
from pansori.domain.errors import ConfigurationError, EngineUnavailable, Text
from pansori.domain.tasks import Family
from pansori.engines import memory as machine
from pansori.engines.compose.house_band.sound.instruments import find_soundfont
from pansori.engines.registry import Registry
from pansori.lexicon.particles import attach
from pansori.settings import Settings

Check = Callable[[Settings], Iterator[Finding]]

GIB = 1024**3
DISK_NEEDED, DISK_ADVISED = 1 * GIB, 5 * GIB  #: a song with its stems takes up to 60 MB
MEMORY_ADVISED = 2 * GIB  #: the house band's peak is about 1.5 GB
PYTHONS = ((3, 11), (3, 12))
FONTS = Path("/usr/share/fonts")
HANGUL_FONTS = ("Nanum*.ttf", "NotoSansCJK*", "NotoSansKR*", "Baekmuk*", "Un*.ttf", "Pretendard*")
SETUP = Text("Run make setup.", "make setup을 실행하세요.")

#: Codecs by library: what it is for, and the modules that have to be there.
CODECS = {
    "MP3": ("lameenc", "av"),
    "FLAC, WAV": ("soundfile",),
    "Opus, M4A": ("av",),
    "tags": ("mutagen",),
}


def python(_: Settings) -> Iterator[Finding]:
    version = (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
    )
    if sys.version_info[:2] in PYTHONS:
        yield ok("python", version)
    else:
        cure = Text(
            "Use CPython 3.11 or 3.12: make PYTHON=python3.12 setup",
            "CPython 3.11이나 3.12를 쓰세요: make PYTHON=python3.12 setup",
        )
        yield missing("python", Text(version, version), cure)


def codecs(_: Settings) -> Iterator[Finding]:
    for what, modules in CODECS.items():
        absent = [module for module in modules if find_spec(module) is None]
        if absent:
            names = ", ".join(absent)
            seen = Text(f"{what}: {names} is not installed", f"{what}: {attach(names, '이/가')} 설치되어 있지 않아요")
            yield missing("codecs", seen, SETUP)
        else:
            yield ok("codecs", f"{what}: {', '.join(modules)}")


def engine(settings: Settings) -> Iterator[Finding]:
    """The engine used where a request names none; its voice and vocoder are among its parts."""
    name = f"engine {settings.compose_engine}"
    try:
        chosen = Registry(settings).get(Family.COMPOSE, settings.compose_engine)
    except EngineUnavailable as error:
        yield of_error(name, error, SETUP)
        return
    parts = ", ".join(f"{part}: {what}" for part, what in chosen.card().parts.items())
    yield ok(name, parts or "ready", parts or "준비됨")


def soundfont(settings: Settings) -> Iterator[Finding]:
    try:
        found = find_soundfont(settings.soundfont)
    except EngineUnavailable as error:
        yield of_error("soundfont", error, SETUP)
        return
    seen = Text(f"{found.description} ({found.path})", f"{found.description} ({found.path})")
    if settings.soundfont is None and "FluidR3" not in found.description:
        cure = Text(
            "A larger one sounds clearly better. On Debian: apt-get install fluid-soundfont-gm; "
            "elsewhere set PANSORI_SOUNDFONT to a General MIDI .sf2 file.",
            "더 큰 것이 훨씬 듣기 좋아요. 데비안: apt-get install fluid-soundfont-gm; "
            "다른 곳에서는 PANSORI_SOUNDFONT에 General MIDI .sf2 파일을 정하세요.",
        )
        yield advice("soundfont", seen, cure)
    else:
        yield Finding(name="soundfont", state="ok", seen=seen)


def database(settings: Settings) -> Iterator[Finding]:
    cure = Text("Check DATABASE_URL, and that the server runs.", "DATABASE_URL과 서버가 켜져 있는지 확인하세요.")
    try:
        opened = Database(settings.database)
    except ConfigurationError as error:
        yield of_error("database", error, cure)
        return
    shown = opened.url.render_as_string(hide_password=True)
    if opened.dialect == "sqlite" and not Path(opened.url.database or "").exists():
        yield ok("database", f"{shown}: made at the first start", f"{shown}: 처음 시작할 때 만들어요")
        return
    try:
        db.check(opened)
    except ConfigurationError as error:
        yield of_error("database", error, cure)
    except SQLAlchemyError as error:
        said = f"{shown}: {db.reason(error)}"
        yield missing("database", Text(said, said), cure)
    else:
        yield ok("database", f"{shown}, {db.HEAD}")
    finally:
        opened.close()


def broker(settings: Settings) -> Iterator[Finding]:
    if not settings.broker_url:
        yield ok("broker", "none: serve does the work itself", "없음: serve가 직접 일해요")
        return
    import redis

    shown = settings.broker_url.rpartition("@")[2]
    try:
        with redis.Redis.from_url(settings.broker_url, socket_connect_timeout=2, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        cure = Text("Check PANSORI_BROKER_URL, and that Redis runs.", "PANSORI_BROKER_URL과 Redis를 확인하세요.")
        yield missing("broker", Text(f"{shown}: {error}", f"{shown}: {error}"), cure)
    else:
        yield ok("broker", shown)
    if settings.database.startswith("sqlite"):
        cure = Text("Set DATABASE_URL to a PostgreSQL server.", "DATABASE_URL을 PostgreSQL 서버로 정하세요.")
        yield missing(
            "broker", Text("a broker, but the database is a file", "브로커는 있는데 데이터베이스가 파일이에요"), cure
        )


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Whether files can be written, and how many."""
    folder = settings.data_dir.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.is_dir())
    try:
        with tempfile.TemporaryFile(dir=existing):
            free = shutil.disk_usage(existing).free
    except OSError as error:
        cure = Text("Set PANSORI_DATA_DIR to a folder of yours.", "PANSORI_DATA_DIR을 쓸 수 있는 폴더로 정하세요.")
        yield missing("disk", Text(f"{folder}: {error.strerror}", f"{folder}: {error.strerror}"), cure)
        return
    seen = Text(f"{folder}: {free / GIB:.0f} GiB free", f"{folder}: {free / GIB:.0f} GiB 남음")
    cure = Text(
        "Make room, or set PANSORI_DATA_DIR elsewhere.", "자리를 비우거나 PANSORI_DATA_DIR을 다른 곳으로 정하세요."
    )
    if free < DISK_NEEDED:
        yield missing("disk", seen, cure)
    elif free < DISK_ADVISED:
        yield advice("disk", seen, cure)
    else:
        yield Finding(name="disk", state="ok", seen=seen)


def memory(settings: Settings) -> Iterator[Finding]:
    """All there is for this process, over the workers that make songs at once."""
    found = machine.memory()
    total, free = found.whole / GIB, found.free / GIB
    workers = max(settings.workers, 1)
    seen = Text(
        f"{total:.1f} GiB, {free:.1f} free, {os.cpu_count()} cores, {workers} at once",
        f"{total:.1f} GiB(남은 것 {free:.1f}), 코어 {os.cpu_count()}개, 동시에 {workers}곡",
    )
    if found.whole < MEMORY_ADVISED * workers:
        cure = Text("Lower PANSORI_WORKERS, or add memory.", "PANSORI_WORKERS를 줄이거나 메모리를 늘리세요.")
        yield advice("memory", seen, cure)
    else:
        yield Finding(name="memory", state="ok", seen=seen)


def server(settings: Settings) -> Iterator[Finding]:
    """Whether `serve` would find its port free."""
    if settings.port == 0:
        yield ok("port", "any free one", "아무거나 빈 것")
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            seen = Text(
                f"{settings.host}:{settings.port}: {error.strerror}", f"{settings.host}:{settings.port}: 사용 중"
            )
            cure = Text(
                "Is a server running already? Else set PORT.", "서버가 이미 켜져 있나요? 아니면 PORT를 바꾸세요."
            )
            yield advice("port", seen, cure)
        else:
            yield ok("port", f"{settings.host}:{settings.port} is free", f"{settings.host}:{settings.port} 비어 있음")


def workers(settings: Settings) -> Iterator[Finding]:
    """Who would carry out a job now. On one machine that is `serve` itself, so nobody is missed while it is off."""
    if not settings.broker_url:
        yield ok("workers", f"serve starts {settings.workers}", f"serve가 {settings.workers}개 시작해요")
        return
    opened = Database(settings.database)
    try:
        with opened.read() as session:
            queues = sorted(jobs.served_queues(session))
    except SQLAlchemyError:
        return  # `database` has said what is wrong
    finally:
        opened.close()
    if queues:
        yield ok("workers", f"for the queues {', '.join(queues)}", f"대기열 {', '.join(queues)}")
    else:
        cure = Text("Start one: pansori worker", "시작하세요: pansori worker")
        yield missing("workers", Text("none has been heard of", "일하는 작업자가 없어요"), cure)


def fonts(_: Settings) -> Iterator[Finding]:
    """Pictures of songs are drawn by whoever opens them, with this machine's fonts where that is here."""
    if sys.platform == "darwin" or any(path for pattern in HANGUL_FONTS for path in FONTS.rglob(pattern)):
        yield ok("fonts", "Hangul", "한글")
        return
    cure = Text(
        "Only for looking at pictures here. On Debian: apt-get install fonts-nanum",
        "여기서 그림을 볼 때만 필요해요. 데비안: apt-get install fonts-nanum",
    )
    yield advice("fonts", Text("no Hangul font", "한글 글꼴이 없어요"), cure)


CHECKS: tuple[Check, ...] = (
    python, codecs, engine, space, analyser, voice, soundfont, fonts,
    database, broker, workers, data_folder, store, memory, server, watching,
)  # fmt: skip
