"""Assets as objects in an S3 bucket, of Amazon or of any server that speaks its protocol."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pansori.domain.errors import NotFound, StorageError
from pansori.domain.units import Bytes, Seconds
from pansori.media.content import type_of_extension
from pansori.media.stores._keys import Keyring
from pansori.media.stores._s3_errors import PastTheEnd, failed, names_no_bucket, refusal
from pansori.media.stores._s3_uploads import Uploads
from pansori.media.stores._sigv4 import presign
from pansori.media.stores.base import (
    CHUNK,
    ENOUGH_SPACE,
    AssetStore,
    Data,
    Part,
    StoredObject,
    check_key,
    is_asset_key,
    is_key,
    missing,
    span,
)

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import S3Config, S3Credential
    from obstore.store import S3Store as Client

PART = 8 * 1024 * 1024  #: bytes of each part of a large file; a file may have 10,000 parts
PARTS_AT_ONCE = 4
PAGE = 1000  #: objects listed at a time
CONNECTING = timedelta(seconds=5)
SILENCE = timedelta(seconds=30)  #: so long may a server that we read from say nothing
LONGEST = timedelta(hours=6)  #: that one request may take; how fast a client listens decides
PATIENCE = Seconds(20.0)  #: a request is tried again for so long
RETRIES = 1000  #: more than fit into that time
LONGEST_PAUSE = timedelta(seconds=2)  #: between two tries
RESUMPTIONS = 5  #: of one reading that was cut off
PROBE = "probe/probe"  #: a key that no server makes


@dataclass(frozen=True)
class Bucket:
    """Where the objects are. `endpoint` without a slash at its end; `prefix` likewise, and may be empty."""

    name: str
    prefix: str
    endpoint: str
    region: str
    keys: Keyring

    @property
    def url(self) -> str:
        """Of the bucket itself, in path style, which every server takes."""
        return f"{self.endpoint}/{self.name}"

    @property
    def place(self) -> str:
        """As `PANSORI_STORE` names it."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    @property
    def folder(self) -> str:
        return f"{self.prefix}/" if self.prefix else ""


