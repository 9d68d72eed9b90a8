"""`pansori models`: listed, fetched, interrupted, removed; against a hub on this machine."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pansori.cli.exits import CANCELLED, FAILED, NOT_FOUND, OK, USAGE
from pansori.models import look_up
from support.command import Inside, Shell
from support.hub import PIECE, Repository, TestHub, hub
from support.waiting import PATIENCE, eventually

WEIGHTS = bytes(range(256)) * 64
NAME = "hf:owner/tiny"


@pytest.fixture
def serving() -> Iterator[TestHub]:
    with hub(owner__tiny=Repository({"model.bin": WEIGHTS, "config.json": b"{}"})) as running:
        yield running


@pytest.fixture
def inside(serving: TestHub, tmp_path: Path) -> Inside:
    return Inside(tmp_path, {"PANSORI_HUB_URL": serving.url, "PANSORI_MODELS_DIR": str(tmp_path / "models")})


def listed(inside: Inside) -> dict[str, Any]:
    done = inside.run("models", "list", "--json")
    assert done.returncode == OK, done.stderr
    return {model["name"]: model for model in json.loads(done.stdout)["models"]}


def test_list_shows_what_there_is(inside: Inside) -> None:
    found = listed(inside)
    assert found["whisper-small"]["state"] == "missing"
    assert found["whisper-small"]["engine"] == "transcribe.faster_whisper"
    assert found["whisper-small"]["bytes"] == 486212372
    assert not found["piper-en_US-lessac-medium"]["commercial"]
    done = inside.run("models", "list", COLUMNS="200")
    assert "whisper-large-v3-turbo " in done.stdout
    assert "research only), not commercial" in done.stdout
    assert str(inside.folder / "models") in done.stdout
    assert "상태" in inside.run("models", "list", PANSORI_LANG="ko").stdout


def test_a_model_comes_and_goes(inside: Inside) -> None:
    assert inside.run("models", "path", NAME).returncode == NOT_FOUND
    done = inside.run("models", "get", NAME)
    assert done.returncode == OK, done.stderr
    assert "16 kB, apache-2.0" in done.stdout
    path = Path(inside.run("models", "path", NAME).stdout.strip())
    assert (path / "model.bin").read_bytes() == WEIGHTS
    assert listed(inside)[NAME]["state"] == "there"
    assert "here already" in inside.run("models", "get", NAME).stdout
    assert inside.run("models", "remove", NAME).returncode == OK
    assert not path.exists()
    assert inside.run("models", "remove", NAME).returncode == NOT_FOUND


def test_on_a_terminal_it_is_seen_coming(inside: Inside) -> None:
    done = Shell(inside.folder, inside.variables).draw("models", "get", NAME)
    assert done.returncode == OK, done.stderr
    assert "━" in done.stderr
    assert f"/{(len(WEIGHTS) + 2) / 1024:.1f} KiB" in done.stderr


def test_what_the_engine_still_lacks_is_told(inside: Inside, serving: TestHub) -> None:
    files = serving.repositories["owner/tiny"].files
    files |= {"vocabulary.txt": b"a\nb\n"}
    done = inside.run("models", "get", NAME)
    assert "transcribe.faster_whisper is" not in done.stdout  # its libraries are here, and now a model
    inside.run("models", "remove", NAME)
    done = inside.run("models", "get", NAME, PANSORI_WHISPER_MODEL="whisper-small")
    assert "transcribe.faster_whisper is missing: the model whisper-small is not here" in done.stdout


def test_get_answers_programs(inside: Inside) -> None:
    done = inside.run("models", "get", NAME, "--json")
    [model] = json.loads(done.stdout)["models"]
    assert model["fetched"]
    assert model["bytes"] == len(WEIGHTS) + 2
    [model] = json.loads(inside.run("models", "get", NAME, "--json").stdout)["models"]
    assert not model["fetched"]
    assert json.loads(inside.run("models", "remove", NAME, "--json").stdout)["bytes"] > len(WEIGHTS)


@pytest.mark.parametrize(("licence", "word"), [("cc-by-nc-4.0", "commercially"), (None, "licence")])
def test_a_licence_to_think_about_is_told_first(
    inside: Inside, serving: TestHub, licence: str | None, word: str
) -> None:
    serving.repositories["owner/tiny"].licence = licence
    done = inside.run("models", "get", NAME)
    assert done.returncode == USAGE
    assert word in done.stderr
    assert "--yes" in done.stderr
    assert serving.ranges() == []
    done = inside.run("models", "get", NAME, "--yes")
    assert done.returncode == OK
    assert word in done.stderr


def test_a_model_of_the_catalogue_whose_licence_forbids_commerce_is_not_just_fetched(
    inside: Inside, serving: TestHub
) -> None:
    done = inside.run("models", "get", "piper-en_US-lessac-medium")
    assert done.returncode == USAGE
    assert "Blizzard 2013" in done.stderr
    assert serving.asked == []


def test_nothing_is_fetched_where_a_name_is_wrong(inside: Inside, serving: TestHub) -> None:
    done = inside.run("models", "get", NAME, "whisper-smal")
    assert done.returncode == NOT_FOUND
    assert "whisper-small" in done.stderr
    assert serving.asked == []


def test_without_a_connection_it_says_how_to_do_it(inside: Inside, serving: TestHub) -> None:
    nowhere = "http://127.0.0.1:9"  # discard: nothing listens there
    done = inside.run("models", "get", "whisper-tiny", PANSORI_HUB_URL=nowhere)
    assert done.returncode == FAILED
    assert "no connection to 127.0.0.1:9" in done.stderr
    assert "PANSORI_MODELS_DIR=models pansori models get whisper-tiny" in done.stderr
    assert f"copy what is in models to {inside.folder / 'models'}" in done.stderr
    assert listed(inside)["whisper-tiny"]["state"] == "missing"
    done = inside.run("models", "get", "whisper-tiny", PANSORI_HUB_URL="", HF_ENDPOINT=nowhere, PANSORI_LANG="ko")
    assert "복사하세요" in done.stderr


def test_another_file_in_the_place_of_a_catalogued_one_is_refused(inside: Inside, serving: TestHub) -> None:
    model = look_up("whisper-tiny")
    serving.repositories[model.repository] = Repository({"config.json": b" " * 2249}, revisions=(model.revision,))
    done = inside.run("models", "get", "whisper-tiny")
    assert done.returncode == FAILED
    assert "checksum differs" in done.stderr
    assert inside.run("models", "path", "whisper-tiny").returncode == NOT_FOUND


def test_a_killed_get_goes_on_where_it_was(inside: Inside, serving: TestHub) -> None:
    serving.stalls = 2 * PIECE
    process = Shell(inside.folder, inside.variables).start("models", "get", NAME)
    try:
        assert serving.stalled.wait(PATIENCE)
        [begun] = eventually(lambda: _written(inside.folder / "models", 2 * PIECE))
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert listed(inside)[NAME]["state"] == "begun"
    assert "50 % fetched" in inside.run("models", "list", COLUMNS="200").stdout
    kept = begun.stat().st_size
    serving.go.set()
    assert inside.run("models", "get", NAME).returncode == OK
    assert serving.ranges() == [None, f"bytes={kept}-"]
    path = Path(inside.run("models", "path", NAME).stdout.strip())
    assert (path / "model.bin").read_bytes() == WEIGHTS


def test_a_stopped_get_says_how_to_go_on(inside: Inside, serving: TestHub) -> None:
    serving.stalls = 2 * PIECE

    def stop() -> None:
        eventually(lambda: _written(inside.folder / "models", 2 * PIECE))
        os.kill(os.getpid(), signal.SIGTERM)  # the command waits now, and has set what that does

    stopping = threading.Thread(target=stop)
    stopping.start()
    done = inside.run("models", "get", NAME)
    stopping.join()
    assert done.returncode == CANCELLED
    assert f"To go on where it was: pansori models get {NAME}" in done.stderr
    assert listed(inside)[NAME]["state"] == "begun"


def _written(folder: Path, size: int) -> list[Path]:
    """Files that are being fetched, of which so much is on the disk."""
    return [one for one in folder.rglob("*.part") if one.stat().st_size >= size]
