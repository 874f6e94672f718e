"""Consents that the company has are taken over with their proof; all go out with theirs (Art. 31)."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from harness.domain import Domain, email, new_domain
from harness.policy_folder import Folder
from omonat.consent import Consents, Importing, export_consents, text_hash_of
from omonat.disclosure import Disclosures
from omonat.jobs import Outbox
from omonat.kernel.ids import SubjectId
from omonat.ledger import Ledger
from omonat.staff import StaffAccounts
from omonat.storage import Database, schema

TEXT = "I agree to news of the company by e-mail."


class Office:
    """A domain with consents, import and mailings."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        self.consents = Consents(domain.database, domain.vault, domain.policies)
        self.importing = Importing(
            domain.database, domain.vault, self.consents, policies=domain.policies, outbox=Outbox()
        )
        self.disclosures = Disclosures(domain.database, domain.vault, domain.policies, Outbox())

    def row(self, number: int = 1, **changes: str) -> dict[str, str]:
        given = (self.domain.now() - timedelta(days=40)).date().isoformat()
        return {
            "address": f"person{number}@example.uz", "purpose": "news", "channel": "email", "given_at": given,
            "method": "call", "language": "en", "text": TEXT, "reference": f"call-{number}", "offset_seconds": "17",
            "script": "3", "given_by": "", "offer": "", **changes,
        }  # fmt: skip

    def take(self, *rows: dict[str, str], dry_run: bool = False) -> list[tuple[int, str, str]]:
        lines = enumerate(rows, 2)
        found = self.importing.take(lines, actor="staff:x", now=self.domain.now(), dry_run=dry_run)
        return [(one.line, one.outcome, one.code) for one in found]

    def mailed(self) -> list[str]:
        rows = self.disclosures.mailing("news", "email", actor="staff:x", reason="t", now=self.domain.now())
        return sorted(row.address.reveal() for row in rows)

    def exported(self, page: int = 500) -> list[dict[str, Any]]:
        domain = self.domain
        return list(export_consents(domain.database, Ledger(), actor="staff:x", now=domain.now(), page=page))

    def count(self, name: str) -> int:
        with self.domain.database.read() as tx:
            return int(tx.scalar(select(func.count()).select_from(schema.data.tables[name])) or 0)


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Office]:
    return Office(new_domain(database, key_database, tmp_path))  # type: ignore[return-value]  # closed by its fixtures


def test_a_row_is_taken_once_with_its_evidence_and_reaches_mailings(office: Office) -> None:
    assert office.take(office.row(1), office.row(2), dry_run=True) == [(2, "taken", ""), (3, "taken", "")]
    assert office.count("subject") == office.count("consent_event") == 0
    assert office.take(office.row(1)) == [(2, "taken", "")]  # stopped here, given again
    assert office.take(office.row(1), office.row(2)) == [(2, "known", ""), (3, "taken", "")]
    assert office.count("subject") == office.count("consent_event") == office.count("consent_evidence") == 2
    assert office.mailed() == ["person1@example.uz", "person2@example.uz"]
    (first, *_rest) = office.exported()
    assert first["evidence"]["reference"] == "call-1" and first["evidence"]["offset_seconds"] == 17
    assert first["expires_at"] - first["evidence"]["given_at"] < timedelta(days=3 * 366 + 1)
    assert first["at"] - first["evidence"]["given_at"] > timedelta(days=39)


WRONG = {
    "wrong_address": {"address": "nobody"}, "missing_column": {"text": ""}, "unknown_purpose": {"purpose": "fishing"},
    "unknown_channel": {"channel": "fax"}, "unknown_language": {"language": "de"},
    "wrong_date": {"given_at": "yesterday"}, "future_date": {"given_at": "2999-01-01"},
    "run_out": {"given_at": "2001-01-01"}, "wrong_method": {"method": "pigeon"}, "wrong_reference": {"reference": ""},
    "wrong_offset": {"offset_seconds": "-1"}, "wrong_given_by": {"given_by": "neighbour"},
    "record_by_hand": {"given_by": "representative"},
}  # fmt: skip


def test_a_wrong_row_is_told_by_line_and_code_and_the_others_are_taken(office: Office) -> None:
    told = office.take(*(office.row(1, **changes) for changes in WRONG.values()), office.row(2))
    assert [(outcome, code) for _line, outcome, code in told] == [
        *(("refused", code) for code in WRONG), ("taken", "")
    ]  # fmt: skip
    assert office.count("subject") == 1


