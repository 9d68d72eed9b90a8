"""What a hub says of its models, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.domain.errors import FetchFailed, Forbidden, NotFound, PansoriError, Unreachable
from pansori.models import Fetching, Hub, look_up, models_dir
from pansori.settings import Settings
from support.fetched import AT_ONCE, NAME, VISIBLE, fetch, settings_of
from support.hub import TestHub, hub


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
