"""A restore from before a joining or a separation: the erased do not come back, and the living lose nothing."""

import base64
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.card import Firm
from harness.people import invent
from harness.places import POLICY
from harness.regrouping import SEEN, join
from harness.shop import Shop
from omonat.app import Omonat
from omonat.kernel.ids import EventId, RecordId, SubjectId, new_id
from omonat.keystore import Compartment
from omonat.storage import schema
from omonat.vault import Tombstone, Tombstones, rejoin, rows

PHONE, OTHER = "+998901234567", "+998907654321"


def records(firm: Firm, subject_id: SubjectId) -> set[UUID]:
    with firm.omonat.database.read() as tx:
        return {held.record_id for held in rows.records_of(tx, subject_id)}


def stones(firm: Firm) -> Tombstones:
    return Tombstones(firm.omonat.settings.ledger / "tombstones")


def replay(firm: Firm) -> int:
    omonat = firm.omonat
    return omonat.erasure.replay(rejoin=partial(rejoin, omonat.vault, omonat.clock))


def stone(subject_id: SubjectId, trigger: str = "demand", **more: object) -> Tombstone:
    return Tombstone(subject_id, EventId(new_id()), trigger, None, 4, **more)  # type: ignore[arg-type]


def test_the_list_names_the_values_that_were_destroyed_and_whom_one_was_joined_into(firm: Firm) -> None:
    one, two, three = firm.order(), firm.callback(OTHER, "Vali"), firm.callback("+998901111111", "Guli")
    held = records(firm, two)
    part = {record for record, name in _categories(firm, three).items() if name == "phone"}
    firm.omonat.rights.erase(two, firm.now)
    intent = firm.omonat.database.write(
        lambda tx: firm.omonat.erasure.begin(
            tx, three, (Compartment("support", "phone"),), trigger="withdrawal", actor="subject", now=firm.now
        )
    )
    firm.omonat.erasure.carry_out(intent)
    join(firm, three, one)
    first, second, third = stones(firm).all()
    assert set(first.record_ids()) == held and first.into is None
    assert part and set(second.record_ids()) == part
    assert set(third.record_ids()) == set() and third.into == one  # what was moved is the living one's


def _categories(firm: Firm, subject_id: SubjectId) -> dict[UUID, str]:
    with firm.omonat.database.read() as tx:
        return {held.record_id: held.category for held in rows.records_of(tx, subject_id)}


def test_values_of_the_erased_go_under_whatever_number_the_older_data_hold_them(firm: Firm) -> None:
    """As after a restore from before a separation: nobody of his number is there."""
    one, stays = firm.order(), firm.callback(OTHER, "Vali")
    mine = {record for record, name in _categories(firm, one).items() if name == "phone"}
    before = records(firm, stays)
    ids = base64.b64encode(b"".join(record.bytes for record in mine)).decode()
    stones(firm).add(stone(SubjectId(new_id()), records=ids))
    assert replay(firm) == 1 and replay(firm) == 0
    assert mine and records(firm, one) & mine == set() and records(firm, one)
    assert records(firm, stays) == before
    assert ("phone", "claimed") not in firm.states(one), "his identifier went with its last value"
    (made,) = [line for line in firm.omonat.registers.certificates(firm.member("privacy_officer"), _all())]
    assert made.actor == "system:restore" and made.whole.records_by_category == {"phone": 1}


def _all():  # type: ignore[no-untyped-def]
    from omonat.registers import Asked

    return Asked()


def test_who_was_joined_brings_his_values_along_again(firm: Firm) -> None:
    """Data and keys are of before the joining; what he had destroyed before it stays destroyed."""
    target, source = firm.order(), firm.callback(OTHER, "Vali")
    before, his = records(firm, target), _categories(firm, source)
    phone = Tombstone(source, EventId(new_id()), "withdrawal", (Compartment("support", "phone"),), 1)
    stones(firm).add(phone, stone(source, "merged", into=target))
    assert replay(firm) == 2
    kept = {record for record, name in his.items() if name != "phone"}
    assert kept and records(firm, target) == before | kept
    assert "Vali" in {value[2] for value in firm.values(target)}, "they open under his keys"
    with firm.omonat.database.read() as tx:
        state = tx.scalar(select(schema.subject.c.state).where(schema.subject.c.subject_id == source))
    assert state == "erased" and firm.omonat.keystore.count_left(source, None) == 0
    assert replay(firm) == 0 and records(firm, target) == before | kept


