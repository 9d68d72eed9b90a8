"""TextTune with the engines that it has by itself: songsmith writes, the house band composes, plays and sings."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from pansori.media import decode
from support.server import Server, running
from support.texttune import ask, finish

SUNG = "바다에 대한 신나는 팝, 여성 보컬이 노래해 줘"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    engines = {"PANSORI_COMPOSE_ENGINE": "house_band", "PANSORI_WRITE_ENGINE": "songsmith"}
    with running(tmp_path_factory.mktemp("embedded"), engines, ("--only", "texttune")) as server:
        yield server


def test_a_song_as_long_and_as_fine_as_it_was_asked_for(embedded: Server) -> None:
    fields = {"duration": 6.5, "samplerate": 22_050, "quality": "draft", "seed": 11, "format": "wav"}
    ended = finish(embedded, ask(embedded, SUNG, **fields)["id"])
    assert ended["status"] == "succeeded", ended
    track = embedded.get(f"/v1/tracks/{ended['track_id']}").json()
    samples, rate = soundfile.read(io.BytesIO(embedded.get(track["stream_url"]).content), always_2d=True)
    assert (rate, len(samples)) == (22_050, round(6.5 * 22_050))
    assert np.abs(samples).max() > 0.1
    assert (track["seed"], track["duration"], track["engine"]) == (11, 6.5, "house_band")
    assert track["prompt"] == SUNG
    assert track["expanded_prompt"].startswith("바다")
    assert "바다" in track["lyrics"]
    assert track["facts"]["understood"]["voice"] == "female"
    assert [line["text"] for line in track["facts"]["lines"]] == [
        line for line in track["lyrics"].splitlines() if line and not line.startswith("[")
    ]
    assert track["artifacts"].keys() >= {"stem.vocal", "midi", "lrc", "recipe", "peaks", "master"}


def test_an_mp3_has_the_rate_and_length_that_were_asked_for(embedded: Server) -> None:
    fields = {"duration": 3, "samplerate": 32_000, "quality": "draft", "seed": 1}
    ended = finish(embedded, ask(embedded, "a calm piano instrumental", **fields)["id"])
    assert ended["status"] == "succeeded", ended
    track = embedded.get(f"/v1/tracks/{ended['track_id']}").json()
    assert track["lyrics"] == ""
    path = embedded.folder / "song.mp3"
    path.write_bytes(embedded.get(track["download_url"]).content)
    decoded = decode(path)
    assert decoded.rate == 32_000
    assert abs(decoded.samples.shape[1] - 3 * 32_000) <= 1_152


def test_what_was_done_otherwise_is_told_in_the_readers_language(embedded: Server) -> None:
    english = "Words in Chinese characters cannot be sung and were left out."
    korean = "한자로 쓴 말은 부를 수 없어서 뺐어요."
    prompt, fields = "조용한 발라드", {"lyrics": "사랑해 愛", "duration": 8}
    for language, notice in (("en", english), ("ko", korean)):
        told = embedded.post(
            "/v1/prompts/expand", json={"prompt": prompt, **fields}, headers={"Accept-Language": language}
        ).json()
        assert (told["refused"], told["notices"][:1]) == (None, [notice])
    ended = finish(embedded, ask(embedded, prompt, **fields, quality="draft", seed=1)["id"])
    assert ended["status"] == "succeeded", ended
    facts = embedded.get(f"/v1/tracks/{ended['track_id']}").json()["facts"]
    assert {"en": english, "ko": korean} in facts["notices"]
    for language, notice in (("en", english), ("ko", korean)):
        assert notice in embedded.get(f"/app/tracks/{ended['track_id']}", headers={"Accept-Language": language}).text
