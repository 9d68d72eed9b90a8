"""Pages of analyses without scripts: every question and answer, corrections by forms, comparison, weight."""

from __future__ import annotations

import gzip
import re
from typing import Any
from uuid import UUID, uuid4

import anyio.to_thread
import httpx
import pytest

from pansori import jobs
from pansori.web.assets import PageAssets
from pansori.workflows import Services
from support.analysed import replace_measures
from support.analyses import endless
from support.analysing import PAGE, begun, done, made_whole
from support.markup import read_markup
from support.recordings import short

pytestmark = pytest.mark.anyio
MOST = 150 * 1024  #: bytes of HTML, styles and scripts that a first view may take, compressed


async def test_a_form_brings_a_file_and_leads_to_its_page(client: httpx.AsyncClient) -> None:
    sent = await client.post("/app/analyse", files={"file": ("밤.wav", short())}, headers=PAGE)
    assert sent.status_code == 303
    page = await client.get(sent.headers["Location"], headers=PAGE)
    assert "밤.wav" in page.text
    empty = await client.post("/app/analyse", files={"file": ("empty.wav", b"")}, headers=PAGE)
    assert empty.status_code == 422
    assert any(one.attributes.get("role") == "alert" for one in read_markup(empty.text).elements)
    assert "Nothing was begun. The file is empty." in empty.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_page_asks_every_question_and_gives_every_answer(
    client: httpx.AsyncClient, whole: str, language: str
) -> None:
    page = await client.get(f"/app/analyses/{whole}", headers={**PAGE, "Accept-Language": language})
    found = read_markup(page.text)
    told = " ".join(one.text for one in found.elements if "answer" in one.attributes.get("class", "").split())
    for said in ("120.0 BPM", "−16.5 LUFS", "150.2 Hz", "−3.2 dBFS"):
        assert said in told
    assert {"F# minor": "en", "올림바단조": "ko"}[("F# minor" if "F# minor" in told else "올림바단조")] == language
    assert ("It has one channel." if language == "en" else "채널이 하나뿐이에요.") in told, "a refusal has its reason"
    assert "style=" not in page.text.replace("stylesheet", ""), "the policy allows no styles in the page"
    assert ("12,345 samples are clipped" if language == "en" else "샘플 12,345개가 잘렸어요") in page.text
    drawn = [one.attributes["data-plot"] for one in found.elements if "data-plot" in one.attributes]
    assert drawn == ["waveform", "chroma", "loudness", "pitch", "spectrogram"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "twice"}, {"tempo_factor": 2.0}),
        ({"do": "half"}, {"tempo_factor": 0.5}),
        ({"do": "tempo", "tempo": "96,5"}, {"tempo": 96.5}),
        ({"do": "taps", "taps": "0.250 0.760 1.240 1.750"}, {"taps": [0.25, 0.76, 1.24, 1.75]}),
        ({"do": "metre", "metre": "3/4"}, {"metre": "3/4"}),
        ({"do": "key", "key": "Eb major"}, {"key": "Eb major"}),
        (
            {"do": "sections", "name.0": "Verse", "was.0": "A", "name.1": "B", "was.1": "B", "merge.1": "1"},
            {"section_names": {"0": "Verse"}, "section_merges": [1]},
        ),
    ],
    ids=lambda value: value.get("do", ""),
)
async def test_a_form_corrects_and_takes_back(
    client: httpx.AsyncClient, uncorrected: str, form: dict[str, str], said: dict[str, Any]
) -> None:
    path = f"/app/analyses/{uncorrected}"
    assert (await client.post(path, data=form, headers=PAGE)).status_code == 303
    told = (await client.get(f"/v1/analyses/{uncorrected}/corrections")).json()
    assert {name: told[name] for name in said} == said
    page = (await client.get(path, headers=PAGE)).text
    assert "What you corrected" in page
    assert "Undo my correction" in page
    what = form["do"] if form["do"] in ("key", "metre", "sections") else "tempo"
    undone = await client.post(path, data={"do": f"undo.{what}"}, headers=PAGE)
    assert undone.status_code == 303
    assert (await client.get(f"/v1/analyses/{uncorrected}")).json()["corrections"] is None


