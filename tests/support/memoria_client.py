"""A client of the Memoria Music API, a program of its own: python memoria_client.py ADDRESS FOLDER.

Asks for the documented song, looks at its state until it is completed, and saves it in pieces. Prints what it sees.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import requests

GENRE = "신나는 K-POP"
LYRICS = "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"
PIECE = 8192  #: bytes
BETWEEN_LOOKS = 0.1  #: seconds


def answer_of(response: requests.Response) -> Any:
    if response.status_code != 200:
        sys.exit(f"{response.request.method} {response.url}: {response.status_code} {response.text}")
    return response.json()


def save(response: requests.Response, path: Path) -> None:
    if response.status_code != 200:
        sys.exit(f"the download: {response.status_code} {response.text}")
    with path.open("wb") as file:
        for piece in response.iter_content(chunk_size=PIECE):
            file.write(piece)


def main(address: str, folder: Path) -> None:
    song = {"genre_txt": GENRE, "lyrics_txt": LYRICS}
    job = answer_of(requests.post(f"{address}/generate-music-async/", json=song, timeout=60))
    seen = [job["status"]]
    while seen[-1] not in ("completed", "failed"):
        time.sleep(BETWEEN_LOOKS)
        seen.append(answer_of(requests.get(f"{address}/job-status/{job['job_id']}", timeout=60))["status"])
    path = folder / f"generated_{job['job_id']}.mp3"
    save(requests.get(f"{address}/music/download/{job['job_id']}", stream=True, timeout=60), path)
    print(json.dumps({"seen": seen, "file": str(path)}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
