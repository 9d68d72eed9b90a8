# mypy: ignore-errors
# Gradio is not installed where types are checked.
"""Gradio apps for the tests of Spaces; runs in an environment of its own, with Gradio 4.44 or newer alone.

    python apps.py PORT FOLDER

Each app is mounted at `/<name>/`. What their functions are called with is appended to FOLDER's `record.jsonl`, a line
of JSON each. It ends as soon as nobody holds FOLDER's lock `users`, and takes the file `port` with it.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import uvicorn
from fastapi import FastAPI
from gradio.routes import App

PORT, SHARED = int(sys.argv[1]), Path(sys.argv[2])
RECORD, FOLDER = SHARED / "record.jsonl", SHARED / "files"
FOLDER.mkdir(exist_ok=True)
RATE = 8_000
LOCK = threading.Lock()
CREATE_APP = App.create_app
App.create_app = staticmethod(lambda *_, **__: None)
"""Of each app Gradio makes what is served three times, which takes half of the time, and throws the first two away:
only what is mounted is made."""


def record(name: str, **values: Any) -> None:
    with LOCK, RECORD.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"app": name, **values}, ensure_ascii=False) + "\n")


def tone(seconds: float) -> np.ndarray:
    count = int(RATE * seconds)
    return (np.sin(np.arange(count) * 0.2) * 12_000).astype(np.int16)


def wav(seconds: float = 1.0) -> str:
    """Written once, for somebody may be reading it."""
    path = FOLDER / f"소리 {seconds:g}.wav"
    with LOCK:
        if path.exists():
            return str(path)
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(tone(seconds).tobytes())
    return str(path)


def english() -> gr.Blocks:
    def generate(prompt, duration, seed, quality, sample_rate, loop):
        record("english", prompt=prompt, duration=duration, seed=seed, quality=quality, rate=sample_rate, loop=loop)
        return (RATE, tone(duration))

    return gr.Interface(
        generate,
        [
            gr.Textbox(label="Prompt", lines=3),
            gr.Slider(5, 30, value=10, step=5, label="Duration (seconds)"),
            gr.Number(label="Seed", precision=0),
            gr.Radio(["Draft", "Standard", "High quality"], label="Quality"),
            gr.Dropdown(["22.05 kHz", "44.1 kHz"], label="Sample rate"),
            gr.Checkbox(label="Loop"),
        ],
        gr.Audio(label="Music"),
    )


def korean() -> gr.Blocks:
    """Names of parameters say nothing here, nor in the next two."""

    def generate(a, b, c, d, e):
        record("korean", prompt=a, lyrics=b, duration=c, seed=d, quality=e)
        return wav(2.0)

    return gr.Interface(
        generate,
        [
            gr.Textbox(label="프롬프트를 입력하세요"),
            gr.Textbox(label="가사"),
            gr.Radio(["10초", "20초", "1분 30초"], label="곡 길이"),
            gr.Slider(0, 1_000_000, step=1, label="시드 값"),
            gr.Dropdown(["빠름", "보통", "고음질"], label="음질"),
        ],
        gr.Audio(label="결과", type="filepath"),
    )


def japanese() -> gr.Blocks:
    def generate(a, b, c, d):
        record("japanese", prompt=a, duration=b, seed=c, quality=d)
        return wav(2.0)

    return gr.Interface(
        generate,
        [
            gr.Textbox(label="プロンプト"),
            gr.Number(label="長さ（秒）", minimum=1, maximum=15),
            gr.Number(label="シード値", value=0, precision=0),
            gr.Radio(["低音質", "標準", "高音質"], label="音質", value="標準"),
        ],
        gr.Audio(label="音楽", type="filepath"),
    )


def chinese() -> gr.Blocks:
    def generate(a, b, c, d):
        record("chinese", prompt=a, duration=b, seed=c, rate=d)
        return wav(2.0)

    return gr.Interface(
        generate,
        [
            gr.Textbox(label="音乐描述"),
            gr.Dropdown([("10秒", 10), ("30秒", 30)], label="时长"),
            gr.Number(label="随机种子", value=1),
            gr.Radio(["22050", "44100"], label="采样率", value="44100"),
        ],
        gr.Audio(label="结果", type="filepath"),
    )


#: Labels of a textbox, a slider, a number, a radio, a dropdown and a checkbox; then the radio's choices, worst first.
EVERY_KIND = {
    "kinds_en": (
        ("Describe your music", "Length", "Seed", "Quality", "Sampling rate", "Instrumental"),
        "Low Medium Best",
    ),
    "kinds_ko": (("음악 설명", "길이(초)", "시드", "음질", "샘플링 속도", "반주만"), "낮음 보통 높음"),
    "kinds_ja": (
        ("曲の説明", "曲の長さ（秒）", "シード値", "クオリティ", "サンプリング周波数", "歌なし"),
        "下書き 標準 最高",
    ),
    "kinds_zh": (("提示词", "时长（秒）", "随机种子", "音质", "采样率", "纯音乐"), "草稿 标准 最佳"),
}


def of_every_kind(name: str) -> gr.Blocks:
    """An input of every kind, whose parameters' names say nothing."""
    labels, qualities = EVERY_KIND[name]

    def generate(a, b, c, d, e, f):
        record(name, prompt=a, duration=b, seed=c, quality=d, rate=e, instrumental=f)
        return wav(1.0)

    return gr.Interface(
        generate,
        [
            gr.Textbox(label=labels[0]),
            gr.Slider(4, 40, value=4, step=4, label=labels[1]),
            gr.Number(label=labels[2], precision=0),
            gr.Radio(qualities.split(), label=labels[3]),
            gr.Dropdown(["22050", "32000", "44100"], label=labels[4]),
            gr.Checkbox(label=labels[5]),
        ],
        gr.Audio(type="filepath"),
    )


