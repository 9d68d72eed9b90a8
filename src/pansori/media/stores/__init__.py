"""Where the bytes of assets are kept."""

from pansori.media.stores.base import FULL, AssetStore, StoredObject, storage_full
from pansori.media.stores.local import LocalStore
from pansori.media.stores.memory import MemoryStore

__all__ = ["FULL", "AssetStore", "LocalStore", "MemoryStore", "StoredObject", "storage_full"]
