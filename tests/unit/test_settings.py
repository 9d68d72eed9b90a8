"""Settings are read by their documented names, and a misspelt one is told apart from an unset one."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path

import pytest

from pansori import settings
from pansori.domain.errors import ConfigurationError
from pansori.settings import Settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_documented_names_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.setenv("DATABASE_URL", "postgresql://band@db/songs")
    loaded = settings.load()
    assert loaded.port == 9001
    assert loaded.database == "postgresql+psycopg://band@db/songs"


def test_the_environment_wins_over_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=9001\nPANSORI_WORKERS=3\n")
    monkeypatch.setenv("PORT", "9002")
    loaded = settings.load()
    assert (loaded.port, loaded.workers) == (9002, 3)


def test_an_unknown_name_is_an_error_that_names_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANSORI_DATADIR", "elsewhere")
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert raised.value.field == "PANSORI_DATADIR"
    assert raised.value.cure is not None
    assert "PANSORI_DATA_DIR" in raised.value.cure.en


def test_an_unknown_name_in_the_env_file_is_found_too() -> None:
    Path(".env").write_text("PANSORI_BROKER=redis://localhost\n")
    with pytest.raises(ConfigurationError):
        settings.load()


def test_a_bad_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "80800")
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert raised.value.field == "PORT"


def test_without_a_database_url_the_data_folder_holds_it(tmp_path: Path) -> None:
    assert settings.load(data_dir=tmp_path).database == f"sqlite:///{tmp_path / 'pansori.db'}"


def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANSORI_ALLOW_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("ALLOW_ORIGIN", "https://c.example")
    loaded = settings.load()
    assert loaded.allow_origins == ("https://a.example", "https://b.example")
    assert loaded.origins == ("https://a.example", "https://b.example", "https://c.example")


def test_the_server_listens_where_it_is_documented() -> None:
    loaded = settings.load()
    assert (loaded.host, loaded.port, loaded.mode) == ("127.0.0.1", 8080, "open")


def test_a_broker_is_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANSORI_BROKER_URL", "amqp://localhost")
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert raised.value.message.en == "PANSORI_BROKER_URL: This has to begin with redis://, rediss:// or unix://."


@pytest.mark.parametrize("wrong", ["foo bar", "foo", "a/b/c", "ftp://host", "http://", "http://me:pw@host"])
def test_a_space_is_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("HF_SPACE_ID", wrong)
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert raised.value.field == "HF_SPACE_ID"
    assert raised.value.cure is not None
    assert "owner/name" in raised.value.cure.en


@pytest.mark.parametrize(
    "right", ["owner/na.me-2", "http://127.0.0.1:7860", "http://[::1]:7860/", "https://huggingface.co/spaces/a/b"]
)
def test_spaces_as_they_are_named(monkeypatch: pytest.MonkeyPatch, right: str) -> None:
    monkeypatch.setenv("HF_SPACE_ID", f" {right}")
    assert settings.load().space == right


def test_every_setting_says_what_it_does() -> None:
    tree = ast.parse(Path(inspect.getfile(Settings)).read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    told = {
        field.target.id
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
    }
    assert told == set(Settings.model_fields)


@pytest.mark.parametrize("token", ["short", "sixteen-or-more-, 판소리"])
def test_a_token_that_one_could_guess_or_not_send_is_refused(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANSORI_METRICS_TOKEN", token)
    with pytest.raises(ConfigurationError) as raised:
        settings.load()
    assert raised.value.field == "PANSORI_METRICS_TOKEN"
    assert token not in str(raised.value)


@pytest.mark.parametrize("field", ["access_log", "models_dir", "soundfont", "tls_cert", "tls_key"])
def test_an_empty_choice_is_none(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.env_name(field), "")
    assert getattr(settings.load(), field) is None
