"""A server with accounts that sign in by the real pages, and an authenticator app in a few lines."""

import base64
import re
import time

from harness.people import Visitor
from harness.server import Server
from omonat.app import Omonat
from omonat.crypto.totp import totp_code
from omonat.kernel.secret import Sealed
from omonat.staff import StaffAccount

WORDS = "to'rt qora mushuk"


def new_account(server: Server, name: str, *roles: str, password: str = WORDS) -> StaffAccount:
    """An account with a password and no second factor; the undertaking is accepted."""
    omonat = Omonat.open(server.installation.data)
    try:
        now = omonat.clock.now()
        account = omonat.staff.add(name, roles=roles or ("support",), os_user=None, now=now)
        omonat.undertakings.accept(account, "en", now)
        omonat.staff_secrets.set_password(account, Sealed(password), now)
        return account
    finally:
        omonat.close()


class App:
    """What an authenticator app does. `secret`: base32 as the page shows it."""

    def __init__(self, page: str) -> None:
        found = re.search(r'signing-secret">([A-Z2-7 ]+)<', page)
        assert found, "no secret on the page"
        text = found[1].replace(" ", "")
        self.secret = base64.b32decode(text + "=" * (-len(text) % 8))

    def code(self, ahead: int = 0) -> str:
        """The code of now, or of half a minute ahead: a code counts once, so a second sign-in takes the next."""
        return totp_code(self.secret, int(time.time()) // 30 + ahead)


def with_app(server: Server, name: str, *roles: str, language: str = "en") -> tuple[Visitor, App]:
    """A member who came in by the password, set up an app on the real pages, and may go everywhere now."""
    new_account(server, name, *roles)
    member = Visitor(server, language)
    member.send("/console/sign-in", name=name, password=WORDS)
    page = member.send("/console/account/totp", shown_at="/console/account")
    app = App(page.text)
    # Half a minute back, so that the present code is still good for the next sign-in.
    done = member.send("/console/account/totp/confirm", shown_at="/console/account/totp", code=app.code(-1))
    assert done.url.path.endswith("/console/account"), done.text
    return member, app
