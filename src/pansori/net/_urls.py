"""Which URLs may be visited, told by their form alone."""

from __future__ import annotations

from dataclasses import dataclass

from pansori.domain.errors import Text, UnsafeAddress

SCHEMES = {"http": 80, "https": 443}
URL_MAX_CHARACTERS = 8_192
SHOWN_CHARACTERS = 200
LOWEST_PORT, HIGHEST_PORT = 1024, 65535  #: below, only the web's own two: mail, shells and file shares listen there
#: Ports from 1024 on at which the Fetch standard has browsers refuse HTTP ("bad port").
BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)


@dataclass(frozen=True)
class Url:
    """A URL that may be visited as far as its form tells. `host`: a name in ASCII (IDNA), or an address."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, percent-encoded."""

    @property
    def authority(self) -> str:
        """As the `Host` header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SCHEMES[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target

    def join(self, reference: str) -> Url:
        """Where a relative or absolute reference of this page leads, on whatever port. Raises `UnsafeAddress`."""
        import httpx  # late, for it takes a sixth of a second

        try:
            joined = httpx.URL(str(self)).join(reference)
        except (httpx.InvalidURL, ValueError) as error:  # the second: of IDNA
            raise _unsafe(reference, Text("it cannot be read", "읽을 수 없는 주소예요")) from error
        return parse_url(str(joined), any_port=True)


def parse_url(text: str, *, any_port: bool = False) -> Url:
    """Raises `UnsafeAddress` for what is no http(s) URL, carries a login, or names a port of another service.

    `any_port`: the URL is the operator's own and may name any.
    """
    import httpx

    try:
        url = httpx.URL(_plain(text))
        host = url.raw_host.decode("ascii").rstrip(".").lower()
    except (httpx.InvalidURL, ValueError) as error:
        raise _unsafe(text, Text("it cannot be read", "읽을 수 없는 주소예요")) from error
    if url.scheme not in SCHEMES or not host:
        raise _unsafe(text, Text("it is no http or https address", "http나 https 주소가 아니에요"))
    if url.userinfo:
        raise _unsafe(url.host, Text("it carries a login", "주소에 로그인 정보가 들어 있어요"))
    if "%" in host:
        raise _unsafe(text, Text("it names a network interface", "네트워크 장치를 가리켜요"))
    port = SCHEMES[url.scheme] if url.port is None else url.port
    if not (_web_port(port) or (any_port and 0 < port <= HIGHEST_PORT)):
        raise _unsafe(text, Text(f"port {port} is not one of the web's", f"{port}번은 웹에서 쓰는 포트가 아니에요"))
    return Url(url.scheme, host.removeprefix("[").removesuffix("]"), port, url.raw_path.decode("ascii"))


def _plain(text: str) -> str:
    if len(text) > URL_MAX_CHARACTERS or not text.isprintable() or any(mark in text for mark in " \\"):
        raise ValueError("characters that no URL has")
    return text


def _web_port(port: int) -> bool:
    return port in SCHEMES.values() or (LOWEST_PORT <= port <= HIGHEST_PORT and port not in BAD_PORTS)


def _unsafe(text: str, reason: Text) -> UnsafeAddress:
    shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return UnsafeAddress(
        Text(f"“{shown}” cannot be visited: {reason.en}.", f"“{shown}”에 접속할 수 없어요: {reason.ko}."),
        cure=Text(
            "Give a public http or https address without login and with a usual port.",
            "로그인 정보 없이, 일반 포트를 쓰는 공개된 http 또는 https 주소를 적어 주세요.",
        ),
    )
