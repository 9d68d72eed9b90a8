"""Files of sound and what goes with them: kept, told apart, decoded, encoded, tagged, delivered in parts."""

from pansori.media.assets import AssetInfo, Assets
from pansori.media.content import media_type
from pansori.media.decode import Decoded, Limits, Probe, decode, probe, read_flac
from pansori.media.encode import Progress, Samples, encode, write_flac
from pansori.media.master import EncodeReport, master_encode
from pansori.media.names import clean_name
from pansori.media.ranges import Delivery, Representation, deliver
from pansori.media.stores import FULL, AssetStore, LocalStore, MemoryStore, StoredObject, storage_full
from pansori.media.tags import DigitalSource, Tags, read_tags, write_tags

__all__ = [
    "FULL",
    "AssetInfo",
    "AssetStore",
    "Assets",
    "Decoded",
    "Delivery",
    "DigitalSource",
    "EncodeReport",
    "Limits",
    "LocalStore",
    "MemoryStore",
    "Probe",
    "Progress",
    "Representation",
    "Samples",
    "StoredObject",
    "Tags",
    "clean_name",
    "decode",
    "deliver",
    "encode",
    "master_encode",
    "media_type",
    "probe",
    "read_flac",
    "read_tags",
    "storage_full",
    "write_flac",
    "write_tags",
]
