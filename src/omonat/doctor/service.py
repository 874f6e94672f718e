"""Looking at an opened installation."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from omonat.disclosure import Disclosures
from omonat.doctor import store
from omonat.doctor.files import has_left_marks
from omonat.doctor.model import Finding, good, note, wrong
from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import OmonatError
from omonat.kernel.settings import Settings
from omonat.keystore import SECRETS, KeyStore, is_worked_on, unfinished, unused_files
from omonat.ledger import Sequencer
from omonat.policy import Policies
from omonat.staff import StaffAccounts
from omonat.storage import Database
from omonat.storage.migrate import missing_steps
from omonat.vault import Resealing, Retagging
from omonat.webhooks import Webhooks

PATIENCE = timedelta(minutes=15)
SWEEP_PATIENCE = timedelta(days=2)


class Installation(Protocol):
    """What is looked at: the parts of an opened installation."""

    settings: Settings
    clock: Clock
    database: Database
    keystore: KeyStore
    policies: Policies
    staff: StaffAccounts
    outbox: Outbox
    disclosures: Disclosures
    webhooks: Webhooks

    @property
    def resealing(self) -> Resealing:
        """Rotation of compartment keys."""
        ...

    @property
    def retagging(self) -> Retagging:
        """Rotation of the index keys."""
        ...

    def sequencer(self) -> Sequencer:
        """Reads the signed head of the ledger."""
        ...


Check = Callable[[Installation, datetime], list[Finding]]


def examine(installation: Installation) -> list[Finding]:
    """Every check; one that cannot be made is a finding of its own."""
    now = installation.clock.now()
    return [finding for name, check in CHECKS.items() for finding in _made(name, check, installation, now)]


def _made(name: str, check: Check, installation: Installation, now: datetime) -> list[Finding]:
    try:
        return check(installation, now)
    except OmonatError as error:
        return wrong(name, error.text(), error.advice())
    except SQLAlchemyError as error:
        return wrong(name, f"The database does not answer ({type(error).__name__}).", "Look whether it runs.")


def _schema(installation: Installation, _now: datetime) -> list[Finding]:
    steps = [*missing_steps(installation.database), *missing_steps(installation.keystore.database)]
    if steps:
        return wrong("schema", f"The tables are older than the program: {', '.join(steps)}.", "Run omonat init again.")
    return good("schema", "The tables are those of this program.")


def _secrets(installation: Installation, _now: datetime) -> list[Finding]:
    for name in SECRETS:
        installation.keystore.secret(name)
    return good("secrets", "The key store opens.")


def _epochs(installation: Installation, _now: datetime) -> list[Finding]:
    """Of the key-encryption key."""
    known, folder = installation.keystore.epochs(), installation.settings.keys
    if not known:
        return note("epochs", "The key store has no epochs yet.", "Run omonat init again.")
    present = known[-1]
    if unfinished(known) and not is_worked_on(folder):
        what = f"The rotation of the keys to epoch {present.number} is half done."
        return wrong("epochs", what, "Run omonat keys rotate again: it goes on where it stopped.")
    if others := unused_files(known, folder):
        what = f"Key files lie there that the key store does not use: {', '.join(others)}."
        return note("epochs", what, "After a restore of older keys run omonat keys rotate: it ends all but one.")
    return good("epochs", f"Epoch {present.number} of the key-encryption key, since {present.began_at:%Y-%m-%d}.")


def _versions(installation: Installation, _now: datetime) -> list[Finding]:
    """Of compartment keys and index keys."""
    index, compartments = installation.retagging.find_unended(), installation.resealing.find_unended()
    works = is_worked_on(installation.settings.keys)
    if compartments is not None and not works:
        what = "The rotation of compartment keys is half done."
        return wrong("versions", what, "Run omonat keys rotate --compartments again: it goes on where it stopped.")
    if index is not None and not works and installation.retagging.left():
        what = f"The rotation of the index keys to version {index.version} is half done."
        return wrong("versions", what, "Run omonat keys rotate --index again: it goes on where it stopped.")
    if index is not None:
        what = f"Version {index.version} of the index keys is in use; the one before has not gone yet."
        return note("versions", what, "Nothing: omonat serve destroys it within the hour. See omonat keys status.")
    known = installation.retagging.versions()
    number = known[-1].version if known else 1
    return good("versions", f"Version {number} of the index keys; no rotation of keys is half done.")


def _policy(installation: Installation, _now: datetime) -> list[Finding]:
    versions = installation.policies.versions()
    found = installation.policies.find_in_force()
    if found is None:
        return wrong("policy", "No policy is in force.", "Run: omonat policy publish FOLDER --reason TEXT")
    return good("policy", f"Version {found.number} is in force; {len(versions)} versions are what was stored.")


def _staff(installation: Installation, _now: datetime) -> list[Finding]:
    roles = {role for account in installation.staff.list() if account.active for role in account.roles}
    missing = {"administrator", "privacy_officer"} - roles
    if missing:
        names = ", ".join(sorted(missing))
        return wrong("staff", f"Nobody is {names}.", "Run: omonat staff add NAME --role ROLE --os-user USER")
    return good("staff", "Somebody is administrator and privacy officer.")


def _sagas(installation: Installation, now: datetime) -> list[Finding]:
    if has_left_marks(installation.settings.data):
        return wrong("sagas", "A restore was interrupted: destroyed data may be back.", "Run omonat restore again.")
    with installation.database.read() as tx:
        count = store.open_destructions(tx, now - PATIENCE)
    if count:
        return wrong("sagas", f"{count} destructions are half done.", "Start omonat serve: it finishes them first.")
    return good("sagas", "No destruction is half done.")


def _ledger(installation: Installation, now: datetime) -> list[Finding]:
    installation.sequencer().refuse_behind()
    size = installation.sequencer().signed_size()
    with installation.database.read() as tx:
        pending = store.pending_events(tx, now - PATIENCE)
    if pending:
        return note("ledger", f"{pending} events wait for their place in the tree.", "Start omonat serve.")
    return good("ledger", f"The checkpoint is signed by us, over {size} entries. All of it: omonat verify")


def _clock(installation: Installation, now: datetime) -> list[Finding]:
    with installation.database.read() as tx:
        newest = store.newest_event_at(tx)
    if newest is not None and newest > now + PATIENCE:
        return wrong(
            "clock", f"The clock is behind: an event is of {newest:%Y-%m-%d %H:%M} UTC.", "Set it right (NTP)."
        )
    return good("clock", f"The clock says {now:%Y-%m-%d %H:%M} UTC.")


def _cases(installation: Installation, now: datetime) -> list[Finding]:
    with installation.database.read() as tx:
        count = store.overdue_cases(tx, now)
    if count:
        return wrong("cases", f"{count} cases are overdue.", "Run: omonat case list")
    return good("cases", "No case is overdue.")


def _notices(installation: Installation, now: datetime) -> list[Finding]:
    late = len(installation.disclosures.overdue_notices(now))
    if late:
        advice = "Set up mail or SMS, or tell the people in another way."
        return wrong("notices", f"{late} notices of disclosures are late (Art. 23).", advice)
    return good("notices", "No notice is late.")


def _jobs(installation: Installation, now: datetime) -> list[Finding]:
    with installation.database.read() as tx:
        given_up = installation.outbox.given_up(tx)
        stuck = store.stuck_jobs(tx, now - PATIENCE)
    if given_up:
        kinds = ", ".join(sorted({f"{job.kind}: {job.failed}" for job in given_up}))
        return wrong(
            "jobs",
            f"{len(given_up)} jobs were given up ({kinds}).",
            "Run: omonat jobs list; mend the cause, then repeat.",
        )
    if stuck:
        return note("jobs", f"{stuck} jobs wait.", "Start omonat serve.")
    return good("jobs", "No job waits.")


def _terms(installation: Installation, now: datetime) -> list[Finding]:
    with installation.database.read() as tx:
        count = store.due_records(tx, now - SWEEP_PATIENCE)
    if count:
        advice = "Run: omonat retention sweep. What stays is kept by a law: omonat hold list"
        return note("terms", f"The term of {count} records ran out more than two days ago.", advice)
    return good("terms", "Nothing is kept beyond its term.")


def _webhooks(installation: Installation, _now: datetime) -> list[Finding]:
    off = installation.webhooks.switched_off()
    if off:
        names = ", ".join(sorted({urlsplit(one.url).hostname or "" for one in off}))
        return wrong(
            "webhooks", f"{len(off)} webhooks were switched off, for nobody answered ({names}).",
            "Mend the connected system, then switch it on in the console and send again what was given up.",
        )  # fmt: skip
    return good("webhooks", "No webhook was switched off by itself.")


def _pages(installation: Installation, _now: datetime) -> list[Finding]:
    """Whether a flipped bit is noticed: SQLite's rows carry sums of ours, PostgreSQL's pages only where it was told."""
    stores = {"data": installation.database, "keys": installation.keystore.database}
    unsummed = []
    for name, database in stores.items():
        if not database.is_sqlite:
            with database.read() as tx:
                unsummed += [] if store.has_page_sums(tx) else [name]
    if unsummed:
        return note(
            "pages", f"PostgreSQL does not sum its pages (data_checksums is off): {', '.join(unsummed)}.",
            "A flipped bit may stay unnoticed. Stop the server and run pg_checksums --enable: docs/operate.md",
        )  # fmt: skip
    return good("pages", "A flipped bit in the databases is noticed.")


CHECKS: dict[str, Check] = {
    "schema": _schema, "secrets": _secrets, "epochs": _epochs, "versions": _versions, "policy": _policy,
    "staff": _staff, "sagas": _sagas,
    "ledger": _ledger, "clock": _clock, "cases": _cases, "notices": _notices, "jobs": _jobs, "terms": _terms,
    "webhooks": _webhooks, "pages": _pages,
}  # fmt: skip
