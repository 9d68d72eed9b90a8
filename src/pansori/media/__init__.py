"""Files of sound and what goes with them: kept, told apart, decoded, encoded, tagged, delivered in parts."""

from pansori.media._receiving import Receiving
from pansori.media._receiving import too_large as file_too_large
from pansori.media.assets import READY, AssetInfo, Assets
from pansori.media.content import extension, media_type
from pansori.media.decode import Decoded, Limits, Probe, decode, probe, read_flac
from pansori.media.encode import Progress, Samples, delivered_rate, encode, resample, write_flac
from pansori.media.inspect import StoredAsset, Trouble, count_ready, examine, ready_assets, sample_missing
from pansori.media.master import EncodeReport, master_encode
from pansori.media.moving import Copied, copy_all
from pansori.media.names import clean_name, one_line
from pansori.media.plain import read_plain
from pansori.media.quota import Quotas, Usage, usage, usage_of_all
from pansori.media.ranges import Delivery, Representation, deliver
from pansori.media.stores import (
    CHUNK,
    FULL,
    AssetStore,
    Bucket,
    Credentials,
    Keyring,
    LocalStore,
    MemoryStore,
    Part,
    S3Store,
    StoredObject,
    bucket_of,
    is_asset_key,
    open_store,
    storage_full,
    store_name,
)
from pansori.media.streaming import StreamEncoder, StreamFormat, stream_encoder
from pansori.media.tags import DigitalSource, Tags, read_tags, write_tags
from pansori.media.uploads import Appending, PartReceiving, Uploads, UploadView, count_parts, size_of_part

__all__ = [
    "CHUNK",
    "FULL",
    "READY",
    "Appending",
    "AssetInfo",
    "AssetStore",
    "Assets",
    "Bucket",
    "Copied",
    "Credentials",
    "Decoded",
    "Delivery",
    "DigitalSource",
    "EncodeReport",
    "Keyring",
    "Limits",
    "LocalStore",
    "MemoryStore",
    "Part",
    "PartReceiving",
    "Probe",
    "Progress",
    "Quotas",
    "Receiving",
    "Representation",
    "S3Store",
    "Samples",
    "StoredAsset",
    "StoredObject",
    "StreamEncoder",
    "StreamFormat",
    "Tags",
    "Trouble",
    "UploadView",
    "Uploads",
    "Usage",
    "bucket_of",
    "clean_name",
    "copy_all",
    "count_parts",
    "count_ready",
    "decode",
    "deliver",
    "delivered_rate",
    "encode",
    "examine",
    "extension",
    "file_too_large",
    "is_asset_key",
    "master_encode",
    "media_type",
    "one_line",
    "open_store",
    "probe",
    "read_flac",
    "read_plain",
    "read_tags",
    "ready_assets",
    "resample",
    "sample_missing",
    "size_of_part",
    "storage_full",
    "store_name",
    "stream_encoder",
    "usage",
    "usage_of_all",
    "write_flac",
    "write_tags",
]