async def test_bars_are_moved_beat_by_beat(client: httpx.AsyncClient, uncorrected: str) -> None:
    path = f"/app/analyses/{uncorrected}"
    for form in ({"do": "metre", "metre": "4/4"}, {"do": "later"}, {"do": "later"}, {"do": "earlier"}):
        assert (await client.post(path, data=form, headers=PAGE)).status_code == 303
    told = (await client.get(f"/v1/analyses/{uncorrected}/corrections")).json()
    assert (told["metre"], told["downbeat_shift"]) == ("4/4", 1)
    assert (await client.post(path, data={"do": "undo"}, headers=PAGE)).status_code == 303
    assert (await client.get(f"/v1/analyses/{uncorrected}")).json()["corrections"] is None


async def test_a_correction_that_cannot_be_is_told_with_its_reason(
    client: httpx.AsyncClient, services: Services
) -> None:
    analysis = await done(client, services)
    answer = await client.post(f"/app/analyses/{analysis}", data={"do": "twice"}, headers=PAGE)
    assert answer.status_code == 422
    assert "This was not changed. There is no tempo to change." in answer.text


async def test_names_are_text_wherever_they_stand(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await done(client, services, "a & b &lt;img src=x&gt; {{7+7}} 'c'.wav")
    name = (await client.get(f"/v1/analyses/{analysis}")).json()["name"]
    assert "&lt;img src=x&gt; {{7+7}}" in name
    for path in (f"/app/analyses/{analysis}", "/app/analyse", "/app/queue", f"/app/analyses/compare?a={analysis}"):
        found = read_markup((await client.get(path, headers=PAGE)).text)
        assert not found.named("img"), path
        assert any(name in one.text for one in found.elements), path


async def test_two_stand_side_by_side(client: httpx.AsyncClient, services: Services, whole: str) -> None:
    other = await made_whole(client, services, "other.wav")
    await client.put(f"/v1/analyses/{other}/corrections", json={"tempo": 90})
    page = (await client.get(f"/app/analyses/compare?of={whole}&of={other}", headers=PAGE)).text
    rows = [re.sub(r"<[^>]+>", "|", row) for row in page.split("<tr>")]
    assert any("|120.0 BPM||90.0 BPM||−30.0 BPM (−25.0%)|" in row for row in rows)
    assert any("|150.2 Hz||150.2 Hz||the same|" in row for row in rows)
    assert page.count('class="curve accent"') == page.count('class="curve jade"') > 0
    alone = await client.get(f"/app/analyses/compare?a={whole}", headers=PAGE)
    assert "Choose two recordings." in alone.text
    missing = await client.get(f"/app/analyses/compare?a={whole}&b={uuid4()}", headers=PAGE)
    assert missing.status_code == 404


def loaded_by(page: str) -> list[bytes]:
    """Styles and scripts of a page, and what these load in turn."""
    assets, found = PageAssets(), dict[str, bytes]()
    waiting = re.findall(r"/assets/([\w.-]+[.](?:css|js))", page)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = assets.served(name).content
            waiting += re.findall(r"from\s*[\"']\./([\w.-]+[.]js)", found[name].decode())
    return list(found.values())


async def test_an_hour_of_music_is_a_light_page(client: httpx.AsyncClient, services: Services) -> None:
    analysis = await begun(client, "hour.wav", short(330))
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    replace_measures(services.assets, UUID(analysis), endless())
    page = (await client.get(f"/app/analyses/{analysis}", headers=PAGE)).text
    sent = sum(len(gzip.compress(content, 5)) for content in (page.encode(), *loaded_by(page)))
    assert sent <= MOST, sent
    assert re.search(r"[\d,]+ more are in the table", page), "chords are listed up to a number"
    curves = await client.get(f"/v1/analyses/{analysis}/curves")
    assert len(gzip.compress(curves.content)) <= MOST / 2, "what is fetched afterwards"
    whole, part = curves.json(), (await client.get(f"/v1/analyses/{analysis}/curves?start=60&end=90")).json()
    assert (whole["whole"], part["whole"]) == (False, True)
    assert len(part["curves"]["pitch"]) == 601, "who comes closer gets every point"
