"""Settings of one installation: `omonat.toml` in the data folder, written by `omonat init`, read by all else."""

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from omonat.kernel.codec import from_builtins
from omonat.kernel.errors import Misconfigured

FILE_NAME = "omonat.toml"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Smtp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail channel. The password comes from the environment: OMONAT_SMTP_PASSWORD."""

    host: str
    port: int = 587
    user: str = ""
    sender: str = ""
    starttls: bool = True


class Gateway(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One templated HTTP call. `{phone}`, `{text}`, `{id}` and `{sender}` are filled into `body`.

    `answer_id`: where the JSON of the answer holds the gateway's number of the message, as names parted by dots.
    """

    url: str
    body: str
    sender: str = ""
    answer_id: str = "id"


class Sms(Gateway, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The SMS channel, as the gateways of Uzbekistan take it; the token comes from OMONAT_SMS_TOKEN."""

    body: str = '{{"mobile_phone": "{phone}", "message": "{text}", "from": "{sender}"}}'
    sender: str = "4546"


class Telegram(Gateway, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Telegram channel: a gateway that finds people by phone; the token comes from OMONAT_TELEGRAM_TOKEN."""

    body: str = '{{"phone": "{phone}", "text": "{text}"}}'
    answer_id: str = "result.message_id"


class Oidc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Single sign-on of the staff by OpenID Connect. The client's secret lies in a file of its own."""

    issuer: str
    client_id: str
    client_secret_file: str
    label: str = "OpenID Connect"  # what the button of the sign-in says
    timeout: float = 5.0  # seconds


class FileKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="file"):
    """The key-encryption key in the file `kek` of the key folder."""


class OpenBao(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="openbao"):
    """A key of the transit engine of OpenBao or Vault. The token comes from OMONAT_OPENBAO_TOKEN."""

    url: str
    key: str
    mount: str = "transit"
    namespace: str = ""
    ca_file: str = ""
    timeout: float = 5.0  # seconds


class AwsKms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="aws-kms"):
    """A key of AWS KMS, by its ARN. Credentials come the way of AWS: environment, instance role."""

    key: str
    endpoint: str = ""
    timeout: float = 5.0  # seconds


class Pkcs11(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="pkcs11"):
    """An AES key in a PKCS#11 token. The PIN comes from OMONAT_PKCS11_PIN."""

    library: str
    token: str
    key: str


ProviderSettings = FileKey | OpenBao | AwsKms | Pkcs11


class Backups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days copies live: what the operator promises, and what `omonat backup --into` drops after.

    From these every certificate of a destruction says until when a copy of what is gone may be left.
    """

    keys_days: int = 7
    data_days: int = 90
    wal_days: int = 7  # archives of PostgreSQL's write-ahead log, of either database


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that differs between installations. Secrets are not here: see docs/operate.md."""

    data: Path
    keys: Path
    database: str = ""
    keys_database: str = ""
    base_url: str = "http://localhost:8080"
    origin: str = "localhost/omonat"  # the name of the ledger; never changes after `init`
    trusted_proxies: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()  # verifier keys of those whose cosignatures the ledger carries
    webhook_hosts: tuple[str, ...] = ()  # names inside the operator's own network that webhooks may call
    smtp: Smtp | None = None
    sms: Sms | None = None
    telegram: Telegram | None = None  # without it, what is asked of a Telegram number is asked by SMS
    oidc: Oidc | None = None
    key_provider: ProviderSettings = FileKey()
    old_key_provider: tuple[ProviderSettings, ...] = ()  # those that still open what was not moved yet
    backups: Backups = Backups()
    api_calls_per_minute: int = 600  # of one API key, on each node
    four_eyes: Literal["when_two", "always"] = "when_two"  # where nobody else has the right: act alone, or not at all
    dev: bool = False

    @property
    def clock_shift(self) -> timedelta:
        """Other days for tests and the demo: OMONAT_CLOCK_SHIFT_DAYS, only where `dev` is set."""
        return timedelta(days=float(os.environ.get("OMONAT_CLOCK_SHIFT_DAYS", "0"))) if self.dev else timedelta()

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the data database; SQLite in the data folder unless a server is named."""
        return _psycopg(self.database) or f"sqlite:///{self.data / 'omonat.db'}"

    @property
    def keys_database_url(self) -> str:
        """SQLAlchemy URL of the key store, a database of its own."""
        return _psycopg(self.keys_database) or f"sqlite:///{self.keys / 'keys.db'}"

    @property
    def jobs_database_url(self) -> str:
        """SQLAlchemy URL of the durable jobs; a schema of its own on a server."""
        return _psycopg(self.database) or f"sqlite:///{self.data / 'jobs.db'}"

    @property
    def key_file(self) -> Path | None:
        """The first file of the key-encryption key; None where another provider holds it."""
        return self.keys / "kek" if isinstance(self.key_provider, FileKey) else None

    @property
    def ledger(self) -> Path:
        """Tiles, checkpoints and tombstones: outside the backup set, so that a restore cannot shrink them."""
        return self.data / "ledger"


def is_safe_address(url: str) -> bool:
    """Whether secrets may go there: by TLS, or within this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _psycopg(url: str) -> str:
    scheme, colon, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if colon and scheme in {"postgres", "postgresql"} else url


def read_settings(data: Path) -> Settings:
    """The settings of the installation in `data`. Raises Misconfigured with what to do."""
    path = data / FILE_NAME
    if not path.exists():
        raise Misconfigured(what=f"There is no installation in {data}.", fix=f"Run: omonat init --data {data}")
    try:
        facts = tomllib.loads(path.read_text("utf-8"))
        facts.setdefault("dev", os.environ.get("OMONAT_DEV") == "1")
        return from_builtins({**facts, "data": str(data)}, Settings, dec_hook=_to_path)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Misconfigured(what=f"{path} cannot be read: {error}", fix="Correct the named line.") from error


def _to_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