@pytest.mark.parametrize("gone", ["keys of the source", "the target"])
def test_where_it_cannot_be_joined_again_he_is_destroyed_all_the_same(firm: Firm, gone: str) -> None:
    target, source = firm.order(), firm.callback(OTHER, "Vali")
    before = records(firm, target)
    if gone == "keys of the source":
        firm.omonat.keystore.destroy(source, None)
        stones(firm).add(stone(source, "merged", into=target))
    else:
        stones(firm).add(stone(source, "merged", into=SubjectId(new_id())))
    assert replay(firm) == 1
    assert records(firm, source) == set() and records(firm, target) == before
    again = list(stones(firm).all())[-1]
    assert list(again.record_ids()) == [], "a newer copy of the data may hold them as the living one's"


def test_a_joining_that_a_crash_cut_off_is_named_when_it_is_finished(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, source = firm.order(), firm.callback(OTHER, "Vali")
    officer = firm.member("privacy_officer")
    firm.omonat.people.open(officer, target, purpose="support", reason="two records", now=firm.now)

    def cut(*_arguments: object, **_named: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(firm.omonat.erasure, "carry_out", cut)
        with pytest.raises(RuntimeError):
            firm.omonat.regroupings.join(officer, source, target, SEEN, firm.now)
    assert firm.omonat.erasure.resume() == 1
    (made,) = stones(firm).all()
    assert made.into == target


# --- with real archives ---------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.run("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY)
    return made


def _held(omonat: Omonat, subject_id: SubjectId) -> set[RecordId]:
    with omonat.database.read() as tx:
        return {held.record_id for held in rows.records_of(tx, subject_id)}


def _back_up(shop: Shop) -> tuple[str | Path, ...]:
    shop.run("backup", "--to", shop.home / "old", "--keys-to", shop.home / "old-keys")
    return ("restore", "--from", shop.home / "old", "--keys-from", shop.home / "old-keys", "--yes")


def _joined(omonat: Omonat, source: SubjectId, target: SubjectId) -> UUID:
    officer = omonat.actor()
    omonat.people.open(officer, target, purpose="support", reason="two records", now=omonat.clock.now())
    return omonat.regroupings.join(officer, source, target, SEEN, omonat.clock.now())


def test_a_restore_from_before_a_separation_does_not_bring_the_erased_back(shop: Shop) -> None:
    one, two = shop.sends(invent()), shop.sends(invent(), "callback")
    his = shop.use(lambda omonat: _held(omonat, two))
    regrouping_id = shop.use(lambda omonat: _joined(omonat, two, one))
    back = _back_up(shop)

    def part_and_erase(omonat: Omonat) -> None:
        officer, now = omonat.actor(), omonat.clock.now()
        omonat.people.open(officer, one, purpose="support", reason="not he", now=now)
        omonat.regroupings.undo(officer, one, regrouping_id, now)
        c = schema.subject.c
        with omonat.database.read() as tx:
            (made,) = tx.scalars(
                select(c.subject_id).where(c.state == "active", c.kind == "person", c.subject_id != one)
            )
        omonat.rights.erase(SubjectId(made), now)

    shop.use(part_and_erase)
    stays = shop.use(lambda omonat: _held(omonat, one))
    assert "Destroyed again: 1." in shop.run(*back)
    assert shop.use(lambda omonat: _held(omonat, one)) == stays
    assert his and not his & stays and shop.json("verify")["ok"]


def test_a_restore_from_before_a_joining_takes_nothing_from_the_living(shop: Shop) -> None:
    one, two = shop.sends(invent()), shop.sends(invent(), "callback")
    both = shop.use(lambda omonat: _held(omonat, one) | _held(omonat, two))
    back = _back_up(shop)
    shop.use(lambda omonat: _joined(omonat, two, one))
    assert "Destroyed again: 1." in shop.run(*back)
    assert shop.use(lambda omonat: _held(omonat, one)) == both
    assert shop.use(lambda omonat: len(omonat.vault.read_own(one))) == len(both), "every one opens"
    assert shop.json("verify")["ok"]
