"""Whether the store of files can be used, and holds what the database says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from pansori import db
from pansori.cli.doctor.finding import Finding, missing, of_error, ok
from pansori.db import Database
from pansori.domain.errors import ConfigurationError, StorageError, Text
from pansori.media import Assets, AssetStore, open_store, sample_missing, store_name
from pansori.settings import Settings

LACKING = Text(
    "Is PANSORI_STORE the right place? See: pansori assets check, pansori assets move",
    "PANSORI_STORE가 맞는 곳인가요? pansori assets check와 pansori assets move를 보세요",
)


def store(settings: Settings) -> Iterator[Finding]:
    cure = Text("Check PANSORI_STORE and the AWS_ settings.", "PANSORI_STORE와 AWS_ 설정을 확인하세요.")
    if settings.store == "local" and not settings.data_dir.exists():
        yield ok("store", f"{settings.data_dir.absolute()}: made at the first start", "처음 시작할 때 만들어요")
        return
    try:
        opened = open_store(settings)
        opened.check_space()
    except (ConfigurationError, StorageError) as error:
        yield of_error("store", error, cure)
        return
    yield from _contents(settings, opened, store_name(opened, settings))


def _contents(settings: Settings, opened: AssetStore, place: str) -> Iterator[Finding]:
    try:
        looked, lacking = _look(settings, opened)
    except (ConfigurationError, SQLAlchemyError):
        yield ok("store", place)  # `database` says what is wrong there
        return
    except StorageError as error:
        yield of_error("store", error, LACKING)
        return
    if lacking:
        seen = Text(
            f"{place} lacks {lacking} of {looked} files looked at",
            f"{place}: 살펴본 파일 {looked}개 가운데 {lacking}개가 없어요",
        )
        yield missing("store", seen, LACKING)
    else:
        yield ok("store", place)


def _look(settings: Settings, opened: AssetStore) -> tuple[int, int]:
    database = Database(settings.database)
    try:
        if database.dialect == "sqlite" and not Path(database.url.database or "").exists():
            return 0, 0
        db.check(database)
        return sample_missing(Assets(database, opened))
    finally:
        database.close()
