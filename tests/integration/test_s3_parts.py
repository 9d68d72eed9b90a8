"""Large files go to S3 in parts, which a server joins; small ones in one piece."""

from __future__ import annotations

import os
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store as Client

from support.s3 import BUCKET, KEY, SECRET, S3Server

MEBIBYTE = 1024 * 1024
ASSET_KEY = "ab/cd/00000000-0000-4000-8000-000000000001.flac"


@pytest.mark.parametrize(("size", "parts"), [(1_000, 0), (20 * MEBIBYTE + 3, 3)])
def test_a_large_file_is_put_in_parts(s3_server: S3Server, tmp_path: Path, size: int, parts: int) -> None:
    """Of what was joined, the ETag says of how many parts (Amazon S3 API Reference, "Object")."""
    store = s3_server.store()
    (tmp_path / "file").write_bytes(os.urandom(size))
    store.put(ASSET_KEY, tmp_path / "file")
    client = Client(
        BUCKET,
        prefix=store.bucket.prefix,
        endpoint=s3_server.url,
        region="us-east-1",
        access_key_id=KEY,
        secret_access_key=SECRET,
        client_options={"allow_http": True},
    )
    told = obstore.head(client, ASSET_KEY)
    assert told["size"] == size
    tag = (told["e_tag"] or "").strip('"')
    assert tag.partition("-")[2] == (str(parts) if parts else "")
