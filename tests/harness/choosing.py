"""A site as a browser sees it, whose choices are looked at in its database; further versions of its policy."""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar
from sqlalchemy import select

from harness.apart import run_apart
from harness.choices import choice
from harness.policy_folder import Folder
from omonat.app import Omonat
from omonat.web.cookies import CHOICE

OURS = {"Sec-Fetch-Site": "same-origin"}
WORDING = ("для подсчёта посещений сайта", "для счёта визитов на сайт")
TERM = ("necessary = false\nkeep_days = 180", "necessary = false\nkeep_days = 90")


@dataclass
class Site:
    """The site of an installation, as a browser sees it."""

    omonat: Omonat
    app: Litestar

    @cached_property
    def accept(self) -> dict[str, str]:
        return choice(self.omonat, back="/ru/policy")

    def send(self, *sent: dict[str, Any], address: str = "198.51.100.7", path: str = "/ru/cookies") -> list[Any]:
        """The answers to calls that are sent at once. Of each: `data` or `content`, `headers`, `cookie`."""

        async def one(client: httpx.AsyncClient, call: dict[str, Any]) -> httpx.Response:
            cookie = {"Cookie": f"{CHOICE}={call['cookie']}"} if "cookie" in call else {}
            body = {"content": call["content"]} if "content" in call else {"data": call.get("data", self.accept)}
            return await client.post(path, headers={**call.get("headers", OURS), **cookie}, **body)

        async def every() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, client=(address, 1))  # type: ignore[arg-type]  # its types are narrower
            async with httpx.AsyncClient(transport=transport, base_url=self.omonat.settings.base_url) as client:
                return list(await asyncio.gather(*(one(client, call) for call in sent)))

        return run_apart(every())


def rows(omonat: Omonat, table: Any, **where: Any) -> list[Any]:
    query = select(table).where(*[table.c[name] == value for name, value in where.items()])
    with omonat.database.read() as tx:
        return list(tx.execute(query))


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition(f"{CHOICE}=")[2].partition(";")[0]


def publish(omonat: Omonat, folder: Path, *changes: tuple[str, str], added: str = "") -> None:
    """Another version of the policy, with these things changed, and `added` at the end of its facts."""
    made = Folder(folder / "next").change('number = "3.2"', 'number = "3.3"')
    for old, new in changes:
        made.change(old, new)
    with (made.path / "policy.toml").open("a", encoding="utf-8") as facts:
        facts.write(added)
    now = omonat.clock.now()
    officer = omonat.staff.add("Second officer", roles=["privacy_officer"], os_user=None, now=now)
    omonat.policies.publish(made.path, author=officer, reason="another text", now=now)
