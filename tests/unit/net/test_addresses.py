"""Which addresses may be visited: no way of writing a forbidden one gets through."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import Unreachable, UnsafeAddress
from pansori.domain.units import Bytes, Seconds
from pansori.net import Bounds, Client, parse_url, why_forbidden

FORBIDDEN = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip
forbidden_v4 = st.sampled_from(FORBIDDEN).flatmap(lambda network: st.ip_addresses(v=4, network=network))
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９。")


def _forms_of_v4(address: IPv4Address) -> list[str]:
    number = int(address)
    a, b, c, d = address.packed
    return [
        str(address),
        f"{address}.",
        str(number),
        hex(number),
        f"0{number:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a}.{(b << 16) | (c << 8) | d}",
        f"{a}.{b}.{(c << 8) | d}",
        f"0x{a:x}.{b}.0{c:o}.{d}",
        str(address).translate(FULL_WIDTH),
        "".join(f"%{ord(mark):02x}" for mark in str(address)),
        f"[::ffff:{address}]",
        f"[{IPv6Address((0xFFFF << 32) | number)}]",
        f"[64:ff9b::{address}]",
        f"[{IPv6Address((0x2002 << 112) | (number << 80))}]",
        f"[2001:470::5efe:{address}]",
        f"[::{address}]",
    ]


def _numeric_only(host: str, port: int) -> Sequence[str]:
    """As the machine reads addresses, without asking anybody for names."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    RESOLVED.extend(str(entry[4][0]) for entry in found)
    return RESOLVED


RESOLVED: list[str] = []  #: by the client, for the last of its requests
CLIENT = Client(resolve=_numeric_only, bounds=Bounds(total=Seconds(5.0), size=Bytes(1)))  # TLS takes a while to begin


@settings(deadline=None)
@given(address=forbidden_v4, data=st.data())
def test_no_way_of_writing_a_forbidden_address_gets_through(address: IPv4Address, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(_forms_of_v4(address)))
    scheme = data.draw(st.sampled_from(["http", "HTTPS"]))
    RESOLVED.clear()
    with pytest.raises((UnsafeAddress, Unreachable)) as raised:
        CLIENT.fetch(f"{scheme}://{form}/x")
    assert isinstance(raised.value, UnsafeAddress) or not RESOLVED


@settings(deadline=None)
@given(st.ip_addresses())
def test_what_is_allowed_is_public_by_pythons_own_tables(address: IPv4Address | IPv6Address) -> None:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
    if why_forbidden(address) is None:
        assert inner.is_global
        assert not inner.is_multicast


@pytest.mark.parametrize(
    "address",
    ["::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
     "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "100::1", "5f00::1",
     "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "255.255.255.255", "0.0.0.0"],
)  # fmt: skip
def test_forbidden(address: str) -> None:
    assert why_forbidden(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::808:808"],
)
def test_public(address: str) -> None:
    assert why_forbidden(address) is None


@settings(deadline=None)
@given(st.ip_addresses())
def test_allowing_loopback_allows_nothing_else(address: IPv4Address | IPv6Address) -> None:
    if why_forbidden(address) is not None and why_forbidden(address, allow_loopback=True) is None:
        assert address.is_loopback or ip_address(str(address).rpartition(":")[2]).is_loopback


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "javascript:alert(1)", "//a.example", "a.example",
     "http://", "http:///x", "http://user@a.example/", "http://user:pass@a.example/", "http://a.example@b.example/",
     "http://a.example:22/", "http://a.example:0/", "http://a.example:6667/", "http://a.example:99999/",
     "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://a.example\\@b.example/", "http://a.example/\r\nX: y",
     "http://a .example/", "http://[::1", "http://xn--zzzzzz--.example:x/", "http://a.example/" + "x" * 9_000],
)  # fmt: skip
def test_urls_that_are_refused_by_their_form(url: str) -> None:
    with pytest.raises(UnsafeAddress) as raised:
        parse_url(url)
    assert raised.value.cure is not None
    assert len(raised.value.message.en) < 400


def test_a_url_is_read_as_browsers_read_it() -> None:
    url = parse_url("HTTPS://Bücher.Example.:8443/노래?q=a b".replace(" ", "%20"))
    assert (url.scheme, url.host, url.port) == ("https", "xn--bcher-kva.example", 8443)
    assert str(url) == "https://xn--bcher-kva.example:8443/%EB%85%B8%EB%9E%98?q=a%20b"
    assert str(parse_url("http://[2606:4700::1111]")) == "http://[2606:4700::1111]/"
    assert str(url.join("../x?y#z")) == "https://xn--bcher-kva.example:8443/x?y"


@settings(deadline=None)
@given(st.text(max_size=60), st.booleans())
def test_any_text_is_a_url_or_refused(text: str, prefixed: bool) -> None:
    try:
        url = parse_url("http://" + text if prefixed else text)
    except UnsafeAddress:
        return
    assert url.host
    assert str(url).isascii()
    assert parse_url(str(url)) == url
