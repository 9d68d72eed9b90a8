"""Wake-ups between processes over Redis pub/sub: a hint that something changed, never what.

Nothing is lost when Redis is: whoever waits looks every `SAFETY` seconds anyway.
"""

from __future__ import annotations

import logging
import threading

import redis

from pansori.domain.units import Seconds
from pansori.jobs._feed import ChangeFeed
from pansori.settings import Settings

log = logging.getLogger(__name__)

SAFETY = Seconds(2.0)  #: waiters look again after this long, though nobody said that anything changed
RETRY = Seconds(1.0)  #: between tries to reach a Redis that is down
CONNECT_TIMEOUT = Seconds(2.0)
SOCKET_TIMEOUT = Seconds(5.0)


class RedisFeed(ChangeFeed):
    """The change feed of the scaled-out size: one thread hears what other processes say, one says what this one did."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._redis = redis.Redis.from_url(
            settings.broker_url, socket_timeout=SOCKET_TIMEOUT, socket_connect_timeout=CONNECT_TIMEOUT
        )
        self._channel = f"{settings.key_prefix}:changed"
        self._news = threading.Event()
        self._listener = threading.Thread(target=self._hear, name="feed", daemon=True)
        self._speaker = threading.Thread(target=self._say, name="announcements", daemon=True)

    def announce(self) -> None:
        """Many in a row become one message."""
        self._start(self._speaker)
        self._news.set()

    def close(self) -> None:
        super().close()
        if self._listener.is_alive():
            self.announce()  # our own listener hears it, and sees that it is over
        self._news.set()
        threads = (self._speaker, self._listener)
        for thread in threads:
            if thread.is_alive():
                thread.join(SAFETY)
        if not any(thread.is_alive() for thread in threads):  # else it waits for a Redis that does not answer
            self._redis.close()

    def _listen(self) -> None:
        self._start(self._listener)

    def _start(self, thread: threading.Thread) -> None:
        if thread.ident is None:
            with self._condition:
                if thread.ident is None:
                    thread.start()

    def _say(self) -> None:
        over = False
        while not over:
            self._news.wait()
            self._news.clear()
            over = self._closed.is_set()
            try:
                self._redis.publish(self._channel, b"")
            except redis.RedisError as error:
                log.debug("nobody was told of a change: %s", error)
                self._closed.wait(RETRY)

    def _hear(self) -> None:
        while not self._closed.is_set():
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
                    subscription.subscribe(self._channel)
                    self._follow(subscription)
            except redis.RedisError as error:
                log.debug("changes are looked for every %g s: %s", RETRY, error)
                self._advance()
                self._closed.wait(RETRY)

    def _follow(self, subscription: redis.client.PubSub) -> None:
        while not self._closed.is_set():
            self._advance()
            heard = subscription.get_message(timeout=SAFETY)
            while heard is not None:  # several messages are one hint
                heard = subscription.get_message()
