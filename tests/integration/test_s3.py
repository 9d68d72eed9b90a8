"""Files in S3: against a real server that refuses what is forged or expired, and goes away now and then."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import obstore
import pytest
import requests
import soundfile
from obstore.store import S3Store as Client

from pansori.accounts import local_account
from pansori.db import Database, upgrade
from pansori.domain.errors import ConfigurationError, NotFound, StorageError
from pansori.domain.units import Seconds
from pansori.media import Assets, S3Store, open_store
from pansori.settings import Settings
from support.installations import installation
from support.s3 import BUCKET, KEY, SECRET, S3Server
from support.server import Server, running
from support.services import PostgresServer, RedisServer, scaled_out
from support.songs import DOCUMENTED
from support.texttune import make
from support.waiting import PATIENCE, eventually

MEBIBYTE = 1024 * 1024
RATE = 32_000
ASSET_KEY = f"ab/cd/{uuid4()}.mp3"


@pytest.fixture
def store(s3_server: S3Server) -> S3Store:
    return s3_server.store()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    return path


def client(server: S3Server, prefix: str) -> Client:
    """Whoever else uses the bucket."""
    return Client(
        BUCKET,
        prefix=prefix,
        endpoint=server.url,
        region="us-east-1",
        access_key_id=KEY,
        secret_access_key=SECRET,
        client_options={"allow_http": True},
    )


# -- the store ------------


def test_a_file_in_parts_is_put_and_read_in_any_part(store: S3Store, tmp_path: Path) -> None:
    data = os.urandom(20 * MEBIBYTE + 3)
    (tmp_path / "large").write_bytes(data)
    store.put(ASSET_KEY, tmp_path / "large")
    assert hashlib.sha256(b"".join(store.read(ASSET_KEY))).digest() == hashlib.sha256(data).digest()
    border = 8 * MEBIBYTE
    assert b"".join(store.read(ASSET_KEY, border - 5, border + 5)) == data[border - 5 : border + 5]
    assert store.sweep_unfinished(Seconds(0.0)) == 0


def test_a_signed_url_opens_for_everybody_for_a_while(store: S3Store, file: Path) -> None:
    store.put(ASSET_KEY, file)
    url = store.signed_url(
        ASSET_KEY,
        Seconds(60.0),
        disposition="attachment; filename*=UTF-8''%EB%85%B8%EB%9E%98.mp3",
        media_type="audio/x",
    )
    got = requests.get(url, headers={"Range": "bytes=2-4"}, timeout=120)
    assert (got.status_code, got.content) == (206, b"234")
    assert got.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%EB%85%B8%EB%9E%98.mp3"
    assert got.headers["Content-Type"] == "audio/x"


def test_what_is_forged_is_refused(store: S3Store, file: Path) -> None:
    store.put(ASSET_KEY, file)
    store.put("ef/gh/other.txt", file)
    url = store.signed_url(ASSET_KEY, Seconds(60.0))
    forged = (
        url.replace(ASSET_KEY, "ef/gh/other.txt"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
    )
    assert [requests.get(one, timeout=120).status_code for one in forged] == [403] * 3
    assert not requests.get(url.partition("?")[0], timeout=120).ok
    assert requests.delete(url, timeout=120).status_code == 403


def test_an_expired_url_is_refused(store: S3Store, file: Path) -> None:
    store.put(ASSET_KEY, file)
    url = store.signed_url(ASSET_KEY, Seconds(1.0))

    def refused() -> bool:
        return requests.get(url, timeout=120).status_code == 403

    eventually(refused)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"aws_secret_access_key": "guessed"}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "pansori:nobody"}, "SignatureDoesNotMatch|InvalidAccessKeyId"),
        ({"store": "s3://no-such-bucket"}, "no-such-bucket"),
    ],
)
def test_a_wrong_setting_is_told(s3_server: S3Server, file: Path, wrong: dict[str, Any], named: str) -> None:
    store = s3_server.store(**wrong)
    for use in (store.check_space, lambda: store.put(ASSET_KEY, file), lambda: list(store.objects())):
        with pytest.raises(StorageError) as caught:
            use()
        assert caught.value.cure is not None
        assert caught.value.retryable
        assert SECRET not in caught.value.message.en
    with pytest.raises(StorageError, match=named):
        store.check_space()


def test_a_server_that_is_not_there_is_told_in_time(s3_server: S3Server, file: Path) -> None:
    store = s3_server.store(patience=0.2, aws_endpoint_url="http://127.0.0.1:9")
    for use in (store.check_space, lambda: store.put(ASSET_KEY, file), lambda: store.sweep_unfinished(Seconds(0.0))):
        with pytest.raises(StorageError):
            use()


def test_half_a_key_is_no_setting() -> None:
    for given, missing in (
        (("aws_secret_access_key"), "AWS_ACCESS_KEY_ID"),
        ("aws_access_key_id", "AWS_SECRET_ACCESS_KEY"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            open_store(Settings.model_validate({"store": "s3://songs", given: "x"}))
        assert caught.value.field == missing


def test_a_reading_goes_on_when_the_server_comes_back(s3_server: S3Server, tmp_path: Path) -> None:
    store = s3_server.store(patience=PATIENCE)
    data = os.urandom(24 * MEBIBYTE)
    (tmp_path / "large").write_bytes(data)
    store.put(ASSET_KEY, tmp_path / "large")
    reading = store.read(ASSET_KEY)
    first = next(reading)
    s3_server.stop()
    starting = threading.Thread(target=s3_server.start)
    starting.start()
    try:
        assert hashlib.sha256(first + b"".join(reading)).digest() == hashlib.sha256(data).digest()
    finally:
        starting.join()


def test_a_writing_waits_for_the_server(s3_server: S3Server, file: Path) -> None:
    store = s3_server.store(patience=PATIENCE)
    s3_server.stop()
    starting = threading.Thread(target=s3_server.start)
    starting.start()
    try:
        store.put(ASSET_KEY, file)
        assert b"".join(store.read(ASSET_KEY)) == b"0123456789"
    finally:
        starting.join()


def test_what_was_replaced_meanwhile_is_not_mixed(store: S3Store, s3_server: S3Server, tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).write_bytes(os.urandom(24 * MEBIBYTE))
    store.put(ASSET_KEY, tmp_path / "old")
    reading = store.read(ASSET_KEY)
    next(reading)
    s3_server.stop()
    s3_server.start()
    store.put(ASSET_KEY, tmp_path / "new")
    with pytest.raises(StorageError):
        b"".join(reading)


def test_uploads_that_nobody_finished_are_swept(store: S3Store, s3_server: S3Server) -> None:
    ours, theirs = ASSET_KEY, "their/upload.bin"
    other = client(s3_server, store.bucket.prefix)
    begun = [obstore.open_writer(other, key, buffer_size=MEBIBYTE) for key in (ours, theirs)]
    for writer in begun:
        writer.write(bytes(12 * MEBIBYTE))  # and it is never closed
    assert store.sweep_unfinished(Seconds(3600.0)) == 0
    eventually(lambda: store.sweep_unfinished(Seconds(0.0)) == 1)  # the server dates them up to a second ahead
    assert store.sweep_unfinished(Seconds(0.0)) == 0


def test_files_of_others_in_the_bucket_are_left_alone(store: S3Store, s3_server: S3Server, tmp_path: Path) -> None:
    database = Database("sqlite:///:memory:")
    upgrade(database)
    assets = Assets(database, store)
    with database.write() as session:
        owner = local_account(session)
    obstore.put(client(s3_server, store.bucket.prefix), "reports/2026.csv", b"theirs")
    (tmp_path / "song").write_bytes(b"ours")
    ours = assets.write(owner, "song", tmp_path / "song")
    with database.write() as session:
        assets.commit(session, [ours])
    store.put(ASSET_KEY, tmp_path / "song")
    assert assets.sweep(Seconds(-60.0)) == 0
    assert [stray.key for stray in assets.strays(Seconds(-60.0))] == [ASSET_KEY]
    assert "reports/2026.csv" in set(store.keys())


def test_reading_what_is_deleted_meanwhile(store: S3Store, file: Path) -> None:
    store.put(ASSET_KEY, file)
    store.delete(ASSET_KEY)
    with pytest.raises(NotFound):
        store.read(ASSET_KEY)


# -- the server on it ------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("s3"), s3_server.environment("served")) as server:
        yield server


@pytest.fixture(scope="module")
def song(server: Server) -> str:
    """Path of a finished song's bytes."""
    submitted = server.post("/v1/jobs", json={"kind": "song", "task": {"genre": "folk", "lyrics": DOCUMENTED}})
    assert submitted.status_code == 202, submitted.text
    job = eventually(lambda: finished(server, submitted.json()["id"]))
    assert job is not None
    assert job["state"] == "succeeded", job
    return f"/v1/assets/{job['result']['asset_id']}/content"


