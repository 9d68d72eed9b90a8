"""Settings of the analysis service: the document's names, and what cannot be used."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pansori.domain.errors import ConfigurationError
from pansori.settings import load

GOOD = "whsec_" + base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def _nothing_else_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_documented_bucket_is_where_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET_NAME", "voices")
    assert load().store == "s3://voices"
    assert load().environment()["PANSORI_STORE"] == "s3://voices"
    monkeypatch.setenv("PANSORI_STORE", "s3://other/place")
    assert load().store == "s3://other/place"
    monkeypatch.setenv("PANSORI_STORE", "local")
    assert load().store == "local"


def test_the_documented_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TARGET_SERVER_URL", "http://10.0.0.7/analyze-voice ")
    monkeypatch.setenv("WEBHOOK_URL", "https://your-domain/tokens/webhook/analysis-complete")
    monkeypatch.setenv("PANSORI_TRUSTED_SERVERS", "http://10.0.0.5:8000, https://b.example")
    loaded = load(webhook_secret=GOOD)
    assert loaded.target_server_url == "http://10.0.0.7/analyze-voice"
    assert loaded.trusted_servers == ("http://10.0.0.5:8000", "https://b.example")
    assert GOOD not in repr(loaded)
    for name, value in loaded.environment().items():
        monkeypatch.setenv(name, value)
    assert load().environment() == loaded.environment(), "its workers are set as it is"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TARGET_SERVER_URL", "analysis.example"),
        ("TARGET_SERVER_URL", "http://"),
        ("TARGET_SERVER_URL", "http://user:word@a.example/"),
        ("WEBHOOK_URL", "ftp://a.example"),
        ("S3_BUCKET_NAME", "My Bucket"),
        ("PANSORI_TRUSTED_SERVERS", "10.0.0.5"),
        ("PANSORI_WEBHOOK_SECRET", "secret"),
        ("PANSORI_WEBHOOK_SECRET", "whsec_short"),
        ("PANSORI_WEBHOOK_SECRET", GOOD + "!"),
        ("PANSORI_REMOTE_TIMEOUT", "0"),
    ],
)
def test_what_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load()
    assert caught.value.field == name
    assert value not in str(caught.value) or name != "PANSORI_WEBHOOK_SECRET"
