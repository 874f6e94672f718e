"""Receipts on both engines: what is recorded can be taken along and checked without the database (1.2, 5.1, 7.1)."""

import json
from pathlib import Path

import pytest
from sqlalchemy import Connection

from harness.receipts import LIES, ORIGIN, Archive, resigned, retold
from omonat.crypto.signing import Signer
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.ledger import verifier_key_of, verify
from omonat.receipts import Line, Wanted, verify_receipt
from omonat.storage import Database
from omonat.vault import store as rows


@pytest.fixture
def archive(database: Database, key_database: Database, tmp_path: Path) -> Archive:
    return Archive(database, key_database, tmp_path)


def codes(outcome) -> set[str]:  # type: ignore[no-untyped-def]
    return {one.code for one in outcome.findings}


def test_a_consent_can_be_proven_from_the_file_and_the_key_alone(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz", news=("email",))
    archive.integrate()
    lines = archive.lines(subject_id, "consent")
    assert {line.what for line in lines} == {"granted", "refused"} or {line.what for line in lines} == {"granted"}
    for line in lines:
        made = archive.make(subject_id, line)
        outcome = verify_receipt(made.content, archive.key)
        assert made.proven and outcome.ok, [str(one.text()) for one in outcome.findings]
        assert [one.code for one in outcome.proven] == ["signed", "event", "person", "included"]
        assert {one.code for one in outcome.not_proven} == {"truth", "rest", "one_ledger", "who"}
        assert b"ali@" not in made.content and b"Valiyev" not in made.content


def test_the_record_has_the_fields_of_the_standard_and_terms_of_the_vocabulary(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz", news=("email",))
    archive.integrate()
    news = next(line for line in archive.lines(subject_id, "consent") if line.channel == "email")
    record = archive.make(subject_id, news).statement.record
    assert record["schema_version"] == "ISO/IEC TS 27560:2023" and record["pii_principal_id"] == str(subject_id)
    (purpose,) = record["processing"]["purposes"]
    assert purpose["purpose_type"].startswith("dpv:") and purpose["lawful_basis"] == "dpv:Consent"
    assert {one["pii_type"].partition(":")[0] for one in purpose["pii_information"]} <= {"pd", "dpv"}
    assert record["event"]["event_state"] == "dpv:ConsentGiven" and record["event"]["valid_until"]
    assert record["party_identification"][0]["party_role"] == "dpv:DataController"


def test_the_same_consent_by_kantara(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz", news=("email",))
    archive.integrate()
    news = next(line for line in archive.lines(subject_id, "consent") if line.channel == "email")
    made = archive.make(subject_id, news, "kantara")
    assert verify_receipt(made.content, archive.key).ok
    record = made.statement.record
    assert record["version"] == "KI-CR-v1.1.0" and record["consentReceiptID"] == str(news.id)
    required = {"jurisdiction", "consentTimestamp", "collectionMethod", "publicKey", "piiPrincipalId", "piiControllers",
                "policyUrl", "services", "sensitive", "spiCat"}  # fmt: skip
    assert required <= record.keys()


def withdrawn(archive: Archive) -> tuple[SubjectId, Line]:
    """Somebody who took his consent back, and the line of that receipt."""
    subject_id = archive.people.contact(email="ali@example.uz", news=("email",))
    keys, now = archive.domain.keystore.open_subject(subject_id), archive.domain.now()
    archive.domain.database.write(
        lambda tx: archive.people.consents.withdraw(
            tx, keys, "news", "email", language="en", text_hash="0" * 64, via="portal", now=now
        )
    )
    archive.integrate()
    line = next(line for line in archive.lines(subject_id, "consent") if line.what == "withdrawn")
    return subject_id, line


def test_a_withdrawal_has_a_receipt_but_not_by_kantara(archive: Archive) -> None:
    subject_id, line = withdrawn(archive)
    made = archive.make(subject_id, line)
    assert made.statement.record["event"]["event_state"] == "dpv:ConsentWithdrawn"
    assert verify_receipt(made.content, archive.key).ok
    with pytest.raises(NotFound):
        archive.make(subject_id, line, "kantara")


def test_a_disclosure_can_be_proven(archive: Archive) -> None:
    subject_id = archive.people.order(email="ali@example.uz", phone="+998901234567")
    archive.people.disclosures.disclose(
        subject_id, "contractor", "contract", actor="staff:sardor", reason="installation", now=archive.domain.now()
    )
    archive.integrate()
    (line,) = archive.lines(subject_id, "disclosure")
    made = archive.make(subject_id, line)
    assert verify_receipt(made.content, archive.key).ok
    assert made.statement.refers["recipient"] == "contractor"
    assert b"ali@" not in made.content and b"1234567" not in made.content


def test_a_receipt_without_proof_says_so(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    line = archive.lines(subject_id, "consent")[0]
    made = archive.make(subject_id, line)
    outcome = verify_receipt(made.content, archive.key)
    assert not made.proven and codes(outcome) == {"proof_missing"}
    assert [one.code for one in outcome.proven] == ["signed", "event", "person"]
    archive.integrate()
    assert verify_receipt(archive.make(subject_id, line).content, archive.key).ok


def test_another_persons_receipt_is_not_there(archive: Archive) -> None:
    mine = archive.people.contact(email="ali@example.uz")
    other = archive.people.contact(email="vali@example.uz")
    line = archive.lines(other, "consent")[0]
    with pytest.raises(NotFound):
        archive.make(mine, line)


def test_the_operator_cannot_pass_off_another_persons_event(archive: Archive) -> None:
    """Whoever holds the signing key can sign any statement; the commitment in the ledger contradicts it."""
    mine = archive.people.contact(email="ali@example.uz")
    other = archive.people.contact(email="vali@example.uz")
    archive.integrate()
    made = archive.make(other, archive.lines(other, "consent")[0])
    forged = resigned(archive.signer, made.content, {"subject": str(mine)})
    assert codes(verify_receipt(forged, archive.key)) == {"other_person"}


@pytest.mark.parametrize("word", ["purpose", "channel", "text"])
def test_the_operator_cannot_state_something_else_than_the_ledger(archive: Archive, word: str) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    made = archive.make(subject_id, archive.lines(subject_id, "consent")[0])
    forged = resigned(archive.signer, made.content, {"refers": {**made.statement.refers, word: "other"}})
    assert codes(verify_receipt(forged, archive.key)) == {"says_other"}


@pytest.mark.parametrize("form", ["iso27560", "kantara"])
def test_the_record_cannot_contradict_the_ledger_either(archive: Archive, form: str) -> None:
    subject_id = archive.people.contact(email="ali@example.uz", news=("email",))
    archive.integrate()
    news = next(line for line in archive.lines(subject_id, "consent") if line.channel == "email")
    made = archive.make(subject_id, news, form)
    record = json.loads(json.dumps(made.statement.record))
    if form == "kantara":
        record["consentReceiptID"] = str(subject_id)
    else:
        record["processing"]["purposes"][0]["purpose"] = "support"
        record["event"]["event_state"] = "dpv:ConsentRefused"
    assert codes(verify_receipt(resigned(archive.signer, made.content, {"record": record}), archive.key)) == {
        "says_other"
    }


@pytest.mark.parametrize("record", [{}, {"purposes": [1], "event": 2, "processing": [3]}, {"record_id": {}}])
def test_a_record_of_any_shape_is_looked_at_without_failing(archive: Archive, record: dict[str, object]) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    made = archive.make(subject_id, archive.lines(subject_id, "consent")[0])
    assert codes(verify_receipt(resigned(archive.signer, made.content, {"record": record}), archive.key)) == {
        "says_other"
    }


def test_no_statement_contradicts_what_the_ledger_holds(archive: Archive) -> None:
    """Counts of a certificate, recipient, ground and categories of a disclosure, and what may not be left out."""
    subject_id = archive.people.order(email="ali@example.uz", phone="+998901234567")
    consenting = archive.people.contact(email="vali@example.uz", news=("email",))
    archive.people.disclosures.disclose(
        subject_id, "contractor", "contract", actor="staff:sardor", reason="installation", now=archive.domain.now()
    )
    archive.integrate()
    news = next(line for line in archive.lines(consenting, "consent") if line.channel == "email")
    made = {
        "consent": archive.make(consenting, news).content,
        "kantara": archive.make(consenting, news, "kantara").content,
        "disclosure": archive.make(subject_id, archive.lines(subject_id, "disclosure")[0]).content,
    }
    archive.people.rights.erase(subject_id, archive.domain.now())
    archive.integrate()
    made["destruction"] = archive.make(subject_id, archive.lines(subject_id, "destruction")[0]).content
    assert made.keys() == LIES.keys()
    for kind, content in made.items():
        assert verify_receipt(content, archive.key).ok
        for number, (words, lie) in enumerate(LIES[kind]):
            (found,) = verify_receipt(retold(archive.signer, content, lie), archive.key).findings
            assert (found.code, found.places) == ("says_other", {"words": words}), (kind, number)


def test_no_receipt_by_kantara_of_a_consent_that_ended(archive: Archive) -> None:
    subject_id, line = withdrawn(archive)
    forged = resigned(archive.signer, archive.make(subject_id, line).content,
                      {"record": {"consentReceiptID": str(line.id)}})  # fmt: skip
    (found,) = verify_receipt(forged, archive.key).findings
    assert (found.code, found.places) == ("says_other", {"words": "event_state"})


def test_the_certificate_of_single_records_holds(archive: Archive) -> None:
    """Its event holds neither keys nor what was searched, for no key went."""
    subject_id = archive.people.contact(email="ali@example.uz")
    now = archive.domain.now()

    def unit(tx: Connection) -> None:
        held = tuple(rows.records_of(tx, subject_id)[:1])
        archive.domain.erasure.destroy_records(tx, subject_id, held, trigger="term", actor="system:sweep", now=now)

    archive.domain.database.write(unit)
    archive.integrate()
    (line,) = archive.lines(subject_id, "destruction")
    made = archive.make(subject_id, line)
    assert verify_receipt(made.content, archive.key).ok
    for name, value, word in (("trigger", "demand", "trigger"), ("records_by_category", {}, "records")):
        record = {**made.statement.record, "certificate": {**made.statement.record["certificate"], name: value}}
        (found,) = verify_receipt(resigned(archive.signer, made.content, {"record": record}), archive.key).findings
        assert (found.code, found.places) == ("says_other", {"words": f"record.{word}"})


def test_another_key_does_not_fit(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    made = archive.make(subject_id, archive.lines(subject_id, "consent")[0])
    outcome = verify_receipt(made.content, verifier_key_of(ORIGIN, Signer(bytes(32))))
    assert {"other_key", "statement_forged", "checkpoint_forged"} <= codes(outcome) and not outcome.proven
    elsewhere = verifier_key_of("other.example/omonat", archive.signer)
    assert "other_issuer" in codes(verify_receipt(made.content, elsewhere))
    assert codes(verify_receipt(made.content, None)) == {"key_not_given"}


def test_after_an_erasure_the_certificate_is_proven_and_nothing_else_can_be_opened(
    archive: Archive, tmp_path: Path
) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    consent = archive.lines(subject_id, "consent")[0]
    archive.integrate()
    kept = archive.make(subject_id, consent).content
    outcome = archive.people.rights.erase(subject_id, archive.domain.now())
    archive.integrate()
    assert outcome.certificate is not None
    (line,) = archive.receipts.lines(subject_id)
    assert (line.kind, str(line.id)) == ("destruction", outcome.certificate.number)
    made = archive.make(subject_id, line)
    checked = verify_receipt(made.content, archive.key)
    assert checked.ok and {"copies", "whose"} <= {one.code for one in checked.not_proven}
    assert str(subject_id).encode() not in made.content
    assert made.statement.record["certificate"]["records_by_category"] == outcome.certificate.records_by_category
    with pytest.raises(NotFound):  # the salts are gone with the key: nobody can open the commitment again
        archive.make(subject_id, consent)
    assert verify(archive.domain.database, tmp_path / "ledger", archive.key).ok
    assert verify_receipt(kept, archive.key).ok  # what the person had saved before stays his proof


def test_a_receipt_is_found_by_number_only_with_its_person(archive: Archive) -> None:
    mine = archive.people.contact(email="ali@example.uz")
    other = archive.people.contact(email="vali@example.uz")
    done = archive.people.rights.erase(mine, archive.domain.now())
    assert done.certificate is not None
    (line,) = archive.receipts.lines(mine)
    with pytest.raises(NotFound):
        archive.receipts.make(Wanted(kind="destruction", subject_id=other, id=line.id), archive.domain.now(), wait=0)


def test_the_file_is_plain_json(archive: Archive) -> None:
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    made = archive.make(subject_id, archive.lines(subject_id, "consent")[0])
    file = json.loads(made.content)
    assert file["format"] == "omonat-receipt/1" and file["evidence"]["key"] == archive.key.text()
    assert set(file["evidence"]["openings"]) == {"subject"}
