"""Who hears, replies and speaks here, and whether the voice backend's other servers answer."""

from __future__ import annotations

from collections.abc import Iterator

from pansori.cli.doctor.finding import Finding, of_error, ok
from pansori.cli.doctor.space import at_address
from pansori.domain.errors import PansoriError, Text
from pansori.domain.tasks import Family
from pansori.engines.base import Offer
from pansori.engines.registry import Registry
from pansori.engines.speak.base import Speaker
from pansori.engines.transcribe.base import Transcriber
from pansori.engines.write.base import Replying
from pansori.settings import Settings, env_name

CURE = Text("See: pansori engines", "pansori engines를 보세요")
SERVERS = ("atot_url", "ttot_url", "tts_url")


def voice(settings: Settings) -> Iterator[Finding]:
    registry = Registry(settings)
    yield _engine(registry, "hearing", Family.TRANSCRIBE, settings.transcribe_engine, Transcriber)
    yield _engine(registry, "replying", Family.WRITE, settings.reply_engine, Replying)
    yield _engine(registry, "speaking", Family.SPEAK, settings.speak_engine, Speaker)
    for field in SERVERS:
        if address := str(getattr(settings, field)):
            variable = env_name(field)
            cure = Text(f"Start it, or correct {variable}.", f"그 서버를 켜거나 {variable} 값을 고치세요.")
            yield at_address(variable, address, cure)


def _engine(registry: Registry, name: str, family: Family, engine: str, what: type[object]) -> Finding:
    try:
        found = registry.find(family, engine, what)
    except PansoriError as error:
        return of_error(name, error, CURE)
    parts = found.card().parts if isinstance(found, Offer) else {}
    return ok(name, ", ".join((engine, *(f"{part}: {told}" for part, told in parts.items()))))
