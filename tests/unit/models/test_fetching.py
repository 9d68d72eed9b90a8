"""Models are fetched from a hub: resumed, checked, there only when whole. The hub is a real server on this machine."""

from __future__ import annotations

import errno
import json
import resource
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pansori.domain.errors import (
    FetchFailed,
    FetchTimedOut,
    Forbidden,
    InvalidRequest,
    NotFound,
    PansoriError,
    StorageError,
    StorageFull,
    Unreachable,
)
from pansori.domain.units import Bytes, Seconds
from pansori.models import Fetching, Hub, Model, find, look_up, models_dir, remove, shelved
from pansori.settings import Settings
from support.hub import COMMIT, PIECE, Repository, TestHub, hub
from support.waiting import PATIENCE

NAME = "hf:owner/tiny"
WEIGHTS = bytes(range(256)) * 256  #: 64 KiB
AT_ONCE = (Seconds(0.0),) * 3
FILES = {
    ".gitattributes": b"*.bin filter=lfs",
    "README.md": b"---\nlicense: apache-2.0\n---",
    "config.json": b"{}",
    "model.bin": WEIGHTS,
    "voices/one.bin": WEIGHTS[:5000],
}


@pytest.fixture
def serving() -> Iterator[TestHub]:
    with hub(owner__tiny=Repository(dict(FILES))) as running:
        yield running


@pytest.fixture
def chosen(serving: TestHub, tmp_path: Path) -> Settings:
    return settings_of(serving, tmp_path)


def settings_of(serving: TestHub, folder: Path, token: str = "") -> Settings:
    return Settings(data_dir=folder, hub_url=serving.url, hf_token=token)


def fetch(
    chosen: Settings, name: str = NAME, *, counted: list[int] | None = None, patience: tuple[Seconds, ...] = ()
) -> Path:
    counted = [] if counted is None else counted
    model = Hub(chosen).told(look_up(name))
    return Fetching(chosen, model, advance=counted.append, patience=patience).run()


