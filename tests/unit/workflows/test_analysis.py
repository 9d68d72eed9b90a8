"""Analyses: of files of one's own alone, known by what their bytes are and not by what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pansori.accounts import Client
from pansori.bootstrap import build
from pansori.domain.errors import InvalidRequest, NotFound
from pansori.domain.jobs import JsonDict
from pansori.domain.units import SampleRateHz
from pansori.media import AssetInfo, write_flac
from pansori.settings import load
from pansori.workflows import Services, store_recording, submit_analysis


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path, workers=0, mode="accounts"))
    yield made
    made.close()


@pytest.fixture
def recording(services: Services, tmp_path: Path) -> AssetInfo:
    path = tmp_path / "tone.flac"
    write_flac(path, np.zeros((1, 4800), np.float32), SampleRateHz(48_000))
    owner = services.accounts.logins.as_guest(Client("192.0.2.1", "", "en")).account.id
    return store_recording(services, path, name="tone.flac", owner=owner)


def submitted(services: Services, recording: AssetInfo, **request: object) -> JsonDict:
    return submit_analysis(services, recording, request, owner=recording.owner, origin="v1").task


def test_the_same_bytes_are_known_by_their_true_hash(services: Services, recording: AssetInfo) -> None:
    assert submitted(services, recording)["sha256"] == recording.sha256
    assert submitted(services, recording, sha256=recording.sha256)["sha256"] == recording.sha256


def test_another_hash_is_refused(services: Services, recording: AssetInfo) -> None:
    with pytest.raises(InvalidRequest) as caught:
        submitted(services, recording, sha256="0" * 64)
    assert caught.value.field == "sha256"


def test_files_of_others_are_not_there(services: Services, recording: AssetInfo) -> None:
    stranger = services.accounts.logins.as_guest(Client("192.0.2.2", "", "en")).account.id
    with pytest.raises(NotFound) as caught:
        submit_analysis(services, recording, {}, owner=stranger, origin="v1")
    assert caught.value.field == "asset_id"
