"""Files that come in forms, in pieces and in parts, into a folder."""

from __future__ import annotations

from typing import Any

import pytest

from support.upload_suite import UploadSuite, path_of
from support.uploads import House

pytestmark = pytest.mark.anyio


class TestLocal(UploadSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def place(cls, request: pytest.FixtureRequest) -> dict[str, Any]:
        return {}

    async def put(self, house: House, url: str, data: bytes) -> str:
        answer = await house.client.put(path_of(url), content=data)
        assert answer.status_code == 200, answer.text
        tag: str = answer.headers["ETag"]
        return tag
