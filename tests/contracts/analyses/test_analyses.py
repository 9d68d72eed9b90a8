"""`/v1/analyses`: what was measured; read, taken away, corrected, deleted."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from uuid import UUID, uuid4

import anyio.to_thread
import httpx
import pytest
from sqlalchemy import update

from pansori import jobs
from pansori.db.tables import Job
from pansori.workflows import Services
from support.analyses import BEATS, known
from support.analysing import PAGE, begun, done

pytestmark = pytest.mark.anyio
FORMATS = {
    "json": ("song.wav.json", "application/json"),
    "csv": ("song.wav.csv", "text/csv; charset=utf-8"),
    "jams": ("song.wav.jams", "application/json"),
    "textgrid": ("song.wav.TextGrid", "text/plain; charset=utf-8"),
    "audacity": ("song.wav.audacity.zip", "application/zip"),
    "sonic": ("song.wav.sonic.zip", "application/zip"),
    "svg": ("song.wav.svg.zip", "application/zip"),
    "png": ("song.wav.png.zip", "application/zip"),
    "html": ("song.wav.html", "text/html; charset=utf-8"),
}


# -- reading ------------


async def test_one_is_followed_from_the_upload_to_its_measures(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await begun(client)
    waiting = (await client.get(f"/v1/analyses/{analysis}")).json()
    assert (waiting["state"], waiting["name"], waiting["analysis"]) == ("queued", "song.wav", None)
    assert (await client.get(f"/v1/analyses/{analysis}/export")).status_code == 409
    page = await client.get(f"/app/analyses/{analysis}", headers=PAGE)
    assert "Being analysed" in page.text
    assert 'http-equiv="refresh"' in page.text, "without scripts it looks again by itself"
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    found = (await client.get(f"/v1/analyses/{analysis}")).json()
    assert (found["state"], found["corrections"], found["error"]) == ("succeeded", None, None)
    assert found["analysis"]["signal"]["peak"]["value"] == pytest.approx(-12, abs=0.1)
    assert found["recording"]["name"] == "song.wav"
    assert waiting["recording"]["duration"] is None, "nobody has looked into it"
    assert found["recording"]["duration"] == pytest.approx(found["analysis"]["format"]["duration"])
    again = (await client.get("/v1/analyses", params={"limit": 1})).json()["analyses"][0]["recording"]
    assert again["duration"] == found["recording"]["duration"]


async def test_the_list_has_each_in_short(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await done(client, services, "short.wav")
    measures = known().analysis
    summary = {name: json.loads(measures.model_dump_json())[name] for name in ("format", "kind", "loudness", "music")}
    with services.database.write() as session:
        session.execute(update(Job).where(Job.id == UUID(analysis)).values(result=summary))
    answer = await client.get("/v1/analyses", params={"limit": 1})
    [told] = answer.json()["analyses"]
    assert (told["id"], told["state"]) == (analysis, "succeeded")
    assert told["brief"] == {
        "kind": "singing",
        "duration": 8.0,
        "tempo": 120.0,
        "key": "F# minor",
        "pitch": None,
        "loudness": -16.5,
    }
    assert len(answer.content) < 2_000, "what was measured is told by the analysis itself"
    for foreign in ({"kind": "speech"}, {"kind": {"value": ["music"]}, "music": {"tempo": {"value": True}}}):
        with services.database.write() as session:
            session.execute(update(Job).where(Job.id == UUID(analysis)).values(result=foreign))
        [told] = (await client.get("/v1/analyses", params={"limit": 1})).json()["analyses"]
        assert set(told["brief"].values()) == {None}, "another program's results are of any form"


async def test_they_are_listed_newest_first_and_page_by_page(client: httpx.AsyncClient) -> None:
    made = [await begun(client, f"{number}.wav") for number in range(3)]
    first = (await client.get("/v1/analyses?limit=2")).json()
    assert [one["id"] for one in first["analyses"]] == made[:0:-1]
    rest = (await client.get("/v1/analyses", params={"cursor": first["next_cursor"], "limit": 200})).json()
    assert rest["analyses"][0]["name"] == "0.wav"
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("path", ["", "/export", "/corrections", "/curves", "/peaks", "/pictures/chroma"])
async def test_what_is_none_is_not_found(client: httpx.AsyncClient, services: Services, path: str) -> None:
    song = await client.post("/v1/generations", json={"prompt": "a job of another kind"})
    for other in (uuid4(), "x", song.json()["id"]):
        answer = await client.get(f"/v1/analyses/{other}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_file_that_is_no_sound_says_so_in_the_list(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await begun(client, "broken.wav", b"not sound at all")
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    told = (await client.get(f"/v1/analyses/{analysis}")).json()
    assert told["state"] == "failed"
    for path in (f"/app/analyses/{analysis}", "/app/analyse"):
        page = await client.get(path, headers=PAGE)
        assert page.status_code == 200
        assert told["error"]["detail"].rstrip(".") in page.text


async def test_what_is_drawn_comes_in_numbers_and_pictures(client: httpx.AsyncClient, whole: str) -> None:
    curves = (await client.get(f"/v1/analyses/{whole}/curves")).json()
    assert curves["beats"] == list(BEATS)
    assert [name for *_, name in curves["chords"]] == ["Am", "G7"], "as musicians write them, and no silence"
    assert curves["curves"]["pitch"][150] == [1.5, None]
    peaks = (await client.get(f"/v1/analyses/{whole}/peaks")).json()["channels"]
    assert len(peaks) == 1
    for name in ("chroma", "spectrogram"):
        picture = await client.get(f"/v1/analyses/{whole}/pictures/{name}")
        assert picture.headers["Content-Type"] == "image/png"
        assert picture.content.startswith(b"\x89PNG")
    assert (await client.get(f"/v1/analyses/{whole}/pictures/cat")).status_code == 404


async def test_what_was_seen_is_kept_and_what_is_gone_is_told(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await done(client, services, "gone.wav")
    recording = (await client.get(f"/v1/analyses/{analysis}")).json()["recording"]
    assert (await client.get(f"/v1/analyses/{analysis}/pictures/chroma")).status_code == 200
    with services.database.read() as session:
        path = services.assets.local_path(services.assets.info(session, UUID(recording["id"])))
    assert path is not None
    path.unlink()
    again = await client.get(f"/v1/analyses/{analysis}/pictures/spectrogram")
    assert again.status_code == 200, "the file was not read twice"
    with services.database.write() as session:
        services.assets.retire(session, [UUID(recording["id"])])
    assert (await client.get(f"/v1/analyses/{analysis}/pictures/chroma")).status_code == 404
    assert (await client.get(f"/v1/analyses/{analysis}/export?format=csv")).status_code == 200
    page = (await client.get(f"/app/analyses/{analysis}", headers=PAGE)).text
    assert "The recording was deleted" in page
    assert "data-play=" not in page.partition('<main id="main"')[2]


async def test_what_is_gone_while_it_is_looked_at_is_not_found(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await done(client, services, "going.wav")
    recording = (await client.get(f"/v1/analyses/{analysis}")).json()["recording"]
    with services.database.read() as session:
        path = services.assets.local_path(services.assets.info(session, UUID(recording["id"])))
    assert path is not None
    path.unlink()  # as whoever deletes it does after its row
    gone = await client.get(f"/v1/analyses/{analysis}/pictures/chroma")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


# -- taking away ------------


async def test_every_format_has_its_name_and_its_type(client: httpx.AsyncClient, whole: str) -> None:
    for wanted, (name, media_type) in FORMATS.items():
        answer = await client.get(f"/v1/analyses/{whole}/export", params={"format": wanted})
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == media_type
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        if media_type == "application/zip":
            archive = zipfile.ZipFile(io.BytesIO(answer.content))
            assert archive.testzip() is None
            assert all(one.startswith("song.wav.") for one in archive.namelist())


@pytest.mark.parametrize(
    ("wanted", "part", "begins"),
    [
        ("svg", "waveform", b"<svg"),
        ("png", "chroma", b"\x89PNG"),
        ("audacity", "beats", b"0.250000\t0.250000"),
        ("sonic", "chords", b"0.000000,1,1.250000,N"),
    ],
)
async def test_a_part_of_a_format_is_had_alone(
    client: httpx.AsyncClient, whole: str, wanted: str, part: str, begins: bytes
) -> None:
    answer = await client.get(f"/v1/analyses/{whole}/export", params={"format": wanted, "part": part})
    assert answer.content.startswith(begins)
    wrong = await client.get(f"/v1/analyses/{whole}/export", params={"format": wanted, "part": "nose"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "part")
    assert part in wrong.json()["cure"]


# -- correcting ------------


async def test_a_correction_is_followed_and_the_measures_are_kept(client: httpx.AsyncClient, uncorrected: str) -> None:
    path = f"/v1/analyses/{uncorrected}"
    answer = await client.put(f"{path}/corrections", json={"tempo_factor": 2, "key": "C major"})
    music = answer.json()["analysis"]["music"]
    assert (music["tempo"]["value"], music["tempo"]["source"]) == (240.0, "person")
    assert len(music["beats"]["value"]) > len(BEATS)
    assert (await client.get(path)).json()["corrections"]["key"] == "C major"
    assert (await client.get(f"{path}/corrections")).json()["tempo_factor"] == 2
    original = (await client.get(path, params={"corrected": "false"})).json()["analysis"]
    assert original["music"]["tempo"] == json.loads(known().analysis.model_dump_json())["music"]["tempo"]
    for corrected, tempo in (("true", "240"), ("false", "120")):
        table = await client.get(f"{path}/export", params={"format": "csv", "corrected": corrected})
        assert f",{tempo}.0," in table.text
    assert len((await client.get(f"{path}/curves")).json()["beats"]) > len(BEATS)
    gone = await client.delete(f"{path}/corrections")
    assert gone.json()["analysis"]["music"]["tempo"]["value"] == 120.0
    assert (await client.get(path)).json()["corrections"] is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"tempo": 1000}, "tempo"),
        ({"key": "H minor"}, "key"),
        ({"tempo_factr": 2}, "tempo_factr"),
        ({"section_names": {"9": "Chorus"}}, "section_names"),
        ({"taps": [0.5]}, "taps"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    client: httpx.AsyncClient, uncorrected: str, said: dict[str, Any], field: str
) -> None:
    answer = await client.put(f"/v1/analyses/{uncorrected}/corrections", json=said)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert (await client.get(f"/v1/analyses/{uncorrected}")).json()["corrections"] is None


async def test_what_is_not_done_is_not_corrected(client: httpx.AsyncClient) -> None:
    analysis = await begun(client)
    answer = await client.put(f"/v1/analyses/{analysis}/corrections", json={"key": "C major"})
    assert answer.status_code == 409


# -- deleting ------------


async def test_a_recording_goes_with_its_last_analysis(client: httpx.AsyncClient, services: Services) -> None:
    first = await done(client, services)
    recording = (await client.get(f"/v1/analyses/{first}")).json()["recording"]
    again = await client.post("/v1/jobs", json={"kind": "analysis", "task": {"asset_id": recording["id"]}})
    assert (await client.delete(f"/v1/analyses/{first}")).status_code == 204
    assert (await client.get(recording["content"])).status_code == 200, "another analysis has it"
    deleted = await client.post("/v1/analyses/delete", json={"ids": [again.json()["id"], str(uuid4())]})
    assert deleted.json() == {"deleted": [again.json()["id"]]}
    assert (await client.get(recording["content"])).status_code == 404
    left = (await client.get("/v1/analyses")).json()["analyses"]
    assert not [one for one in left if one["id"] in (first, again.json()["id"])]


async def test_a_song_outlives_its_analysis(client: httpx.AsyncClient, services: Services) -> None:
    made = await client.post("/v1/generations", json={"prompt": "a song", "duration": 2})
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(made.json()["id"]))
    track = (await client.get(f"/v1/generations/{made.json()['id']}")).json()["track_id"]
    asked = await client.post(f"/app/tracks/{track}/analyse", headers=PAGE)
    analysis = asked.headers["Location"].rpartition("/")[2]
    again = await client.post(f"/app/tracks/{track}/analyse", headers=PAGE)
    assert again.headers["Location"] == asked.headers["Location"], "it is not measured twice"
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    page = await client.get(f"/app/analyses/{analysis}", headers=PAGE)
    assert f'href="/app/tracks/{track}"' in page.text
    assert (await client.delete(f"/v1/analyses/{analysis}")).status_code == 204
    assert (await client.get(f"/v1/stream/{track}")).status_code == 200


async def test_deleting_an_unfinished_one_cancels_it(client: httpx.AsyncClient) -> None:
    analysis = await begun(client)
    assert (await client.delete(f"/v1/analyses/{analysis}")).status_code == 204
    assert (await client.get(f"/v1/analyses/{analysis}")).status_code == 404
