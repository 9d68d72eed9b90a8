"""Pages of scripts, actors, tokens and attempts as forms without scripts use them, in this process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from pathlib import Path
from uuid import UUID

import httpx
import numpy as np
import pytest
from sqlalchemy import update

from pansori import jobs
from pansori.api import create_app
from pansori.bootstrap import build
from pansori.db.tables import Job
from pansori.espeak import SOURCE_RATE, speak
from pansori.settings import load
from pansori.web.site import install
from pansori.workflows import Services
from support.markup import Markup, read_markup
from support.media import wave_file

pytestmark = pytest.mark.anyio
TEXT = "하니: 산새가 운다\r\n두리: 왜 우나\r\n바람이 분다"
SCRIPT = {"title": "산새", "language": "ko", "text": TEXT, "notes": ""}
ACTOR = {
    "name": "소월",
    "language": "ko",
    "notes": "",
    "kind": "male",
    "age": "30",
    "accent": "정주",
    "description": "",
}
TOKEN = {"name": "", "script_id": "", "first_line": "", "last_line": "", "actor_id": "", "text": "", "language": ""}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path_factory.mktemp("pages"), workers=0, analyze_engine="debug"))
    yield made
    made.close()


@pytest.fixture(scope="module")
async def reader(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    async with reading(services) as made:
        yield made


def reading(services: Services) -> httpx.AsyncClient:
    app = create_app(services)
    install(app)
    headers = {"Accept": "text/html", "Accept-Language": "ko"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers)


def speech(text: str, folder: Path, voice: str = "") -> bytes:
    said = speak(text, language="ko", variant=voice)
    return wave_file(folder / "said.wav", said.samples[None].astype(np.float32), SOURCE_RATE).read_bytes()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return speech("산새도 운다", tmp_path_factory.mktemp("clips"))


async def look(reader: httpx.AsyncClient, path: str, status: int = 200) -> Markup:
    answer = await reader.get(path)
    assert answer.status_code == status, answer.text
    return read_markup(answer.text)


async def post(reader: httpx.AsyncClient, path: str, **fields: str) -> str:
    """Where it leads."""
    answer = await reader.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def values(page: Markup) -> dict[str, str]:
    """What a form of the page would send as it is."""
    return {
        one.attributes["name"]: one.attributes.get("value", "")
        for one in page.named("input")
        if "name" in one.attributes
    }


async def test_where_there_is_no_script_it_says_so(tmp_path: Path) -> None:
    services = build(load(data_dir=tmp_path, workers=0))
    async with reading(services) as reader:
        assert "아직 대본이 없어요" in (await reader.get("/app/scripts")).text
    services.close()


async def test_a_script_is_written_cast_and_changed(reader: httpx.AsyncClient) -> None:
    where = (await post(reader, "/app/scripts", **SCRIPT)).partition("?")[0]
    actor = (await post(reader, "/app/actors", **ACTOR)).partition("?")[0]
    assert actor == "/app/actors"
    known = (await reader.get("/actors", headers={"Accept": "*/*"})).json()["actors"][0]
    page = await look(reader, where)
    assert page.named("textarea")[0].text.strip() == "하니: 산새가 운다\n두리: 왜 우나\n바람이 분다"
    cast = {"role": ["하니", "두리", ""], "actor": [known["id"], "", ""]}
    version = values(page)["version"]
    answer = await reader.post(where, data={**SCRIPT, **cast, "version": version})
    assert answer.status_code == 303
    kept = (await reader.get(where.removeprefix("/app"), headers={"Accept": "*/*"})).json()
    assert [line["actor_id"] for line in kept["lines"]] == [known["id"], None, None]
    late = await reader.post(where, data={**SCRIPT, "title": "늦은 제목", "version": version})
    assert late.status_code == 412
    assert "읽은 뒤에 내용이 바뀌었어요" in late.text
    assert 'value="늦은 제목"' in late.text, "what was typed stays"


async def test_what_is_wrong_stands_at_its_field(reader: httpx.AsyncClient) -> None:
    answer = await reader.post("/app/scripts", data={**SCRIPT, "title": "", "language": "모름"})
    assert answer.status_code == 422
    page = read_markup(answer.text)
    wrong = {one.attributes["id"] for one in page.elements if one.attributes.get("class") == "error"}
    assert wrong == {"e-title", "e-language"}
    assert "산새가 운다" in page.named("textarea")[0].text
    long = await reader.post("/app/scripts", data={**SCRIPT, "text": "가" * 2001})
    assert "1번째 줄" in long.text
    young = await reader.post("/app/actors", data={**ACTOR, "age": "스물"})
    assert (young.status_code, 'id="e-age"' in young.text) == (422, True)
    token = await reader.post("/app/new-token", data={**TOKEN, "id": "webhook", "text": "하나"})
    assert (token.status_code, 'id="e-id"' in token.text) == (422, True)


async def test_a_text_file_becomes_a_script(reader: httpx.AsyncClient) -> None:
    answer = await reader.post("/app/scripts/import", files={"file": ("바람 부는 날.txt", "하나\n둘".encode("cp949"))})
    page = await look(reader, answer.headers["Location"])
    assert page.named("h1")[0].text == "바람 부는 날"
    refused = await reader.post("/app/scripts/import", files={"file": ("x.txt", b"\x00\xff")})
    assert (refused.status_code, "텍스트 파일이 아니에요" in refused.text) == (422, True)


@pytest.mark.parametrize(
    ("kind", "form", "fields"),
    [("scripts", "/app/scripts", SCRIPT), ("actors", "/app/actors", ACTOR), ("tokens", "/app/new-token", TOKEN)],
)
async def test_without_scripts_one_is_asked_before_something_goes(
    reader: httpx.AsyncClient, kind: str, form: str, fields: dict[str, str]
) -> None:
    await post(reader, form, **fields)
    listed = (await reader.get(f"/{kind}", headers={"Accept": "*/*"})).json()[kind]
    path = f"/app/{kind}/{listed[0]['id']}"
    asked = await reader.post(f"{path}/delete")
    assert asked.status_code == 200
    assert (await reader.get(path)).status_code == 200
    assert await post(reader, f"{path}/delete", **values(read_markup(asked.text))) == f"/app/{kind}?done=gone"
    assert (await reader.get(path)).status_code == 404


async def test_lines_are_counted_from_one(reader: httpx.AsyncClient) -> None:
    script = (await post(reader, "/app/scripts", **SCRIPT)).partition("?")[0].rpartition("/")[2]
    form = await look(reader, f"/app/new-token?script={script}")
    chosen = [one.attributes["value"] for one in form.named("option") if "selected" in one.attributes]
    assert script in chosen
    fields = {**TOKEN, "script_id": script, "first_line": "2", "last_line": "3"}
    where = (await post(reader, "/app/new-token", id="counted", **fields)).partition("?")[0]
    assert where == "/app/tokens/counted"
    assert "왜 우나\n바람이 분다" in unescape((await reader.get(where)).text)
    kept = (await reader.get("/tokens/counted", headers={"Accept": "*/*"})).json()
    assert (kept["first_line"], kept["last_line"]) == (1, 2)
    again = values(await look(reader, f"{where}/edit"))
    assert (again["first_line"], again["last_line"]) == ("2", "3")
    assert await post(reader, f"{where}/edit", **{**fields, "last_line": "2"}) == f"{where}?done=saved"
    beyond = await reader.post(f"{where}/edit", data={**fields, "last_line": "4"})
    assert (beyond.status_code, 'id="e-last_line"' in beyond.text) == (422, True)


async def test_a_clip_and_attempts_are_sent_by_plain_forms(
    reader: httpx.AsyncClient, services: Services, clip: bytes
) -> None:
    said = {**TOKEN, "name": "한 마디", "text": "산새도 운다", "language": "ko"}
    where = (await post(reader, "/app/new-token", **said)).partition("?")[0]
    assert "따라 할 녹음이 아직 없어요" in (await reader.get(where)).text
    refused = await reader.post(f"{where}/reference", files={"file": ("x.wav", b"words")})
    assert (refused.status_code, 'id="e-file-reference"' in refused.text) == (422, True)
    large = await reader.post(f"{where}/reference", files={"file": ("x.wav", bytes(3_000_000))})
    assert large.status_code == 422, "it is read, though larger than a form may be"
    sent = await reader.post(f"{where}/reference", files={"file": ("clip.wav", clip)})
    assert sent.headers["Location"] == f"{where}?done=clip"
    page = await look(reader, where)
    [playing] = [one for one in page.named("button") if "data-play" in one.attributes]
    heard = await reader.get(playing.attributes["data-source"])
    assert heard.content == clip
    tried = await reader.post(
        f"{where}/attempts", files={"file": ("try.wav", clip)}, headers={"Accept": "application/json"}
    )
    assert tried.status_code == 202
    attempt: str = tried.json()["path"]
    waiting = await look(reader, attempt)
    assert waiting.named("progress")
    assert attempt in (await reader.get(where)).text
    jobs.run_inline(services.kernel, UUID(attempt.rpartition("/")[2]))
    told = read_markup((await reader.get(attempt)).text)
    assert next(one.text for one in told.named("b")) == "100"
    assert {one.text for one in told.named("h2")} >= {"말", "빠르기", "음높이", "세기", "단어마다"}
    assert [one.text for one in told.named("th") if one.attributes.get("scope") == "row"] == ["산새도", "운다"]
    assert len([one for one in told.named("svg") if one.attributes.get("class") == "plot"]) == 4
    assert {one.attributes["src"] for one in told.named("audio") if "src" in one.attributes} >= {
        playing.attributes["data-source"]
    }, "the reference is heard without scripts"
    listed = (await reader.get(where)).text
    assert attempt in listed
    assert "최고 100점" in listed
    assert "1번 따라 함" in (await reader.get("/app/tokens")).text
    whole = await reader.get(attempt.replace("attempts", "analyses"))
    assert attempt in whole.text
    assert await post(reader, f"{where}/reference/drop") == f"{where}?done=unclip"
    assert "다른 기준 녹음과 비교" in (await reader.get(where)).text


async def test_an_attempt_that_is_too_short_says_so_once(
    reader: httpx.AsyncClient, services: Services, clip: bytes, tmp_path: Path
) -> None:
    where = (await post(reader, "/app/new-token", **{**TOKEN, "text": "산새도 운다"})).partition("?")[0]
    await reader.post(f"{where}/reference", files={"file": ("clip.wav", clip)})
    beep = 0.5 * np.sin(np.arange(SOURCE_RATE) / 10) * (np.arange(SOURCE_RATE) < SOURCE_RATE // 20)
    short = wave_file(tmp_path / "beep.wav", beep[None].astype(np.float32), SOURCE_RATE).read_bytes()
    sent = await reader.post(f"{where}/attempts", files={"file": ("beep.wav", short)})
    jobs.run_inline(services.kernel, UUID(sent.headers["Location"].rpartition("/")[2]))
    page = (await reader.get(sent.headers["Location"])).text.partition("<main")[2]
    assert page.count("따라 한 녹음이 너무 짧아요.") == 1
    assert "imitation-part" not in page


async def test_an_attempt_without_a_comparison_says_so(
    reader: httpx.AsyncClient, services: Services, clip: bytes
) -> None:
    where = (await post(reader, "/app/new-token", **{**TOKEN, "text": "산새"})).partition("?")[0]
    sent = await reader.post(f"{where}/attempts", files={"file": ("try.wav", clip)})
    attempt = sent.headers["Location"]
    key = UUID(attempt.rpartition("/")[2])
    jobs.run_inline(services.kernel, key)
    assert "토큰에 기준 녹음이 없어서" in (await reader.get(attempt)).text
    assert "점수 없음" in (await reader.get(where)).text
    with services.database.write() as session:
        session.execute(update(Job).where(Job.id == key).values(result={"imitation": {"version": 0}}))
    assert "다른 버전의 프로그램" in (await reader.get(attempt)).text
    await reader.post(f"{where}/delete", data={"sure": "1"})
    assert where.rpartition("/")[2] in (await reader.get(attempt)).text, "the token is gone, and its id is told"
    alone = await reader.get(attempt.replace("attempts", "analyses"))
    assert alone.status_code == 200


async def test_the_built_in_voice_says_what_a_token_says(reader: httpx.AsyncClient, services: Services) -> None:
    where = (await post(reader, "/app/new-token", **{**TOKEN, "text": "산새", "language": "ko-KR"})).partition("?")[0]
    assert await post(reader, f"{where}/reference/speak") == f"{where}?done=clip"
    reference = (await reader.get(where.removeprefix("/app"), headers={"Accept": "*/*"})).json()["reference"]
    assert (reference["media_type"], 0.3 < reference["duration"] < 3) == ("audio/flac", True)
    files = len(list(services.store.keys()))
    for text, why in (("", "읽을 말이 없어요"), ("가" * 601, "줄을 더 적게"), ("하나", "언어")):
        language = "tlh" if text == "하나" else "ko"
        await post(reader, f"{where}/edit", **{**TOKEN, "name": "x", "text": text, "language": language})
        refused = await reader.post(f"{where}/reference/speak")
        assert refused.status_code == 422
        assert why in refused.text
    assert len(list(services.store.keys())) == files
    assert (await reader.post("/app/tokens/nothing/reference/speak")).status_code == 404


async def test_whoever_searches_finds(reader: httpx.AsyncClient) -> None:
    await post(reader, "/app/actors", **{**ACTOR, "name": "찾을 사람"})
    found = read_markup((await reader.get("/app/actors?q=찾을")).text)
    assert [one.text for one in found.elements if one.attributes.get("class") == "kept-name"] == ["찾을 사람"]
    assert "“없는 이름”에 맞는 것이 없어요" in (await reader.get("/app/actors?q=없는 이름")).text
    for number in range(41):
        await post(reader, "/app/actors", **{**ACTOR, "name": f"여럿 {number}"})
    first = (await reader.get("/app/actors?q=여럿")).text
    [more] = re.findall(r'href="(/app/actors\?q=[^"]+cursor=[^"]+)"', unescape(first))
    assert len(re.findall('class="kept-name"', (await reader.get(more)).text)) == 1


async def test_what_was_typed_is_text(reader: httpx.AsyncClient) -> None:
    markup = "<script>alert(1)</script>\"'{{7*7}}"
    where = (await post(reader, "/app/scripts", **{**SCRIPT, "title": markup, "text": markup})).partition("?")[0]
    await post(reader, "/app/actors", **{**ACTOR, "name": markup})
    token = await post(reader, "/app/new-token", **{**TOKEN, "name": markup, "text": markup})
    for path in (where, token, "/app/scripts", "/app/actors", "/app/tokens", "/app/new-token"):
        html = (await reader.get(path)).text
        assert "<script>alert(1)" not in html, path
        assert "alert(1)" in unescape(html), path
