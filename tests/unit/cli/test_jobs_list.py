from __future__ import annotations

from pathlib import Path

import pytest

from pansori.bootstrap import build
from pansori.cli.jobs import show_list
from pansori.settings import Settings
from pansori.workflows import GenerationTask


def test_a_generation_is_listed_by_its_prompt_as_it_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    services = build(Settings(data_dir=tmp_path, workers=0))
    try:
        owner = services.accounts.local().known("read").id
        services.submit("generation", GenerationTask(prompt="calm piano [/] :piano:"), owner=owner, origin="v1")
    finally:
        services.close()
    monkeypatch.setenv("PANSORI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    show_list(states=[], kind=None, limit=10, as_json=False)
    assert "calm piano [/] :piano:" in capsys.readouterr().out
