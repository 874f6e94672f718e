"""One call of one reader: the language of the page, the choice about cookies, the browser's signal (8.1, 8.2)."""

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from litestar import Request

from omonat.documents import Names
from omonat.kernel.errors import NotFound
from omonat.kernel.language import LANGUAGES
from omonat.law import RulePack, read_rule_pack
from omonat.web import cookies

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.consent import Choice
    from omonat.policy import Policy, Version

AnyRequest = Request[Any, Any, Any]


def omonat_of(request: AnyRequest) -> "Omonat":
    """The application behind the pages."""
    return cast("Omonat", request.app.state.omonat)


class Visit:
    """What a page has to know about its reader. Nothing is stored by looking.

    `language`: one of LANGUAGES. `gpc`: the browser says `Sec-GPC: 1`, and exactly that.
    """

    def __init__(self, request: AnyRequest, language: str) -> None:
        self.request, self.language = request, language
        self.omonat = omonat_of(request)
        self.gpc = request.headers.get("sec-gpc") == "1"
        self.now = self.omonat.clock.now()

    @cached_property
    def version(self) -> "Version":
        """The policy version in force, the same one for the whole page."""
        return self.omonat.policies.in_force()

    @cached_property
    def policy(self) -> "Policy":
        """The facts of that version."""
        return self.version.facts

    @cached_property
    def pack(self) -> RulePack:
        """The rule pack of the policy in force."""
        return read_rule_pack(self.policy.law)

    @cached_property
    def names(self) -> Names:
        """What things are called in the reader's language."""
        return Names(self.language, self.policy, self.pack)

    @cached_property
    def choice(self) -> "Choice | None":
        """The choice about cookies that this browser holds."""
        return self.omonat.consents.read_choice(self.request.cookies.get(cookies.CHOICE))

    @cached_property
    def to_ask(self) -> tuple[str, ...]:
        """The purposes for which the choice is missing, ran out or does not cover the policy in force."""
        return self.omonat.consents.to_ask(self.choice, self.version, self.now)

    @property
    def asks(self) -> bool:
        """Whether the page carries the banner: never when the browser has already said no by its signal."""
        return bool(self.to_ask) and not self.gpc

    def permits(self, purpose: str) -> bool:
        """Whether this browser's person agreed to an optional purpose; a signal outweighs an older choice."""
        if self.choice is None or purpose in self.to_ask or not self.choice.allows(purpose):
            return False
        return not self.gpc or self.choice.gpc

    @property
    def path(self) -> str:
        """The path without its language, such as `/policy`."""
        return "/" + self.request.url.path.strip("/").partition("/")[2]

    @property
    def query(self) -> str:
        """The query with its question mark, or nothing."""
        return f"?{self.request.url.query}" if self.request.url.query else ""

    def url(self, path: str, language: str = "") -> str:
        """A path of this site in a language; the reader's own when none is named."""
        return f"/{language or self.language}{path}"


def open_visit(request: AnyRequest) -> Visit:
    """The visit of a call whose path begins with a language. Raises NotFound for any other."""
    language = request.path_params["language"]
    if language not in LANGUAGES:
        raise NotFound
    return Visit(request, language)


def is_local(address: str) -> bool:
    """Whether `address` is a page of this site: a path that begins with one of our languages, nothing stranger."""
    first = address.removeprefix("/").partition("/")[0].partition("?")[0]
    printable = address.isascii() and address.isprintable()
    return address.startswith("/") and first in LANGUAGES and printable and "\\" not in address and "//" not in address
