"""What values have to be like, beyond their types."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any, Final

from pydantic import field_validator, model_validator
from pydantic_settings import BaseSettings

from pansori.domain.forms import ADDRESS, SPACE, STORE, is_webhook_secret

ANYBODY: Final = "*"
SHORTEST_TOKEN: Final = 16  #: characters


class Checked(BaseSettings):
    """The fields themselves are those of `Settings`."""

    @field_validator("trusted_servers", check_fields=False)
    @classmethod
    def _are_servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(ADDRESS.fullmatch(one) for one in value):
            raise ValueError("This has to be addresses that begin with https:// or http://")
        return value

    @field_validator(
        "allow_origins", "allow_origin", "forwarded_allow_ips", "trusted_servers", mode="before", check_fields=False
    )
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("forwarded_allow_ips", check_fields=False)
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if ANYBODY in value:
            return (ANYBODY,)
        for one in value:
            try:
                ip_network(one)
            except ValueError:
                raise ValueError("This has to be addresses like 10.0.0.5, or networks like 10.0.0.0/8") from None
        return value

    @field_validator("broker_url", check_fields=False)
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("This has to begin with redis://, rediss:// or unix://")
        return value

    @field_validator("smtp_url", check_fields=False)
    @classmethod
    def _is_smtp(cls, value: str) -> str:
        if value and not value.startswith(("smtp://", "smtps://")):
            raise ValueError("This has to begin with smtp:// or smtps://")
        return value

    @field_validator("access_log", "models_dir", "soundfont", "tls_cert", "tls_key", mode="before", check_fields=False)
    @classmethod
    def _may_be_empty(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("metrics_token", check_fields=False)
    @classmethod
    def _is_no_guess(cls, value: str) -> str:
        if value and (len(value) < SHORTEST_TOKEN or not (value.isascii() and value.isprintable())):
            raise ValueError(f"This has to be {SHORTEST_TOKEN} ASCII characters or more")
        return value

    @field_validator("hf_space_id", check_fields=False)
    @classmethod
    def _is_space(cls, value: str) -> str:
        value = value.strip()
        if value and not SPACE.fullmatch(value):
            raise ValueError("This has to be owner/name, or an address that begins with https:// or http://")
        return value

    @field_validator("target_server_url", "webhook_url", "hub_url", check_fields=False)
    @classmethod
    def _is_address(cls, value: str) -> str:
        value = value.strip()
        if value and not ADDRESS.fullmatch(value):
            raise ValueError("This has to be an address that begins with https:// or http://")
        return value

    @field_validator("webhook_secret", check_fields=False)
    @classmethod
    def _is_webhook_secret(cls, value: str) -> str:
        if value and not is_webhook_secret(value):
            raise ValueError("This has to be whsec_ and 24 to 64 bytes in base64")
        return value

    @field_validator("s3_bucket_name", check_fields=False)
    @classmethod
    def _is_bucket(cls, value: str) -> str:
        if value and not STORE.fullmatch(f"s3://{value}"):
            raise ValueError("This has to be the name of a bucket")
        return value

    @model_validator(mode="after")
    def _keep_in_bucket(self) -> Any:
        """The documented bucket is where files are kept, unless another place is named."""
        bucket = getattr(self, "s3_bucket_name", "")
        if bucket and "store" not in self.model_fields_set:
            self.__dict__["store"] = f"s3://{bucket}"
        return self

    @field_validator("store", check_fields=False)
    @classmethod
    def _is_store(cls, value: str) -> str:
        if value != "local" and not STORE.fullmatch(value):
            raise ValueError("This has to be local, s3://bucket or s3://bucket/prefix")
        return value.rstrip("/")

    @field_validator("aws_endpoint_url", check_fields=False)
    @classmethod
    def _is_endpoint(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("This has to begin with https:// or http://")
        return value.rstrip("/")