@pytest.mark.parametrize("nature", ["ordinary", "special", "biometric"])
def test_a_list_takes_no_consent_that_recording_by_hand_refuses(office: Office, tmp_path: Path, nature: str) -> None:
    """Paper is named by its number, as no scan comes with a row; whose authority is on paper is recorded by hand."""
    domain = office.domain
    folder = Folder(tmp_path / nature).change('number = "3.2"', 'number = "3.3"')
    folder.change("[category.email]\n", f'[category.email]\nnature = "{nature}"\n')
    officer = StaffAccounts(domain.database).get_by_name("Officer")
    domain.policies.publish(folder.path, author=officer, reason="another nature", now=domain.now())
    spoken = ("taken", "") if nature == "ordinary" else ("refused", "wrong_form")
    tried: list[tuple[dict[str, str], tuple[str, str]]] = [
        ({"method": "paper", "reference": ""}, ("refused", "wrong_reference")),
        ({"method": "paper", "reference": "  "}, ("refused", "wrong_reference")),
        ({"method": "e_document", "reference": ""}, ("refused", "wrong_reference")),
        ({"method": "paper", "given_by": "representative"}, ("refused", "record_by_hand")),
        ({"method": "e_document", "given_by": "representative"}, ("refused", "record_by_hand")),
        ({"method": "paper", "reference": "folder 3, sheet 7"}, ("taken", "")),
        ({"method": "e_document"}, ("taken", "")),
        ({"method": "desk", "reference": ""}, spoken),
    ]
    rows = [office.row(number, **changes) for number, (changes, _told) in enumerate(tried)]
    for dry_run in (True, False):
        told = office.take(*rows, dry_run=dry_run)
        assert [(outcome, code) for _line, outcome, code in told] == [result for _changes, result in tried]
    taken = sum(outcome == "taken" for _changes, (outcome, _code) in tried)
    assert office.count("subject") == office.count("consent_evidence") == taken
    assert {one["evidence"]["given_by"] for one in office.exported() if one["kind"] == "consent"} == {"person"}


def test_a_newer_word_of_the_person_and_a_suppression_stand_against_a_list(office: Office) -> None:
    domain = office.domain
    office.take(office.row(1))
    with domain.database.read() as tx:
        subject_id = SubjectId(tx.scalar(select(schema.subject.c.subject_id)))  # type: ignore[arg-type]  # there is one
    keys = domain.keystore.open_subject(subject_id)
    domain.database.write(
        lambda tx: office.consents.withdraw(
            tx, keys, "news", "email", language="en", text_hash="0" * 64, via="portal", now=domain.now()
        )
    )
    assert office.take(office.row(1, reference="call-9")) == [(2, "refused", "newer_word")]
    domain.database.write(lambda tx: office.consents.suppression.keep(tx, keys, domain.now(), all_spoken=False))
    domain.erase(keys)
    assert office.take(office.row(1, reference="call-9")) == [(2, "refused", "suppressed")]
    assert office.mailed() == []
    domain.clock.shift += timedelta(days=3 * 366 + 1)
    assert domain.database.write(lambda tx: office.consents.suppression.forget(tx, domain.now())) == 1
    assert office.take(office.row(1, reference="call-9")) == [(2, "taken", "")]


def test_an_address_that_only_a_stranger_typed_is_not_taken_for_his(office: Office) -> None:
    stranger = office.domain.person(email("person1@example.uz"))
    office.take(office.row(1))
    with office.domain.database.read() as tx:
        assert office.consents.history(tx, stranger.subject_id) == []
    assert office.mailed() == ["person1@example.uz"]


def test_the_export_proves_itself_and_holds_no_value(office: Office) -> None:
    office.take(*(office.row(number) for number in range(5)))
    lines = office.exported(page=2)
    consents, texts = (
        [one for one in lines if one["kind"] == "consent"],
        [one for one in lines if one["kind"] == "text"],
    )
    assert len(consents) == 5 and len(texts) == 1
    assert all(sha256(one["entry"]["event"].encode()).hexdigest() == one["entry"]["hash"] for one in consents)
    assert all(str(one["consent_id"]) in one["entry"]["event"] for one in consents)
    assert text_hash_of(texts[0]["text"]) == texts[0]["hash"] == consents[0]["text_hash"]
    assert "example.uz" not in repr(lines)
