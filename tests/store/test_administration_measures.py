"""The register of measures on both engines: seeded honestly, every change kept (6.2)."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import MeasureId, StaffId, new_id
from omonat.measures import DESCRIPTIONS, EVIDENCE, TITLES, Draft
from omonat.measures.seeds import SEEDS
from omonat.staff import StaffAccount
from omonat.storage import Database

DRAFT = Draft(
    kind="technical", title="Firewall", description="Only 443 is open.", status="planned", review_on=date(2026, 3, 1)
)


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def officer(omonat: Omonat) -> StaffAccount:
    return omonat.staff.get_by_name("Officer")


def test_what_omonat_does_is_entered_once_and_what_it_cannot_do_is_planned(omonat: Omonat) -> None:
    now = omonat.clock.now()
    assert omonat.measures.seed(now) == len(SEEDS)
    assert omonat.measures.seed(now) == 0
    held = {one.word: one for one in omonat.measures.list()}
    assert set(held) == set(SEEDS) == set(TITLES) == set(DESCRIPTIONS) == set(EVIDENCE)
    assert held["field_encryption"].status == "in_place"
    for word in ("backup", "restore_test", "tls", "responsible", "registration", "level"):
        assert held[word].status == "planned"
    assert all(one.evidence and one.review_on for one in held.values())


def test_every_change_is_kept(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    made = omonat.measures.add(officer, DRAFT, now)
    after = msgspec.structs.replace(DRAFT, status="in_place", owner_id=officer.staff_id)
    changed = omonat.measures.change(officer, made.measure_id, after, note="done", now=now + timedelta(hours=1))
    assert omonat.measures.get(made.measure_id) == changed
    newest, first = omonat.measures.changes(made.measure_id)
    assert newest.changed == {"status": ["planned", "in_place"], "owner_id": ["", str(officer.staff_id)]}
    assert (newest.note, newest.actor) == ("done", "staff:Officer")
    assert first.changed == {"status": ["", "planned"]}
    omonat.measures.change(officer, made.measure_id, after, note="", now=now + timedelta(hours=2))
    assert len(omonat.measures.changes(made.measure_id)) == 2  # nothing was said anew


def test_two_who_edit_at_once_do_not_overwrite_each_other(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    made = omonat.measures.add(officer, DRAFT, now)
    first = msgspec.structs.replace(DRAFT, status="in_place")
    omonat.measures.change(officer, made.measure_id, first, note="", now=now + timedelta(hours=1), seen=now)
    late = msgspec.structs.replace(DRAFT, status="dropped")
    with pytest.raises(Conflict):
        omonat.measures.change(officer, made.measure_id, late, note="", now=now + timedelta(hours=2), seen=now)


def test_reviews_that_are_late_are_counted(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    made = omonat.measures.add(officer, DRAFT, now)
    assert omonat.measures.overdue(now) == 1
    dropped = msgspec.structs.replace(DRAFT, status="dropped")
    omonat.measures.change(officer, made.measure_id, dropped, note="not needed", now=now)
    assert omonat.measures.overdue(now) == 0


def test_who_may_not_manage_changes_nothing_and_what_is_wrong_is_said(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    auditor = omonat.staff.add("auditor", roles=["auditor"], os_user=None, now=now)
    with pytest.raises(NotAllowed):
        omonat.measures.add(auditor, DRAFT, now)
    for changes in ({"title": " "}, {"status": "perhaps"}, {"owner_id": StaffId(new_id())}, {"evidence": "x" * 4001}):
        with pytest.raises(InvalidInput):
            omonat.measures.add(officer, msgspec.structs.replace(DRAFT, **changes), now)
    with pytest.raises(NotFound):
        omonat.measures.change(officer, MeasureId(new_id()), DRAFT, note="", now=now)
