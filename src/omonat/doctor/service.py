"""Looking at an opened installation."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from omonat.disclosure import Disclosures
from omonat.doctor import store
from omonat.doctor.files import has_left_marks
from omonat.doctor.model import Finding, Found, failed, good, note, wrong
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


Check = Callable[[Installation, datetime], list[Found]]


def examine(installation: Installation, language: str = "en") -> list[Finding]:
    """Every check; one that cannot be made is a finding of its own."""
    now = installation.clock.now()
    return [found.read(language) for name, check in CHECKS.items() for found in _made(name, check, installation, now)]


def _made(name: str, check: Check, installation: Installation, now: datetime) -> list[Found]:
    try:
        return check(installation, now)
    except OmonatError as error:
        return failed(name, error)
    except SQLAlchemyError as error:
        return wrong(
            name, "The database does not answer ({error}).", "Look whether it runs.", error=type(error).__name__
        )


def _schema(installation: Installation, _now: datetime) -> list[Found]:
    steps = [*missing_steps(installation.database), *missing_steps(installation.keystore.database)]
    if steps:
        what = "The tables are older than the program: {steps}."
        return wrong("schema", what, "Run omonat init again.", steps=", ".join(steps))
    return good("schema", "The tables are those of this program.")


def _secrets(installation: Installation, _now: datetime) -> list[Found]:
    for name in SECRETS:
        installation.keystore.secret(name)
    return good("secrets", "The key store opens.")


def _epochs(installation: Installation, _now: datetime) -> list[Found]:
    """Of the key-encryption key."""
    known, folder = installation.keystore.epochs(), installation.settings.keys
    if not known:
        return note("epochs", "The key store has no epochs yet.", "Run omonat init again.")
    present = known[-1]
    if unfinished(known) and not is_worked_on(folder):
        return wrong(
            "epochs", "The rotation of the keys to epoch {number} is half done.",
            "Run omonat keys rotate again: it goes on where it stopped.", number=present.number,
        )  # fmt: skip
    if others := unused_files(known, folder):
        return note(
            "epochs", "Key files lie there that the key store does not use: {files}.",
            "After a restore of older keys run omonat keys rotate: it ends all but one.", files=", ".join(others),
        )  # fmt: skip
    since = f"{present.began_at:%Y-%m-%d}"
    return good(
        "epochs", "Epoch {number} of the key-encryption key, since {since}.", number=present.number, since=since
    )


def _versions(installation: Installation, _now: datetime) -> list[Found]:
    """Of compartment keys and index keys."""
    index, compartments = installation.retagging.find_unended(), installation.resealing.find_unended()
    works = is_worked_on(installation.settings.keys)
    if compartments is not None and not works:
        return wrong(
            "versions", "The rotation of compartment keys is half done.",
            "Run omonat keys rotate --compartments again: it goes on where it stopped.",
        )  # fmt: skip
    if index is not None and not works and installation.retagging.left():
        return wrong(
            "versions", "The rotation of the index keys to version {number} is half done.",
            "Run omonat keys rotate --index again: it goes on where it stopped.", number=index.version,
        )  # fmt: skip
    if index is not None:
        return note(
            "versions", "Version {number} of the index keys is in use; the one before has not gone yet.",
            "Nothing: omonat serve destroys it within the hour. See omonat keys status.", number=index.version,
        )  # fmt: skip
    known = installation.retagging.versions()
    number = known[-1].version if known else 1
    return good("versions", "Version {number} of the index keys; no rotation of keys is half done.", number=number)


def _policy(installation: Installation, _now: datetime) -> list[Found]:
    versions = installation.policies.versions()
    found = installation.policies.find_in_force()
    if found is None:
        return wrong("policy", "No policy is in force.", "Run: omonat policy publish FOLDER --reason TEXT")
    return good(
        "policy", "Version {number} is in force; {count} versions are what was stored.", number=found.number,
        count=len(versions),
    )  # fmt: skip


def _staff(installation: Installation, _now: datetime) -> list[Found]:
    roles = {role for account in installation.staff.list() if account.active for role in account.roles}
    missing = {"administrator", "privacy_officer"} - roles
    if missing:
        names = ", ".join(sorted(missing))
        advice = "Run: omonat staff add NAME --role ROLE --os-user USER"
        return wrong("staff", "Nobody is {names}.", advice, names=names)
    return good("staff", "Somebody is administrator and privacy officer.")


def _sagas(installation: Installation, now: datetime) -> list[Found]:
    if has_left_marks(installation.settings.data):
        return wrong("sagas", "A restore was interrupted: destroyed data may be back.", "Run omonat restore again.")
    with installation.database.read() as tx:
        count = store.open_destructions(tx, now - PATIENCE)
    if count:
        advice = "Start omonat serve: it finishes them first."
        return wrong("sagas", "Destructions that are half done: {count}.", advice, count=count)
    return good("sagas", "No destruction is half done.")


def _ledger(installation: Installation, now: datetime) -> list[Found]:
    installation.sequencer().refuse_behind()
    size = installation.sequencer().signed_size()
    with installation.database.read() as tx:
        pending = store.pending_events(tx, now - PATIENCE)
    if pending:
        what = "Events that wait for their place in the tree: {count}."
        return note("ledger", what, "Start omonat serve.", count=pending)
    return good("ledger", "The checkpoint is signed by us, over {size} entries. All of it: omonat verify", size=size)


def _clock(installation: Installation, now: datetime) -> list[Found]:
    with installation.database.read() as tx:
        newest = store.newest_event_at(tx)
    if newest is not None and newest > now + PATIENCE:
        what = "The clock is behind: an event is of {moment} UTC."
        return wrong("clock", what, "Set it right (NTP).", moment=f"{newest:%Y-%m-%d %H:%M}")
    return good("clock", "The clock says {moment} UTC.", moment=f"{now:%Y-%m-%d %H:%M}")


def _cases(installation: Installation, now: datetime) -> list[Found]:
    with installation.database.read() as tx:
        count = store.overdue_cases(tx, now)
    if count:
        return wrong("cases", "Cases that are overdue: {count}.", "Run: omonat case list", count=count)
    return good("cases", "No case is overdue.")


def _notices(installation: Installation, now: datetime) -> list[Found]:
    late = len(installation.disclosures.overdue_notices(now))
    if late:
        return wrong(
            "notices", "Notices of disclosures that are late (Art. 23): {count}.",
            "Set up mail or SMS, or tell the people in another way.", count=late,
        )  # fmt: skip
    return good("notices", "No notice is late.")


def _jobs(installation: Installation, now: datetime) -> list[Found]:
    with installation.database.read() as tx:
        given_up = installation.outbox.given_up(tx)
        stuck = store.stuck_jobs(tx, now - PATIENCE)
    if given_up:
        kinds = ", ".join(sorted({f"{job.kind}: {job.failed}" for job in given_up}))
        return wrong(
            "jobs",
            "Jobs that were given up: {count} ({kinds}).",
            "Run: omonat jobs list; mend the cause, then repeat.",
            count=len(given_up),
            kinds=kinds,
        )
    if stuck:
        return note("jobs", "Jobs that wait: {count}.", "Start omonat serve.", count=stuck)
    return good("jobs", "No job waits.")


def _terms(installation: Installation, now: datetime) -> list[Found]:
    with installation.database.read() as tx:
        count = store.due_records(tx, now - SWEEP_PATIENCE)
    if count:
        return note(
            "terms", "Records whose term ran out more than two days ago: {count}.",
            "Run: omonat retention sweep. What stays is kept by a law: omonat hold list", count=count,
        )  # fmt: skip
    return good("terms", "Nothing is kept beyond its term.")


def _webhooks(installation: Installation, _now: datetime) -> list[Found]:
    off = installation.webhooks.switched_off()
    if off:
        names = ", ".join(sorted({urlsplit(one.url).hostname or "" for one in off}))
        return wrong(
            "webhooks", "Webhooks that were switched off, for nobody answered: {count} ({names}).",
            "Mend the connected system, then switch it on in the console and send again what was given up.",
            count=len(off), names=names,
        )  # fmt: skip
    return good("webhooks", "No webhook was switched off by itself.")


def _pages(installation: Installation, _now: datetime) -> list[Found]:
    """Whether a flipped bit is noticed: SQLite's rows carry sums of ours, PostgreSQL's pages only where it was told."""
    stores = {"data": installation.database, "keys": installation.keystore.database}
    unsummed = []
    for name, database in stores.items():
        if not database.is_sqlite:
            with database.read() as tx:
                unsummed += [] if store.has_page_sums(tx) else [name]
    if unsummed:
        return note(
            "pages", "PostgreSQL does not sum its pages (data_checksums is off): {databases}.",
            "A flipped bit may stay unnoticed. Stop the server and run pg_checksums --enable: docs/operate.md",
            databases=", ".join(unsummed),
        )  # fmt: skip
    return good("pages", "A flipped bit in the databases is noticed.")


CHECKS: dict[str, Check] = {
    "schema": _schema, "secrets": _secrets, "epochs": _epochs, "versions": _versions, "policy": _policy,
    "staff": _staff, "sagas": _sagas,
    "ledger": _ledger, "clock": _clock, "cases": _cases, "notices": _notices, "jobs": _jobs, "terms": _terms,
    "webhooks": _webhooks, "pages": _pages,
}  # fmt: skip
