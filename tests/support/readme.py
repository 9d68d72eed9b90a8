"""The code blocks of the README, and how each says it is to be run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"<!-- runs: ([a-z ]+) -->\n```bash\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Block:
    how: str  #: `dry`: named things exist; `shell`: by itself; `with a server`: in one session, in order
    text: str

    @property
    def commands(self) -> list[str]:
        """Logical lines, continuations joined."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]


def blocks(how: str | None = None) -> list[Block]:
    """Every block, or those to be run in one way."""
    found = [Block(kind, text) for kind, text in BLOCK.findall(README.read_text(encoding="utf-8"))]
    return [block for block in found if how in (None, block.how)]
