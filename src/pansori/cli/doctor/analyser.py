"""Who analyses what comes by the documented routes, and whether another server that is named answers."""

from __future__ import annotations

from collections.abc import Iterator

from pansori.cli.doctor.finding import Finding, advice, ok
from pansori.cli.doctor.space import at_address
from pansori.domain.errors import Text
from pansori.settings import Settings

CURE = Text(
    "Start it, or correct TARGET_SERVER_URL. Empty: this server analyses by itself.",
    "그 서버를 켜거나 TARGET_SERVER_URL을 고치세요. 비우면 이 서버가 직접 분석해요.",
)


def analyser(settings: Settings) -> Iterator[Finding]:
    address, engine = settings.target_server_url, settings.analyze_engine
    if not address:
        yield ok("analyser", f"{engine}, here (TARGET_SERVER_URL)", f"이 서버의 {engine} (TARGET_SERVER_URL)")
    elif "analyze_engine" in settings.model_fields_set:
        yield advice(
            "analyser",
            Text(f"{engine}; {address} is not asked", f"{engine}. {address}에는 요청하지 않아요"),
            Text("Unset PANSORI_ANALYZE_ENGINE to ask it.", "요청하려면 PANSORI_ANALYZE_ENGINE 설정을 지우세요."),
        )
    else:
        yield at_address("analyser", address, CURE)
