"""Asking another server to analyse: it is told where the recording is and where to call back, and calls back.

Between the two no worker is held. Whatever goes wrong is told apart: it cannot be reached, does not want to, fails,
answers nonsense, or never calls.
"""

from __future__ import annotations

import json
from typing import Any, Final

from pansori.domain.errors import EngineUnavailable, RemoteFailed, RemoteGarbled, RemoteRefused, RemoteSilent, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes, Seconds
from pansori.jobs import StepRun
from pansori.media import AssetInfo
from pansori.net import Bounds, Client, Response, Url, parse_json, parse_url, said_in, said_of
from pansori.settings import Settings
from pansori.workflows.analysis.handing_out import Handout

REMOTE: Final = "remote"  #: the name under which a task chooses it
RESULTS: Final = "analysis_results"
FAILED: Final = "failed"  #: what it says where it will not call any more
TRIES: Final = 4  #: while it cannot be reached or fails
PATIENCE: Final = Seconds(60.0)  #: with which the answer to the request is waited for
LARGEST: Final = Bytes(32 * 1024 * 1024)  #: of an answer, which may hold the results already
NOT_NOW: Final = frozenset({408, 425, 429})  #: of the refusals, those that may pass


class RemoteAnalyser:
    def __init__(self, settings: Settings, handout: Handout) -> None:
        self._settings = settings
        self._handout = handout

    @property
    def address(self) -> Url:
        """Raises `EngineUnavailable` where none is set."""
        if not self._settings.target_server_url:
            raise EngineUnavailable(
                Text("No analysis server is set.", "분석 서버가 설정되어 있지 않아요."),
                cure=Text("Set TARGET_SERVER_URL.", "TARGET_SERVER_URL을 설정하세요."),
            )
        return parse_url(self._settings.target_server_url, any_port=True)

    def analyse(self, step: StepRun, asset_id: Any, asked: JsonDict) -> JsonDict:
        """What it says of the recording. Ends the attempt where it has to be waited for. Raises a `RemoteError` or
        another `NetworkError`."""
        if step.delivery is not None:
            return results_of(step.delivery)
        if step.parked:
            raise RemoteSilent(
                Text(
                    f"The analysis server never called back within {self._settings.remote_timeout:g} seconds.",
                    f"분석 서버가 {self._settings.remote_timeout:g}초 안에 결과를 보내지 않았어요.",
                ),
                cure=Text("See its log, and whether it can reach WEBHOOK_URL.", "WEBHOOK_URL에 닿는지 확인해 보세요."),
            )
        info, link = self._handout.recording(asset_id, step.owner)
        webhook = self._handout.webhook(step.job_id, step.name)
        answered = self._ask(step, _request(step, info, link, webhook, asked))
        if answered is None or (RESULTS not in answered and answered.get("status") != FAILED):
            step.wait(self._settings.remote_timeout)  # else it does not make us wait, or in vain
        return results_of(answered)

    def _ask(self, step: StepRun, request: JsonDict) -> JsonDict | None:
        address = self.address
        bounds = Bounds(total=Seconds(min(PATIENCE, self._settings.remote_timeout)), size=LARGEST)
        client = Client.of(self._settings, trusted=(address,), bounds=bounds)
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": f"{step.key}/{step.begun}",
        }
        token = self._settings.target_server_token
        secrets = {"Authorization": f"Bearer {token}"} if token else {}
        body = json.dumps(request, ensure_ascii=False).encode()
        look = step.check_cancelled
        with client.open("POST", address, headers=headers, secrets=secrets, body=body, look=look) as response:
            content = response.read()
            if response.ok:
                return _understood(response, content)
            raise refusal(response, content)


def _request(step: StepRun, info: AssetInfo, link: str, webhook: str, asked: JsonDict) -> JsonDict:
    return {
        "audio_url": link,
        "webhook_url": webhook,
        "job_id": str(step.job_id),
        "file_name": info.name,
        "media_type": info.media_type,
        "size": info.size,
        "sha256": info.sha256,
        **asked,
    }


def results_of(delivered: JsonDict) -> JsonDict:
    """The results in what was delivered. Raises `RemoteRefused` where it says that there are none."""
    results = delivered.get(RESULTS)
    if isinstance(results, dict):
        return results
    if RESULTS in delivered and results is not None:
        raise RemoteGarbled(Text("The analysis server's results are no object.", "분석 서버의 결과가 객체가 아니에요."))
    said = said_in(delivered)
    raise RemoteRefused(
        Text(f"The analysis server could not analyse it{_colon(said)}", f"분석 서버가 분석하지 못했어요{_colon(said)}")
    )


def _understood(response: Response, content: bytes) -> JsonDict | None:
    """None: it took the request and said nothing."""
    if not content.strip():
        return None
    told = _json(content)
    if told is None:
        raise RemoteGarbled(
            Text(
                f"{response.url.host} answered with something else than JSON, so it is no analysis server.",
                f"{response.url.host}: JSON이 아닌 답이 왔어요. 분석 서버가 아닌 것 같아요.",
            ),
            cure=Text("See whether TARGET_SERVER_URL is right.", "TARGET_SERVER_URL이 맞는지 확인하세요."),
        )
    return told


def refusal(response: Response, content: bytes) -> RemoteFailed | RemoteRefused:
    """What an answer says that is no success, in words that are safe to repeat."""
    said = said_of(content, response.media_type)
    host, status = response.url.host, response.status
    if status >= 500 or status in NOT_NOW:
        return RemoteFailed(
            Text(f"{host} failed with status {status}{_colon(said)}", f"{host}: 상태 코드 {status}{_colon(said)}")
        )
    return RemoteRefused(
        Text(
            f"{host} refused the request with status {status}{_colon(said)}",
            f"{host}: 요청을 거절했어요. 상태 코드 {status}{_colon(said)}",
        )
    )


def _json(content: bytes) -> JsonDict | None:
    try:
        told = parse_json(content)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _colon(said: str) -> str:
    return f": {said}" if said else "."
