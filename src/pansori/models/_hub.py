"""A hub of models: Hugging Face, or whatever speaks as it does."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pansori.domain.errors import FetchFailed, FetchTimedOut, Forbidden, NotFound, Text, Unreachable
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.particles import attach
from pansori.models._catalogue import Model, ModelFile, engine_of, forbids_commerce, is_safe
from pansori.settings import Settings

if TYPE_CHECKING:  # loaded with the first request
    import httpx

CONNECT, SILENCE = Seconds(10.0), Seconds(30.0)
LONGEST_LIST = Bytes(32 * 1024 * 1024)  #: of a repository's files, in bytes of JSON
USER_AGENT = "Pansori"
_HEX = re.compile(r"[0-9a-f]+")
_RANGE = re.compile(r"bytes (?P<first>\d+)-")


class Hub:
    """Asked by the operator alone, who named it: by the proxy and the authorities that the environment names, wherever
    they are. The token is sent to the hub itself and not to where it redirects."""

    def __init__(self, settings: Settings, *, silence: Seconds = SILENCE) -> None:
        """`silence`: how long the hub may send nothing."""
        self.url = (settings.hub_url or settings.hf_endpoint).rstrip("/")
        self._token = settings.hf_token
        self._silence = silence
        self.answered = False
        """Whether it has answered once, in whatever way."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def page(self, model: Model) -> str:
        """Where people read about the model."""
        return f"{self.url}/{model.repository}"

    def told(self, model: Model) -> Model:
        """The same model with the files, the licence and the revision's commit that the hub tells.

        Raises `NotFound`, `Forbidden`, `Unreachable`, `FetchTimedOut`, and `FetchFailed` for what is no such answer.
        """
        url = f"{self.url}/api/models/{model.repository}/revision/{quote(model.revision, safe='')}?blobs=true"
        with self._asked(url, model) as response:
            content = _all(response)
        try:
            answer = json.loads(content)
            files = tuple(_files(answer["siblings"], model.folder))
            licence, commit = _licence(answer), str(answer["sha"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._garbled() from error
        if not files:
            raise NotFound(
                Text(f"{model.name} has no files there.", f"{model.name}: 그곳에 파일이 없어요."), field="name"
            )
        return model.model_copy(
            update={
                "files": files,
                "revision": commit,
                "licence": licence,
                "commercial": not forbids_commerce(licence),
                "engine": engine_of(file.path for file in files),
            }
        )

    @contextmanager
    def content(self, model: Model, file: ModelFile, start: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """The bytes of a file from `start` on, or from the beginning where the server cannot do that: yields which, and
        the chunks. Raises what `told` raises, while the chunks are read too."""
        path = quote(model.remote(file))
        url = f"{self.url}/{model.repository}/resolve/{quote(model.revision, safe='')}/{path}"
        with self._asked(url, model, {"Range": f"bytes={start}-"} if start else {}) as response:
            # as the chunks come: of larger ones, what came before a break would be lost
            yield _first_byte(response), response.iter_raw()

    # -- asking ------------

    @contextmanager
    def _asked(self, url: str, model: Model, headers: dict[str, str] | None = None) -> Iterator[httpx.Response]:
        import httpx

        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        limits = httpx.Timeout(self._silence, connect=CONNECT)
        with (
            self._told_apart(),
            httpx.Client(timeout=limits, follow_redirects=True, headers=sent, verify=_authorities()) as client,
            client.stream("GET", url) as response,
        ):
            self.answered = True
            self._refuse(response, model)
            yield response

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """What the library raises, by our names."""
        import httpx

        try:
            yield
        except httpx.TimeoutException as error:
            raise FetchTimedOut(
                Text(f"{self.host} does not answer.", f"{attach(self.host, '이/가')} 답하지 않아요.")
            ) from error
        except (httpx.TransportError, httpx.InvalidURL) as error:
            raise Unreachable(
                Text(f"There is no connection to {self.host} ({error}).", f"{self.host}에 연결할 수 없어요({error}).")
            ) from error
        except httpx.HTTPError as error:  # too many redirects, and what else is no answer
            raise FetchFailed(
                Text(
                    f"{self.host} answers in a way that is of no use ({error}).",
                    f"{self.host}의 응답을 쓸 수 없어요({error}).",
                )
            ) from error

    def _refuse(self, response: httpx.Response, model: Model) -> None:
        """Raise for what is no success, by the status and by the hub's own word for it (`X-Error-Code`)."""
        if response.status_code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            return
        word = response.headers.get("x-error-code", "")
        status = response.status_code
        if word == "GatedRepo" or (status == HTTPStatus.FORBIDDEN and word != "RepoNotFound"):
            raise self._gated(model)
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED):  # the second too: it does not tell what is hidden
            raise self._missing(model, word)
        raise FetchFailed(
            Text(
                f"{self.host} answers with status {status}.",
                f"{attach(self.host, '이/가')} 상태 코드 {attach(str(status), '으로/로')} 답했어요.",
            ),
            status=status,
        )

    def _gated(self, model: Model) -> Forbidden:
        page = self.page(model)
        return Forbidden(
            Text(
                f"{model.repository} is given only to who accepts its terms.",
                f"{attach(model.repository, '은/는')} 이용 약관에 동의해야 받을 수 있어요.",
            ),
            cure=Text(
                f"Accept them at {page}, and set HF_TOKEN to a token of that account.",
                f"{page}에서 동의하고, 그 계정의 토큰을 HF_TOKEN에 적으세요.",
            ),
        )

    def _missing(self, model: Model, word: str) -> NotFound:
        what = {
            "RevisionNotFound": Text(f"revision {model.revision}", f"{model.revision} 버전이"),
            "EntryNotFound": Text("file of that name", "그런 이름의 파일이"),
        }.get(word, Text("such repository", "그런 저장소가"))
        return NotFound(
            Text(
                f"{model.repository}: {self.host} has no {what.en}.",
                f"{model.repository}: {self.host}에 {what.ko} 없어요.",
            ),
            field="name",
            cure=Text(
                "Look whether the name is right; a private one wants HF_TOKEN.",
                "이름을 확인하세요. 비공개 저장소라면 HF_TOKEN이 있어야 해요.",
            ),
        )

    def _garbled(self) -> FetchFailed:
        return FetchFailed(
            Text(f"What {self.host} answers is no hub's answer.", f"{self.host}의 응답은 모델 허브의 것이 아니에요."),
            cure=Text("Is PANSORI_HUB_URL, or HF_ENDPOINT, right?", "PANSORI_HUB_URL이나 HF_ENDPOINT가 맞나요?"),
        )


@cache
def _authorities() -> ssl.SSLContext:
    """Who vouches for servers; SSL_CERT_FILE and SSL_CERT_DIR name others. Reading them takes a while."""
    import httpx

    return httpx.create_ssl_context()


def _all(response: httpx.Response) -> bytes:
    """The body; what exceeds `LONGEST_LIST` is left out, and the rest then no JSON."""
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LONGEST_LIST:
            break
    return bytes(content)


def _first_byte(response: httpx.Response) -> int:
    """Where the answer begins in the file."""
    if response.status_code != HTTPStatus.PARTIAL_CONTENT:
        return 0
    match = _RANGE.match(response.headers.get("content-range", ""))
    return int(match["first"]) if match else 0


def _files(siblings: list[dict[str, Any]], folder: str) -> Iterator[ModelFile]:
    """What a repository holds below `folder`, hidden files left out. Raises `ValueError` for paths and digests that
    nobody may be told."""
    prefix = f"{folder}/" if folder else ""
    for entry in siblings:
        path = str(entry["rfilename"])
        if not path.startswith(prefix) or any(part.startswith(".") and part != ".." for part in path.split("/")):
            continue
        path = path.removeprefix(prefix)
        large = entry.get("lfs") or {}
        sha256, blob = str(large.get("sha256", "")), "" if large else str(entry["blobId"])
        if not is_safe(path) or not (_HEX.fullmatch(sha256) if large else _HEX.fullmatch(blob)):
            raise ValueError(path)
        yield ModelFile(path=path, size=Bytes(int(entry["size"])), sha256=sha256, blob=blob)


def _licence(answer: dict[str, Any]) -> str:
    """As the repository's card names it; empty where it does not."""
    card = answer.get("cardData") or {}
    named = card.get("license") or ""
    if named == "other":
        named = card.get("license_name") or named
    return ", ".join(map(str, named)) if isinstance(named, list) else str(named)
