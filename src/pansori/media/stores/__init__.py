"""Where the bytes of assets are kept."""

from pansori.media.stores.base import AssetStore, StoredObject
from pansori.media.stores.local import LocalStore
from pansori.media.stores.memory import MemoryStore

__all__ = ["AssetStore", "LocalStore", "MemoryStore", "StoredObject"]
