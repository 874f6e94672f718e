"""The menu of the console: an entry is shown to whoever has one of its rights."""

from typing import NamedTuple

from omonat.kernel.language import translate
from omonat.staff import APPROVAL_KINDS, PASSWORD
from omonat.web.console.visit import ConsoleVisit

# Section, then (path, text, rights of which one is enough; none: everybody who is signed in).
MENU: tuple[tuple[str, tuple[tuple[str, str, tuple[str, ...]], ...]], ...] = (
    ("Work", (
        ("/console", "Overview", ()),
        ("/console/cases", "Cases", ("case.read",)),
        ("/console/people", "Find a person", ("person.find",)),
        ("/console/contracts", "Contracts", ("contract.read",)),
        ("/console/mailings", "Mailing lists", ("mailing.list",)),
        ("/console/consents/import", "Import consents", ("person.correct",)),
        ("/console/statistics", "Visits", ("stats.read",)),
    )),
    ("Processing", (
        ("/console/policy", "Policy", ()),
        ("/console/disclosures", "Disclosures", ("disclosure.read",)),
        ("/console/retention", "Retention", ("retention.read",)),
        ("/console/journal", "Journal", ("journal.read",)),
        ("/console/ledger", "Ledger", ("ledger.verify",)),
        ("/console/consents/export", "Export consents", ("ledger.verify",)),
        ("/console/measures", "Measures", ("measure.read",)),
        ("/console/incidents", "Incidents", ("incident.read",)),
    )),
    ("Administration", (
        ("/console/staff", "Staff", ("staff.read",)),
        ("/console/approvals", "Approvals", (*sorted(set(APPROVAL_KINDS.values())), "journal.read")),
        ("/console/keys", "API keys", ("key.administer",)),
        ("/console/webhooks", "Webhooks", ("webhook.administer",)),
        ("/console/account", "My account", ()),
    )),
)  # fmt: skip


class Entry(NamedTuple):
    """A link of the menu."""

    href: str
    text: str
    current: bool


class Section(NamedTuple):
    """A part of the menu with its heading."""

    text: str
    entries: tuple[Entry, ...]


def sections(visit: ConsoleVisit) -> tuple[Section, ...]:
    """What this account may open; nothing for a stranger."""
    if visit.session is None:
        return ()
    language = visit.language
    made = (
        Section(
            translate(language, "console", title),
            tuple(
                Entry(visit.url(path), translate(language, "console", text), _is_current(visit.path, path))
                for path, text, rights in entries
                if _is_open(visit, path) and (not rights or any(visit.may(right) for right in rights))
            ),
        )
        for title, entries in MENU
    )
    return tuple(section for section in made if section.entries)


def _is_open(visit: ConsoleVisit, path: str) -> bool:
    """Without a second factor only one's own account is (see `gate`)."""
    return path == "/console/account" or (visit.session is not None and visit.session.how != PASSWORD)


def _is_current(here: str, path: str) -> bool:
    return here == path or (path != "/console" and here.startswith(f"{path}/"))
