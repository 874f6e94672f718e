"""Programs with an API key, as tests call them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx

from harness.installation import Installation
from harness.server import Server
from omonat.access import KeyAsked
from omonat.access.rules import payload_of
from omonat.app import Omonat
from omonat.kernel.ids import ApiKeyId, StaffId, new_id
from omonat.staff import RIGHTS, Act, Role, StaffAccount

PURPOSES = ("services", "contract", "support", "improve", "news", "legal")


def maker(omonat: Omonat) -> StaffAccount:
    """Somebody who may make any key; it is not stored."""
    return StaffAccount(
        staff_id=StaffId(new_id()), name="Maker", roles=("tests",), os_user=None, active=True,
        created_at=omonat.clock.now(), granted=Role(frozenset(RIGHTS), frozenset(PURPOSES)),
    )  # fmt: skip


def api_key(
    omonat: Omonat, rights: Sequence[str] = RIGHTS, purposes: Sequence[str] = PURPOSES, origins: Sequence[str] = (),
    *, name: str = "", days: int = 30,
) -> str:  # fmt: skip
    """The secret of a new key, as if a second person had approved it."""
    now = omonat.clock.now()
    asked = KeyAsked(
        name=name or f"tests-{str(new_id())[-12:]}", rights=tuple(rights), purposes=tuple(purposes),
        origins=tuple(origins), days=days,
    )  # fmt: skip
    act = Act(
        approval_id=new_id(), payload=payload_of(asked), reason="tests", asker=maker(omonat), approved_by="tests",
        now=now,
    )  # fmt: skip
    key_id = ApiKeyId(UUID(omonat.api_keys.carry(act)["key"]))
    return omonat.api_keys.issue(maker(omonat), key_id, now).secret.reveal()


def installed_key(installation: Installation, *rights: str, **facts: Any) -> str:
    """The same for an installation with a server."""
    omonat = Omonat.open(installation.data)
    try:
        return api_key(omonat, rights or RIGHTS, **facts)
    finally:
        omonat.close()


class Program:
    """A program that calls `/api/v1` of a server with its key."""

    def __init__(self, server: Server, secret: str, **headers: str) -> None:
        said = {"Authorization": f"Bearer {secret}", "Accept-Language": "en", **headers}
        self.client = server.client(headers=said, limits=httpx.Limits(max_keepalive_connections=0))

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.client.get(f"/api/v1{path}", **options)

    def post(self, path: str, sent: object = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1{path}", json=sent, headers=named)

    def submit(self, form: str, fields: dict[str, str], *, news: Sequence[str] = (), **headers: str) -> httpx.Response:
        """Read the form and send it with the hashes of its texts."""
        return self.post(f"/forms/{form}/submissions", self.filled(form, fields, news), **headers)

    def filled(self, form: str, fields: dict[str, str], news: Sequence[str] = ()) -> dict[str, Any]:
        """The body of a submission."""
        shown = self.get(f"/forms/{form}", params={"language": "ru"}).json()
        return {
            "language": "ru", "notice": shown["notice"]["hash"], "fields": fields,
            "news": {channel: shown["news"][channel]["hash"] for channel in news},
        }  # fmt: skip
