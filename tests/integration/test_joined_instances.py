"""Two real installations joined as documented: one takes recordings and keeps them in S3, the other analyses them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.installations import sound
from support.s3 import BUCKET, S3Server
from support.server import Server, running, send_all
from support.services import missing
from support.spans import Collector, collecting
from support.sse import EventSource
from support.waiting import eventually

SECRET = "whsec_cGFuc29yaS1wYW5zb3JpLXBhbnNvcmktcGFuc29yaQ=="
DOCUMENTED = (
    'data: {"status": "processing", "progress": 40, "message": "S3 업로드 중..."}',
    'data: {"status": "processing", "progress": 70, "message": "분석 서버 요청 중..."}',
)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture(scope="module")
def analyser(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {
        **collector.settings,
        "PANSORI_ANALYZE_ENGINE": "debug",
        "PANSORI_ALLOW_LOOPBACK_URLS": "true",
        "PANSORI_WEBHOOK_SECRET": SECRET,
    }
    with running(tmp_path_factory.mktemp("analyser"), settings) as server:
        yield server


@pytest.fixture(scope="module")
def service(
    analyser: Server, collector: Collector, s3_server: S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """With the settings that the document names."""
    storage = {name: value for name, value in s3_server.environment().items() if name.startswith("AWS_")}
    settings = {
        **storage,
        **collector.settings,
        "AWS_REGION": "us-east-1",
        "S3_BUCKET_NAME": BUCKET,
        "TARGET_SERVER_URL": f"{analyser.url}/analyze-voice",
        "PANSORI_WEBHOOK_SECRET": SECRET,
    }
    with running(tmp_path_factory.mktemp("service"), settings) as server:
        yield server


def curl(*arguments: str, folder: Path) -> str:
    """What it prints."""
    if shutil.which("curl") is None:
        missing("curl")
    return subprocess.run(
        ["curl", "-sS", *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    ).stdout


def test_the_documented_commands(service: Server, analyser: Server, s3_server: S3Server, tmp_path: Path) -> None:
    (tmp_path / "test_audio.wav").write_bytes(sound(0.4))
    upload = ("-X", "POST", f"{service.url}/tokens/1/upload-audio", "-H", "Content-Type: multipart/form-data")
    told = json.loads(curl(*upload, "-F", "file=@test_audio.wav", folder=tmp_path))
    assert (told["message"], told["status"]) == ("업로드 완료, 백그라운드에서 처리됩니다.", "processing")
    job_id = told["job_id"]
    lines = curl("-N", f"{service.url}/tokens/analysis-progress/{job_id}", folder=tmp_path).splitlines()
    told_lines = [line for line in lines if line and not line.startswith(":")]
    assert tuple(told_lines[:2]) == DOCUMENTED
    last = json.loads(told_lines[2].removeprefix("data: "))
    assert (last["status"], last["progress"], len(told_lines)) == ("completed", 100, 3)
    state = json.loads(curl(f"{service.url}/tokens/analysis-result/{job_id}", folder=tmp_path))
    assert (state["status"], state["token_id"], state["message"]) == ("completed", "1", "분석 완료")
    assert state["result"] == last["result"]
    assert state["result"]["engine"] == "debug"
    asked = analyser.get("/v1/jobs", params={"kind": "voice_analysis"}).json()["jobs"][0]["task"]
    assert asked["audio_url"].startswith(f"{s3_server.url}/{BUCKET}/"), "the store itself gives the bytes"
    assert "X-Amz-Signature=" in asked["audio_url"]
    assert asked["webhook_url"].startswith(f"{service.url}/tokens/webhook/analysis-complete?job_id={job_id}&token=")


def test_one_trace_goes_through_both(service: Server, analyser: Server, collector: Collector) -> None:
    trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    service.post(
        "/tokens/traced/upload-audio",
        files={"file": ("a.wav", sound(0.35))},
        headers={"traceparent": f"00-{trace}-{caller}-01"},
    )
    told = {"voice_analysis notify", "voice_analysis analyze", "POST /tokens/{token_id}/upload-audio"}
    eventually(lambda: collector.spans(trace).keys() >= told)
    eventually(lambda: collector.spans(trace)["POST /analyze-voice"].parent in collector.by_id(trace))
    found, spans = collector.spans(trace), collector.by_id(trace)
    assert service.process is not None
    assert analyser.process is not None
    upload, remote = found["POST /tokens/{token_id}/upload-audio"], found["POST /analyze-voice"]
    assert (upload.parent, upload.pid, remote.pid) == (caller, service.process.pid, analyser.process.pid)
    asking = spans[remote.parent]
    assert (asking.kind, asking.pid in service.family()) == ("SPAN_KIND_CLIENT", True)
    eventually(lambda: asking.parent in collector.by_id(trace))
    step = collector.by_id(trace)[asking.parent]
    assert (step.kind, step.pid) == ("SPAN_KIND_CONSUMER", asking.pid)
    assert found["voice_analysis analyze"].pid in analyser.family() - {remote.pid}


def test_nothing_is_lost_when_the_service_is_killed_while_it_waits(service: Server, analyser: Server) -> None:
    with analyser.held():
        answer = service.post("/tokens/killed/upload-audio", files={"file": ("a.wav", sound(0.45))})
        job_id = answer.json()["job_id"]

        def waits() -> bool:
            return bool(service.get(f"/v1/jobs/{job_id}").json()["steps"][1]["parked"])

        eventually(waits)
        with EventSource(f"{service.url}/tokens/analysis-progress/{job_id}") as stream:
            assert [stream.next().json["progress"] for _ in range(2)] == [40, 70]
        send_all(service.family(), signal.SIGKILL)
        assert service.process is not None
        service.process.wait(60)
    waiting = "/v1/jobs?kind=voice_analysis&state=running"

    def called_in_vain() -> bool:
        jobs = analyser.get(waiting).json()["jobs"]
        return bool(jobs) and jobs[0]["steps"][2]["error"] is not None

    eventually(called_in_vain)
    service.start()
    with EventSource(f"{service.url}/tokens/analysis-progress/{job_id}") as stream:
        told = stream.rest()
    assert [event.json["status"] for event in told] == ["processing", "processing", "completed"]
    assert service.get(f"/tokens/analysis-result/{job_id}").json()["token_id"] == "killed"
