"""Certificates for tests of TLS, by an authority that nobody knows but them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """PEM files in `folder`: `ca` vouches for `cert`, whose key is `key`; `both` holds key and certificate."""

    folder: Path

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def cert(self) -> Path:
        return self.folder / "cert.pem"

    @property
    def key(self) -> Path:
        return self.folder / "key.pem"

    @property
    def both(self) -> Path:
        return self.folder / "both.pem"


def issued(folder: Path, name: str) -> Certificates:
    """For a host of that name or address."""
    authority, made = trustme.CA(), Certificates(folder)
    certificate = authority.issue_cert(name)
    authority.cert_pem.write_to_path(str(made.ca))
    certificate.cert_chain_pems[0].write_to_path(str(made.cert))
    certificate.private_key_pem.write_to_path(str(made.key))
    certificate.private_key_and_cert_chain_pem.write_to_path(str(made.both))
    return made
