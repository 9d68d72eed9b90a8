from __future__ import annotations

import json

from rich.console import Console

from pansori import settings
from pansori.cli.doctor.checks import CHECKS
from pansori.cli.doctor.finding import Finding
from pansori.cli.exits import FAILED
from pansori.cli.language import language, say, typable

STYLES = {"ok": "green", "advice": "yellow", "missing": "bold red"}


def examine(as_json: bool) -> int:
    """Run every check and print what it found. Returns 1 where something needed is missing, else 0."""
    loaded = settings.load()
    findings = [finding for check in CHECKS for finding in check(loaded)]
    if as_json:
        print(json.dumps({"checks": [_plain(finding) for finding in findings]}, ensure_ascii=False, indent=2))
    else:
        _print(findings)
    return FAILED if any(finding.state == "missing" for finding in findings) else 0


def _plain(finding: Finding) -> dict[str, str | None]:
    cure = finding.cure.in_language(language()) if finding.cure else None
    return {"name": finding.name, "state": finding.state, "seen": finding.seen.in_language(language()), "cure": cure}


def _print(findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    words = {"ok": say("ok", "좋음"), "advice": say("advice", "조언"), "missing": say("missing", "없음")}
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        state = f"[{STYLES[finding.state]}]{words[finding.state]:<8}[/]"
        console.print(f"{state}{finding.name:<{width}}  ", end="")
        console.print(finding.seen.in_language(language()), markup=False)
        if finding.cure is not None:
            console.print(f"{'':<{width + 10}}→ {typable(finding.cure)}", markup=False)
