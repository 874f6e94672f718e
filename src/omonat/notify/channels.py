"""Which channels an installation has."""

from omonat.kernel.settings import Settings
from omonat.notify.console import ConsoleChannel
from omonat.notify.gateway import SmsChannel, TelegramChannel
from omonat.notify.model import Channel, NullChannel
from omonat.notify.smtp import SmtpChannel


def channels(settings: Settings, dev_host: str = "") -> dict[str, Channel]:
    """A channel for `email` and one for `sms`: the configured one; with `--dev` the terminal; else one that refuses.

    One for `telegram` only where it is set up: whoever has none is written to by SMS.
    `dev_host` is the host that the server listens on, empty without a server. Raises Misconfigured.
    """
    made: dict[str, Channel] = {"email": _email(settings, dev_host), "sms": _sms(settings, dev_host)}
    if settings.telegram is not None:
        made["telegram"] = TelegramChannel(settings.telegram)
    return made


def _email(settings: Settings, dev_host: str) -> Channel:
    if settings.smtp is not None:
        return SmtpChannel(settings.smtp)
    return _without_settings("email", settings, dev_host)


def _sms(settings: Settings, dev_host: str) -> Channel:
    if settings.sms is not None:
        return SmsChannel(settings.sms)
    return _without_settings("sms", settings, dev_host)


def _without_settings(kind: str, settings: Settings, dev_host: str) -> Channel:
    return ConsoleChannel(kind, dev_host) if settings.dev and dev_host else NullChannel(kind)