def contents(folder: Path) -> dict[str, bytes]:
    """What lies there, without what we note of it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".pansori.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


VISIBLE = {name: content for name, content in FILES.items() if not name.startswith(".")}


def test_a_model_is_fetched_whole(chosen: Settings, serving: TestHub) -> None:
    assert find(chosen, NAME) is None
    counted: list[int] = []
    path = fetch(chosen, counted=counted)
    assert contents(path) == VISIBLE
    assert find(chosen, NAME) == path
    assert sum(counted) == sum(map(len, VISIBLE.values()))
    assert all(f"/resolve/{COMMIT}/" in one.path for one in serving.asked[1:] if one.server == "hub")
    assert [one.state for one in shelved(chosen)] == ["there"]


def test_a_folder_of_a_repository_is_fetched_alone(chosen: Settings) -> None:
    assert contents(fetch(chosen, f"{NAME}:voices")) == {"one.bin": WEIGHTS[:5000]}
    assert find(chosen, NAME) is None
    assert find(chosen, f"{NAME}:voices") is not None


def test_an_interrupted_fetch_goes_on_where_it_was(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [5 * PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen)
    assert find(chosen, NAME) is None
    assert [one.state for one in shelved(chosen)] == ["begun"]
    fetch(chosen)
    assert serving.ranges() == [None, f"bytes={5 * PIECE}-", None]
    assert serving.sent == len(WEIGHTS) + 5000  # nothing came twice
    assert [one.state for one in shelved(chosen)] == ["there"]


def test_what_is_whole_is_not_asked_for_again(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [len(WEIGHTS), 1000]
    with pytest.raises(Unreachable):
        fetch(chosen)
    counted: list[int] = []
    fetch(chosen, counted=counted)
    assert serving.ranges() == [None, None, "bytes=1000-"]
    assert sum(counted) == sum(map(len, VISIBLE.values()))


def test_it_asks_again_by_itself_while_more_comes(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [PIECE] * 10
    serving.statuses = [503, 429]
    assert contents(fetch(chosen, patience=AT_ONCE)) == VISIBLE


def test_it_gives_up_when_nothing_more_comes(chosen: Settings, serving: TestHub) -> None:
    serving.statuses = [503] * 9
    with pytest.raises(FetchFailed, match="503"):
        fetch(chosen, patience=AT_ONCE)
    assert len(serving.ranges()) == 1 + len(AT_ONCE)


def test_however_often_it_breaks_every_byte_comes_once(chosen: Settings, serving: TestHub) -> None:
    @examples(max_examples=8)
    @given(st.lists(st.integers(0, len(WEIGHTS) // PIECE), max_size=6))
    def law(pieces: list[int]) -> None:
        serving.breaks, serving.sent = [count * PIECE for count in pieces], 0
        assert contents(fetch(chosen, patience=(Seconds(0.0),) * (len(pieces) + 1))) == VISIBLE
        assert serving.sent == len(WEIGHTS) + 5000
        remove(chosen, NAME)

    law()


def test_a_server_that_knows_no_ranges_sends_all_of_it_again(chosen: Settings, serving: TestHub) -> None:
    serving.breaks, serving.whole = [5 * PIECE], True
    counted: list[int] = []
    assert contents(fetch(chosen, counted=counted, patience=AT_ONCE)) == VISIBLE
    assert sum(counted) == sum(map(len, VISIBLE.values()))


def test_what_is_another_file_is_refused_and_deleted(chosen: Settings, serving: TestHub) -> None:
    serving.changed = b"x" * len(WEIGHTS)
    with pytest.raises(FetchFailed, match=r"model\.bin.*checksum") as refused:
        fetch(chosen, patience=AT_ONCE)
    assert refused.value.cure is not None
    assert len(serving.ranges()) == 1  # asking again would bring the same
    assert find(chosen, NAME) is None
    assert not [path for path in models_dir(chosen).rglob("*") if path.is_file() and b"xxx" in path.read_bytes()]
    serving.changed = None
    assert contents(fetch(chosen)) == VISIBLE


@pytest.mark.parametrize("content", [b"<html>Log in</html>", WEIGHTS + b"and more"])
def test_what_has_another_size_is_no_file(chosen: Settings, serving: TestHub, content: bytes) -> None:
    serving.changed = content
    with pytest.raises((FetchFailed, Unreachable)):
        fetch(chosen)
    serving.changed = None
    assert contents(fetch(chosen)) == VISIBLE


def test_what_was_spoiled_here_is_fetched_anew(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [5 * PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen)
    [part] = models_dir(chosen).rglob("*.part")
    part.write_bytes(b"y" * part.stat().st_size)
    assert contents(fetch(chosen)) == VISIBLE


def test_a_part_that_is_longer_than_the_servers_file_is_fetched_anew(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [5 * PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen)
    serving.changed = WEIGHTS[:PIECE]  # it answers a range beyond with 416
    with pytest.raises(Unreachable, match="breaks off"):
        fetch(chosen)
    assert serving.ranges()[1:] == [f"bytes={5 * PIECE}-", None]
    serving.changed = None
    assert contents(fetch(chosen)) == VISIBLE


def test_what_was_begun_of_another_revision_is_not_used(chosen: Settings, serving: TestHub) -> None:
    serving.breaks = [5 * PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen)
    newer = WEIGHTS[::-1]
    serving.repositories["owner/tiny"].files["model.bin"] = newer
    assert contents(fetch(chosen)) == VISIBLE | {"model.bin": newer}
    assert serving.ranges()[1] is None


def test_of_a_damaged_model_what_lacks_is_fetched(chosen: Settings, serving: TestHub) -> None:
    path = fetch(chosen)
    (path / "model.bin").write_bytes(b"half")
    (path / "config.json").unlink()
    assert find(chosen, NAME) is None
    assert [one.state for one in shelved(chosen)] == ["damaged"]
    serving.asked.clear()
    assert contents(fetch(chosen)) == VISIBLE
    asked = {one.path.rpartition("/")[2] for one in serving.asked if "/resolve/" in one.path}
    assert asked == {"model.bin", "config.json"}


def test_two_that_fetch_the_same_do_it_once(chosen: Settings, serving: TestHub) -> None:
    serving.stalls = 2 * PIECE
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fetch, chosen)
        assert serving.stalled.wait(PATIENCE)
        second = pool.submit(fetch, chosen)
        threading.Timer(0.05, serving.go.set).start()
        assert first.result(PATIENCE) == second.result(PATIENCE)
    assert serving.sent == len(WEIGHTS) + 5000


# -- no room ------------


def test_room_is_looked_for_first(chosen: Settings, serving: TestHub) -> None:
    model = Hub(chosen).told(look_up(NAME))
    huge = model.files[0].model_copy(update={"size": Bytes(10**18)})
    with pytest.raises(StorageFull, match="needed") as full:
        Fetching(chosen, model.model_copy(update={"files": (huge,)})).run()
    assert full.value.cure is not None
    assert "PANSORI_MODELS_DIR" in full.value.cure.en
    assert serving.ranges() == []


def test_a_full_disk_is_told_and_what_came_is_kept(chosen: Settings, serving: TestHub) -> None:
    large = WEIGHTS * 48
    serving.repositories["owner/tiny"].files["model.bin"] = large
    model = Hub(chosen).told(look_up(NAME))
    most, before = 2_000_000, resource.getrlimit(resource.RLIMIT_FSIZE)  # more than other threads write
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        with pytest.raises(StorageFull):
            Fetching(chosen, model, patience=AT_ONCE).run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert find(chosen, NAME) is None
    assert contents(fetch(chosen)) == VISIBLE | {"model.bin": large}
    assert serving.ranges()[1] == f"bytes={most}-"


def test_a_place_that_cannot_be_written_is_told(serving: TestHub, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(StorageError, match="models") as refused:
        fetch(settings_of(serving, tmp_path))
    assert not isinstance(refused.value, StorageFull)
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno in (errno.ENOTDIR, errno.EEXIST)


# -- what the hub says ------------


def test_no_connection_is_told_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "pansori.models")
    with hub() as gone:
        chosen = settings_of(gone, tmp_path)
    with pytest.raises(Unreachable, match="no connection to 127"):
        Hub(chosen).told(look_up(NAME))
    with pytest.raises(Unreachable, match="no connection to 127"):
        Fetching(chosen, look_up("whisper-tiny"), patience=AT_ONCE).run()
    assert "asking again" not in caplog.text


@pytest.mark.parametrize(
    ("name", "error", "word"),
    [
        ("hf:owner/nothing", NotFound, "no such repository"),
        (f"{NAME}@v2", NotFound, "revision v2"),
        (f"{NAME}:nothing", NotFound, "no files"),
    ],
)
def test_what_there_is_not_is_told(chosen: Settings, name: str, error: type[PansoriError], word: str) -> None:
    with pytest.raises(error, match=word):
        fetch(chosen, name)


def test_terms_have_to_be_accepted(serving: TestHub, tmp_path: Path) -> None:
    serving.repositories["owner/tiny"].gated = True
    with pytest.raises(Forbidden) as refused:
        fetch(settings_of(serving, tmp_path))
    assert refused.value.cure is not None
    assert f"{serving.url}/owner/tiny" in refused.value.cure.en
    fetch(settings_of(serving, tmp_path, token="hf_accepted"))
    tokens = {(one.server, one.token) for one in serving.asked[1:]}
    assert tokens == {("hub", "Bearer hf_accepted"), ("files", None)}  # where it redirects, the token is not told


def test_the_hub_tells_licences(chosen: Settings, serving: TestHub) -> None:
    repository = serving.repositories["owner/tiny"]
    assert Hub(chosen).told(look_up(NAME)).licence == "apache-2.0"
    repository.licence = "cc-by-nc-4.0"
    assert not Hub(chosen).told(look_up(NAME)).commercial
    repository.licence = None
    assert Hub(chosen).told(look_up(NAME)).licence == ""


@pytest.mark.parametrize("told", [{"size": "many"}, {"lfs": {"sha256": "../../etc"}}, {"blobId": None, "lfs": None}])
def test_an_answer_that_is_none_is_refused(chosen: Settings, serving: TestHub, told: dict[str, object]) -> None:
    serving.repositories["owner/tiny"].told["model.bin"] = told
    with pytest.raises(FetchFailed, match="no hub"):
        Hub(chosen).told(look_up(NAME))


@pytest.mark.parametrize("path", ["../../escaped", "/escaped", "a/../../escaped", "a\\b", "a\nb"])
def test_no_file_is_written_elsewhere(chosen: Settings, serving: TestHub, path: str) -> None:
    serving.repositories["owner/tiny"].files[path] = b"escaped"
    with pytest.raises(FetchFailed):
        fetch(chosen)
    assert not list(models_dir(chosen).parent.rglob("*escaped*"))


# -- what is here ------------


def test_what_somebody_put_there_is_found(chosen: Settings) -> None:
    mine = models_dir(chosen) / "mine"
    mine.mkdir(parents=True)
    assert find(chosen, "mine") is None
    (mine / "model.bin").write_bytes(b"weights")
    assert find(chosen, "mine") == mine
    assert [(one.model.name, one.state, one.size) for one in shelved(chosen)] == [("mine", "there", 7)]


def test_a_copy_that_broke_off_is_not_found(chosen: Settings) -> None:
    folder = models_dir(chosen) / "whisper-tiny"
    folder.mkdir(parents=True)
    (folder / "config.json").write_bytes(b"{}")
    assert find(chosen, "whisper-tiny") is None
    assert [one.state for one in shelved(chosen)] == ["damaged"]


def test_a_copied_folder_is_a_model(chosen: Settings, serving: TestHub, tmp_path: Path) -> None:
    shutil.copytree(models_dir(chosen).parent / fetch(chosen), tmp_path / "other" / "models" / "hf--owner--tiny")
    other = settings_of(serving, tmp_path / "other")
    assert find(other, NAME) is not None


def test_a_removed_model_leaves_nothing(chosen: Settings, serving: TestHub) -> None:
    fetch(chosen)
    serving.breaks = [PIECE]
    with pytest.raises(Unreachable):
        fetch(chosen, f"{NAME}:voices")
    sizes = {one.model.name: one.size for one in shelved(chosen)}
    assert remove(chosen, NAME) == sizes[NAME]
    assert remove(chosen, f"{NAME}:voices") > 0
    assert list(shelved(chosen)) == []
    assert contents(models_dir(chosen)) == dict.fromkeys(
        (f".fetching/hf--owner--tiny{suffix}.lock" for suffix in ("", "--voices")), b""
    )
    with pytest.raises(NotFound):
        remove(chosen, NAME)
    with pytest.raises(InvalidRequest):
        remove(chosen, "..")


def test_the_hubs_own_client_gets_the_same_of_this_hub(serving: TestHub, tmp_path: Path) -> None:
    """So that what is tested here speaks as the real one does."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    asking = HfApi(endpoint=serving.url)
    told = asking.model_info("owner/tiny", files_metadata=True)
    ours = Hub(settings_of(serving, tmp_path)).told(look_up(NAME))
    assert told.sha == ours.revision
    theirs = {one.rfilename: one.lfs.sha256 if one.lfs else one.blob_id for one in told.siblings or ()}
    assert {file.path: file.digest for file in ours.files}.items() <= theirs.items()
    for name in ("config.json", "model.bin"):
        got = hf_hub_download("owner/tiny", name, endpoint=serving.url, cache_dir=tmp_path / "theirs", token=False)
        assert Path(got).read_bytes() == VISIBLE[name]
    with pytest.raises(RepositoryNotFoundError):
        asking.model_info("owner/nothing")
    serving.repositories["owner/tiny"].gated = True
    with pytest.raises(GatedRepoError):
        asking.model_info("owner/tiny")


def test_models_dir_can_be_elsewhere(serving: TestHub, tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path / "data", models_dir=tmp_path / "weights", hub_url=serving.url)
    assert fetch(chosen).parent == tmp_path / "weights"
    note = json.loads((tmp_path / "weights" / "hf--owner--tiny" / ".pansori.json").read_text())
    assert (note["name"], note["revision"], note["licence"]) == (NAME, COMMIT, "apache-2.0")
    assert Model.model_validate(note).size == sum(map(len, VISIBLE.values()))


def test_a_silent_server_is_told_apart(serving: TestHub, tmp_path: Path) -> None:
    serving.stalls = PIECE
    chosen = settings_of(serving, tmp_path)
    model = Hub(chosen).told(look_up(NAME))
    with pytest.raises(FetchTimedOut, match="does not answer"):
        Fetching(chosen, model, silence=Seconds(0.2), patience=()).run()
