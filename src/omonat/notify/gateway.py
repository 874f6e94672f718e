"""SMS and Telegram by one templated HTTP call, as the gateways of Uzbekistan (Eskiz, Play Mobile and alike) take it.

Telegram itself delivers to nobody by phone number: the call goes to a gateway, or to the company's own bot that knows
who wrote to it under which number.
"""

import json
import os

from omonat.kernel.errors import Misconfigured
from omonat.kernel.settings import Gateway, Sms, Telegram
from omonat.notify.model import DeliveryFailed, Message

TIMEOUT = 15.0  # seconds
_LONGEST_ID = 120
_BAD_NUMBER = {400, 404, 422}
_CREDENTIALS = {401, 402, 403}
_LATER = {408, 409, 425, 429}


class GatewayChannel:
    """Posts the template of the settings with its places filled; the token comes from the variable `token`.

    The token is sent as it is when it holds a space (`Basic dXNlcjpwYXNz...`), else as `Bearer <token>`.
    """

    kind: str
    token: str

    def __init__(self, settings: Gateway, *, timeout: float = TIMEOUT) -> None:
        """Raises Misconfigured when the template is not JSON once it is filled."""
        self._settings, self._timeout = settings, timeout
        try:
            if not isinstance(json.loads(self._body("+998901234567", "text", "id")), dict | list):
                raise ValueError("no object")
        except (ValueError, KeyError, IndexError):
            raise Misconfigured(
                what=f"The body of [{self.kind}] is not JSON with {{phone}}, {{text}}, {{id}} and {{sender}} filled.",
                fix=f"Correct `body` in [{self.kind}] of omonat.toml; double every brace that is JSON's own.",
            ) from None

    def send(self, message: Message) -> str:
        """Hand the message to the gateway; its number of the message, empty where it gives none.

        Raises DeliveryFailed, without the phone number or the gateway's words.
        """
        import httpx  # here, because it costs the command line 0.1 s that it does not need

        body = self._body(message.to.reveal(), message.text, message.message_id)
        headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
        headers |= _authorization(os.environ.get(self.token, ""))
        try:
            answer = httpx.post(self._settings.url, content=body.encode(), headers=headers, timeout=self._timeout)
        except httpx.TimeoutException:
            raise DeliveryFailed(self.kind, "timeout", temporary=True) from None
        except httpx.HTTPError:
            raise DeliveryFailed(self.kind, "unreachable", temporary=True) from None
        failure = _failure(self.kind, answer.status_code)
        if failure is not None:
            raise failure
        return _number_in(answer.content, self._settings.answer_id)

    def _body(self, phone: str, text: str, message_id: str) -> str:
        """Gateways take digits without the plus. Every filling is escaped as inside a JSON string."""
        places = {"phone": phone.lstrip("+"), "text": text, "id": message_id, "sender": self._settings.sender}
        return self._settings.body.format(**{name: json.dumps(value)[1:-1] for name, value in places.items()})


class SmsChannel(GatewayChannel):
    """By `[sms]`; the token from OMONAT_SMS_TOKEN."""

    kind, token = "sms", "OMONAT_SMS_TOKEN"

    def __init__(self, settings: Sms, *, timeout: float = TIMEOUT) -> None:
        super().__init__(settings, timeout=timeout)


class TelegramChannel(GatewayChannel):
    """By `[telegram]`; the token from OMONAT_TELEGRAM_TOKEN."""

    kind, token = "telegram", "OMONAT_TELEGRAM_TOKEN"

    def __init__(self, settings: Telegram, *, timeout: float = TIMEOUT) -> None:
        super().__init__(settings, timeout=timeout)


def _authorization(token: str) -> dict[str, str]:
    if not token:
        return {}
    return {"Authorization": token if " " in token else f"Bearer {token}"}


def _number_in(answer: bytes, path: str) -> str:
    """The gateway's number of the message at `path` of its JSON. It is evidence, and no sending fails for want of it:
    the message is on its way, and a second try would send it twice.
    """
    try:
        found = json.loads(answer)
        for name in path.split("."):
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return str(found)[:_LONGEST_ID] if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _failure(kind: str, status: int) -> DeliveryFailed | None:
    """Success by status alone: what gateways write into bodies differs too much to be relied on."""
    if 200 <= status < 300:
        return None
    if status in _BAD_NUMBER:
        return DeliveryFailed(kind, "bad_address", temporary=False)
    if status in _CREDENTIALS:  # a token that ran out or an empty account: mended by the operator, then it passes
        return DeliveryFailed(kind, "credentials", temporary=True)
    if status in _LATER or status >= 500:
        return DeliveryFailed(kind, "busy", temporary=True)
    return DeliveryFailed(kind, "rejected", temporary=False)
