"""Contracts on both engines: a ground that starts and ends, papers that are sealed, terms that count from the end."""

import io
import zipfile
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from harness.card import Firm
from omonat.contracts import Contract, Given, WrongFile
from omonat.grounds import Asked, decide
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Denied, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import SubjectId
from omonat.storage import schema

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2000  # two parts


def given(firm: Firm, number: str = "12/A", days: int = 0, ends: str = "") -> Given:
    first = local_date(firm.now) + timedelta(days=days)
    return Given(number=number, about="IP telephony", starts_on=first.isoformat(), ends_on=ends)


def running(firm: Firm, subject_id: SubjectId, number: str = "12/A", ends: str = "") -> Contract:
    sales, contracts = firm.member("sales"), firm.omonat.contracts
    drafted = contracts.draft(sales, subject_id, given(firm, number, ends=ends), firm.now)
    return contracts.start(sales, drafted.contract_id, firm.now)


def ended(firm: Firm, contract: Contract) -> Contract:
    day = local_date(firm.now).isoformat()
    return firm.omonat.contracts.end(firm.member("sales"), contract.contract_id, day, firm.now)


def may(firm: Firm, subject_id: SubjectId, operation: str) -> str:
    with firm.omonat.database.read() as tx:
        person = firm.omonat.vault.state(tx, subject_id, firm.now)
        facts = firm.omonat.policies.in_force(tx).facts
    recipient = "contractor" if operation == "disclose" else None
    asked = Asked(operation=operation, purpose="contract", category="phone", recipient=recipient)  # type: ignore[arg-type]  # words of a test
    decision = decide(facts, person, asked, now=firm.now)
    return decision.ground or decision.codes()


def ends_of(firm: Firm, subject_id: SubjectId, field: str) -> set[bool]:
    """Whether the term of each record of a field has begun."""
    return {each.record.keep_until is not None for each in firm.opened(subject_id) if each.record.field == field}


def test_a_contract_is_drafted_runs_ends_and_is_found_by_its_number(firm: Firm) -> None:
    person = firm.order()
    contract = running(firm, person)
    assert contract.state == "running"
    values = {value for _id, _field, value, _purpose, _ground in firm.values(person)}
    assert {"12/A", "IP telephony"} <= values
    assert firm.omonat.contracts.find(" 12 / a ") == [(person, contract.contract_id)]
    assert firm.omonat.contracts.find("12") == []
    assert ended(firm, contract).state == "ended"
    with pytest.raises(Denied):
        ended(firm, contract)


def test_no_number_and_no_subject_stands_in_the_clear(firm: Firm) -> None:
    running(firm, firm.order(), number="SECRET-77")
    with firm.omonat.database.read() as tx:
        for table in schema.data.sorted_tables:
            assert all("SECRET-77" not in str(row) for row in tx.execute(select(*table.columns)))


def test_a_number_is_taken_once(firm: Firm) -> None:
    person = firm.order()
    contract = running(firm, person)
    with pytest.raises(InvalidInput) as wrong:
        running(firm, firm.callback("+998935556677"), number="12 /a")
    assert "number" in wrong.value.problems
    firm.omonat.contracts.annul(firm.member("sales"), contract.contract_id, firm.now)
    assert running(firm, person).state == "running"


def test_who_may_not_manage_makes_nothing(firm: Firm) -> None:
    person = firm.order()
    with pytest.raises(NotAllowed):
        firm.omonat.contracts.draft(firm.member("support"), person, given(firm), firm.now)
    with pytest.raises(NotFound):
        firm.omonat.contracts.get(uuid4())


def test_it_begins_on_its_first_day_and_not_before(firm: Firm) -> None:
    sales = firm.member("sales")
    drafted = firm.omonat.contracts.draft(sales, firm.order(), given(firm, days=2), firm.now)
    with pytest.raises(InvalidInput):
        firm.omonat.contracts.start(sales, drafted.contract_id, firm.now)
    firm.days_pass(2)
    assert firm.omonat.contracts.start(sales, drafted.contract_id, firm.now).state == "running"


