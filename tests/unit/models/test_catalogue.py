"""Which models there are, and what they may be called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest, NotFound
from pansori.models import Model, ModelFile, catalogue, look_up, models_for
from pansori.models._catalogue import engine_of, folder_of, forbids_commerce, is_safe

SHA256 = re.compile(r"[0-9a-f]{64}")
PARTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True)
REPOSITORIES = st.builds(
    lambda owner, name, revision, folder: f"hf:{owner}/{name}{revision}{folder}",
    PARTS,
    PARTS,
    st.one_of(st.just(""), PARTS.map("@{}".format)),
    st.one_of(st.just(""), st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: ":" + "/".join(parts))),
)


@pytest.mark.parametrize("model", catalogue(), ids=lambda model: model.name)
def test_every_model_says_all_that_one_asks(model: Model) -> None:
    assert model.summary
    assert model.summary_ko
    assert model.licence
    assert model.files
    assert look_up(model.name) is model
    assert folder_of(model.name) == model.name
    for file in model.files:
        assert SHA256.fullmatch(file.sha256)
        assert file.size > 0
        assert is_safe(file.path)


def test_every_name_is_there_once() -> None:
    names = [model.name.lower() for model in catalogue()]  # folders differ on every system
    assert len(names) == len(set(names))


def test_licences_that_forbid_commerce_say_so() -> None:
    for model in catalogue():
        assert model.commercial is not forbids_commerce(model.licence)
    assert [model.name for model in catalogue() if not model.commercial] == ["piper-en_US-lessac-medium"]


@pytest.mark.parametrize(
    ("licence", "forbidden"),
    [
        ("cc-by-nc-4.0", True),
        ("cc-by-nc-sa-3.0", True),
        ("CC BY-NC", True),
        ("coqui-public-model-license-non-commercial", True),
        ("research only", True),
        ("apache-2.0", False),
        ("cc-by-sa-4.0", False),
        ("ncsa", False),
        ("", False),
    ],
)
def test_licences_are_read(licence: str, forbidden: bool) -> None:
    assert forbids_commerce(licence) is forbidden


@pytest.mark.parametrize("model", catalogue(), ids=lambda model: model.name)
def test_an_engine_is_told_by_the_files(model: Model) -> None:
    assert engine_of(file.path for file in model.files) == model.engine


@pytest.mark.parametrize("paths", [[], ["config.json", "model.safetensors"], ["model.onnx"], ["voices.json"]])
def test_other_files_are_for_nobody_that_is_known(paths: list[str]) -> None:
    assert engine_of(paths) == ""


def test_an_engine_has_its_models() -> None:
    assert models_for("transcribe.faster_whisper")[0].name == "whisper-tiny"
    assert {model.engine for model in models_for("speak.piper")} == {"speak.piper"}
    assert models_for("speak.nobody") == ()


def test_the_nearest_is_named_for_one_that_there_is_not() -> None:
    with pytest.raises(NotFound) as error:
        look_up("whisper-smal")
    assert error.value.cure is not None
    assert "whisper-small" in error.value.cure.en
    with pytest.raises(NotFound) as error:
        look_up("zzz")
    assert error.value.cure is not None
    assert "hf:owner/name" in error.value.cure.ko


def test_a_repository_has_revision_and_folder() -> None:
    assert look_up("hf:owner/name").revision == "main"
    model = look_up("hf:owner/na.me@v1.0:en/en_US/high")
    assert (model.repository, model.revision, model.folder) == ("owner/na.me", "v1.0", "en/en_US/high")
    assert model.remote(ModelFile(path="a.onnx", size=1)) == "en/en_US/high/a.onnx"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name",
    [
        *("hf:owner", "hf:", "hf:a/b/c", "hf:../b", "hf:a/b:../c"),
        *("hf:a/b:", "hf:a/b:.git", "hf:a/b@", "hf:a--b/c", "hf:a/b:c\\d"),
    ],
)
def test_what_is_no_repository_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        look_up(name)
    with pytest.raises(InvalidRequest):
        folder_of(name)


@pytest.mark.parametrize("name", ["", "..", ".fetching", "a/b", "/etc", "hf--a--b", "a\x00b", "ㄱ", "a" * 97])
def test_what_is_no_name_has_no_folder(name: str) -> None:
    with pytest.raises(InvalidRequest):
        folder_of(name)


@examples(max_examples=40)
@given(REPOSITORIES, REPOSITORIES)
def test_two_repositories_never_share_a_folder(one: str, other: str) -> None:
    folders = []
    for name in (one, other):
        try:
            folders.append(folder_of(name))
        except InvalidRequest:
            return
    assert (folders[0] == folders[1]) == (look_up(one) == look_up(other).model_copy(update={"name": one}))
    assert "/" not in folders[0]


@given(st.text(alphabet="ab./\\\0 -:~", max_size=12))
def test_a_safe_path_stays_below_its_folder(path: str) -> None:
    root = Path("/models/one")
    if is_safe(path):
        assert (root / path).resolve().is_relative_to(root)
        assert (root / path).resolve() != root
