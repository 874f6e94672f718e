"""The facts of one policy version, as frozen data. Identifiers are words; texts for people are `labels` per language.

Pure: nothing here reads a file, a clock or a database. `folder.py` makes these from `policy.toml`.
"""

import re
from datetime import date, datetime
from typing import Literal

import msgspec

from omonat.kernel.clock import end_of_local_day, local_date
from omonat.kernel.codec import from_builtins
from omonat.law import Unit, last_day

Labels = dict[str, str]
"""Text per language: `uz-Latn`, `uz-Cyrl`, `ru`, `en`."""

Ground = Literal["consent", "contract", "law"]
Kind = Literal["name", "email", "phone", "device", "cookie", "visit", "text"]
Nature = Literal["ordinary", "special", "biometric"]
"""What the law demands of consent to a category (Arts 25, 26): special and biometric data need it in writing."""
After = Literal["collection", "withdrawal", "case_closed", "contract_end"]

Store = Literal["cookie", "local", "session", "database"]

GROUNDS: tuple[Ground, ...] = ("consent", "contract", "law")
CHANNELS = ("email", "sms", "telegram")
CHOICE_COOKIE = "omonat_choice"
"""The visitor's choice on a further site, set there by the banner itself (8.2)."""
EVIDENCE_FIELDS = ("ip_address", "browser")

_LONGEST = {"day": 36_500, "month": 1_200, "year": 100}
_TERM = re.compile(r"([0-9]{1,5}) (day|month|year)s?(?: after (collection|withdrawal|case closed|contract end))?")


class Struct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every fact: frozen, and strict about keys."""


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long: `amount` units counted from the event `after` (clause 6.3). Amount 0 ends with the event itself."""

    amount: int
    unit: Unit
    after: After

    @classmethod
    def parse(cls, words: str) -> "Term":
        """From `until withdrawal`, `1 year after collection`, `30 days after case closed`, `3 years` (collection),
        `3 years after contract end`.

        Raises ValueError when the words are none of these.
        """
        if words == "until withdrawal":
            return cls(0, "day", "withdrawal")
        found = _TERM.fullmatch(words)
        if found is None or not 0 < int(found[1]) <= _LONGEST[found[2]]:
            raise ValueError(f"“{words}” is not a term")
        after = (found[3] or "collection").replace(" ", "_")
        return from_builtins({"amount": int(found[1]), "unit": found[2], "after": after}, cls)

    def words(self) -> str:
        """The words that `parse` reads back."""
        if self.amount == 0:
            return "until withdrawal"
        plural = "" if self.amount == 1 else "s"
        return f"{self.amount} {self.unit}{plural} after {self.after.replace('_', ' ')}"

    def end(self, start: datetime, event: After = "collection") -> datetime | None:
        """When the term has run out, if `event` at `start` is what it counts from; None: it has not started.

        Where no contract came about, a term after the contract's end counts from the end of the case: whoever closes a
        case asks only when no contract stands. Calendar days in Asia/Tashkent, to the end of the last day. So at
        collection `term.end(collected_at)` gives `keep_until`, at withdrawal `term.end(withdrawn_at, "withdrawal")`.
        """
        if event != self.after and (event, self.after) != ("case_closed", "contract_end"):
            return None
        if self.amount == 0:
            return start
        return end_of_local_day(self.last_day(local_date(start)))

    def last_day(self, first: date) -> date:
        """The last calendar day of the term that starts on `first`; 31 January + 1 month is the end of February."""
        return last_day(first, self.amount, self.unit)


class BasedOn(Struct, frozen=True, kw_only=True):
    """The issued version that this one continues."""

    number: str
    issued_on: date


class Operator(Struct, frozen=True, kw_only=True):
    """The organisation and its registered details (clause 10.1)."""

    name: Labels
    address: Labels
    stir: str
    site: str
    email: str
    phone: str


class Category(Struct, frozen=True, kw_only=True):
    """A kind of personal data that may be stored at all (clause 2.1)."""

    kind: Kind
    identifies: bool
    labels: Labels
    dpv: str | None = None
    nature: Nature = "ordinary"