def several() -> gr.Blocks:
    def analyse(audio):
        return "loud"

    def compose(prompt, seconds, state):
        record("several", endpoint="compose", prompt=prompt, duration=seconds, state=state)
        return "made", wav(1.0), state

    def vary(audio, prompt):
        record("several", endpoint="vary", prompt=prompt)
        return wav(1.0)

    with gr.Blocks() as demo:
        prompt, state = gr.Textbox(label="Prompt"), gr.State("kept")
        seconds = gr.Slider(1, 20, value=5, label="Seconds")
        given, made, said = gr.Audio(label="Yours", type="filepath"), gr.Audio(label="Made"), gr.Textbox(label="Said")
        button = gr.Button("Go")
        button.click(analyse, [given], [said], api_name="analyse")
        button.click(lambda text: text, [prompt], [said], api_name="echo")
        button.click(lambda text: wav(3.0), [prompt], [made], api_name=False)
        button.click(compose, [prompt, seconds, state], [said, made, state], api_name="compose")
        button.click(vary, [given, prompt], [made], api_name="vary")
    return demo


def of_prompt(name: str, function: Any, output: Any) -> gr.Blocks:
    return gr.Interface(function, gr.Textbox(label="Prompt"), output, api_name=name)


def data_url(prompt: str) -> str:
    return "data:audio/wav;base64," + base64.b64encode(Path(wav(1.5)).read_bytes()).decode()


def file_link(prompt: str) -> str:
    return f"file={wav(1.25)}"


def page_link(prompt: str) -> str:
    return f'<p>Here: <audio controls src="/file={wav(1.75)}"></audio></p>'


def wrapped(prompt: str) -> dict[str, Any]:
    return {"status": "ok", "result": [{"kind": "song", "audio": f"file={wav(2.25)}"}]}


def numbers(prompt: str) -> list[Any]:
    return [RATE, tone(1.0).tolist()]


