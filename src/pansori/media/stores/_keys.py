"""Keys for S3, from where its own tools look for them: what is set, else a profile, else what the machine is lent.

Lent keys last for some hours and are asked for anew before they expire. Source: "Standardized credential providers" of
the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

import json
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from configparser import ConfigParser, Error
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

from pansori.domain.errors import StorageError, Text
from pansori.domain.units import Seconds
from pansori.media.stores._sigv4 import Credentials

EARLY: Final = timedelta(minutes=5)  #: before they expire, keys are renewed
AGAIN: Final = timedelta(seconds=10)  #: between two renewals, for which everybody who reads a file has to wait
REREAD: Final = timedelta(minutes=10)  #: so long is a file believed that others may rewrite
PATIENCE: Final = Seconds(2.0)  #: with the machine's own services, which answer at once where there are any
ABROAD: Final = Seconds(10.0)  #: with a service on the network
INSTANCE: Final = "http://169.254.169.254"
TOLD_AS: Final = "Token"  #: where the session's token is told
ROLES: Final = "/latest/meta-data/iam/security-credentials/"
CONTAINER: Final = "http://169.254.170.2"
ON_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
WITHOUT_PROXIES: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # they are of this machine

Environment = Mapping[str, str]


@dataclass(frozen=True)
class Lent:
    """`until`: when they expire. None: never."""

    credentials: Credentials
    until: datetime | None

    def ends_by(self, moment: datetime) -> bool:
        return self.until is not None and self.until <= moment


class Keyring:
    """The keys of one bucket as they are now."""

    def __init__(self, fetch: Callable[[], Lent]) -> None:
        self._fetch = fetch
        self._held: Lent | None = None
        self._next = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    @classmethod
    def of(cls, credentials: Credentials) -> Keyring:
        """Keys that never change."""
        return cls(lambda: Lent(credentials, None))

    def lent(self) -> Lent:
        """Those that are valid now, and until when. Raises `StorageError` where there are none to be had."""
        with self._lock:
            now = datetime.now(UTC)
            if self._held is None or self._held.ends_by(now):
                self._held = self._fetch()
            elif self._held.ends_by(now + EARLY) and self._next <= now:
                self._next = now + AGAIN
                with suppress(StorageError):  # those that are held are good for a while yet
                    self._held = self._fetch()
            return self._held

    @property
    def credentials(self) -> Credentials:
        return self.lent().credentials


def look_for_keys(region: str, environment: Environment = os.environ) -> Lent:
    """A profile's, or those that the machine is lent: by Kubernetes, its container's host, or its cloud. Raises
    `StorageError` where nobody has any."""
    for place in (_profile, _web_identity, _container, _instance):
        if (found := place(region, environment)) is not None:
            return found
    raise _none("none is set, and this machine is lent none")


def _profile(region: str, environment: Environment) -> Lent | None:
    """Keys of a file, `~/.aws/credentials` unless said otherwise."""
    named = environment.get("AWS_PROFILE")
    path = Path(environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials").expanduser()
    file = ConfigParser(interpolation=None)
    try:
        file.read(path, encoding="utf-8")
    except (Error, UnicodeDecodeError) as error:
        raise _none(f"{path} is no file of profiles") from error
    profile = named or "default"
    said = dict(file[profile]) if file.has_section(profile) else {}
    key, secret = said.get("aws_access_key_id"), said.get("aws_secret_access_key")
    if not key or not secret:
        if named:
            raise _none(f"{path} has none for the profile {named}")
        return None
    credentials = Credentials(key, secret, said.get("aws_session_token", ""), region)
    return Lent(credentials, datetime.now(UTC) + EARLY + REREAD)


def _web_identity(region: str, environment: Environment) -> Lent | None:
    """A role for whoever has a token, as pods of Kubernetes have one."""
    file, role = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE"), environment.get("AWS_ROLE_ARN")
    if not file or not role:
        return None
    asked = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role,
        "RoleSessionName": environment.get("AWS_ROLE_SESSION_NAME") or "pansori",
        "WebIdentityToken": _text_of(file),
    }
    service = environment.get("AWS_ENDPOINT_URL_STS") or f"https://sts.{region}.amazonaws.com"
    answer = _ask(urllib.request.Request(service, urlencode(asked).encode()), ABROAD)  # noqa: S310 - of the environment
    try:
        found = ElementTree.fromstring(answer)  # noqa: S314 - our own cloud's answer
    except ElementTree.ParseError as error:
        raise _none(f"{service} answered something else than keys") from error
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    return _lent({name: found.findtext(f".//{{*}}Credentials/{{*}}{name}") for name in names}, region, "SessionToken")


def _container(region: str, environment: Environment) -> Lent | None:
    """Keys from the host of a container."""
    relative, full = (environment.get(f"AWS_CONTAINER_CREDENTIALS_{kind}_URI") for kind in ("RELATIVE", "FULL"))
    url = CONTAINER + relative if relative else full
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ON_THIS_MACHINE:
        raise _none(f"AWS_CONTAINER_CREDENTIALS_FULL_URI names {parts.hostname}, which is not this machine")
    token_file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    token = _text_of(token_file) if token_file else environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    headers = {"Authorization": token} if token else {}
    return _lent(_asked(url, headers), region)


def _instance(region: str, environment: Environment) -> Lent | None:
    """Keys of the role that a machine of a cloud was given (version 2 of its metadata service)."""
    if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return None
    service = (environment.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or INSTANCE).rstrip("/")
    hello = urllib.request.Request(  # noqa: S310 - of the environment
        f"{service}/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"}, method="PUT"
    )
    try:
        token = _ask(hello).decode()
        headers = {"X-aws-ec2-metadata-token": token}
        roles = _ask(urllib.request.Request(service + ROLES, headers=headers)).decode().split()  # noqa: S310
    except StorageError:
        return None  # most machines have no such service, and some no role
    return _lent(_asked(service + ROLES + roles[0], headers), region) if roles else None


def _asked(url: str, headers: Mapping[str, str]) -> Any:
    try:
        return json.loads(_ask(urllib.request.Request(url, headers=dict(headers))))  # noqa: S310 - of the environment
    except ValueError as error:
        raise _none(f"{urlsplit(url).netloc} answered something else than keys") from error


def _lent(said: Any, region: str, token: str = TOLD_AS) -> Lent:
    try:
        until = datetime.fromisoformat(said["Expiration"]).astimezone(UTC)
        return Lent(Credentials(said["AccessKeyId"], said["SecretAccessKey"], said.get(token) or "", region), until)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _none("the answer of who lends them is not complete") from error


def _ask(request: urllib.request.Request, patience: Seconds = PATIENCE) -> bytes:
    """The answer's body. Raises `StorageError`."""
    ask = WITHOUT_PROXIES.open if patience == PATIENCE else urllib.request.urlopen
    try:
        with ask(request, timeout=patience) as answer:
            body: bytes = answer.read()
            return body
    except urllib.error.HTTPError as error:
        with error:
            raise _none(f"{urlsplit(request.full_url).netloc} answered {error.code}") from error
    except (OSError, ValueError) as error:
        raise _none(f"{urlsplit(request.full_url).netloc} does not answer") from error


def _text_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _none(f"{path} cannot be read") from error


def _none(reason: str) -> StorageError:
    return StorageError(
        Text(f"There is no key for the S3 store: {reason}.", f"S3 저장소의 키를 얻을 수 없어요: {reason}."),
        cure=Text(
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to the key of your S3 server.",
            "S3 서버에서 받은 키를 AWS_ACCESS_KEY_ID와 AWS_SECRET_ACCESS_KEY에 적어 주세요.",
        ),
    )