class Purpose(Struct, frozen=True, kw_only=True):
    """What data is processed for (clause 3.1), which `categories`, on which grounds (4.1), and how long (6.3).

    `optional`: rests on a separate consent that may be refused without losing anything. `channels`: one consent each.
    `double_opt_in`: channels where a consent waits until a link or code sent to the address was answered.
    """

    grounds: tuple[Ground, ...]
    categories: tuple[str, ...]
    keep: Term
    labels: Labels
    clause: str
    keep_by_category: dict[str, Term] = {}
    channels: tuple[str, ...] = ()
    double_opt_in: tuple[str, ...] = ()
    optional: bool = False
    dpv: str | None = None


class FormField(Struct, frozen=True, kw_only=True):
    """One field of a form: `kind` is how the value is validated, `category` where it is stored."""

    category: str
    kind: Kind
    required: bool
    max_length: int
    labels: Labels


class Form(Struct, frozen=True, kw_only=True):
    """A form of the site: one purpose, one ground, its fields in order (table form × category × purpose × ground).

    `evidence` maps `ip_address` and `browser` to their category, under the same purpose and ground. `news` is the
    optional purpose offered beside the form, `news_channels` its separate boxes. `term`: key of the case term.
    """

    purpose: str
    ground: Ground
    fields: dict[str, FormField]
    evidence: dict[str, str]
    labels: Labels
    news: str | None = None
    news_channels: tuple[str, ...] = ()
    term: str | None = None

    def categories(self) -> tuple[str, ...]:
        """Every category that the form collects, without repetition, in order."""
        return tuple(dict.fromkeys([f.category for f in self.fields.values()] + list(self.evidence.values())))


class Agreement(Struct, frozen=True, kw_only=True):
    """The recorded undertaking of a recipient (clause 5.1)."""

    number: str
    signed_on: date
    confidentiality: bool


class Recipient(Struct, frozen=True, kw_only=True):
    """Who may receive what, for which purposes, on which ground, in which country (ISO 3166 alpha-2)."""

    country: str
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    ground: Ground
    labels: Labels
    agreement: Agreement | None = None


class Cookie(Struct, frozen=True, kw_only=True):
    """A cookie that a site may set (clause 8.1); whatever is not `necessary` waits for consent to `purpose`.

    `store`: where it lies in the browser. `name`: what it is called there, unless that is its own id; `*` at the end
    stands for any end.
    """

    purpose: str
    necessary: bool
    keep_days: int
    first_party: bool
    labels: Labels
    store: Store = "cookie"
    name: str = ""


class Site(Struct, frozen=True, kw_only=True):
    """A further site of the operator on which the banner asks (8.2): `origins` as browsers send them.

    `share`: the domain on all of whose hosts one choice holds; empty: each host has its own.
    """

    origins: tuple[str, ...]
    share: str = ""


class Right(Struct, frozen=True, kw_only=True):
    """A right of clause 7.1; the id is the kind of case. `term`: key in the rule pack, None: at once."""

    articles: tuple[str, ...]
    labels: Labels
    term: str | None = None


class Contact(Struct, frozen=True, kw_only=True):
    """Where questions go (clause 10.1): the id of a form, the key of the term of the answer, who is responsible."""

    form: str
    term: str
    responsible: Labels


class Policy(Struct, frozen=True, kw_only=True):
    """Every fact of one version. Dicts keep the order of the file.

    `holds`: the laws of the rule pack that keep data of this operator longer (6.3). `confirm`: the places, such as
    `purpose.support.keep`, whose value is a default that the operator has to confirm. `suppression`: how long the keyed
    hash of an address that wants no mailing is kept. `lapsed`: no fact of the folder but what follows from comparing
    the version in force with those before: (number, purpose, channel) of the consents that it made void.
    """

    number: str
    law: str
    languages: tuple[str, ...]
    operator: Operator
    categories: dict[str, Category]
    purposes: dict[str, Purpose]
    forms: dict[str, Form]
    recipients: dict[str, Recipient]
    cookies: dict[str, Cookie]
    rights: dict[str, Right]
    contact: Contact
    after_withdrawal: Term
    consent_term: Term
    based_on: BasedOn | None = None
    holds: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    sites: dict[str, Site] = {}
    suppression: Term | None = None
    lapsed: frozenset[tuple[str, str, str]] = frozenset()

    def keep_for(self, purpose: str, category: str) -> Term:
        """The term of one compartment. Raises KeyError for an undeclared purpose or category."""
        self.categories[category]
        declared = self.purposes[purpose]
        return declared.keep_by_category.get(category, declared.keep)

    def is_to_confirm(self, place: str) -> bool:
        """Whether `place`, such as `purpose.support.keep`, is a default that the operator still has to confirm."""
        return place in self.confirm
