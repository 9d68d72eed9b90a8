"""What is noted of whoever logs in."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from pansori.domain.errors import Language


@dataclass(frozen=True)
class Client:
    """`address`: where the request came from. `agent`: what the program calls itself. `language`: in which to write."""

    address: str = ""
    agent: str = ""
    language: Language = "en"

    @property
    def place(self) -> str:
        """What attempts are counted of: the address, or of IPv6 its first 64 bits, for whoever has one of these
        addresses has all of them (RFC 6177)."""
        try:
            address = ip_address(self.address)
        except ValueError:
            return self.address
        if not isinstance(address, IPv6Address):
            return self.address
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return f"{IPv6Address(int(address) >> 64 << 64)}/64"
