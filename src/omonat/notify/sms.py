"""SMS by one templated HTTP call, as the gateways of Uzbekistan (Eskiz, Play Mobile and alike) take it."""

import json
import os

from omonat.kernel.errors import Misconfigured
from omonat.kernel.settings import Sms
from omonat.notify.model import DeliveryFailed, Message

TOKEN = "OMONAT_SMS_TOKEN"  # noqa: S105 - the name of a variable
TIMEOUT = 15.0  # seconds
_BAD_NUMBER = {400, 404, 422}
_CREDENTIALS = {401, 402, 403}
_LATER = {408, 409, 425, 429}


class SmsChannel:
    """Posts the template of the settings with its places filled; the token comes from OMONAT_SMS_TOKEN.

    The token is sent as it is when it holds a space (`Basic dXNlcjpw...`), else as `Bearer <token>`.
    """

    kind = "sms"

    def __init__(self, settings: Sms, *, timeout: float = TIMEOUT) -> None:
        """Raises Misconfigured when the template is not JSON once it is filled."""
        self._settings, self._timeout = settings, timeout
        try:
            if not isinstance(json.loads(self._body("+998901234567", "text", "id")), dict | list):
                raise ValueError("no object")
        except (ValueError, KeyError, IndexError):
            raise Misconfigured(
                what="The body of the SMS channel is not JSON once {phone}, {text}, {id} and {sender} are filled.",
                fix="Correct `body` in [sms] of omonat.toml; double every brace that is JSON's own.",
            ) from None

    def send(self, message: Message) -> None:
        """Hand the message to the gateway. Raises DeliveryFailed, without the number or the gateway's words."""
        import httpx  # here, because it costs the command line 0.1 s that it does not need

        body = self._body(message.to.reveal(), message.text, message.message_id)
        headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json", **_authorization()}
        try:
            answer = httpx.post(self._settings.url, content=body.encode(), headers=headers, timeout=self._timeout)
        except httpx.TimeoutException:
            raise DeliveryFailed("sms", "timeout", temporary=True) from None
        except httpx.HTTPError:
            raise DeliveryFailed("sms", "unreachable", temporary=True) from None
        failure = _failure(answer.status_code)
        if failure is not None:
            raise failure

    def _body(self, phone: str, text: str, message_id: str) -> str:
        """Gateways take digits without the plus. Every filling is escaped as inside a JSON string."""
        places = {"phone": phone.lstrip("+"), "text": text, "id": message_id, "sender": self._settings.sender}
        return self._settings.body.format(**{name: json.dumps(value)[1:-1] for name, value in places.items()})


def _authorization() -> dict[str, str]:
    token = os.environ.get(TOKEN, "")
    if not token:
        return {}
    return {"Authorization": token if " " in token else f"Bearer {token}"}


def _failure(status: int) -> DeliveryFailed | None:
    """Success by status alone: what gateways write into bodies differs too much to be relied on."""
    if 200 <= status < 300:
        return None
    if status in _BAD_NUMBER:
        return DeliveryFailed("sms", "bad_address", temporary=False)
    if status in _CREDENTIALS:  # a token that ran out or an empty account: mended by the operator, then it passes
        return DeliveryFailed("sms", "credentials", temporary=True)
    if status in _LATER or status >= 500:
        return DeliveryFailed("sms", "busy", temporary=True)
    return DeliveryFailed("sms", "rejected", temporary=False)
