"""Every kind of input that a Gradio app has, with labels in four languages, in real apps of both Gradios."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Seconds
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.gradio.server import Apps

QUALITIES = {
    "kinds_en": ("Low", "Medium", "Best"),
    "kinds_ko": ("낮음", "보통", "높음"),
    "kinds_ja": ("下書き", "標準", "最高"),
    "kinds_zh": ("草稿", "标准", "最佳"),
}


@pytest.mark.parametrize("app", QUALITIES)
@pytest.mark.parametrize("quality", list(Quality))
def test_each_value_goes_to_the_input_that_is_for_it(apps: Apps, tmp_path: Path, app: str, quality: Quality) -> None:
    prompt = f"ballad {uuid4().hex[:6]}"
    task = ComposeTask(genre=prompt, duration=Seconds(21.0), seed=77, quality=quality, sample_rate=32_000)
    settings = Settings(data_dir=tmp_path, hf_space_id=apps.url(app))
    context = MemoryContext(seed=77, scratch=tmp_path)
    song = SpaceComposer(settings).run(task, SpaceOptions(), context)
    (call,) = [one for one in apps.calls(app) if one["prompt"] == prompt]
    assert call == {
        "app": app,
        "prompt": prompt,
        "duration": 20,
        "seed": 77,
        "quality": QUALITIES[app][list(Quality).index(quality)],
        "rate": "32000",
        "instrumental": True,
    }
    report: dict[str, Any] = {entry["component"]: entry["from"] for entry in song.report["inputs"]}
    assert report == {
        "textbox": "prompt",
        "slider": "duration",
        "number": "seed",
        "radio": "quality",
        "dropdown": "sample_rate",
        "checkbox": "instrumental",
    }
    assert song.report["missing"] == song.report["unused"] == []
