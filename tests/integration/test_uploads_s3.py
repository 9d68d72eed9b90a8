"""Files that come in forms, in pieces and in parts, into an S3 store, with PostgreSQL: the scaled-out size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from pansori.domain.units import Seconds
from pansori.media import S3Store
from support.s3 import KEY, SECRET, S3Server
from support.services import PostgresServer
from support.upload_suite import PARTED, UploadSuite, path_of, sound, sum_of
from support.uploads import House
from support.waiting import eventually

pytestmark = pytest.mark.anyio


class TestS3(UploadSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
        store: S3Server = request.getfixturevalue("s3_server")
        databases: PostgresServer = request.getfixturevalue("postgres_server")
        url = databases.installation()
        yield {**store.settings(), "database_url": url}
        databases.drop(url)

    async def put(self, house: House, url: str, data: bytes) -> str:
        answer = requests.put(url, data=data, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.headers["ETag"]

    async def test_a_part_that_is_not_as_large_as_was_said(self, house: House) -> None:
        """The store takes what comes; when it is to be joined, it is refused, and gone."""
        begun = (await house.client.post("/v1/uploads", json={"name": "a.wav", "size": PARTED})).json()
        for part in begun["parts"]:
            await self.put(house, part["url"], bytes(part["to"] - part["from"] - 1))
        answer = await house.client.post(f"/v1/uploads/{begun['id']}/complete")
        assert (answer.status_code, answer.json()["field"]) == (422, "size")
        assert (await house.client.get(f"/v1/uploads/{begun['id']}")).status_code == 404
        assert not house.keys()
        assert not house.rows()
        assert house.services.store.sweep_unfinished(Seconds(-60.0)) == 0

    async def test_parts_through_the_server(self, house: House) -> None:
        """For clients that cannot reach the store themselves."""
        data = sound(PARTED)
        body = {"name": "a.flac", "size": PARTED, "via": "server"}
        begun = (await house.client.post("/v1/uploads", json=body)).json()
        for part in begun["parts"]:
            answer = await house.client.put(path_of(part["url"]), content=data[part["from"] : part["to"]])
            assert answer.status_code == 200, answer.text
        done = await house.client.post(f"/v1/uploads/{begun['id']}/complete")
        assert (done.status_code, done.json()["sha256"]) == (200, sum_of(data))

    async def test_signatures_of_parts_are_checked(self, house: House) -> None:
        begun = (await house.client.post("/v1/uploads", json={"name": "a.wav", "size": 10})).json()
        url = begun["parts"][0]["url"]
        forged = url[:-1] + ("0" if url[-1] != "0" else "1")
        for wrong in (forged, url.replace("partNumber=1", "partNumber=2"), url.partition("?")[0]):
            assert requests.put(wrong, data=b"0123456789", timeout=60).status_code in (400, 403)
        assert requests.get(url, timeout=60).status_code == 403
        upload = house.uploads()[0]
        brief = house.services.store.part_url(house.rows()[0].key, upload.store_id, 1, Seconds(1.0))
        assert brief is not None
        eventually(lambda: requests.put(brief, data=b"0123456789", timeout=60).status_code == 403)
        assert requests.put(url, data=b"0123456789", timeout=60).status_code == 200

    async def test_another_client_of_s3_reads_the_same(self, house: House, s3_server: S3Server) -> None:
        """What was uploaded in parts, by a signed address of ours and by boto3 itself."""
        data = sound(PARTED)
        path = await house.begin(PARTED)
        assert (await house.patch(path, 0, data)).status_code == 204
        store, key = house.services.store, house.keys()[0]
        assert isinstance(store, S3Store)
        url = store.signed_url(key, Seconds(60.0), media_type="audio/flac")
        fetched = requests.get(url, timeout=60)
        client = boto3.client(
            "s3",
            endpoint_url=s3_server.url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(s3={"addressing_style": "path"}),
        )
        name = {"Bucket": store.bucket.name, "Key": store.bucket.folder + key}
        assert fetched.content == client.get_object(**name)["Body"].read() == data
        assert fetched.headers["Content-Type"] == "audio/flac"
        theirs = client.generate_presigned_url("get_object", Params=name, ExpiresIn=60)
        assert theirs.partition("?")[0] == url.partition("?")[0]
        assert requests.get(theirs, timeout=60).content == data
