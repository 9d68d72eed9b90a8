"""What is seen of recordings, kept for a while: looking again would mean to decode them again."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pansori.domain.errors import NotFound
from pansori.engines.analyze.schema import Analysis
from pansori.library import AnalysisView
from pansori.workflows import GONE, look

if TYPE_CHECKING:
    from pansori.api.deps import Server
    from pansori.reports import Sight

IN_LINE: Final = 50  #: who may wait for their turn; one recording is looked at at a time
MOST: Final = 16  #: recordings, of which each takes 0.6 MB

Key = tuple[UUID, float]


class Sights:
    """Of one server process. Only for the event loop's thread."""

    def __init__(self) -> None:
        self._found: OrderedDict[Key, Sight] = OrderedDict()

    async def of(self, server: Server, view: AnalysisView, analysis: Analysis) -> Sight:
        """Raises `NotFound` where the recording is gone, `Busy` where too many wait, and what `look` raises."""
        if view.recording is None:
            raise NotFound(GONE)
        from pansori.reports import tuning_of  # what draws is loaded when something is looked at

        tuning = tuning_of(analysis)
        key = (view.recording.id, float(tuning))
        if key not in self._found:
            self._found[key] = await server.convert(IN_LINE, look, server.services, view.recording, tuning)
        self._found.move_to_end(key)
        while len(self._found) > MOST:
            self._found.popitem(last=False)
        return self._found[key]
