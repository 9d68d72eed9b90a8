"""Which font files a page needs.

The Korean font is cut into files by how often its characters are met, and a browser learns which of them it needs only
when it has laid out the page with another font; then everything moves a little. Told beforehand, it fetches them
together with the styles.
"""

from __future__ import annotations

import re
from typing import Final

from pansori.web.assets import PREFIX, PageAssets

STYLE: Final = "fonts.css"
FACE = re.compile(r"@font-face[^}]*url\(\./(?P<file>[^)]+)\)[^}]*unicode-range:(?P<ranges>[^;}]+)")
RANGE = re.compile(r"U\+(?P<first>[0-9A-F]+)(?:-(?P<last>[0-9A-F]+))?", re.IGNORECASE)
UNSEEN = re.compile(r"<script\b.*?</script>|<head\b.*?</head>|<dialog\b.*?</dialog>|<[^>]*>", re.DOTALL)


class Fonts:
    """Files by the characters that are in them; of several that have one, the last, as style sheets count."""

    def __init__(self, assets: PageAssets) -> None:
        self._files: dict[str, str] = {}
        for face in FACE.finditer(assets.file(STYLE).content.decode()):
            for part in RANGE.finditer(face["ranges"]):
                first, last = int(part["first"], 16), int(part["last"] or part["first"], 16)
                self._files.update(dict.fromkeys(map(chr, range(first, last + 1)), PREFIX + face["file"]))

    def of(self, html: str) -> list[str]:
        """Paths of the files that the text of a page needs, in their order."""
        seen = set(UNSEEN.sub("", html))
        return sorted({self._files[one] for one in seen if one in self._files})


def preload(paths: list[str]) -> str:
    """The header `Link` that has a browser fetch fonts at once (RFC 8288; HTML §4.6.8.15)."""
    return ", ".join(f'<{path}>; rel=preload; as=font; type="font/woff2"; crossorigin' for path in paths)
