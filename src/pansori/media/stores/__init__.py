"""Where the bytes of assets are kept."""

from pansori.media.stores._keys import Keyring, look_for_keys
from pansori.media.stores._sigv4 import Credentials
from pansori.media.stores.base import CHUNK, FULL, AssetStore, Part, StoredObject, is_asset_key, storage_full
from pansori.media.stores.choice import bucket_of, open_store, store_name
from pansori.media.stores.local import LocalStore
from pansori.media.stores.memory import MemoryStore
from pansori.media.stores.s3 import Bucket, S3Store

__all__ = [
    "CHUNK",
    "FULL",
    "AssetStore",
    "Bucket",
    "Credentials",
    "Keyring",
    "LocalStore",
    "MemoryStore",
    "Part",
    "S3Store",
    "StoredObject",
    "bucket_of",
    "is_asset_key",
    "look_for_keys",
    "open_store",
    "storage_full",
    "store_name",
]
