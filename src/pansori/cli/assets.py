"""`pansori assets`: what its commands do."""

from __future__ import annotations

import json
import sys
from itertools import islice

from pansori.cli.exits import FAILED, OK
from pansori.cli.language import say
from pansori.cli.progress import counting
from pansori.cli.services import opened
from pansori.domain.errors import Conflict, InvalidRequest, Text
from pansori.domain.units import Bytes
from pansori.lexicon.particles import attach
from pansori.media import (
    StoredAsset,
    StoredObject,
    Trouble,
    copy_all,
    count_ready,
    examine,
    open_store,
    ready_assets,
    store_name,
)
from pansori.workflows import Services

SHOWN = 20  #: files named one by one


def check_assets(*, quick: bool, as_json: bool) -> int:
    with opened() as services:
        files, size = count_ready(services.assets)
        troubled: list[tuple[StoredAsset, Trouble]] = []
        with counting(say("Checking", "확인하는 중"), size, quiet=as_json) as advance:
            for asset in ready_assets(services.assets):
                if trouble := examine(services.assets, asset, content=not quick):
                    troubled.append((asset, trouble))
                advance(asset.size)
        strays = list(services.assets.strays())
        place = store_name(services.store, services.settings)
    if as_json:
        print(json.dumps(_report(place, files, size, troubled, strays), ensure_ascii=False, indent=2))
    else:
        _print_check(place, files, size, troubled, strays)
    return FAILED if troubled else OK


def move_assets(to: str) -> int:
    with opened() as services:
        target = open_store(services.settings, to)
        source, place = store_name(services.store, services.settings), store_name(target, services.settings)
        if source == place:
            raise InvalidRequest(
                Text(f"The files are in {place} already.", f"파일이 이미 {place}에 있어요."), field="to"
            )
        target.check_space()
        _, size = count_ready(services.assets)
        with counting(say("Copying", "복사하는 중"), size) as advance:
            done = copy_all(services.assets, target, lambda asset: advance(asset.size))
    print(
        say(
            f"{place} has all files now: {done.files} copied ({_size(done.size)}), {done.there} were there.",
            f"이제 {place}에 파일이 있어요: {done.files}개 복사 ({_size(done.size)}), {done.there}개는 이미 있었어요.",
        )
    )
    for asset in done.lacking:
        print(say(f"missing in {source}: {asset.key}", f"{source}에 없음: {asset.key}"), file=sys.stderr)
    print(
        say(
            f"The server still uses {source}. To switch: stop it, run this once more, set\n"
            f"    PANSORI_STORE={to.rstrip('/')}\n"
            "and start it. Nothing was deleted.",
            f"서버는 아직 {attach(source, '을/를')} 써요. 바꾸려면 서버를 끄고, 이 명령을 한 번 더 실행하고,\n"
            f"    PANSORI_STORE={to.rstrip('/')}\n"
            "로 정한 뒤 다시 켜세요. 지운 파일은 없어요.",
        )
    )
    return FAILED if done.lacking else OK


def collect_assets(*, dry_run: bool, force: bool, as_json: bool) -> int:
    with opened() as services:
        strays = list(services.assets.strays())
        if not dry_run:
            _see_that_they_are_ours(services, strays, force=force)
            services.assets.collect()
            for stray in strays:
                services.store.delete(stray.key)
    size = Bytes(sum(stray.size for stray in strays))
    if as_json:
        told = {"files": len(strays), "bytes": size, "deleted": not dry_run, "keys": [stray.key for stray in strays]}
        print(json.dumps(told, indent=2))
        return OK
    for stray in islice(strays, SHOWN):
        print(f"  {stray.key}  {_size(stray.size)}")
    if len(strays) > SHOWN:
        print(say(f"  and {len(strays) - SHOWN} more", f"  그 밖에 {len(strays) - SHOWN}개"))
    if dry_run:
        print(
            say(f"{len(strays)} files, {_size(size)}, would go.", f"파일 {len(strays)}개, {_size(size)}를 지울 거예요.")
        )
    else:
        print(say(f"{len(strays)} files, {_size(size)}, are gone.", f"파일 {len(strays)}개, {_size(size)}를 지웠어요."))
    return OK


def _see_that_they_are_ours(services: Services, strays: list[StoredObject], *, force: bool) -> None:
    if not force and services.assets.are_foreign(strays):
        known, _ = count_ready(services.assets)
        raise Conflict(
            Text(
                f"{len(strays)} of the files are unknown to this database, which knows {known}.",
                f"파일 {len(strays)}개를 이 데이터베이스가 몰라요. 아는 파일은 {known}개예요.",
            ),
            cure=Text(
                "Are DATABASE_URL and PANSORI_STORE of the same installation? If so: --force",
                "DATABASE_URL과 PANSORI_STORE가 같은 설치의 것인가요? 그렇다면 --force를 붙이세요.",
            ),
        )


# -- words ------------


def _report(
    place: str, files: int, size: Bytes, troubled: list[tuple[StoredAsset, Trouble]], strays: list[StoredObject]
) -> dict[str, object]:
    return {
        "store": place,
        "files": files,
        "bytes": size,
        "troubled": [
            {"id": str(asset.id), "key": asset.key, "name": asset.name, "trouble": trouble}
            for asset, trouble in troubled
        ],
        "unknown": {
            "files": len(strays),
            "bytes": sum(stray.size for stray in strays),
            "keys": [stray.key for stray in strays],
        },
    }


def _print_check(
    place: str, files: int, size: Bytes, troubled: list[tuple[StoredAsset, Trouble]], strays: list[StoredObject]
) -> None:
    words = {
        "missing": say("missing", "없음"),
        "size": say("of another size", "크기가 다름"),
        "content": say("of another content", "내용이 다름"),
    }
    print(say(f"{place}: {files} files, {_size(size)}", f"{place}: 파일 {files}개, {_size(size)}"))
    for asset, trouble in troubled:
        print(f"  {words[trouble]}: {asset.key}  {asset.name}")
    if not troubled:
        print(say("All are there and as they were written.", "모두 있고, 처음 저장한 그대로예요."))
    if strays:
        taken = _size(Bytes(sum(stray.size for stray in strays)))
        print(
            say(
                f"{len(strays)} files are unknown to the database ({taken}): pansori assets collect",
                f"데이터베이스가 모르는 파일 {len(strays)}개 ({taken}): pansori assets collect",
            )
        )


def _size(size: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"
