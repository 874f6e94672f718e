"""Folders, permissions, space and settings: what can be seen without opening the databases."""

import os
import shutil
from pathlib import Path

from omonat.doctor.model import Finding, Found, good, note, wrong
from omonat.kernel.settings import Settings

LEAST_FREE_BYTES = 1_000_000_000
LEAST_FREE_SHARE = 0.05
_LOOPBACK = ("http://localhost", "http://127.0.0.1", "http://[::1]")


def examine_files(settings: Settings, language: str = "en") -> list[Finding]:
    """Everything of this module."""
    checks = (_permissions, _apart, _space, _channels, _address)
    return [found.read(language) for check in checks for found in check(settings)]


def _permissions(settings: Settings) -> list[Found]:
    folders = [settings.data, settings.keys]
    files = [*settings.keys.glob("*"), settings.data / "omonat.toml", *settings.data.glob("*.db*")]
    missing = [folder for folder in folders if not folder.is_dir()]
    if missing:
        advice = "Restore it from its backup: omonat restore"
        return wrong("permissions", "{folder} is missing.", advice, folder=missing[0])
    open_ones = [str(path) for path in (*folders, *files) if path.exists() and path.stat().st_mode & 0o077]
    if open_ones:
        return wrong(
            "permissions", "Others may reach {files}.", "Run: chmod go= {words}", files=", ".join(open_ones),
            words=" ".join(open_ones),
        )  # fmt: skip
    return good("permissions", "Data and keys are open to their owner only.")


def _apart(settings: Settings) -> list[Found]:
    data, keys = settings.data.resolve(), settings.keys.resolve()
    if data == keys or data.is_relative_to(keys) or keys.is_relative_to(data):
        return wrong("keys", "Data and keys are in one folder.", "Move the keys and set `keys` in omonat.toml.")
    if settings.database and settings.database == settings.keys_database:
        return wrong("keys", "Data and keys are in one database.", "Give the key store a database of its own.")
    return good("keys", "The keys are apart from the data.")


def _space(settings: Settings) -> list[Found]:
    """The folders lie on one disk or two; each must have room for a scrub and a checkpoint."""
    for folder in (settings.data, settings.keys):
        if not folder.is_dir():
            continue
        disk = shutil.disk_usage(folder)
        if disk.free < LEAST_FREE_BYTES or disk.free < LEAST_FREE_SHARE * disk.total:
            free = f"{disk.free / 1e9:.1f} GB"
            what = "Only {free} are free where {folder} is."
            return wrong("space", what, "Make room: a full disk stops the program.", free=free, folder=folder)
    return good("space", "There is room on the disk.")


def _channels(settings: Settings) -> list[Found]:
    if settings.smtp is None and settings.sms is None:
        return note(
            "channels", "Neither mail nor SMS is set up: nobody can sign in, no notice goes out, except with --dev.",
            "Add [smtp] or [sms] to omonat.toml: docs/operate-mail-sms.md",
        )  # fmt: skip
    found = list[Found]()
    if settings.smtp and settings.smtp.user and not os.environ.get("OMONAT_SMTP_PASSWORD"):
        found += note("channels", "The mail server's password is not set here.", "Set OMONAT_SMTP_PASSWORD for serve.")
    if settings.smtp and not settings.smtp.starttls and settings.smtp.port != 465:
        found += wrong("channels", "Mail leaves without TLS.", "Set starttls = true in [smtp], or use port 465.")
    if settings.sms and not os.environ.get("OMONAT_SMS_TOKEN"):
        found += note("channels", "The token of the SMS gateway is not set here.", "Set OMONAT_SMS_TOKEN for serve.")
    if settings.telegram and not os.environ.get("OMONAT_TELEGRAM_TOKEN"):
        found += note(
            "channels", "The token of the Telegram gateway is not set here.", "Set OMONAT_TELEGRAM_TOKEN for serve."
        )
    return found or good("channels", "Mail and SMS are set up.")


def _address(settings: Settings) -> list[Found]:
    if settings.base_url.startswith("https:"):
        return good("address", "The site is {url}.", url=settings.base_url)
    if settings.base_url.startswith(_LOOPBACK):
        what = "The site is {url}: for this machine only."
        return note("address", what, "Set base_url in omonat.toml.", url=settings.base_url)
    advice = "Serve behind TLS; set base_url to https."
    return wrong("address", "The site is {url}, without TLS.", advice, url=settings.base_url)


def has_left_marks(data: Path) -> bool:
    """Whether a restore was interrupted."""
    return (data / "restoring").exists()
