"""Copying every file into another store."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pansori.domain.errors import NotFound, StorageError, Text
from pansori.domain.units import Bytes
from pansori.media.assets import Assets
from pansori.media.inspect import StoredAsset, ready_assets
from pansori.media.stores.base import AssetStore

PASSES: Final = 10  #: a server that goes on making files faster than they are copied is not waited for

Watch = Callable[[StoredAsset], None]


@dataclass
class Copied:
    """What was done. `there`: files that the target had already; `lacking`: those whose file the source lacks."""

    files: int = 0
    size: Bytes = Bytes(0)  # noqa: RUF009 - a number
    there: int = 0
    lacking: list[StoredAsset] = field(default_factory=list)


def copy_all(assets: Assets, target: AssetStore, watch: Watch = lambda _: None) -> Copied:
    """Copy what the target lacks, and again what has come meanwhile, until nothing more comes. May be interrupted and
    called again. `watch` is told of each asset when it is there. Nothing is deleted. Raises `StorageError`."""
    done = Copied()
    with tempfile.TemporaryDirectory(prefix="pansori-move-") as folder:
        for number in range(PASSES):
            before = done.files
            done.lacking = []
            for asset in ready_assets(assets):
                if _is_there(target, asset):
                    done.there += number == 0
                elif _copy(assets, target, asset, Path(folder)):
                    done.files += 1
                    done.size = Bytes(done.size + asset.size)
                else:
                    done.lacking.append(asset)
                    continue
                if number == 0:
                    watch(asset)
            if done.files == before:
                break
    return done


def _is_there(target: AssetStore, asset: StoredAsset) -> bool:
    """A file comes whole or not at all, so its size tells."""
    try:
        return target.size(asset.key) == asset.size
    except NotFound:
        return False


def _copy(assets: Assets, target: AssetStore, asset: StoredAsset, folder: Path) -> bool:
    """Copy one file, and read back what has arrived. False where the source lacks it."""
    file = folder / "copy"
    try:
        with file.open("wb") as copy:
            copy.writelines(assets.store.read(asset.key))
    except NotFound:
        return False
    target.put(asset.key, file)
    digest = hashlib.sha256()
    for chunk in target.read(asset.key):
        digest.update(chunk)
    if digest.hexdigest() != asset.sha256:
        target.delete(asset.key)
        raise StorageError(
            Text(
                f"The copy of {asset.key} is not what the database has noted of it.",
                f"{asset.key}의 사본이 데이터베이스에 적힌 것과 달라요.",
            ),
            cure=Text("See which files are damaged: pansori assets check", "손상된 파일 확인: pansori assets check"),
        )
    return True
