"""Seeds that a Space has no room for, and answers that say they are something else than they are."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pansori.domain.errors import SpaceFailed
from pansori.domain.tasks import ComposeTask
from pansori.engines.compose.space import SpaceComposer, SpaceOptions
from pansori.engines.compose.space.model import Parameter
from pansori.engines.compose.space.values import fit
from pansori.engines.compose.space.vocabulary import Concept
from pansori.settings import Settings
from support.context import MemoryContext
from support.origin import Answer, Origin, serving
from support.space import CONFIG

PAGE = b"\n <!DOCTYPE html><title>x</title><p>Nothing of ours is here</p>"


@pytest.mark.parametrize("component", ["slider", "number"])
def test_other_seeds_are_other_seeds_in_a_smaller_range_too(component: str) -> None:
    """Else everybody who chose none would get the same song."""
    small = Parameter(
        name="seed", label="Seed", component=component, required=True, minimum=0, maximum=1_000_000, step=1, whole=True
    )
    given = range(5_000_000, 2**32, 4_294_967)
    fitted = [fit(Concept.SEED, seed, small) for seed in given]
    sent = {one.value for one in fitted if one is not None}
    assert len(sent) > 0.95 * len(given)
    assert all(0 <= seed <= 1_000_000 for seed in sent)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with serving({}) as origin:
        yield origin


def answered(body: bytes, media_type: str) -> Answer:
    return lambda exchange: exchange.answer(body=body, media_type=media_type)


def ask(origin: Origin, folder: Path, name: str, body: bytes, media_type: str) -> MemoryContext:
    """A Space whose answer is this file."""
    done = {"msg": "process_completed", "event_id": "e", "success": True, "output": {"data": [{"path": f"/{name}"}]}}
    origin.routes |= {
        "/config": answered(json.dumps(CONFIG).encode(), "application/json"),
        "/info": answered(b'{"named_endpoints": {}}', "application/json"),
        "/queue/join": answered(b'{"event_id": "e"}', "application/json"),
        "/queue/data": answered(f"data: {json.dumps(done)}\n\n".encode(), "text/event-stream"),
        f"/file=/{name}": answered(body, media_type),
    }
    context = MemoryContext(seed=1, scratch=folder)
    settings = Settings(data_dir=folder, hf_space_id=origin.url)
    SpaceComposer(settings).run(ComposeTask(genre="calm", seed=1), SpaceOptions(), context)
    return context


@pytest.mark.parametrize("media_type", ["audio/wav", "application/octet-stream", "text/html", ""])
def test_a_page_is_no_song_whatever_it_calls_itself(origin: Origin, tmp_path: Path, media_type: str) -> None:
    with pytest.raises(SpaceFailed) as raised:
        ask(origin, tmp_path, "song.wav", PAGE, media_type)
    assert "text/html" in raised.value.message.en
    assert "Nothing of ours is here" in raised.value.message.en


@pytest.mark.parametrize(
    ("name", "told", "written", "media_type"),
    [
        ("song.wav", "audio/wav", "WAV", "audio/wav"),
        ("song.wav", "audio/wav", "FLAC", "audio/flac"),
        ("song", "application/octet-stream", "MP3", "audio/mpeg"),
        ("song.mp3", "audio/mpeg", "OGG", "audio/ogg"),
    ],
)
def test_sound_is_called_what_it_is(
    origin: Origin, tmp_path: Path, name: str, told: str, written: str, media_type: str
) -> None:
    """The file's own type decides, by which it gets its ending: not its name, and not what the server says."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.sin(np.arange(22_050) * 0.05) * 0.3, 22_050, format=written)
    assert ask(origin, tmp_path, name, buffer.getvalue(), told).files["song"].media_type == media_type
