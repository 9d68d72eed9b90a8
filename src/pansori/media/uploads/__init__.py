"""Files that come in pieces: resumable, in order; or in parts, in any."""

from pansori.media.uploads._appending import Appending
from pansori.media.uploads._in_parts import PartReceiving, count_parts, size_of_part
from pansori.media.uploads._rows import Protocol, UploadView
from pansori.media.uploads._uploads import Uploads

__all__ = ["Appending", "PartReceiving", "Protocol", "UploadView", "Uploads", "count_parts", "size_of_part"]