def test_it_is_a_ground_from_its_beginning_to_its_end(firm: Firm) -> None:
    person = firm.order()
    assert may(firm, person, "disclose") == "contract"  # steps that the person asked for (Art. 18)
    contract = running(firm, person)
    assert may(firm, person, "disclose") == "contract"
    ended(firm, contract)
    assert may(firm, person, "disclose") == "contract_ended"
    assert may(firm, person, "use") == "contract_ended"
    assert may(firm, person, "read") == "contract"  # kept for its term, and may be looked at
    with pytest.raises(Denied, match="contract_ended"):
        firm.omonat.disclosures.disclose(
            person, "contractor", "contract", ("phone",), actor="staff:Sales", reason="installation", now=firm.now
        )
    running(firm, person, number="13")
    assert may(firm, person, "disclose") == "contract"


def test_terms_wait_for_the_end_and_begin_with_it(firm: Firm) -> None:
    person = firm.order()
    contract = running(firm, person)
    other = running(firm, person, number="13")
    case = firm.omonat.rights.cases()[0]
    firm.omonat.rights.close_case(case.case_id, "staff:Sales", "answered", now=firm.now)
    assert ends_of(firm, person, "phone") == {False}  # the case is closed, the contract runs
    ended(firm, contract)
    assert ends_of(firm, person, "phone") == {False}  # another one runs
    ended(firm, other)
    assert ends_of(firm, person, "phone") == {True}
    assert ends_of(firm, person, "contract_number") == {True}


def test_what_counted_from_a_closed_case_waits_again_when_a_contract_begins(firm: Firm) -> None:
    person = firm.order()
    firm.omonat.rights.close_case(firm.omonat.rights.cases()[0].case_id, "staff:Sales", "answered", now=firm.now)
    assert ends_of(firm, person, "phone") == {True}
    running(firm, person)
    assert ends_of(firm, person, "phone") == {False}
    assert ends_of(firm, person, "ip_address") == {True}  # its own term, from collection


def test_its_last_day_ends_it_without_anybody(firm: Firm) -> None:
    last = (local_date(firm.now) + timedelta(days=3)).isoformat()
    person = firm.order()
    contract = running(firm, person, ends=last)
    firm.days_pass(4)
    assert may(firm, person, "use") == "contract_ended"
    assert firm.omonat.contracts.end_run_out(firm.now) == 1
    found = firm.omonat.contracts.get(contract.contract_id)
    assert found.state == "ended" and found.ended_on is not None and found.ended_on.isoformat() == last


def test_documents_come_out_as_they_went_in_and_every_reading_is_journalled(firm: Firm) -> None:
    person, sales = firm.order(), firm.member("sales")
    contract = running(firm, person)
    added = firm.omonat.contracts.add_document(
        sales, contract.contract_id, "..\\C:\\x\\Shartnoma 12.exe", PDF, firm.now
    )
    out = firm.omonat.contracts.document(sales, contract.contract_id, added.record_id, reason="visit", now=firm.now)
    assert (out.content, out.media, out.name.reveal()) == (PDF, "application/pdf", "Shartnoma 12.pdf")
    assert firm.journal(person)[0] == ("read", sales.actor, "contract")
    assert firm.omonat.contracts.own_document(person, added.record_id, firm.now).content == PDF
    assert firm.journal(person)[0][:2] == ("export", "subject")
    with pytest.raises(NotFound):
        firm.omonat.contracts.own_document(firm.callback(), added.record_id, firm.now)
    with pytest.raises(NotAllowed):
        firm.omonat.contracts.document(
            firm.member("support"), contract.contract_id, added.record_id, reason="x", now=firm.now
        )


