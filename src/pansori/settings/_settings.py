"""Every setting, typed, with its documented name. A `.env` file in the working folder is read; the environment wins."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import NoDecode, SettingsConfigDict

from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.forms import CURES
from pansori.domain.units import Bytes, Seconds
from pansori.domain.words import explain
from pansori.settings._checks import Checked

PREFIX = "PANSORI_"
DEFAULT_SPACE = "CryptoThaler/melody"
Names = Annotated[tuple[str, ...], NoDecode]  # NoDecode: written with commas, and not as JSON


class Settings(Checked):
    """Read once, in `pansori.bootstrap`, and handed on."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, populate_by_name=True
    )

    host: str = "127.0.0.1"
    """Address that `serve` listens on. In `open` mode anything but a loopback address needs `PANSORI_OPEN_TO_ALL`."""
    port: int = Field(default=8080, ge=0, le=65535, validation_alias=AliasChoices("PORT", "port"))
    """Port that `serve` listens on. 0: any free one, printed at start."""
    tls_cert: Path | None = None
    """File with the certificate (and those of its issuers, PEM) by which `serve` speaks HTTPS: browsers give a
    microphone to pages from `localhost` or by HTTPS alone. Empty: HTTP, as behind a proxy that speaks HTTPS."""
    tls_key: Path | None = None
    """File with its private key. Empty: it is in the certificate's file."""
    mode: Literal["open", "accounts"] = "open"
    """Who may use it. `open`: one local account, no login, everything visible. `accounts`: guests, accounts with a
    password and API keys; everything is visible to its owner alone."""
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
    write_engine: str = "songsmith"
    """Engine of the `write` family, which expands prompts and writes lyrics."""
    analyze_engine: str = "pansori"
    """Engine of the `analyze` family used where a request names none."""
    speak_engine: str = "espeak"
    """Engine of the `speak` family used where a request names none."""
    transcribe_engine: str = "auto"
    """Engine of the `transcribe` family used where a request names none. Where it understands free speech, it also
    writes down what is said in recordings that are analysed. `auto`: `faster_whisper` where it is installed and a
    Whisper is here, else `pocketsphinx`."""
    reply_engine: str = "assistant"
    """Engine of the `write` family that answers what somebody says."""
    openai_url: str = ""
    """Server that the engines called `openai` ask, up to and with `/v1`: any that is compatible with OpenAI's. Empty:
    none, and nothing leaves this machine."""
    openai_key: str = Field(default="", repr=False)
    """Key for that server. Empty: it wants none."""
    openai_write_model: str = ""
    """Model that writes there. Empty: the first one that the server lists."""
    whisper_model: str = ""
    """Whisper that the engine `transcribe.faster_whisper` uses: a name of `pansori models list`, `hf:owner/name`, or a
    folder. Empty: the smallest that is here."""
    openai_transcribe_model: str = "whisper-1"
    """Model that transcribes there."""
    openai_speak_model: str = "tts-1"
    """Model that speaks there."""
    atot_url: str = Field(default="", validation_alias=AliasChoices("ATOT_URL", "atot_url"))
    """Server that turns speech into text for the voice backend, such as `http://127.0.0.1:8000`. Empty: the engine
    `PANSORI_TRANSCRIBE_ENGINE`, in this process."""
    ttot_url: str = Field(default="", validation_alias=AliasChoices("TTOT_URL", "ttot_url"))
    """Server that writes the replies, such as `http://127.0.0.1:8002`. Empty: the engine `PANSORI_REPLY_ENGINE`."""
    tts_url: str = Field(default="", validation_alias=AliasChoices("TTS_URL", "tts_url"))
    """Server that speaks them, such as `http://127.0.0.1:8004`. Empty: the engine `PANSORI_SPEAK_ENGINE`."""
    voice_timeout: Seconds = Field(default=Seconds(30.0), gt=0, allow_inf_nan=False)
    """How long each of those three servers may take, all in all."""
    voice_sessions: int = Field(default=16, ge=0, le=10_000)
    """Conversations by voice that a server holds at a time, of which one account may have half. 0: none. In `open` mode
    the one account may have all."""
    user_id: int = Field(default=10, ge=1, le=2**31 - 1, validation_alias=AliasChoices("USER_ID", "user_id"))
    """User of the voice backend in `open` mode whom a call means that names none. Where one logs in it is the account's
    own number."""
    max_duration_seconds: Annotated[Seconds, Field(ge=1, le=600)] = Field(
        default=Seconds(12.0), validation_alias=AliasChoices("MAX_DURATION_SECONDS", "max_duration_seconds")
    )
    """Longest song that TextTune's generations may ask for, in seconds; also the length of one that asks for none."""
    memoria_concurrency: int = Field(default=1, ge=1)
    """How many of Memoria's songs may run at once before its synchronous route answers 429."""
    memoria_events_window: Seconds = Field(default=Seconds(86_400.0), ge=0)
    """How long a finished song stays in Memoria's `/events` snapshots. 0: it leaves with the update that ends it."""
    max_upload: Bytes = Field(default=Bytes(4 * 1024 * 1024 * 1024), ge=1)
    """Largest file accepted, in bytes. Default: 4 GiB, which is as large as a WAV file can be."""
    max_recording: Seconds = Field(default=Seconds(14_400.0), gt=0)
    """Longest recording that is decoded, in seconds. Its samples take disk space: 21 MB a minute of stereo at 44.1 kHz
    while it is worked on."""
    upload_ttl: Seconds = Field(default=Seconds(86_400.0), ge=60, le=604_800)
    """How long an upload that comes in pieces is kept after its last piece; and how long signed addresses of parts are
    good. At most a week, which is the longest that S3 takes a signature."""
    max_body: Bytes = Field(default=Bytes(1024 * 1024), ge=1024)
    """Largest JSON body accepted, in bytes."""
    # -- accounts ------------
    jwt_secret: str = Field(default="", validation_alias=AliasChoices("JWT_SECRET", "jwt_secret"), repr=False)
    """What logins and signed links are signed with: 32 random bytes or more. Empty: made once and kept in the
    database, where all servers of an installation find it. Another value ends all logins."""
    token_ttl: Seconds = Field(default=Seconds(900.0), ge=1)
    """How long a login's token is valid as a bearer token. The cookie that holds it is renewed by itself."""
    session_ttl: Seconds = Field(default=Seconds(30 * 86_400.0), ge=60)
    """How long a login lasts that is not used."""
    password_memory: Bytes = Field(default=Bytes(64 * 1024 * 1024), ge=1024 * 1024, le=1024 * 1024 * 1024)
    """Memory that hashing one password takes, in bytes: the more, the dearer guessing becomes. Passwords hashed with
    another value are hashed anew when they are next used."""
    smtp_url: str = Field(default="", repr=False)
    """`smtp://user:password@host:587?starttls=1` or `smtps://…`: the server that mails are sent by. Empty: mails are
    written to the log, where whoever runs the server finds their links."""
    mail_from: str = "Pansori <pansori@localhost>"
    """Whom mails come from."""
    # -- what it is made of ------------
    models_dir: Path | None = None
    """Where the weights of models are kept that `pansori models get` fetches. Empty: `models` in the data folder."""
    model_idle_ttl: Seconds = Field(default=Seconds(300.0), ge=-1, allow_inf_nan=False)
    """How long a loaded model stays in memory after its last use. -1: until the process ends. 0: not at all."""
    # -- other servers ------------
    hf_space_id: str = Field(default="", validation_alias=AliasChoices("HF_SPACE_ID", "hf_space_id"))
    """Gradio Space that the engine `space` asks: `owner/name` on Hugging Face, or the URL of any Gradio app, in a
    private network too. Empty: `CryptoThaler/melody` where `HF_API_TOKEN` is set, else none."""
    hf_api_token: str = Field(default="", validation_alias=AliasChoices("HF_API_TOKEN", "hf_api_token"), repr=False)
    """Hugging Face token for Spaces that want a login, or for more quota. It is sent to the Space of `HF_SPACE_ID`
    alone, never to one that a request names. Empty: Spaces are asked as anybody may ask them."""
    hf_endpoint: str = Field(
        default="https://huggingface.co", validation_alias=AliasChoices("HF_ENDPOINT", "hf_endpoint")
    )
    """Address of Hugging Face, or of a mirror of it, which tells where the Space `owner/name` runs."""
    hub_url: str = ""
    """Address of the hub that `pansori models get` asks, `https://…` or `http://…`. Empty: `HF_ENDPOINT`."""
    hf_token: str = Field(default="", validation_alias=AliasChoices("HF_TOKEN", "hf_token"), repr=False)
    """Token for models that the hub gives only to those who accepted their terms, and for private ones. It is sent to
    the hub alone. Empty: it is asked as anybody may ask it."""
    target_server_url: str = Field(default="", validation_alias=AliasChoices("TARGET_SERVER_URL", "target_server_url"))
    """Analysis server that the documented analysis routes ask: the address that it takes requests at, as in
    `http://analysis.example/analyze-voice`, in a private network too. It is given a link to the recording, and answers
    at `WEBHOOK_URL`. Empty: this server analyses by itself. An explicit `PANSORI_ANALYZE_ENGINE` wins."""
    target_server_token: str = Field(default="", repr=False)
    """Bearer token that it wants, such as an API key of another Pansori. It is sent to that server alone. Empty:
    none."""
    webhook_url: str = Field(default="", validation_alias=AliasChoices("WEBHOOK_URL", "webhook_url"))
    """Address at which that server reaches `/tokens/webhook/analysis-complete` of this one. Empty: below
    `PANSORI_PUBLIC_URL`, or else on this machine."""
    webhook_secret: str = Field(default="", repr=False)
    """`whsec_…`: the secret of the Standard Webhooks specification, 24 to 64 random bytes in base64. What
    `/analyze-voice` sends is signed with it, and what comes to the webhook may be. Empty: nothing is signed, and the
    webhook takes only what comes by the address that was handed out for the job."""
    remote_timeout: Seconds = Field(default=Seconds(1800.0), gt=0)
    """How long an analysis server may take to call back before the job fails."""
    trusted_servers: Names = ()
    """Servers that may be visited wherever they are, in a private network too, where a request to `/analyze-voice`
    names them: `http://10.0.0.5:8000`, separated by commas. Empty: none; only public addresses are visited."""
    allow_loopback_urls: bool = False
    """Visit this machine's own loopback addresses too where a user or a Space gives such a URL. Other addresses that
    are not public stay forbidden."""
    # -- where files are kept ------------
    store: str = "local"
    """Where files are kept. `local`: in the data folder. `s3://bucket` or `s3://bucket/prefix`: in an S3 bucket, with
    the `AWS_` settings. Changing it moves nothing: see `pansori assets move`."""
    s3_bucket_name: str = Field(default="", validation_alias=AliasChoices("S3_BUCKET_NAME", "s3_bucket_name"))
    """The same by its documented name: the bucket alone. `PANSORI_STORE` wins where it is set. Empty: no bucket."""
    s3_redirect: bool = False
    """Send clients to S3 for the bytes of files, by signed URLs; they have to reach `AWS_ENDPOINT_URL` themselves.
    False: the bytes pass through this server."""
    aws_endpoint_url: str = Field(default="", validation_alias=AliasChoices("AWS_ENDPOINT_URL", "aws_endpoint_url"))
    """Address of the S3 server, `https://…` or `http://…`. Empty: Amazon's, in `AWS_REGION`."""
    aws_region: str = Field(default="us-east-1", validation_alias=AliasChoices("AWS_REGION", "aws_region"))
    """Region of the bucket. Other S3 servers than Amazon's mostly take any."""
    aws_access_key_id: str = Field(default="", validation_alias=AliasChoices("AWS_ACCESS_KEY_ID", "aws_access_key_id"))
    """Id of the key for S3. Empty: keys are looked for where S3's own tools look, in a profile and then at the cloud
    that the machine belongs to."""
    aws_secret_access_key: str = Field(
        default="", repr=False, validation_alias=AliasChoices("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key")
    )
    """The key's secret."""
    aws_session_token: str = Field(
        default="", repr=False, validation_alias=AliasChoices("AWS_SESSION_TOKEN", "aws_session_token")
    )
    """Token that belongs to a temporary key. Empty: the key is a lasting one."""
    account_quota: Bytes = Field(default=Bytes(0), ge=0)
    """Bytes of files that one account may keep. 0: as many as there is room for."""
    guest_quota: Bytes = Field(default=Bytes(0), ge=0)
    """The same for a guest. 0: what `PANSORI_ACCOUNT_QUOTA` says."""
    retain_jobs: Seconds = Field(default=Seconds(0.0), ge=0)
    """How long a finished job is kept, with those of its files that no track of the library needs; and what was said in
    a turn that no job tells of, as nobody has answered it. 0: for ever."""
    retain_stems: Seconds = Field(default=Seconds(0.0), ge=0)
    """How long a song's single voices (stems) are kept, which are most of its bytes. Favourites keep theirs. 0: for
    ever."""
    retain_tracks: Seconds = Field(default=Seconds(0.0), ge=0)
    """How long a track stays in a library, with its files. Favourites stay. 0: for ever."""
    retain_guests: Seconds = Field(default=Seconds(0.0), ge=0)
    """How long a guest account that nobody comes back to is kept, with everything it owns. 0: for ever."""

    soundfont: Path | None = None
    """SoundFont (.sf2) the house band plays. Empty: Debian's FluidR3 where installed, else the small one at hand."""
    public_url: str = ""
    """Address that others are told to call. Empty: the one they called."""
    forwarded_allow_ips: Names = Field(
        default=("127.0.0.1", "::1"), validation_alias=AliasChoices("FORWARDED_ALLOW_IPS", "forwarded_allow_ips")
    )
    """Addresses and networks of proxies, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are
    believed. Empty: nobody's. `*`: everybody's, for servers that nobody but a proxy reaches."""
    allow_origins: Names = ()
    """Origins allowed by CORS, separated by commas. Empty: none beyond the contracts' own."""
    allow_origin: Names = Field(default=(), validation_alias=AliasChoices("ALLOW_ORIGIN", "allow_origin"))
    """The same by its documented name; both are allowed."""
    lang: Literal["", "en", "ko"] = ""
    """Language in which the command line speaks. Empty: the locale's, which is Korean or else English."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged, to standard error."""
    log_format: Literal["text", "json"] = "text"
    """Form of the log. `text`: lines for people. `json`: one object a line for programs, with the ids of request, job
    and step."""
    access_log: bool | None = None
    """Log a line for every request that was answered. Empty: where the log is JSON, or its level `debug`."""
    metrics: Literal["loopback", "open", "off"] = "loopback"
    """Who may read `/metrics`, beside whoever has `PANSORI_METRICS_TOKEN`. `loopback`: programs on the same machine,
    and nobody through a proxy. `open`: everybody who reaches the server. `off`: nobody; there is no such address."""
    metrics_token: str = Field(default="", repr=False)
    """What a program on another machine sends as `Authorization: Bearer …` to read `/metrics`; 16 characters or more.
    Empty: there is none."""

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
    def space(self) -> str:
        """The Space of the documented settings, by its name or URL; empty where they name none."""
        return self.hf_space_id or (DEFAULT_SPACE if self.hf_api_token else "")

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
                Text(f"There is no setting {name}.", f"{name}: 그런 설정은 없어요."),
                field=name,
                cure=Text(f"Did you mean {nearest}?", f"혹시 {nearest}인가요?"),
            )
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # names and types are checked by pydantic
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        name = env_name(field) if field in Settings.model_fields else field
        words = explain(first["type"], first["msg"], first.get("ctx", {}))
        told = Text(f"{name}: {words.en}", f"{name}: {words.ko}")
        raise ConfigurationError(told, field=name, cure=CURES.get(name)) from error
