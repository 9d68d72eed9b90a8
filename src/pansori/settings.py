"""Every setting, typed, with its documented name. A `.env` file in the working folder is read; the environment wins."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.units import Bytes, Seconds
from pansori.domain.words import explain

PREFIX = "PANSORI_"

Origins = Annotated[tuple[str, ...], NoDecode]  # NoDecode: written with commas, and not as JSON


class Settings(BaseSettings):
    """Read once, in `pansori.bootstrap`, and handed on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Address that `serve` listens on. In `open` mode anything but a loopback address needs `PANSORI_OPEN_TO_ALL`."""
    port: int = Field(default=8080, ge=0, le=65535, validation_alias=AliasChoices("PORT", "port"))
    """Port that `serve` listens on. 0: any free one, printed at start."""
    mode: Literal["open"] = "open"
    """Who may use it. `open`: one local account, no login, everything visible."""
    open_to_all: bool = False
    """Allow `open` mode on an address that other machines can reach."""
    data_dir: Path = Path("pansori-data")
    """Where the embedded size keeps everything: database, assets, scratch."""
    database_url: str = Field(default="", validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    """`postgresql://…` or `sqlite:///…`. Empty: SQLite in the data folder."""
    broker_url: str = ""
    """`redis://…`: Celery workers carry out the work, on as many machines as one likes. Empty: `serve` does itself."""
    key_prefix: str = "pansori"
    """Prefix of everything this installation keeps in Redis, so that several can share one."""
    workers: int = Field(default=1, ge=0, le=256)
    """Children of `serve` (or `worker`) for the queue `cpu`; `gpu` always has one. 0: `serve` starts no workers."""
    lease: Seconds = Field(default=Seconds(30.0), ge=1)
    """How long a claimed step is kept for a worker that is not heard of."""
    worker_losses: int = Field(default=10, ge=0)
    """How many workers may die on one step before its job fails."""
    compose_engine: str = "house_band"
    """Engine of the `compose` family used where a request names none."""
    memoria_concurrency: int = Field(default=1, ge=1)
    """How many of Memoria's songs may run at once before its synchronous route answers 429."""
    memoria_events_window: Seconds = Field(default=Seconds(86_400.0), ge=0)
    """How long a finished song stays in Memoria's `/events` snapshots. 0: it leaves with the update that ends it."""
    max_upload: Bytes = Field(default=Bytes(512 * 1024 * 1024), ge=1)
    """Largest file accepted, in bytes."""
    max_body: Bytes = Field(default=Bytes(1024 * 1024), ge=1024)
    """Largest JSON body accepted, in bytes."""
    soundfont: Path | None = None
    """SoundFont (.sf2) the house band plays. Empty: Debian's FluidR3 where installed, else the small one at hand."""
    public_url: str = ""
    """Address that others are told to call. Empty: the one they called."""
    allow_origins: Origins = ()
    """Origins allowed by CORS, separated by commas. Empty: none beyond the contracts' own."""
    allow_origin: Origins = Field(default=(), validation_alias=AliasChoices("ALLOW_ORIGIN", "allow_origin"))
    """The same by its documented name; both are allowed."""
    lang: Literal["", "en", "ko"] = ""
    """Language in which the command line speaks. Empty: the locale's, which is Korean or else English."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged, to standard error."""

    @field_validator("allow_origins", "allow_origin", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("broker_url")
    @classmethod
    def _is_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("This has to begin with redis://, rediss:// or unix://")
        return value

    @property
    def database(self) -> str:
        """The database's URL with the default filled in and the driver named."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.absolute() / 'pansori.db'}"
        for scheme in ("postgresql://", "postgres://"):
            if self.database_url.startswith(scheme):
                return "postgresql+psycopg://" + self.database_url.removeprefix(scheme)
        return self.database_url

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may read and change things here."""
        return self.allow_origins + self.allow_origin

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for a process that is to be set as this one is."""
        told: dict[str, str] = {}
        for field in type(self).model_fields:
            value = getattr(self, field)
            if isinstance(value, tuple):
                value = ",".join(value)
            if value is not None:
                told[env_name(field)] = str(value.absolute() if isinstance(value, Path) else value)
        return told


def env_name(field: str) -> str:
    """The environment variable that sets `field`."""
    alias = Settings.model_fields[field].validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else PREFIX + field.upper()


def load(**overrides: object) -> Settings:
    """Settings from the environment and `.env`. Raises `ConfigurationError` naming the variable and the cure."""
    known = {env_name(field) for field in Settings.model_fields}
    given = set(os.environ) | set(dotenv_values(".env"))
    for name in sorted(given):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            raise ConfigurationError(
                Text(f"There is no setting {name}.", f"{name}(이)라는 설정은 없어요."),
                field=name,
                cure=Text(f"Did you mean {nearest}?", f"{nearest}을(를) 말씀하신 건가요?"),
            )
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # names and types are checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = env_name(field) if field in Settings.model_fields else field
        words = explain(first["type"], first["msg"], first.get("ctx", {}))
        raise ConfigurationError(Text(f"{name}: {words.en}", f"{name}: {words.ko}"), field=name) from error
