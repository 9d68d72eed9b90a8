"""How a report looks: paper and ink, light or dark as the reader's screen is, and ready to be printed."""

from __future__ import annotations

from typing import Final

from pansori.reports.canvas import DARK, LIGHT, style

PAGES: Final = ("#F7F3EA", "#15120E")  #: behind the sheets, light and dark
SHEET: Final = """
* { box-sizing: border-box }
:root { color-scheme: light dark }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 80rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 Pretendard, "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", system-ui, sans-serif;
  word-break: keep-all; overflow-wrap: anywhere;
}
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0 }
h2 { font-size: 1rem; font-weight: 500; margin: 0; color: var(--soft) }
article + article { margin-top: 4rem; border-top: 2px solid var(--line); padding-top: 2rem }
.facts, .sure, .refused, footer, figcaption, summary, th { color: var(--soft) }
.question {
  display: grid; grid-template-columns: minmax(0, 22rem) minmax(0, 1fr); gap: 1rem 2rem; padding: 1.5rem 0;
  border-top: 1px solid var(--line);
}
.answer { font-size: 1.5rem; line-height: 1.25; margin: .25rem 0 0 }
.answer small { font-size: .9375rem; color: var(--soft) }
.answer.refused { font-size: 1.125rem }
.sure { margin: 0; font-size: .9375rem }
p.refused { margin: .5rem 0 0 }
p.refused:not(.answer) { font-size: .9375rem }
.refused b { font-weight: 500 }
figure { margin: 0 0 1rem; background: var(--paper); border-radius: 10px; padding: .5rem }
.question figure:last-child { margin: 0 }
figcaption { font-size: .8125rem }
svg { display: block; width: 100%; height: auto }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; margin-top: .75rem }
th, td { padding: .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 400; text-align: start; padding-inline-end: 1rem; overflow-wrap: normal }
td { text-align: end; font-variant-numeric: tabular-nums }
summary { cursor: pointer; font-size: .9375rem; margin-top: .5rem }
pre { overflow: auto; font-size: .8125rem }
@media (max-width: 52rem) {
  .question { grid-template-columns: minmax(0, 1fr) }
  figure { overflow-x: auto }
  svg { min-width: 40rem }
}
@media print { figure, .question { break-inside: avoid } }
"""


def sheet() -> str:
    """Of the page and of its plots."""
    light, dark = (_colours(of, page) for of, page in zip((LIGHT, DARK), PAGES, strict=True))
    return f"{light}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n{SHEET}{style(dark=True)}"


def _colours(of: dict[str, str], page: str) -> str:
    told = "; ".join(f"--{name}: {of[name]}" for name in ("paper", "ink", "soft", "line"))
    return f":root {{ --page: {page}; {told} }}"
