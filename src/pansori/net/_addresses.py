"""Which IP addresses may be visited: public ones alone.

The networks are those of IANA's special-purpose address registries (RFC 6890), which `ipaddress` knows in part and
differently from one Python to the next, and a few that clouds answer on.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

LOOPBACK_V4 = IPv4Network("127.0.0.0/8")
LOOPBACK_V6 = IPv6Address("::1")

FORBIDDEN_V4: dict[IPv4Network, str] = {
    IPv4Network("0.0.0.0/8"): "unspecified",
    IPv4Network("10.0.0.0/8"): "private",
    IPv4Network("100.64.0.0/10"): "shared by a carrier",
    LOOPBACK_V4: "loopback",
    IPv4Network("168.63.129.16/32"): "a cloud's own",
    IPv4Network("169.254.0.0/16"): "link-local",
    IPv4Network("172.16.0.0/12"): "private",
    IPv4Network("192.0.0.0/24"): "reserved",
    IPv4Network("192.0.2.0/24"): "documentation",
    IPv4Network("192.88.99.0/24"): "reserved",
    IPv4Network("192.168.0.0/16"): "private",
    IPv4Network("198.18.0.0/15"): "benchmarking",
    IPv4Network("198.51.100.0/24"): "documentation",
    IPv4Network("203.0.113.0/24"): "documentation",
    IPv4Network("224.0.0.0/4"): "multicast",
    IPv4Network("240.0.0.0/4"): "reserved",
}
PUBLIC_V6 = IPv6Network("2000::/3")  #: all that is given out for the Internet; loopback, ULA, link-local … lie outside
FORBIDDEN_V6: dict[IPv6Network, str] = {
    IPv6Network("2001::/23"): "reserved",  # Teredo, which hides an IPv4 address, among others
    IPv6Network("2001:db8::/32"): "documentation",
    IPv6Network("2002::/16"): "6to4",  # given up (RFC 7526); an IPv4 address stands in it
    IPv6Network("3fff::/20"): "documentation",
}
#: An IPv4 address stands at the end of these: mapped (RFC 4291) and by NAT64 (RFC 6052).
WRAPPING = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
ISATAP = frozenset({0x00005EFE, 0x02005EFE})  #: in an address's third quarter, before an IPv4 address (RFC 5214)


def is_address(host: str) -> bool:
    """Whether it is an IP address in its usual form, and no name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def why_forbidden(address: str | Address, *, allow_loopback: bool = False) -> str | None:
    """What kind of address it is, where that is none to visit; None for a public one.

    Raises `ValueError` for a text that is no IP address in its usual form.
    """
    parsed = ip_address(address) if isinstance(address, str) else address
    if isinstance(parsed, IPv4Address):
        return _why_v4(parsed, allow_loopback)
    if parsed.scope_id is not None:
        return "link-local"
    if any(parsed in network for network in WRAPPING):
        return _why_v4(_tail(parsed), allow_loopback)
    return _why_v6(parsed, allow_loopback)


def _why_v4(address: IPv4Address, allow_loopback: bool) -> str | None:
    if allow_loopback and address in LOOPBACK_V4:
        return None
    return next((kind for network, kind in FORBIDDEN_V4.items() if address in network), None)


def _why_v6(address: IPv6Address, allow_loopback: bool) -> str | None:
    if address == LOOPBACK_V6:
        return None if allow_loopback else "loopback"
    if address not in PUBLIC_V6:
        return "multicast" if address.is_multicast else "link-local" if address.is_link_local else "private"
    if int(address) >> 32 & 0xFFFFFFFF in ISATAP and _why_v4(_tail(address), allow_loopback=False):
        return "private"
    return next((kind for network, kind in FORBIDDEN_V6.items() if address in network), None)


def _tail(address: IPv6Address) -> IPv4Address:
    """The IPv4 address that packets to this one end at."""
    return IPv4Address(int(address) & 0xFFFFFFFF)
