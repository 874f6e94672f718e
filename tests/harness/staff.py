"""Members of the staff, signed in without the sign-in: an account and a session straight from the services."""

from collections.abc import Sequence

from playwright.sync_api import Page

from harness.people import Visitor
from harness.server import Server
from omonat.app import Omonat
from omonat.kernel.errors import Conflict
from omonat.web import cookies


def staff_token(omonat: Omonat, roles: Sequence[str], name: str = "") -> str:
    """The session token of an account with these roles; the account is made when it is not there yet."""
    now = omonat.clock.now()
    name = name or " and ".join(roles)
    try:
        account = omonat.staff.add(name, roles=roles, os_user=None, now=now)
    except Conflict:
        account = omonat.staff.get_by_name(name)
    omonat.undertakings.accept(account, "en", now)
    return omonat.staff_sessions.open(account, how="totp", device="tests", now=now).reveal()


def signed_in(page: Page, token: str) -> Page:
    """The page with the cookie of a staff session, as the browser would hold it after the sign-in."""
    # The address is https because Chromium takes no other for a `__Host-` cookie by this way; localhost gets it, too.
    cookie = {"name": cookies.STAFF, "value": token, "url": "https://localhost", "httpOnly": True, "secure": True}
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own type of dict
    return page


class Member(Visitor):
    """A member of the staff with a program instead of a browser: `get("/console/cases")`, `send`, `post`."""

    def __init__(self, server: Server, *roles: str, language: str = "en", name: str = "") -> None:
        super().__init__(server, language)
        omonat = Omonat.open(server.installation.data)
        try:
            self.cookies[cookies.STAFF] = staff_token(omonat, roles, name)
        finally:
            omonat.close()