class S3Store(AssetStore):
    """Nothing is asked of the server before the first use; and never in a process that forks afterwards, for the
    client's threads would be missing in the child."""

    exclusive = False
    takes_any_part = False

    def __init__(self, bucket: Bucket, *, patience: Seconds = PATIENCE) -> None:
        """`patience`: how long to try again while the server does not answer."""
        self.bucket = bucket
        self._patience = patience

    def put(self, key: str, path: Path) -> None:
        import obstore

        attributes = {"Content-Type": type_of_extension(check_key(key).rpartition(".")[2])}
        with path.open("rb") as source, self._told():
            obstore.put(
                self._client,
                key,
                source,
                attributes=attributes,
                chunk_size=PART,
                max_concurrency=PARTS_AT_ONCE,
            )

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        check_key(key)
        span(start, end, 0)
        if start == end:
            self.size(key)
            return iter(())
        opened = self._open(key, start, end)
        return iter(()) if opened is None else self._chunks(key, opened)

    def size(self, key: str) -> Bytes:
        import obstore

        with self._told(check_key(key)):
            return Bytes(obstore.head(self._client, key)["size"])

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except NotFound:
            return False
        return True

    def delete(self, key: str) -> None:
        import obstore

        with contextlib.suppress(NotFound), self._told(check_key(key)):
            obstore.delete(self._client, key)

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        import obstore

        folder = prefix.rpartition("/")[0]
        with self._told():
            for page in obstore.list(self._client, folder or None, chunk_size=PAGE):
                for one in page:
                    if one["path"].startswith(prefix) and is_key(one["path"]):
                        yield StoredObject(one["path"], Bytes(one["size"]), one["last_modified"].astimezone(UTC))

    def local_path(self, key: str) -> None:
        self.size(key)

    def free_space(self) -> None:
        """S3 does not tell."""

    def check_space(self, needed: Bytes = ENOUGH_SPACE) -> None:
        """Raises `StorageError` where the bucket cannot be used now. How much fits into it is not known."""
        import obstore

        with contextlib.suppress(NotFound), self._told(PROBE):
            obstore.get(self._client, PROBE)  # unlike HEAD's, its answer says whether key or bucket is missing

    def signed_url(self, key: str, expires: Seconds, *, disposition: str = "", media_type: str = "") -> str:
        told = {"response-content-disposition": disposition, "response-content-type": media_type}
        return presign(
            self.bucket.keys.credentials,
            "GET",
            f"{self.bucket.url}/{self.bucket.folder}{check_key(key)}",
            expires=expires,
            parameters={name: value for name, value in told.items() if value},
        )

    def sweep_unfinished(self, older_than: Seconds, keep: Collection[str] = ()) -> int:
        """Abort uploads in parts that their writers did not finish. Only those of keys that we make: the bucket may
        be shared."""
        before, swept = datetime.now(UTC) - timedelta(seconds=older_than), 0
        for upload in self._uploads:
            if upload.begun <= before and is_asset_key(upload.key) and upload.key not in keep:
                self._uploads.abort(upload.key, upload.id)
                swept += 1
        return swept

    # -- files in parts ------------

    def put_bytes(self, key: str, data: bytes) -> None:
        import obstore

        attributes = {"Content-Type": type_of_extension(check_key(key).rpartition(".")[2])}
        with self._told():
            obstore.put(self._client, key, data, attributes=attributes, use_multipart=False)

    def begin(self, key: str) -> str:
        return self._uploads.begin(check_key(key), type_of_extension(key.rpartition(".")[2]))

    def put_part(self, key: str, upload: str, number: int, at: int, data: Data) -> str:
        return self._uploads.put(check_key(key), upload, number, data)

    def flush(self, key: str, upload: str) -> None:
        """What S3 has answered is there."""

    def join(self, key: str, upload: str, parts: Sequence[Part], size: int) -> None:
        self._uploads.join(check_key(key), upload, parts)

    def abandon(self, key: str, upload: str) -> None:
        self._uploads.abort(check_key(key), upload)

    def parts(self, key: str, upload: str) -> list[Part]:
        return self._uploads.parts(check_key(key), upload)

    def part_url(self, key: str, upload: str, number: int, expires: Seconds) -> str:
        return self._uploads.part_url(check_key(key), upload, number, expires)

    @cached_property
    def _uploads(self) -> Uploads:
        return Uploads(self.bucket.keys, self.bucket.url, self.bucket.folder, patience=self._patience)

    # -- the client ------------

    @property
    def _client(self) -> Client:
        """Raises `StorageError` where there is no key, which the client would tell in words of its own."""
        self.bucket.keys.lent()
        return self._opened

    @cached_property
    def _opened(self) -> Client:
        from obstore.store import S3Store as Client

        def lent() -> S3Credential:
            held = self.bucket.keys.lent()
            given = held.credentials
            return {
                "access_key_id": given.access_key_id,
                "secret_access_key": given.secret_access_key,
                "token": given.session_token or None,
                "expires_at": held.until,
            }

        config: S3Config = {
            "endpoint": self.bucket.endpoint,
            "region": self.bucket.region,
            "virtual_hosted_style_request": False,
            "disable_bulk_delete": True,  # some servers lack it, and we delete one at a time
        }
        return Client(
            self.bucket.name,
            prefix=self.bucket.prefix or None,
            config=config,
            credential_provider=lent,
            client_options={
                "allow_http": self.bucket.endpoint.startswith("http://"),
                "connect_timeout": CONNECTING,
                "read_timeout": SILENCE,
                "timeout": LONGEST,
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=self._patience),
                "backoff": {"max_backoff": LONGEST_PAUSE},
            },
        )

    # -- reading ------------

    def _open(self, key: str, start: int, end: int | None, etag: str | None = None) -> GetResult | None:
        """None where the object ends before `start`."""
        import obstore

        options: GetOptions = {"if_match": etag} if etag else {}
        if end is not None:
            options["range"] = (start, end)
        elif start:
            options["range"] = {"offset": start}
        try:
            with self._told(key):
                return obstore.get(self._client, key, options=options)
        except PastTheEnd:
            return None

    def _chunks(self, key: str, opened: GetResult) -> Iterator[bytes]:
        """What was opened, to its end. A connection that breaks is made anew, and the reading goes on where it was, as
        long as the object is still the same."""
        position, end = opened.range
        etag = opened.meta["e_tag"]
        for left in reversed(range(RESUMPTIONS + 1)):
            try:
                with self._told(key):
                    for piece in opened.stream(min_chunk_size=CHUNK):
                        whole = memoryview(piece)
                        for at in range(0, len(whole), CHUNK):
                            chunk = bytes(whole[at : at + CHUNK])
                            position += len(chunk)
                            yield chunk
            except StorageError:
                if not left:
                    raise
            if position >= end:
                return
            resumed = self._open(key, position, end, etag)
            if resumed is None:
                break
            opened = resumed
        raise failed("the object ended too early")

    @contextmanager
    def _told(self, key: str = "") -> Iterator[None]:
        """Give the client's errors their names. What is not there is `NotFound` where a key was asked for."""
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as error:
            if key and not names_no_bucket(str(error)):
                raise missing(key) from error
            raise failed(f"there is no bucket {self.bucket.name}") from error
        except (BaseError, OSError, TimeoutError) as error:
            raise refusal(str(error)) from error
