"""Models are fetched from a hub: resumed, checked, there only when whole. The hub is a real server on this machine."""

from __future__ import annotations

import errno
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pansori.domain.errors import FetchFailed, FetchTimedOut, StorageError, StorageFull, Unreachable
from pansori.domain.units import Bytes, Seconds
from pansori.models import Fetching, Hub, find, look_up, models_dir, remove, shelved
from pansori.settings import Settings
from support.fetched import AT_ONCE, NAME, VISIBLE, WEIGHTS, contents, fetch, settings_of
from support.hub import COMMIT, PIECE, TestHub
from support.waiting import PATIENCE


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


def test_a_silent_server_is_told_apart(serving: TestHub, tmp_path: Path) -> None:
    serving.stalls = PIECE
    chosen = settings_of(serving, tmp_path)
    model = Hub(chosen).told(look_up(NAME))
    with pytest.raises(FetchTimedOut, match="does not answer"):
        Fetching(chosen, model, silence=Seconds(0.2), patience=()).run()