def finished(server: Server, job_id: str) -> dict[str, Any] | None:
    job: dict[str, Any] = server.get(f"/v1/jobs/{job_id}").json()
    return job if job["state"] in ("succeeded", "failed") else None


def test_a_song_is_made_and_streamed(server: Server, song: str) -> None:
    whole = server.get(song)
    assert whole.status_code == 200
    assert hashlib.sha256(whole.content).hexdigest() == whole.headers["ETag"].strip('"')
    part = server.get(song, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert not list((server.folder / "data" / "assets").glob("*/*/*"))


def test_downloads_may_be_sent_to_the_store(server: Server, song: str, s3_server: S3Server, tmp_path: Path) -> None:
    settings = {
        **s3_server.environment("served"),
        "PANSORI_S3_REDIRECT": "true",
        "DATABASE_URL": f"sqlite:///{server.folder / 'data' / 'pansori.db'}",
        "PANSORI_WORKERS": "0",
    }
    with running(tmp_path, settings, until_ready=False) as sending:
        answer = sending.get(song, headers={"Range": "bytes=0-9"}, allow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["Location"].startswith(s3_server.url)
        assert answer.headers["Cache-Control"] == "no-store"
        followed = sending.get(song, headers={"Range": "bytes=5-9"})
        assert (followed.status_code, followed.content) == (206, server.get(song).content[5:10])
        assert "filename" in followed.headers["Content-Disposition"]
        policy = sending.get("/").headers["Content-Security-Policy"]
        assert f"media-src 'self' {s3_server.url};" in policy
        head = requests.head(sending.url + song, timeout=120)
        assert (head.status_code, int(head.headers["Content-Length"])) == (200, len(server.get(song).content))


def test_scaled_out_songs_go_from_celery_to_the_bucket_and_to_who_listens(
    s3_server: S3Server, redis_server: RedisServer, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    (tmp_path / "sending").mkdir()
    with scaled_out(redis_server, postgres_server) as size:
        names = {"broker_url": "PANSORI_BROKER_URL", "key_prefix": "PANSORI_KEY_PREFIX", "database_url": "DATABASE_URL"}
        settings = s3_server.environment() | {names[name]: str(value) for name, value in size.items()}
        sends = {**settings, "PANSORI_S3_REDIRECT": "true", "PANSORI_WORKERS": "0"}
        with running(tmp_path, settings) as server, running(tmp_path / "sending", sends) as sending:
            assert server.get("/health").json()["celery"] == "running"
            track = make(server, format="flac")
            stored = server.get(track["stream_url"]).content
            assert (len(stored), stored[:4]) == (track["size"], b"fLaC")
            part = {"Range": "bytes=1000-1999"}
            passed = server.get(track["stream_url"], headers=part)
            assert (passed.status_code, passed.content) == (206, stored[1000:2000])
            assert passed.headers["Content-Range"] == f"bytes 1000-1999/{len(stored)}"
            sent = sending.get(track["stream_url"], headers=part)
            assert sent.url.startswith(s3_server.url)
            assert (sent.status_code, sent.content) == (206, stored[1000:2000])
            link = sending.get(track["download_url"], allow_redirects=False).headers["Location"]
            assert requests.get(link, timeout=120).content == stored
            sending.delete(f"/v1/library/{track['id']}")
            assert server.get(track["stream_url"]).status_code == 404
            eventually(lambda: requests.get(link, timeout=120).status_code == 404)


def test_a_server_says_that_its_store_lacks_files(server: Server, song: str, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": f"sqlite:///{server.folder / 'data' / 'pansori.db'}", "PANSORI_WORKERS": "0"}
    with running(tmp_path, settings, until_ready=False) as other:
        eventually(lambda: "Is PANSORI_STORE right?" in other.log)
        assert other.get(song).status_code == 404


# -- recordings ------------


def hiss(kind: str, seconds: int) -> bytes:
    """Sound that nothing makes much smaller."""
    file = io.BytesIO()
    noise = np.random.default_rng(seconds).uniform(-0.5, 0.5, RATE * seconds)
    soundfile.write(file, noise, RATE, format=kind)
    return file.getvalue()


def test_what_is_too_long_is_refused_at_once_though_the_store_has_no_files(s3_server: S3Server, tmp_path: Path) -> None:
    """Two megabytes of its ends are looked at, and the rest where these say so."""
    settings: dict[str, Any] = s3_server.settings()
    with installation(tmp_path, workers=0, max_recording=60.0, **settings) as strict:
        for kind in ("wav", "flac"):
            content = hiss(kind, 90)
            assert len(content) > 4 * MEBIBYTE, "its ends alone are not too long"
            answer = strict.post("/tokens/1/upload-audio", files={"file": (f"a.{kind}", content)})
            assert (answer.status_code, "60" in answer.json()["detail"]) == (413, True), kind
        assert list(strict.services.store.objects()) == []
        fine = hiss("wav", 59)
        lying = hiss("flac", 50)
        lying = lying[:18] + (int.from_bytes(lying[18:26]) + RATE * 40).to_bytes(8) + lying[26:]
        for content in (fine, lying, b"no sound at all" * 10_000):
            assert strict.post("/tokens/1/upload-audio", files={"file": ("a", content)}).status_code == 200
        assert len(strict.get("/v1/jobs").json()["jobs"]) == 3