def progressing(prompt: str, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008 - as Gradio wants it
    progress(0, desc="Loading")
    for index in range(1, 5):
        time.sleep(0.1)
        progress((index, 4), desc=f"Part {index}")
    return wav(1.0)


def failing(prompt: str) -> str:
    if prompt == "said":
        raise gr.Error("The <b>model</b> is on fire")
    if prompt == "quota":
        raise gr.Error("You have exceeded your GPU quota (60s requested vs. 12s left). <a href='/join'>Sign up</a>")
    raise ValueError("a detail that is the Space's own business")


def hanging(prompt: str) -> str:
    record("hanging", prompt=prompt)
    for _ in range(300):
        time.sleep(0.1)
    return wav(1.0)


def text_file(prompt: str) -> str:
    path = FOLDER / "notes.txt"
    path.write_text("These are only words.\n" * 20)
    return str(path)


def streaming(prompt: str) -> Any:
    for seconds in (0.5, 1.0, 1.5):
        yield wav(seconds)


def wanting() -> gr.Blocks:
    def generate(prompt, key, image):
        record("wanting", prompt=prompt, key=key, image=image)
        return wav(1.0)

    inputs = [gr.Textbox(label="Prompt"), gr.Textbox(label="Licence key"), gr.Textbox(label="Remarks (optional)")]
    return gr.Interface(generate, inputs, gr.Audio(type="filepath"))


def direct() -> gr.Blocks:
    """Past the queue."""
    with gr.Blocks() as demo:
        prompt, made = gr.Textbox(label="Prompt"), sound()
        gr.Button("Go").click(lambda prompt: wav(0.6), [prompt], [made], api_name="direct", queue=False)
    return demo


def sign_in() -> gr.Blocks:
    with gr.Blocks() as demo:
        gr.Markdown("Sign in with Hugging Face to use this Space.")
        gr.Button("Sign in")
    return demo


def sound() -> gr.Audio:
    return gr.Audio(type="filepath", label="Music")


def text() -> gr.Textbox:
    return gr.Textbox(label="Link")


APPS = {
    "english": english(),
    "korean": korean(),
    "japanese": japanese(),
    "chinese": chinese(),
    **{name: of_every_kind(name) for name in EVERY_KIND},
    "several": several(),
    "data": of_prompt("predict", data_url, text()),
    "link": of_prompt("predict", file_link, text()),
    "page": of_prompt("predict", page_link, gr.HTML()),
    "wrapped": of_prompt("predict", wrapped, gr.JSON()),
    "numbers": of_prompt("predict", numbers, gr.JSON()),
    "file": of_prompt("predict", lambda prompt: wav(0.75), gr.File()),
    "echo": of_prompt("predict", lambda prompt: prompt, text()),
    "progress": of_prompt("predict", progressing, sound()),
    "failing": of_prompt("predict", failing, sound()),
    "hanging": of_prompt("predict", hanging, sound()),
    "text": of_prompt("predict", text_file, gr.File()),
    "direct": direct(),
    "streaming": of_prompt("predict", streaming, sound()),
    "wanting": wanting(),
    "signin": sign_in(),
    "closed": of_prompt("predict", lambda prompt: wav(1.0), sound()),
}


#: Seconds between two looks at an empty queue. Gradio 4's own; later ones look a thousand times a second.
IDLE = 0.05


def end_with_users() -> None:
    with (SHARED / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        (SHARED / "port").unlink(missing_ok=True)
        os._exit(0)


def main() -> None:
    threading.Thread(target=end_with_users, daemon=True).start()
    served = FastAPI()
    App.create_app = staticmethod(CREATE_APP)
    for name, app in APPS.items():
        app._queue.sleep_when_free = IDLE
        login = ("user", "password") if name == "closed" else None
        served = gr.mount_gradio_app(served, app, f"/{name}", allowed_paths=[str(FOLDER)], auth=login, show_error=False)
    uvicorn.run(served, host="127.0.0.1", port=PORT, log_level="warning")


if __name__ == "__main__":
    main()
