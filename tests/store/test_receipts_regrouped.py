"""Receipts of people who were joined or separated hold: an event commits to the number that it was entered under."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import select

from harness.card import Firm
from harness.regrouping import join, opened
from omonat.kernel.clock import iso
from omonat.kernel.ids import SubjectId
from omonat.receipts import Wanted, jws, verify_receipt
from omonat.storage import schema


def receipts(firm: Firm, subject_id: SubjectId) -> list[dict[str, Any]]:
    """The statement of every receipt of a person; each holds, with its proof."""
    firm.omonat.sequencer().integrate_once(firm.now)
    key, found = firm.omonat.verifier_key(), []
    for line in firm.omonat.receipts.lines(subject_id):
        wanted = Wanted(kind=line.kind, subject_id=subject_id, id=UUID(str(line.id)))
        made = firm.omonat.receipts.make(wanted, firm.now, wait=0)
        outcome = verify_receipt(made.content, key)
        assert outcome.ok, (line, [(one.code, one.places) for one in outcome.findings])
        assert "person" in {one.code for one in outcome.proven}
        found.append(json.loads(jws.payload(json.loads(made.content)["statement"])))
    assert found
    return found


def active(firm: Firm, *known: SubjectId) -> SubjectId:
    c = schema.subject.c
    with firm.omonat.database.read() as tx:
        found = tx.scalars(select(c.subject_id).where(c.state == "active", c.kind == "person")).all()
    (other,) = [SubjectId(one) for one in found if one not in known]
    return other


def test_receipts_of_a_joined_person_name_the_number_that_the_event_knows(firm: Firm) -> None:
    one = firm.order(news=("email",))
    two = firm.order(news=("sms",), phone="+998907654321", email="vali@example.uz")
    firm.prove(one, "email")
    join(firm, two, one)
    made = receipts(firm, one)
    assert {statement["subject"] for statement in made} == {str(one), str(two)}
    assert all(statement["record"]["pii_principal_id"] == statement["subject"] for statement in made)


def test_receipts_hold_on_both_sides_after_a_separation_and_what_was_stopped_has_one_of_its_own(firm: Firm) -> None:
    one = firm.order(news=("email",))
    two = firm.order(news=("email",), phone="+998907654321", email="vali@example.uz")
    regrouping_id = join(firm, two, one)
    firm.omonat.rights.withdraw(one, "news", "email", "en", firm.now, via="portal")
    stopped_at = iso(firm.now)
    firm.days_pass(1)
    firm.omonat.regroupings.undo(opened(firm, one), one, regrouping_id, firm.now)
    made = active(firm, one)
    for subject_id in (one, made):
        (withdrawal,) = [
            statement for statement in receipts(firm, subject_id)
            if statement["record"]["event"]["event_state"] == "dpv:ConsentWithdrawn"
        ]  # fmt: skip
        assert withdrawal["subject"] == str(subject_id)
        assert withdrawal["record"]["event"]["event_time"][:16] == stopped_at[:16], "when it was really said"


def test_a_number_is_kept_over_several_joinings(firm: Firm) -> None:
    one, two, three = (
        firm.order(news=("email",), phone=f"+99890123456{n}", email=f"ali{n}@example.uz") for n in range(3)
    )
    join(firm, three, two)
    join(firm, two, one)
    assert {statement["subject"] for statement in receipts(firm, one)} == {str(one), str(two), str(three)}