def test_a_part_of_a_file_cannot_be_left_out(firm: Firm) -> None:
    person, sales = firm.order(), firm.member("sales")
    contract = running(firm, person)
    added = firm.omonat.contracts.add_document(sales, contract.contract_id, "a.pdf", PDF, firm.now)
    part = schema.record_part

    def cut(tx):  # type: ignore[no-untyped-def]
        tx.execute(part.delete().where(part.c.record_id == added.record_id, part.c.number == 1))

    firm.omonat.database.write(cut)
    with pytest.raises(Exception) as damaged:
        firm.omonat.contracts.own_document(person, added.record_id, firm.now)
    assert getattr(damaged.value, "code", "") == "damaged"


def docx(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"MZ program", b"<html><script>", b"PK\x03\x04 broken", docx("a.txt"), b"%PDF-" + bytes(5 * 1024 * 1024),
        docx("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    ],
    ids=["empty", "program", "page", "broken archive", "archive", "too large", "macros"],
)  # fmt: skip
def test_what_is_no_document_is_refused(firm: Firm, content: bytes) -> None:
    contract = running(firm, firm.order())
    with pytest.raises(WrongFile):
        firm.omonat.contracts.add_document(firm.member("sales"), contract.contract_id, "a.pdf", content, firm.now)


def test_a_document_of_words_is_told_by_what_is_in_it(firm: Firm) -> None:
    contract = running(firm, firm.order())
    content = docx("[Content_Types].xml", "word/document.xml")
    added = firm.omonat.contracts.add_document(firm.member("sales"), contract.contract_id, "a.pdf", content, firm.now)
    assert added.media == "docx"


def count(firm: Firm, table: str, subject_id: SubjectId) -> int:
    chosen = schema.data.tables[table]
    wanted = select(func.count()).select_from(chosen).where(chosen.c.subject_id == subject_id)
    with firm.omonat.database.read() as tx:
        return int(tx.scalar(wanted) or 0)


def test_deletion_waits_for_a_running_contract_and_stops_everything_else(firm: Firm) -> None:
    person = firm.order()
    firm.submit("callback", name="Ali", phone="+998901234567")
    running(firm, person)
    outcome = firm.omonat.rights.erase(person, firm.now)
    assert outcome.contract and count(firm, "contract", person) == 1
    assert {each.record.purpose for each in firm.opened(person)} == {"contract"}
    assert may(firm, person, "disclose") == "contract"
    assert "kept_by_contract" in {step.kind for step in firm.omonat.rights.get_case(outcome.case.case_id).steps}


def test_after_its_end_the_papers_stay_for_the_law_and_the_rest_goes(firm: Firm) -> None:
    person, sales = firm.order(), firm.member("sales")
    contract = running(firm, person)
    firm.omonat.contracts.add_document(sales, contract.contract_id, "a.pdf", PDF, firm.now)
    ended(firm, contract)
    outcome = firm.omonat.rights.erase(person, firm.now)
    assert [line.law for line in outcome.kept] == ["accounting"] and not outcome.contract
    assert {each.record.category for each in firm.opened(person)} == {"other"}
    assert count(firm, "record_part", person) == 2


def test_when_the_papers_go_nothing_of_the_contract_is_left(firm: Firm) -> None:
    person, sales = firm.order(), firm.member("sales")
    contract = running(firm, person)
    firm.omonat.contracts.add_document(sales, contract.contract_id, "a.pdf", PDF, firm.now)
    ended(firm, contract)
    firm.days_pass(366 * 11)
    firm.omonat.retention.sweep(firm.now)
    for table in ("contract", "contract_document", "contract_lookup", "record_part", "record"):
        assert count(firm, table, person) == 0, table
    assert firm.omonat.contracts.find("12/A") == []


def test_the_list_is_read_page_by_page(firm: Firm) -> None:
    person = firm.order()
    made = {running(firm, person, number=str(number)).contract_id for number in range(5)}
    seen: list[UUID] = []
    after = None
    while page := firm.omonat.contracts.page("running", limit=2, after=after):
        seen += [one.contract_id for one in page]
        after = seen[-1]
    assert len(seen) == 5 and set(seen) == made
    assert firm.omonat.contracts.page("ended") == []
