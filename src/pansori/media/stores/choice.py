"""The store that the settings name."""

from __future__ import annotations

from functools import partial

from pansori.domain.errors import ConfigurationError, StorageError, Text
from pansori.domain.forms import STORE
from pansori.lexicon.particles import attach
from pansori.media.stores._keys import Keyring, look_for_keys
from pansori.media.stores._sigv4 import Credentials
from pansori.media.stores.base import AssetStore
from pansori.media.stores.local import LocalStore
from pansori.media.stores.s3 import Bucket, S3Store
from pansori.settings import Settings

ASSETS = "assets"  #: folder of the stored files under the data folder


def open_store(settings: Settings, place: str | None = None) -> AssetStore:
    """`place`: as `PANSORI_STORE` names it; None: what is set. No network is touched. Raises `ConfigurationError`."""
    place = (place or settings.store).rstrip("/")
    if place == "local":
        return _local(settings)
    if not STORE.fullmatch(place):
        raise ConfigurationError(
            Text(f"“{place}” is no place for files.", f"{attach(f'“{place}”', '은/는')} 파일을 보관할 곳이 아니에요."),
            field="PANSORI_STORE",
            cure=Text(
                "Write local, s3://bucket or s3://bucket/prefix.",
                "local, s3://버킷, s3://버킷/접두사 중 하나로 적어 주세요.",
            ),
        )
    return S3Store(_bucket(settings, place))


def bucket_of(settings: Settings) -> Bucket | None:
    """None: files are kept in a folder. Raises `ConfigurationError` where a bucket has half a key."""
    return None if settings.store == "local" else _bucket(settings, settings.store)


def store_name(store: AssetStore, settings: Settings) -> str:
    """For people: the bucket, or the folder."""
    if isinstance(store, S3Store):
        return f"{store.bucket.place} ({store.bucket.endpoint})"
    return str(settings.data_dir.absolute() / ASSETS)


def _local(settings: Settings) -> LocalStore:
    folder = settings.data_dir.absolute()
    try:
        return LocalStore(folder / ASSETS)
    except StorageError as error:
        raise ConfigurationError(
            Text(f"{folder}: {error.message.en}", f"{folder}: {error.message.ko}"),
            field="PANSORI_DATA_DIR",
            cure=Text(
                "Let PANSORI_DATA_DIR name a folder that can be written.",
                "PANSORI_DATA_DIR에 쓸 수 있는 폴더를 적으세요.",
            ),
        ) from error


def _bucket(settings: Settings, place: str) -> Bucket:
    name, _, prefix = place.removeprefix("s3://").partition("/")
    return Bucket(
        name=name,
        prefix=prefix,
        endpoint=settings.aws_endpoint_url or f"https://s3.{settings.aws_region}.amazonaws.com",
        region=settings.aws_region,
        keys=_keys(settings, place),
    )


def _keys(settings: Settings, place: str) -> Keyring:
    """The key that is set, or else those that are found when they are needed."""
    key, secret = settings.aws_access_key_id, settings.aws_secret_access_key
    if not key and not secret:
        return Keyring(partial(look_for_keys, settings.aws_region))
    for name, value in (("aws_access_key_id", key), ("aws_secret_access_key", secret)):
        if not value:
            raise ConfigurationError(
                Text(f"{place} needs {name.upper()}.", f"{place}에는 {attach(name.upper(), '이/가')} 필요해요."),
                field=name.upper(),
                cure=Text("Set it to the key of your S3 server.", "S3 서버에서 받은 키를 적어 주세요."),
            )
    return Keyring.of(Credentials(key, secret, settings.aws_session_token, settings.aws_region))
