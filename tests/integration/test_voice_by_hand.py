"""The program that docs/voice.md gives for talking by hand works as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np

from support.command import clean_environment
from support.installations import installation
from support.media import wave_file
from support.talking import RATE, tones
from support.voice import ENGINES

DOCUMENT = Path(__file__).parents[2] / "docs" / "voice.md"
DOCUMENTED = "ws://127.0.0.1:8080"


def test_a_question_in_a_file_is_answered_in_a_file(tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    wave_file(tmp_path / "question.wav", tones(5)[None].astype(np.float32), RATE)
    with installation(tmp_path / "data", workers=0, **ENGINES) as place:
        assert DOCUMENTED in program
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program.replace(DOCUMENTED, place.url.replace("http", "ws"))],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "final five" in done.stdout
    with wave.open(str(tmp_path / "answer.wav")) as answer:
        samples = np.frombuffer(answer.readframes(answer.getnframes()), dtype="<i2")
    assert np.abs(samples).max() > 1_000
