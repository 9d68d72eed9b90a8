"""Of which form the values of settings are: addresses, names of buckets and Spaces, secrets."""

from __future__ import annotations

import base64
import re

from pansori.domain.errors import Text

STORE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?")

SPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9][A-Za-z0-9_.-]{0,95}|https?://[^\s/?#@]+([/?#]\S*)?")
ADDRESS = re.compile(r"https?://[^\s/?#@]+([/?#]\S*)?")
#: What helps where a setting's value cannot be used, by its variable.
CURES = {
    "HF_SPACE_ID": Text(
        "As in HF_SPACE_ID=owner/name or HF_SPACE_ID=http://127.0.0.1:7860. Leave it empty to use no Space.",
        "HF_SPACE_ID=owner/name이나 HF_SPACE_ID=http://127.0.0.1:7860처럼 쓰세요. Space를 안 쓰려면 비워 두세요.",
    )
}


def is_webhook_secret(text: str) -> bool:
    """Whether it is one as the Standard Webhooks specification has it."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return text.startswith("whsec_") and 24 <= len(key) <= 64
