"""Analyses of which every number is known, in installations that somebody looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import numpy as np
from sqlalchemy import select, update

from pansori.db import Database
from pansori.db.tables import Artifact
from pansori.engines.analyze.schema import Analysis
from pansori.library import analyses
from pansori.media import Assets, LocalStore
from support.analyses import DURATION, RATE, known
from support.recordings import short, vowel, wav
from support.server import Server
from support.waiting import eventually


def sung() -> bytes:
    """As long as what `known` says of it."""
    return wav(vowel(np.full(round(DURATION * RATE), 150.0), RATE, 20), RATE)


def replace_measures(assets: Assets, job: UUID, analysis: Analysis) -> None:
    """Let the analysis have found that."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "analysis.json"
        path.write_text(analysis.model_dump_json(), encoding="utf-8")
        with assets.database.read() as session:
            owner = assets.info(session, _measures(assets, job)).owner
        asset = assets.write(owner, path.name, path, media_type="application/json")
    with assets.database.write() as session:
        assets.commit(session, [asset])
        changed = update(Artifact).where(Artifact.job_id == job, Artifact.role == analyses.MEASURES)
        session.execute(changed.values(asset_id=asset))


def _measures(assets: Assets, job: UUID) -> UUID:
    wanted = select(Artifact.asset_id).where(Artifact.job_id == job, Artifact.role == analyses.MEASURES)
    with assets.database.read() as session:
        return session.execute(wanted).scalar_one()


@dataclass
class Analysed:
    """A real server's analyses, of an installation where nobody logs in."""

    server: Server

    def upload(self, name: str = "tone.wav", content: bytes | None = None) -> str:
        """The id of one that may not be finished."""
        answer = self.server.post("/v1/analyses", files={"file": (name, content or short())})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def make(self, name: str = "tone.wav", content: bytes | None = None) -> str:
        """The id of a finished one."""
        [made] = self.make_several([(name, content)])
        return made

    def make_several(self, files: Sequence[tuple[str, bytes | None]]) -> list[str]:
        begun = [self.upload(*file) for file in files]
        eventually(lambda: all(self.state(one) == "succeeded" for one in begun))
        return begun

    def state(self, analysis: str) -> str:
        return str(self.server.get(f"/v1/jobs/{analysis}").json()["state"])

    def know(self, analysis: str, measures: Analysis | None = None) -> str:
        """Let it have found that; by default what `known` says: beats, chords, sections, pitch, and refusals."""
        data = self.server.folder / "data"
        database = Database(f"sqlite:///{data / 'pansori.db'}")
        replace_measures(Assets(database, LocalStore(data / "assets")), UUID(analysis), measures or known().analysis)
        database.close()
        return analysis
