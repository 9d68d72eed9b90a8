"""The sound of a track in another format than it was made in: converted when somebody asks for it, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import insert_into
from pansori.db.tables import Artifact, Job, Step
from pansori.domain.errors import InvalidRequest, NotFound, QuotaExceeded, StorageFull, Text
from pansori.domain.media import MEDIA_TYPES, AudioFormat, Quality
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.library import TrackView
from pansori.media import (
    AssetInfo,
    Tags,
    decode,
    delivered_rate,
    encode,
    master_encode,
    read_flac,
    read_tags,
    resample,
)
from pansori.workflows.recording import BITRATES
from pansori.workflows.services import Services

SONG, MASTER = "song", "master"


@dataclass(frozen=True)
class Passing:
    """A conversion that is not kept, as where its owner's files leave no room: read once and then gone."""

    file: BinaryIO
    size: Bytes
    media_type: str


def converted_role(role: str, audio_format: AudioFormat) -> str:
    """Under which role a conversion is kept: `song.flac`."""
    return f"{role}.{audio_format.value}"


def is_converted(role: str) -> bool:
    """Whether that is the role of a conversion, which nobody has made: it comes when somebody asks for it, and goes
    with its track."""
    return role.rpartition(".")[2] in set(AudioFormat) and "." in role


def convert(
    services: Services, track: TrackView, role: str, wanted: AudioFormat, *, keep: bool = True
) -> AssetInfo | Passing:
    """What the track has under `role` (`song`, `master`, `stem.*`) in that format: the file itself where it is of that
    format, an earlier conversion, or a new one. The song is made from its master where there is one, as if it had been
    asked for in that format. Takes as long as encoding does. `keep` a new one: it counts as a file of the owner's, so
    others than the owner do not.

    Raises `NotFound` where there is nothing of that role, `InvalidRequest` naming `format` where that is no sound,
    `StorageFull` where there is no space to convert in.
    """
    kept = converted_role(role, wanted)
    with services.database.read() as session:
        artifacts = _artifacts(session, track)
        original = _info(services, session, artifacts, role)
        if kept in artifacts:
            return services.assets.info(session, artifacts[kept])
        master = _info(services, session, artifacts, MASTER) if role == SONG and MASTER in artifacts else None
    if original.media_type == wanted.media_type:
        return original
    if original.media_type not in MEDIA_TYPES.values():
        raise InvalidRequest(
            Text(
                f"“{role}” is no sound, so it has no other format.",
                f"“{role}”은 소리가 아니라서 형식을 바꿀 수 없어요.",
            ),
            field="format",
        )
    with services.kernel.folder() as folder:
        try:
            path = _write(services, track, original, master, wanted, folder)
        except Exception:
            with services.database.read() as session:  # it may have been deleted meanwhile: that is no fault of ours
                _info(services, session, _artifacts(session, track), role)
            raise
        return _keep(services, track, role, path, wanted) if keep else _passing(path, wanted)


def _artifacts(session: Session, track: TrackView) -> dict[str, UUID]:
    """As they are now: another request may have converted it since the track was read."""
    rows = select(Artifact.role, Artifact.asset_id).where(Artifact.job_id == track.job_id).order_by(Artifact.id)
    found = {row.role: row.asset_id for row in session.execute(rows)} if track.job_id else {}
    return {SONG: track.asset_id, **found}


def _info(services: Services, session: Session, artifacts: dict[str, UUID], role: str) -> AssetInfo:
    if role not in artifacts:
        raise NotFound(Text("Nothing of that kind was made with this track.", "이 트랙에는 그런 파일이 없어요."))
    return services.assets.info(session, artifacts[role])


# -- encoding ------------


def _write(
    services: Services,
    track: TrackView,
    original: AssetInfo,
    master: AssetInfo | None,
    wanted: AudioFormat,
    folder: Path,
) -> Path:
    path = folder / f"converted.{wanted.value}"
    source = services.assets.materialize(master or original, folder)
    ours = master is not None or original.id != track.asset_id  # a song may have come from elsewhere
    decoded = None if ours else decode(source, folder=folder)
    samples, rate = (decoded.samples, decoded.rate) if decoded else read_flac(source)
    if original.id != track.asset_id:  # a master or a stem is nothing that was delivered: it stays as loud as it is
        encode(samples, rate, wanted, path)
        return path
    if master is None:
        tags = Tags(title=track.title, engine=track.engine, seed=track.seed)
    else:
        own = AudioFormat(next(one for one in AudioFormat if one.media_type == original.media_type))
        tags = read_tags(services.assets.materialize(original, folder), own).model_copy(update={"title": track.title})
        asked = delivered_rate(wanted, SampleRateHz(track.parameters.get("samplerate") or rate))
        samples, rate = resample(samples, rate, asked, round(track.duration * asked)), asked
    bitrate = BITRATES.get((Quality(track.parameters.get("quality") or Quality.STANDARD), wanted))
    master_encode(samples, rate, wanted, path, tags, bitrate=bitrate)
    return path


# -- keeping ------------


def _keep(services: Services, track: TrackView, role: str, path: Path, wanted: AudioFormat) -> AssetInfo | Passing:
    try:
        asset_id = services.assets.write(
            track.owner,
            f"{track.title}.{wanted.value}",
            path,
            media_type=wanted.media_type,
            duration=Seconds(track.duration),
        )
    except (QuotaExceeded, StorageFull):  # it was asked for, not that it be kept
        return _passing(path, wanted)
    with services.database.write() as session:
        kept = _attach(services, session, track, converted_role(role, wanted), asset_id)
    if not kept:
        services.assets.discard([asset_id])
        return _passing(path, wanted)
    with services.database.read() as session:
        return services.assets.info(session, asset_id)


def _passing(path: Path, wanted: AudioFormat) -> Passing:
    return Passing(path.open("rb"), Bytes(path.stat().st_size), wanted.media_type)


def _attach(services: Services, session: Session, track: TrackView, role: str, asset_id: UUID) -> bool:
    """Whether it belongs to the track's job now. Not where that is gone, or another server was faster."""
    # locked, so that the job does not go, and forget this one, before it is there
    job = session.execute(select(Job.id, Job.owner).where(Job.id == track.job_id).with_for_update(read=True)).first()
    if job is None:
        return False
    # not of a step whose output other jobs take over: it would be theirs too, with the name of this song in it
    own = select(Step.id).where(Step.job_id == job.id, Step.cache_key.is_(None))
    step = session.execute(own.order_by(Step.id.desc()).limit(1)).scalar_one()
    row = {"step_id": step, "job_id": job.id, "asset_id": asset_id, "role": role}
    added = insert_into(session, Artifact).values(row).on_conflict_do_nothing().returning(Artifact.id)
    if session.execute(added).first() is None:
        return False
    services.assets.commit(session, [asset_id], job.owner)
    return True
