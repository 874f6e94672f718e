"""The confidentiality undertaking: each member accepts it in person, before anything else (clause 6.2).

The text lies beside this file. Its version is a hash over all languages: whoever accepted another one is asked again.
"""

from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from omonat.kernel.codec import length_prefixed
from omonat.kernel.cyrillic import to_cyrillic
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import StaffId
from omonat.kernel.language import LANGUAGES
from omonat.ledger import Ledger
from omonat.staff import undertakings_store as store
from omonat.staff.model import StaffAccount
from omonat.storage import Database

_FOLDER = Path(__file__).parent / "undertaking"


class UndertakingMissing(OmonatError):
    """A member who has not accepted the undertaking in force opens a page: leads to it."""

    code = "undertaking_missing"
    message = "First read and accept the confidentiality undertaking."
    what_to_do = "Open the console; the undertaking is shown there."


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Who accepted which text, in which language, when. `in_force`: it is the text of today."""

    staff_id: StaffId
    text_version: str
    text_hash: str
    language: str
    accepted_at: datetime
    in_force: bool


@cache
def text(language: str) -> str:
    """The undertaking in one of LANGUAGES."""
    if language == "uz-Cyrl":
        return to_cyrillic(text("uz-Latn"))
    return (_FOLDER / f"{language}.md").read_text("utf-8")


@cache
def version() -> str:
    """SHA-256 over the text in every language, hex."""
    return sha256(length_prefixed(*(text(language).encode() for language in LANGUAGES))).hexdigest()


class Undertakings:
    """Who has accepted what."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._known: set[StaffId] = set()  # who accepted the version in force; an acceptance is never taken back

    def accept(self, account: StaffAccount, language: str, now: datetime) -> None:
        """The member accepts the text in force, as it is shown in `language`. Repeating it is harmless."""
        shown = text(language)
        accepted = Accepted(
            staff_id=account.staff_id, text_version=version(), text_hash=sha256(shown.encode()).hexdigest(),
            language=language, accepted_at=now, in_force=True,
        )  # fmt: skip

        def unit(tx: Connection) -> None:
            if store.has_accepted(tx, account.staff_id, accepted.text_version):
                return
            facts: dict[str, object] = {
                "staff": str(account.staff_id), "version": accepted.text_version, "text_hash": accepted.text_hash,
                "language": language,
            }  # fmt: skip
            event_id = self._ledger.append(tx, kind="undertaking_accepted", at=now, facts=facts)
            store.remember_text(tx, accepted.text_hash, language, shown, now)
            store.insert_accepted(tx, accepted, event_id)

        self._database.write(unit)
        self._known.add(account.staff_id)

    def has_accepted(self, staff_id: StaffId) -> bool:
        """Whether the member accepted the text of today; from memory where it was asked before."""
        if staff_id in self._known:
            return True
        with self._database.read() as tx:
            found = store.has_accepted(tx, staff_id, version())
        if found:
            self._known.add(staff_id)
        return found

    def of(self, staff_id: StaffId) -> list[Accepted]:
        """Everything that a member has accepted, the newest first."""
        with self._database.read() as tx:
            return store.accepted_by(tx, staff_id, version())

    def newest(self) -> dict[StaffId, Accepted]:
        """The newest acceptance of each member: for the register of the staff."""
        with self._database.read() as tx:
            return store.newest(tx, version())

    def shown(self, text_hash: str) -> str:
        """The exact text behind a hash; empty when it was never shown."""
        with self._database.read() as tx:
            return store.find_text(tx, text_hash)
