"""`pansori models`: what its commands do."""

from __future__ import annotations

import json
import sys

from rich import box
from rich.table import Table
from rich.text import Text as Cell

from pansori import settings
from pansori.cli.consoles import plain_console
from pansori.cli.exits import OK
from pansori.cli.language import command_as_typed, language, say, typable
from pansori.cli.logs import log_to_stderr
from pansori.cli.progress import counting
from pansori.domain.errors import EngineUnavailable, InvalidRequest, NotFound, Text, Unreachable
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family
from pansori.domain.units import Bytes
from pansori.engines.base import Offer
from pansori.engines.registry import Registry
from pansori.models import (
    Fetching,
    Hub,
    Model,
    Shelved,
    catalogue,
    find,
    look_up,
    models_dir,
    remove,
    shelved,
    shown,
)
from pansori.settings import Settings


def list_models(*, as_json: bool) -> int:
    chosen = settings.load()
    here = {one.model.name: one for one in shelved(chosen)}
    listed = {model.name: model for model in catalogue()}
    rows = [(model, here.get(name)) for name, model in listed.items()]
    rows += [(one.model, one) for name, one in here.items() if name not in listed]
    if as_json:
        told = [_described(model, one) for model, one in rows]
        print(json.dumps({"models_dir": str(models_dir(chosen)), "models": told}, ensure_ascii=False, indent=2))
        return OK
    plain_console().print(_table(rows))
    print(say(f"They are kept in {models_dir(chosen)}.", f"모델을 두는 폴더: {models_dir(chosen)}"))
    return OK


def get_models(names: list[str], *, yes: bool, as_json: bool) -> int:
    chosen = settings.load()
    log_to_stderr(chosen, quiet=True)
    wanted = [look_up(name) for name in names]  # so that a wrong name is told before the first is fetched
    done = [_get(chosen, model, yes=yes, quiet=as_json) for model in wanted]
    if as_json:
        print(json.dumps({"models": done}, ensure_ascii=False, indent=2))
    return OK


def remove_model(name: str, *, as_json: bool) -> int:
    size = remove(settings.load(), name)
    if as_json:
        print(json.dumps({"name": name, "bytes": size}))
    else:
        print(say(f"{name} is gone: {shown(size)}.", f"{name} 모델을 지웠어요: {shown(size)}"))
    return OK


def print_path(name: str) -> int:
    path = find(settings.load(), name)
    if path is None:
        raise NotFound(
            Text(f"The model {name} is not here.", f"{name} 모델은 여기 없어요."),
            field="name",
            cure=Text(f"pansori models get {name}", f"pansori models get {name}"),
        )
    print(path)
    return OK


# -- fetching ------------


def _get(chosen: Settings, model: Model, *, yes: bool, quiet: bool) -> JsonDict:
    if path := find(chosen, model.name):
        if not quiet:
            print(say(f"{model.name} is here already: {path}", f"{model.name} 모델은 이미 있어요: {path}"))
        return {"name": model.name, "path": str(path), "fetched": False}
    try:
        known = model if model.files else Hub(chosen).told(model)
        _see_licence(known, Hub(chosen).page(known), yes=yes)
        what = say(f"Fetching {known.name}", f"{known.name} 받는 중")
        if not quiet:
            print(f"{what} ({shown(known.size)}, {known.licence or say('licence unknown', '라이선스 모름')})")
        with counting(what, known.size, quiet=quiet) as advance:
            path = Fetching(chosen, known, advance=advance).run()
    except Unreachable as error:
        error.cure = _elsewhere(chosen, model.name)
        raise
    except KeyboardInterrupt:
        again = f"{command_as_typed()} models get {model.name}"
        print(say(f"To go on where it was: {again}", f"이어서 받으려면: {again}"), file=sys.stderr)
        raise
    if not quiet:
        print(say(f"{model.name} is in {path}", f"{model.name} 모델을 받았어요: {path}"))
        _see_engine(chosen, known.engine)
    return {"name": model.name, "path": str(path), "fetched": True, "bytes": known.size, "licence": known.licence}


def _see_engine(chosen: Settings, engine: str) -> None:
    """Say what the model's engine still lacks, such as its libraries."""
    family, _, name = engine.partition(".")
    if not name:
        return
    try:
        Registry(chosen).find(Family(family), name, Offer)  # type: ignore[type-abstract]  # nobody makes one of it
    except EngineUnavailable as error:
        cure = error.cure or Text("", "")
        print(f"{typable(error.message)} {typable(cure)}")


def _see_licence(model: Model, page: str, *, yes: bool) -> None:
    """Raises `InvalidRequest` where the licence is one to think about first, and nobody says that one did."""
    if model.commercial and model.licence:
        return
    about = (
        Text(
            f"{model.name} may not be used commercially: its licence is {model.licence}.",
            f"{model.name} 모델은 상업적으로 쓸 수 없어요. 라이선스: {model.licence}",
        )
        if not model.commercial
        else Text(f"{model.name} does not say what its licence is.", f"{model.name} 모델은 라이선스를 밝히지 않았어요.")
    )
    if not yes:
        raise InvalidRequest(
            about, field="yes", cure=Text(f"Read {page}, then add --yes.", f"{page}에서 읽어 보고 --yes를 붙이세요.")
        )
    print(f"{about.in_language(language())} {page}", file=sys.stderr)


def _elsewhere(chosen: Settings, name: str) -> Text:
    root = models_dir(chosen)
    return Text(
        f"On a machine that has one: PANSORI_MODELS_DIR=models pansori models get {name}, then copy what is in models "
        f"to {root}. Or name a mirror: PANSORI_HUB_URL.",
        f"연결되는 컴퓨터에서 PANSORI_MODELS_DIR=models pansori models get {name} 명령으로 받고, models 안의 것을 "
        f"{root}에 복사하세요. 미러가 있다면 PANSORI_HUB_URL에 적으세요.",
    )


# -- words ------------


def _described(model: Model, here: Shelved | None) -> JsonDict:
    return {
        "name": model.name,
        "state": here.state if here else "missing",
        "engine": model.engine or None,
        "summary": model.summary if language() == "en" else model.summary_ko,
        "bytes": model.size or (here.size if here else 0),
        "licence": model.licence or None,
        "commercial": model.commercial,
        "repository": model.repository or None,
        "revision": model.revision if model.repository else None,
        "path": str(here.path) if here else None,
    }


def _table(rows: list[tuple[Model, Shelved | None]]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (say("Model", "모델"), say("State", "상태"), say("Size", "크기"), say("Licence", "라이선스")):
        table.add_column(heading, overflow="fold")
    for model, here in rows:
        size = model.size or (here.size if here else Bytes(0))
        licence = model.licence + ("" if model.commercial else say(", not commercial", ", 상업 이용 불가"))
        summary = model.summary if language() == "en" else model.summary_ko
        about = ": ".join(part for part in (model.engine.rpartition(".")[2], summary) if part)
        table.add_row(
            Cell.assemble(model.name, ("\n" + about if about else "", "dim")), _state(model, here), shown(size), licence
        )
    return table


def _state(model: Model, here: Shelved | None) -> str:
    if here is None:
        return "–"
    if here.state == "begun":
        percent = round(100 * here.size / model.size) if model.size else 0
        return say(f"{min(percent, 99)} % fetched", f"{min(percent, 99)} % 받음")
    return say("here", "있음") if here.state == "there" else say("damaged", "손상됨")
