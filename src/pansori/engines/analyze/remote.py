"""The documented analysis server as it is listed among the engines. Asking it is the workflow's: it is handed addresses
instead of sound, and calls back when no worker waits for it."""

from __future__ import annotations

from pydantic import ConfigDict

from pansori.domain.tasks import Family
from pansori.engines.base import READY, Card, EngineOptions, Offer, Status


class RemoteAnalyzerOptions(EngineOptions):
    """Whatever that server takes; they are handed on as they are."""

    model_config = ConfigDict(frozen=True, extra="allow")


class RemoteAnalyzer(Offer):
    """Measures what that server measures."""

    name = "remote"
    family = Family.ANALYZE
    Options = RemoteAnalyzerOptions

    def card(self) -> Card:
        return Card(
            summary="Asks another analysis server, which fetches the recording and calls back with what it measured.",
            summary_ko="다른 분석 서버에 맡겨요. 그 서버가 녹음을 가져가서 분석하고 결과를 보내 줘요.",
            code_licence="GPL-3.0-or-later",
            weights_licence="as that server states",
            reports_progress=False,
        )

    def status(self) -> Status:
        """Not ready unless the operator named a server: without that, nothing leaves this machine."""
        if self.settings.target_server_url:
            return READY
        return Status(
            state="missing",
            reason="no analysis server is set",
            cure="Set TARGET_SERVER_URL to the address at which it takes requests.",
            reason_ko="정해 둔 분석 서버가 없어요",
            cure_ko="TARGET_SERVER_URL을 분석 서버가 요청을 받는 주소로 설정하세요.",
        )
