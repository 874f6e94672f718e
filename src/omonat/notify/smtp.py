"""Mail by SMTP submission (RFC 6409), with verified STARTTLS, or TLS from the start on port 465."""

import os
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, parseaddr

from omonat.kernel.errors import Misconfigured
from omonat.kernel.settings import Smtp
from omonat.notify.model import DeliveryFailed, Message

PASSWORD = "OMONAT_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
TIMEOUT = 20.0  # seconds, for each step of the conversation
_TLS_FROM_THE_START = 465


class SmtpChannel:
    """Sends a plain-text mail per message, with its files; OMONAT_SMTP_PASSWORD is read at each sending."""

    kind = "email"

    def __init__(self, settings: Smtp, *, tls: ssl.SSLContext | None = None, timeout: float = TIMEOUT) -> None:
        """`tls` replaces the system's certificate authorities by a company's own. Raises Misconfigured."""
        if "@" not in parseaddr(settings.sender or settings.user)[1]:
            raise Misconfigured(
                what="The mail channel has no sender.",
                fix='Set sender = "Company <no-reply@example.uz>" in [smtp] of omonat.toml.',
            )
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self._timeout = timeout

    def send(self, message: Message) -> str:
        """Hand the mail to the server; its Message-ID.

        Raises DeliveryFailed, without the address or the server's words.
        """
        try:
            with self._connect() as server:
                mail = self._mail(message)
                server.send_message(mail, to_addrs=[message.to.reveal()])
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise _failure(error) from None
        return str(mail["Message-ID"]).strip("<>")

    def _connect(self) -> smtplib.SMTP:
        host, port = self._settings.host, self._settings.port
        if port == _TLS_FROM_THE_START:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=self._tls)
        else:
            server = smtplib.SMTP(host, port, timeout=self._timeout)
        try:
            if self._settings.starttls and port != _TLS_FROM_THE_START:
                server.starttls(context=self._tls)
            if self._settings.user:
                server.login(self._settings.user, os.environ.get(PASSWORD, ""))
        except BaseException:
            server.close()
            raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        sender = self._settings.sender or self._settings.user
        domain = parseaddr(sender)[1].rpartition("@")[2]
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"], mail["To"], mail["Subject"] = sender, message.to.reveal(), message.subject
        mail["Date"] = formatdate(usegmt=True)
        mail["Message-ID"] = f"<{message.message_id.replace(':', '.')}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
        if message.unsubscribe:
            mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
        mail.set_content(message.text, charset="utf-8", cte="base64")  # no line is too long or 8 bits wide
        for file in message.attachments:
            kind, _, subtype = file.media.partition("/")
            mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
        return mail


def _failure(error: Exception) -> DeliveryFailed:
    """What went wrong, without the words of the server, which repeat the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        return _of_reply(codes[0] if codes else 550, "bad_address")
    if isinstance(error, smtplib.SMTPAuthenticationError):  # the operator may mend it, then the mail passes
        return DeliveryFailed("email", "credentials", temporary=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return _of_reply(error.smtp_code, "refused")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return DeliveryFailed("email", "refused", temporary=False)
    if isinstance(error, OSError):  # the connection, in any of its ways
        return DeliveryFailed("email", _of_connection(error), temporary=True)
    return DeliveryFailed("email", "bad_address", temporary=False)  # ValueError: an address that no mail can have


def _of_connection(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "timeout" if isinstance(error, TimeoutError) else "unreachable"


def _of_reply(code: int, reason: str) -> DeliveryFailed:
    """4xx may pass later, 5xx not (RFC 5321, 4.2.1)."""
    temporary = code < 500
    return DeliveryFailed("email", "busy" if temporary else reason, temporary=temporary)
