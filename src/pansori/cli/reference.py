"""The pages of `docs/reference/`, written from the code: `python -m pansori.cli.reference docs/reference`."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from pansori import api, settings
from pansori.api.guard import FOREIGN_PAGE, STRANGE_HOST
from pansori.api.problems import HTTP_CODES, status_of
from pansori.bootstrap import assemble
from pansori.cli.app import app
from pansori.cli.exits import MEANINGS, exit_code
from pansori.domain.errors import error_types
from pansori.domain.jobs import JsonDict
from pansori.engines.analyze.imitation import Imitation
from pansori.engines.analyze.schema import Analysis
from pansori.engines.registry import Registry
from pansori.settings import Settings

NOTE = "<!-- Written by `make docs`. Change the code, not this page. -->"
WIDTH = 100  #: columns of the commands' help


def pages() -> dict[str, str]:
    """File name → content of every page."""
    makers: dict[str, Callable[[], Iterator[str]]] = {
        "settings.md": _settings,
        "errors.md": _errors,
        "routes.md": _routes,
        "cli.md": _cli,
        "engines.md": _engines,
    }
    texts = {name: "\n".join([NOTE, "", *maker()]) + "\n" for name, maker in makers.items()}
    return texts | {
        "openapi.json": _openapi(),
        "analysis.schema.json": _schema(Analysis),
        "imitation.schema.json": _schema(Imitation),
    }


def _schema(model: type[BaseModel]) -> str:
    """JSON Schema of an answer."""
    return json.dumps(model.model_json_schema(mode="serialization"), ensure_ascii=False, indent=2) + "\n"


def _plain_settings() -> Settings:
    """The defaults, whatever the environment says."""
    return Settings.model_construct()


@functools.cache  # which takes a second, and its routes are a page of their own
def _openapi() -> str:
    return api.render(api.create_app(assemble(_plain_settings())))


def _cell(text: object) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


# -- settings ------------


def _settings() -> Iterator[str]:
    yield "# Settings"
    yield ""
    yield "Environment variables, or lines of a `.env` file in the working folder; the environment wins."
    yield "An unknown name that begins with `PANSORI_` is an error at start that names the nearest known one."
    yield ""
    yield "| name | default | meaning |"
    yield "| --- | --- | --- |"
    meanings = _attribute_docs(Settings)
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = f"`{default}`" if default not in (None, "", ()) else "empty"
        yield f"| `{settings.env_name(name)}` | {shown} | {_cell(meanings[name])} |"


def _attribute_docs(model: type[Any]) -> dict[str, str]:
    """The string that stands under each field, by the field's name."""
    tree = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(tree, ast.ClassDef)
    docs = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            docs[field.target.id] = str(below.value.value)  # type: ignore[attr-defined]  # narrowed by is_text
    return docs


# -- errors ------------


def _errors() -> Iterator[str]:
    yield "# Errors"
    yield ""
    yield "Codes never change once released. `status` is the one our own API answers with (RFC 9457 problem details);"
    yield "documented contracts answer in their documents' shapes. `exit` is the command line's."
    yield ""
    yield "| code | status | exit | tried again by itself | meaning |"
    yield "| --- | --- | --- | --- | --- |"
    for kind in error_types():
        again = "yes" if kind.retryable else ""
        meaning = _cell((inspect.getdoc(kind) or "").partition("\n\n")[0])
        yield f"| `{kind.code}` | {status_of(kind)} | {exit_code(kind)} | {again} | {meaning} |"
    yield ""
    yield "## Codes of the door"
    yield ""
    yield "What is wrong before a request reaches anybody:"
    yield ""
    yield "| code | status | meaning |"
    yield "| --- | --- | --- |"
    for status, (name, text) in HTTP_CODES.items():
        yield f"| `{name}` | {status} | {_cell(text.en)} |"
    yield f"| `unknown_host` | 403 | {_cell(STRANGE_HOST.en)} |"
    yield f"| `foreign_origin` | 403 | {_cell(FOREIGN_PAGE.en)} |"
    yield "| `not_ready` | 503 | `/ready` alone: a job would not be taken and run now; `detail` says why. |"
    yield ""
    yield "## Exit codes"
    yield ""
    yield "| code | meaning |"
    yield "| --- | --- |"
    for code, meaning in MEANINGS.items():
        yield f"| {code} | {_cell(meaning)} |"


# -- routes ------------


def _routes() -> Iterator[str]:
    yield "# Routes"
    yield ""
    yield "The exact shapes stand in [openapi.json](openapi.json), and at `/docs` of a running server."
    yield ""
    yield "| route | what it does |"
    yield "| --- | --- |"
    for path, methods in json.loads(_openapi())["paths"].items():
        for method, operation in methods.items():
            about = operation.get("description") or operation.get("summary") or ""
            yield f"| `{method.upper()} {path}` | {_cell(about.split(chr(10) * 2)[0])} |"


# -- command line ------------


def _cli() -> Iterator[str]:
    yield "# Command line"
    yield ""
    yield "Every command ends with one of these codes; messages go to standard error, results to standard output."
    yield ""
    yield "| exit code | meaning |"
    yield "| --- | --- |"
    for code, meaning in MEANINGS.items():
        yield f"| {code} | {_cell(meaning)} |"
    root = typer.main.get_command(app)
    yield from _command(root, "pansori", None)


def _command(command: Any, path: str, parent: Any) -> Iterator[str]:
    name = path.rpartition(" ")[2]
    drawn = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = command.context_class(command, info_name=name, parent=parent, **drawn)
    yield ""
    yield f"## {path}"
    yield ""
    yield "```text"
    yield "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield "```"
    for name, child in getattr(command, "commands", {}).items():
        yield from _command(child, f"{path} {name}", context)


# -- engines ------------


def _engines() -> Iterator[str]:
    yield "# Engines"
    yield ""
    yield "`pansori engines` and `GET /v1/engines` say which are ready on a machine, and what each is using there."
    for engine in Registry(_plain_settings()).descriptions():
        yield ""
        yield f"## {engine['family']}.{engine['name']}"
        yield ""
        yield from _card(engine["card"])
        yield from _options(engine["options"])


def _card(card: JsonDict) -> Iterator[str]:
    yield str(card["summary"])
    yield ""
    longest = card["max_duration"]
    facts = {
        **({"for": ", ".join(card["abilities"])} if card["abilities"] else {}),
        "languages": ", ".join(card["languages"]) or "any",
        "longest song": f"{longest:g} s" if longest else "no limit of its own",
        "queue": card["queue"],
        "memory": f"{card['memory'] / 1e9:.1f} GB" if card["memory"] else "little",
        "licence": card["code_licence"],
        "weights": card["weights_licence"] or "none",
    }
    for name, value in facts.items():
        yield f"- {name}: {value}"


def _options(schema: JsonDict) -> Iterator[str]:
    properties = schema.get("properties", {})
    if not properties:
        return
    yield ""
    yield "| option | values | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, option in properties.items():
        default = json.dumps(option.get("default"), ensure_ascii=False)
        yield f"| `{name}` | {_cell(_values(option))} | `{default}` | {_cell(option.get('description', ''))} |"


def _values(option: JsonDict) -> str:
    if "enum" in option:
        return ", ".join(f"`{value}`" for value in option["enum"])
    if "anyOf" in option:
        return " or ".join(_values(choice) for choice in option["anyOf"] if choice.get("type") != "null")
    bounds = [f"{word} {option[key]:g}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in option]
    return " ".join([str(option.get("type", "any")), *bounds])


def main(folder: Path) -> None:
    for name, content in pages().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/reference"))
