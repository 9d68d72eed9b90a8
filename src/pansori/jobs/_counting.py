"""A thread of each server that keeps the count of events up to date."""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from pansori.db import Database, reason
from pansori.domain.units import Seconds
from pansori.jobs._tallies import count_events

log = logging.getLogger(__name__)

INTERVAL = Seconds(2.0)


class Counting:
    """Any number may run at once, in every server one: what one has counted the others find done."""

    def __init__(self, database: Database, interval: Seconds = INTERVAL) -> None:
        self._database = database
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="counting", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread.ident is not None:  # it was started
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                while count_events(self._database) and not self._stop.is_set():
                    pass  # as long as there is more
            except SQLAlchemyError as error:
                log.warning("events will be counted later: %s", reason(error))
