"""`pansori analyze` as people use it: one file, many files, broken files among them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import signal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from pansori.bootstrap import build
from pansori.media import count_ready
from pansori.settings import Settings
from support import tunes
from support.command import Command, Inside, Shell
from support.recordings import RATE, Sound, hiss, tone, vowel
from support.signals import coming, leaves
from support.waiting import eventually

FAST = ("--include", "signal,loudness")


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    return Inside(tmp_path)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def save(folder: Path, name: str, sound: Sound, rate: int = RATE, **how: str) -> Path:
    path = folder / name
    soundfile.write(path, np.atleast_2d(sound).T, rate, **how)
    return path


def analysed(command: Command, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    done = command.run("analyze", "--json", *arguments)
    assert done.returncode == code, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["files"]
    return found


def test_one_recording_is_measured_whole(inside: Inside) -> None:
    save(inside.folder, "vowel.wav", vowel(np.full(RATE, 150.0)))
    [found] = analysed(inside, "vowel.wav")
    analysis = found["analysis"]
    assert found["path"] == "vowel.wav"
    assert analysis["format"]["container"] == "wav"
    assert analysis["format"]["duration"] == pytest.approx(1.0)
    assert analysis["voice"]["f0_median"]["value"] == pytest.approx(150, rel=0.01)
    assert analysis["voice"]["f0_median"]["unit"] == "Hz"
    assert analysis["stereo"]["width"]["refused"]["code"] == "not_stereo"
    assert analysis["loudness"]["integrated"]["value"] < 0


def test_people_read_a_table(inside: Inside) -> None:
    save(inside.folder, "tone.wav", np.stack([tone(1000, -20, 2.0)] * 2))
    done = inside.run("analyze", "tone.wav", *FAST)
    assert done.returncode == 0, done.stderr
    assert "tone.wav" in done.stdout
    assert "2.0 s" in done.stdout
    assert "-20" in done.stdout


def test_what_failed_is_told_below_the_table_in_a_line_each(inside: Inside) -> None:
    save(inside.folder, "tone.wav", np.stack([tone(1000, -20, 1.0)] * 2))
    for name in ("empty.wav", "text.wav"):
        (inside.folder / name).write_bytes(BAD[name])
    done = inside.run("analyze", "empty.wav", "tone.wav", "text.wav", *FAST)
    assert done.returncode == 1
    assert "tone.wav" in done.stdout
    assert "empty.wav" not in done.stdout
    told = done.stderr.splitlines()
    assert "empty.wav: The file is empty." in told
    assert any(line.startswith("text.wav: The file is text") for line in told)


def test_a_table_for_programs_has_a_row_a_file_and_says_what_is_refused(inside: Inside) -> None:
    save(inside.folder, "tone.wav", tone(1000, -20, 1.0))
    done = inside.run("analyze", "tone.wav", *FAST, "--csv", "-")
    assert done.returncode == 0, done.stderr
    [row] = csv.DictReader(io.StringIO(done.stdout))
    assert row["path"] == "tone.wav"
    assert float(row["loudness.integrated"]) == pytest.approx(-23, abs=0.1)
    assert float(row["signal.peak"]) == pytest.approx(-20, abs=0.01)
    assert row["loudness.max_short_term"] == ""
    assert row["loudness.max_short_term.refused"] == "too_short"


def test_nothing_is_measured_twice_and_nothing_is_left_behind(inside: Inside) -> None:
    save(inside.folder, "hiss.wav", hiss(1.0))
    first = analysed(inside, "hiss.wav", *FAST)[0]
    (inside.folder / "again.wav").write_bytes((inside.folder / "hiss.wav").read_bytes())
    again = analysed(inside, "again.wav", *FAST, "--set", "pitch_floor=75")[0]
    assert again["analysis"]["format"]["sha256"] == first["analysis"]["format"]["sha256"]
    third = analysed(inside, "again.wav", *FAST)[0]
    assert third["analysis"] == first["analysis"]
    assert third["job"] != first["job"]
    services = build(Settings(data_dir=inside.folder / "pansori-data", workers=0))
    try:
        files, _ = count_ready(services.assets)
    finally:
        services.close()
    assert files == 2  # the analyses; the recordings are gone


FORMATS = ("--svg", "--png", "--jams", "--textgrid", "--audacity", "--sonic-visualiser")


def test_it_is_saved_as_a_page_as_plots_and_in_the_formats_of_other_programs(inside: Inside) -> None:
    save(inside.folder, "vowel.wav", vowel(np.full(RATE, 150.0)))
    done = inside.run("analyze", "vowel.wav", "--include", "voice", "--report", "r.html", "-o", "found", *FORMATS)
    assert done.returncode == 0, done.stderr
    plots = {f"{plot}.{kind}" for plot in ("waveform", "pitch", "spectrogram") for kind in ("svg", "png")}
    layers = {"voiced.txt", "pauses.txt"} | {
        f"{layer}.csv" for layer in ("voiced", "pauses", "f0", "intensity", "f1", "f2", "f3", "f4")
    }
    saved = {path.name.removeprefix("vowel.wav.") for path in (inside.folder / "found").iterdir()}
    assert saved == {"json", "jams", "TextGrid", *plots, *layers}
    page = (inside.folder / "r.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3
    assert "150 Hz" in page


def test_it_is_scored_against_annotations(inside: Inside) -> None:
    save(inside.folder, "drums.wav", tunes.beat(12.0, 120.0, first=0.5), tunes.RATE)
    times = [f"{0.5 * number:.1f}" for number in range(1, 24)]
    (inside.folder / "drums.wav.beats.lab").write_text("\n".join(times), encoding="utf-8")
    wanted = ("drums.wav", "--include", "music", "--kind", "music", "--evaluate")
    [found] = analysed(inside, *wanted, ".")
    assert found["evaluation"] == {"beats.f": pytest.approx(1.0, abs=0.05)}
    (inside.folder / "others").mkdir()
    (inside.folder / "others" / "drums.wav.beats.lab").write_text("5.75\n6.25\n6.75\n", encoding="utf-8")
    shown = inside.run("analyze", *wanted, "others")
    assert "beats.f" in shown.stdout
    assert "0.000" in shown.stdout


def test_a_page_tells_in_the_reader_s_language_what_could_not_be_analysed(inside: Inside) -> None:
    (inside.folder / "text.wav").write_bytes(BAD["text.wav"])
    done = inside.run("analyze", "text.wav", "--report", "r.html", "--jams", PANSORI_LANG="ko")
    assert done.returncode == 1, done.stderr
    page = (inside.folder / "r.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert "text.wav" in page
    assert "refused" in page
    assert sorted(path.name for path in inside.folder.glob("*.*")) == ["r.html", "text.wav"]


BAD = {
    "text.wav": b"this is not sound at all, whatever its name says\n" * 20,
    "empty.wav": b"",
    "truncated.wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
}


def test_many_are_measured_by_workers_and_a_bad_one_stops_none(shell: Shell) -> None:
    for number in range(3):
        save(shell.folder, f"{number}.flac", tone(440 * (number + 1), -20, 1.0), 44_100)
    for name, content in BAD.items():
        (shell.folder / name).write_bytes(content)
    files = ["0.flac", *BAD, "1.flac", "nowhere.wav", "2.flac"]
    done = shell.run("analyze", "--json", *FAST, "--workers", "2", "--output", "found/", "--csv", "t.csv", *files)
    assert done.returncode == 1, done.stderr
    found = {one["path"]: one for one in json.loads(done.stdout)["files"]}
    assert list(found) == files
    for name in BAD:
        assert found[name]["error"]["code"] == "unreadable_media"
    assert found["nowhere.wav"]["error"]["code"] == "not_found"
    for number in range(3):
        assert found[f"{number}.flac"]["analysis"]["signal"]["peak"]["value"] == pytest.approx(-20, abs=0.01)
        assert json.loads((shell.folder / "found" / f"{number}.flac.json").read_text(encoding="utf-8"))
    with (shell.folder / "t.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    assert [row["path"] for row in rows] == files
    assert [bool(row["error"]) for row in rows] == [False, True, True, True, False, True, False]


def test_on_a_terminal_a_bar_tells_how_many_are_done(shell: Shell) -> None:
    for number in range(2):
        save(shell.folder, f"{number}.wav", tone(440 * (number + 1), -20, 0.2))
    done = shell.draw("analyze", *FAST, "0.wav", "1.wav")
    assert done.returncode == 0, done.stderr
    assert "Analysing" in done.stderr
    assert re.search(r"[01]/2", done.stderr)
    assert all(f"{number}.wav" in done.stdout for number in range(2))


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nowhere.wav"], 3, "nowhere.wav"),
        (["."], 2, "."),
        (["text.wav"], 1, "not sound"),
        (["tone.wav", "--include", "everything"], 2, "--include"),
        (["tone.wav", "--set", "nothing=1"], 2, "nothing"),
        (["tone.wav", "--set", "pitch_floor=1"], 2, "pitch_floor"),
        (["tone.wav", "--engine", "nobody"], 2, "pansori"),
        (["tone.wav", "--csv", "/dev/null/a.csv"], 1, "/dev/null/a.csv"),
        (["tone.wav", "--report", "/dev/null/a.html"], 1, "/dev/null/a.html"),
        (["tone.wav", "--evaluate", "nowhere.jams"], 2, "nowhere.jams"),
        (["tone.wav", "--evaluate", "text.wav"], 2, "annotations"),
        (["tone.wav", "tone.wav", "--evaluate", "text.wav"], 2, "one recording"),
        (["tone.wav", "--include", "voice", "--evaluate", "."], 2, "music"),
    ],
)
def test_what_is_wrong_is_told(inside: Inside, arguments: list[str], code: int, told: str) -> None:
    save(inside.folder, "tone.wav", tone(440, -20, 0.2))
    (inside.folder / "text.wav").write_bytes(BAD["text.wav"])
    done = inside.run("analyze", "--json", *arguments)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert told in done.stderr + done.stdout
    assert list((inside.folder / "pansori-data").rglob("*.wav")) == []


HOSTILE: dict[str, tuple[Sound, int, str]] = {
    "infinite.wav": (np.array([0.1, np.nan, np.inf, -np.inf, 0.2] * 8_000), 48_000, "FLOAT"),
    "silent.wav": (np.zeros(RATE), 48_000, "PCM_16"),
    "sample.wav": (np.array([0.5]), 48_000, "PCM_16"),
}
"""What has the fewest measures and the oddest; `test_bad_recordings` measures all kinds, without the command."""


@pytest.mark.parametrize("name", HOSTILE)
def test_strange_files_are_measured(inside: Inside, name: str) -> None:
    sound, rate, subtype = HOSTILE[name]
    save(inside.folder, name, sound, rate, subtype=subtype)
    [found] = analysed(inside, name)
    assert found["analysis"]["format"]["sample_rate"] == rate


def test_a_file_that_ends_too_early_says_so(inside: Inside) -> None:
    path = save(inside.folder, "song.flac", hiss(4.0), 44_100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    [found] = analysed(inside, "song.flac", *FAST)
    assert 0 < found["analysis"]["format"]["duration"] < 4


def test_ctrl_c_cancels_all_that_is_not_done(shell: Shell) -> None:
    """The third file is a pipe that nobody writes into, at which the command waits while the first are at work."""
    for number in range(2):
        save(shell.folder, f"{number}.wav", np.tile(vowel(np.full(RATE, 100.0 + number)), 120))
    os.mkfifo(shell.folder / "pipe.wav")
    command = shell.start("analyze", "0.wav", "1.wav", "pipe.wav")
    database = shell.folder / "pansori-data" / "pansori.db"
    eventually(database.exists)
    eventually(lambda: "running" in states(shell.folder))
    os.kill(command.pid, signal.SIGINT)
    _, told = command.communicate(timeout=300)
    assert command.returncode == 130, told
    assert not {"queued", "running"} & set(states(shell.folder))
    assert stored(shell.folder, ".wav") == []


def test_ctrl_c_may_come_while_a_recording_is_being_stored(inside: Inside) -> None:
    """When the session in which that was written is about to be left."""
    for number in range(2):
        save(inside.folder, f"{number}.wav", tone(440, -20, 0.2))
    with coming(signal.SIGINT, partial(leaves, of="store_recording")):
        done = inside.run("analyze", "--workers", "1", *FAST, "0.wav", "1.wav")
    assert done.returncode == 130
    assert done.stderr.splitlines()[-2:] == ["0.wav: cancelled", "1.wav: cancelled"]
    assert stored(inside.folder, ".wav") == []
    assert states(inside.folder) == []


def test_what_was_killed_goes_on_where_it_was_and_leaves_nothing(shell: Shell) -> None:
    """The third file is a pipe that nobody writes into, at which the command waits while the others are at work: there
    may be four for two workers, so it has ended none of them by then."""
    for number in range(3):
        save(shell.folder, f"{number}.wav", tone(440 * (number + 1), -20, 0.2))
    files = ["0.wav", "1.wav", "pipe.wav", "2.wav"]
    os.mkfifo(shell.folder / "pipe.wav")
    command = shell.start("analyze", *FAST, "--workers", "2", *files)
    eventually((shell.folder / "pansori-data" / "pansori.db").exists)
    eventually(lambda: "succeeded" in states(shell.folder))
    command.kill()
    command.communicate(timeout=300)
    assert stored(shell.folder, ".wav"), "what was not done when it was killed"
    [measured] = [job for job in listed(shell.folder) if job["task"]["sha256"] == sha256(shell.folder / "0.wav")]
    (shell.folder / "pipe.wav").unlink()
    save(shell.folder, "pipe.wav", tone(2000, -20, 0.2))
    found = analysed(shell, *FAST, "--workers", "1", *files)
    assert all("analysis" in one for one in found)
    [again] = [job for job in listed(shell.folder) if job["id"] == found[0]["job"]]
    assert [one["asset_id"] for one in again["artifacts"]] == [one["asset_id"] for one in measured["artifacts"]]
    assert stored(shell.folder, ".wav") == []
    assert "queued" not in states(shell.folder)


def stored(folder: Path, ending: str) -> list[Path]:
    return list((folder / "pansori-data" / "assets").rglob(f"*{ending}"))


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def states(folder: Path) -> list[str]:
    return [job["state"] for job in listed(folder)]


def listed(folder: Path) -> list[dict[str, Any]]:
    """The jobs; none while the database is being made."""
    done = Inside(folder).run("jobs", "list", "--json")
    found: list[dict[str, Any]] = json.loads(done.stdout)["jobs"] if done.returncode == 0 else []
    return found
