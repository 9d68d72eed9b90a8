"""Addresses that are handed out: where they lead, and for whom they are good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID, uuid4

import pytest

from pansori.accounts import local_account
from pansori.db import Database
from pansori.domain.errors import ConfigurationError, Forbidden, LinkExpired
from pansori.media import Assets, MemoryStore
from pansori.settings import load
from pansori.workflows import Handout
from support.tables import furnish

JOB = UUID(int=7)


def handout(folder: Path, **settings: object) -> Handout:
    loaded = load(data_dir=folder, **settings)
    return Handout(loaded, Assets(Database("sqlite:///:memory:"), MemoryStore()), lambda purpose: purpose.encode())


@pytest.mark.parametrize(
    ("settings", "begins"),
    [
        ({"port": 8123}, "http://127.0.0.1:8123/tokens/webhook/analysis-complete?job_id="),
        ({"port": 8123, "host": "0.0.0.0"}, "http://127.0.0.1:8123/tokens/"),
        ({"port": 8123, "host": "::1"}, "http://[::1]:8123/tokens/"),
        ({"port": 0, "public_url": "https://p.example/"}, "https://p.example/tokens/webhook/analysis-complete?job_id="),
        ({"webhook_url": "https://d.example/hook"}, "https://d.example/hook?job_id="),
        ({"webhook_url": "https://d.example/hook?a=b"}, "https://d.example/hook?a=b&job_id="),
        (
            {"webhook_url": "https://d.example/hook", "public_url": "https://p.example"},
            "https://d.example/hook?job_id=",
        ),
    ],
)
def test_where_the_webhook_is(tmp_path: Path, settings: dict[str, object], begins: str) -> None:
    made = handout(tmp_path, **settings)
    address = made.webhook(JOB, "analyze")
    assert address.startswith(begins)
    [token] = parse_qs(urlsplit(address).query)["token"]
    made.check_webhook(JOB, "analyze", token)
    for job_id, step, given in ((uuid4(), "analyze", token), (JOB, "store", token), (JOB, "analyze", token[:-1] + "é")):
        with pytest.raises(Forbidden):
            made.check_webhook(job_id, step, given)


def test_a_server_without_an_address_hands_none_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        handout(tmp_path, port=0).webhook(JOB, "analyze")
    assert caught.value.field == "WEBHOOK_URL"


def test_other_installations_hand_out_other_tokens(tmp_path: Path) -> None:
    other = Handout(load(data_dir=tmp_path), Assets(Database("sqlite:///:memory:"), MemoryStore()), lambda _: b"other")
    token = parse_qs(urlsplit(other.webhook(JOB, "analyze")).query)["token"][0]
    with pytest.raises(Forbidden):
        handout(tmp_path).check_webhook(JOB, "analyze", token)


@pytest.mark.parametrize(("waits", "minutes"), [(60.0, 60), (7_200.0, 120)])
def test_a_recording_is_read_for_an_hour_or_as_long_as_one_waits(tmp_path: Path, waits: float, minutes: int) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    furnish(database)
    assets = Assets(database, MemoryStore())
    made = Handout(load(data_dir=tmp_path, remote_timeout=waits), assets, lambda purpose: purpose.encode())
    file = tmp_path / "a.txt"
    file.write_bytes(b"words")
    with database.write() as session:
        owner = local_account(session)
    asset = assets.write(owner, "a.txt", file)
    with database.write() as session:
        assets.commit(session, [asset])
    info, address = made.recording(asset, owner)
    assert urlsplit(address).path == f"/v1/recordings/{info.id}"
    query = dict(parse_qsl(urlsplit(address).query))
    now = datetime.now(UTC)
    made.check_reading(str(asset), query, now + timedelta(minutes=minutes - 1))
    with pytest.raises(LinkExpired):
        made.check_reading(str(asset), query, now + timedelta(minutes=minutes + 1))
    for wrong in ({}, {**query, "expires": query["expires"] + "0"}, {**query, "signature": ""}):
        with pytest.raises(Forbidden):
            made.check_reading(str(asset), wrong, now)
    with pytest.raises(Forbidden):
        made.check_reading(str(uuid4()), query, now)
    database.close()
