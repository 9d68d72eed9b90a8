"""Reading of sound that lies in a mapped file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pansori.domain.units import SampleRateHz
from pansori.dsp.loudness import true_peak
from pansori.dsp.mapped import FRAMES, blocks, release
from pansori.dsp.peaks import peaks

MANY = 16 * FRAMES


@pytest.fixture
def mapped(tmp_path: Path) -> Any:
    """Two channels, [channels, frames], 32 MiB in a file."""
    path = tmp_path / "samples.raw"
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (FRAMES, 2)).astype(np.float32)
    with path.open("wb") as file:
        for _ in range(MANY // FRAMES):
            file.write(noise.tobytes())
    return np.memmap(path, np.float32, mode="c", shape=(MANY, 2)).T


def resident(path: Path) -> int:
    """Bytes of the file that this process holds; zero where the system does not tell."""
    smaps, found, here = Path("/proc/self/smaps"), 0, False
    for line in smaps.read_text().splitlines() if smaps.exists() else ():
        if "-" in line.split(" ", 1)[0]:
            here = line.endswith(str(path))
        elif here and line.startswith("Rss:"):
            found += 1024 * int(line.split()[1])
    return found


def test_blocks_are_the_whole(mapped: Any) -> None:
    assert sum(block.shape[1] for block in blocks(mapped, 100_000)) == MANY
    assert np.array_equal(np.concatenate(list(blocks(mapped[:, :1000], 300)), axis=1), mapped[:, :1000])
    assert list(blocks(np.zeros((2, 0), np.float32))) == []


def test_what_was_read_is_let_go_and_can_be_read_again(mapped: Any, tmp_path: Path) -> None:
    path = tmp_path / "samples.raw"
    before = mapped[:, :5].copy()
    assert float(mapped.max()) > 0.49
    assert resident(path) in (0, MANY * 8)
    release(mapped[0, 10:])
    assert resident(path) == 0
    assert np.array_equal(mapped[:, :5], before)


@pytest.mark.parametrize(
    "look",
    [
        lambda samples: peaks(samples, 1000),
        lambda samples: true_peak(samples[:, : 2 * FRAMES], SampleRateHz(192_000)),
        lambda samples: [block.sum() for block in blocks(samples)],
    ],
    ids=["peaks", "true peak", "blocks"],
)
def test_looking_at_all_of_it_keeps_little_of_it(look: Any, mapped: Any, tmp_path: Path) -> None:
    look(mapped)
    assert resident(tmp_path / "samples.raw") <= FRAMES * 8


def test_samples_in_memory_stay_as_they_are() -> None:
    samples = np.arange(10, dtype=np.float32)
    release(samples)
    assert samples.tolist() == list(range(10))


def test_peaks_of_parts_are_those_of_the_whole(mapped: Any) -> None:
    whole, copied = peaks(mapped, 777), peaks(np.ascontiguousarray(mapped), 777)
    starts = np.linspace(0, MANY, 777, endpoint=False).astype(np.int64)
    assert np.array_equal(whole, copied)
    assert np.array_equal(whole, np.maximum.reduceat(np.abs(mapped), starts, axis=1))
