"""Versions of the policy on both engines: adopt, publish, serve, refuse what was changed (9.1, 9.2)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from harness.places import POLICY
from harness.policy_folder import Folder, issued_text, real_version
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Damaged, InvalidInput, Misconfigured, NotAllowed, NotFound
from omonat.ledger import Ledger
from omonat.policy import Policies, PolicyNotReady, Version
from omonat.staff import StaffAccount, StaffAccounts
from omonat.storage import Database
from omonat.storage.schema import ledger_event, policy_version

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
Publish = Callable[..., Version]


@pytest.fixture
def policies(database: Database) -> Policies:
    return Policies(database, Ledger())


@pytest.fixture
def officer(database: Database) -> StaffAccount:
    return StaffAccounts(database).add("officer", roles=["privacy_officer"], os_user=None, now=NOW)


def adopt(policies: Policies, author: StaffAccount, **changed: Any) -> Version:
    known = {"number": "3.1", "issued_on": date(2025, 9, 4), "language": "uz-Latn", "author": author, "now": NOW}
    return policies.adopt(issued_text(), **{**known, **changed})


def publish(policies: Policies, author: StaffAccount, folder: Path = POLICY, **changed: Any) -> Version:
    return policies.publish(folder, **{"author": author, "reason": "First version", "now": NOW, **changed})


def events(database: Database, kind: str) -> list[bytes]:
    with database.read() as tx:
        return list(tx.execute(select(ledger_event.c.body).where(ledger_event.c.kind == kind)).scalars())


def test_nothing_is_in_force_before_the_first_publish(policies: Policies, officer: StaffAccount) -> None:
    with pytest.raises(Misconfigured):
        policies.in_force()
    adopt(policies, officer)
    with pytest.raises(Misconfigured):
        policies.in_force()
    assert policies.find_in_force() is None


def test_an_issued_text_is_kept_byte_for_byte(policies: Policies, officer: StaffAccount, database: Database) -> None:
    adopted = adopt(policies, officer)
    assert adopted.verbatim() == issued_text()
    assert (adopted.kind, adopted.policy, adopted.languages) == ("adopted", None, ("uz-Latn",))
    assert local_date(adopted.in_force_at) == adopted.issued_on == date(2025, 9, 4)
    assert adopted.document("ru").language == "uz-Latn"
    (body,) = events(database, "policy_adopted")
    assert adopted.hash.encode() in body


def test_publishing_puts_a_folder_into_force(policies: Policies, officer: StaffAccount, database: Database) -> None:
    adopt(policies, officer)
    published = publish(policies, officer, reason="  We start with Omonat  ")
    assert policies.in_force() == published
    assert published.canonical == real_version().canonical
    assert (published.number, published.author, published.reason) == ("3.2", "officer", "We start with Omonat")
    assert published.in_force_at == NOW
    assert [version.number for version in policies.versions()] == ["3.1", "3.2"]
    assert published.document("ru").title == "Политика конфиденциальности"
    (body,) = events(database, "policy_published")
    assert published.hash.encode() in body
    assert b"officer" not in body
    assert b"We start" not in body


def test_another_process_sees_a_new_version_at_once(policies: Policies, officer: StaffAccount, database: Database,
                                                    tmp_path: Path) -> None:  # fmt: skip
    publish(policies, officer)
    assert policies.in_force().number == "3.2"
    newer = Folder(tmp_path).change('number = "3.2"', 'number = "3.10"')
    publish(Policies(database, Ledger()), officer, newer.path, now=NOW + timedelta(days=1))
    assert policies.in_force().number == "3.10"
    assert policies.get("3.2").number == "3.2"
    with pytest.raises(NotFound):
        policies.get("3.3")


def test_the_version_in_force_is_one_object(policies: Policies, officer: StaffAccount) -> None:
    publish(policies, officer)
    assert policies.in_force() is policies.in_force()


def test_the_version_in_force_inside_a_unit_of_work(
    policies: Policies, officer: StaffAccount, database: Database
) -> None:
    publish(policies, officer)
    assert database.write(lambda tx: policies.in_force(tx).number) == "3.2"


@pytest.mark.parametrize("rehash", [False, True])
def test_a_changed_version_is_refused(
    policies: Policies, officer: StaffAccount, database: Database, rehash: bool
) -> None:
    """A forger who also writes a fitting hash is found by the ledger event, which holds the first one."""
    published = publish(policies, officer)
    forged = published.canonical.replace("Политика".encode(), "Политики".encode())
    assert forged != published.canonical
    values: dict[str, Any] = {"canonical": forged} | ({"hash": sha256(forged).hexdigest()} if rehash else {})
    database.write(lambda tx: tx.execute(update(policy_version).values(**values)))
    fresh = Policies(database, Ledger())
    with pytest.raises(Damaged):
        fresh.in_force()
    with pytest.raises(Damaged):
        fresh.versions()


def test_only_a_named_authorised_account_publishes(
    policies: Policies, officer: StaffAccount, database: Database
) -> None:
    staff = StaffAccounts(database)
    support = staff.add("support", roles=["support"], os_user=None, now=NOW)
    with pytest.raises(NotAllowed):
        publish(policies, support)
    with pytest.raises(NotAllowed):
        adopt(policies, support)
    with pytest.raises(NotAllowed):
        publish(policies, staff.deactivate("officer"))
    assert policies.versions() == []


def test_what_cannot_be_published(
    policies: Policies, officer: StaffAccount, tmp_path: Path, database: Database
) -> None:
    wrong = Folder(tmp_path / "wrong").change("{{cookies}}", "", "text/en.md")
    with pytest.raises(PolicyNotReady):
        publish(policies, officer, wrong.path)
    with pytest.raises(InvalidInput):
        publish(policies, officer, reason="  ")
    publish(policies, officer)
    older = Folder(tmp_path / "older").change('number = "3.2"', 'number = "3.1.9"')
    for folder in (POLICY, older.path):
        with pytest.raises(InvalidInput):
            publish(policies, officer, folder)
    assert len(events(database, "policy_published")) == 1


def test_what_cannot_be_adopted(policies: Policies, officer: StaffAccount) -> None:
    for changed in ({"number": "three"}, {"language": "de"}, {"issued_on": date(2027, 1, 1)}):
        with pytest.raises(InvalidInput):
            adopt(policies, officer, **changed)
    for text in (b"\xff\xfe", b"no section"):
        with pytest.raises(InvalidInput):
            policies.adopt(text, number="3.1", issued_on=date(2025, 9, 4), language="ru", author=officer, now=NOW)
    publish(policies, officer)
    with pytest.raises(InvalidInput):
        adopt(policies, officer, number="3.3")
