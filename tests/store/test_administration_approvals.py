"""Four eyes on both engines: who may be the second person, once and no more, and what happens without one (6.2)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound
from omonat.ledger import Ledger
from omonat.staff import Act, Approval, Approvals, Done, StaffAccount, StaffAccounts, Waiting
from omonat.staff.approvals_model import ApprovalOver, OwnAct, SecondPersonMissing, state_after
from omonat.storage import Database

NOW = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
HOLD = {"hold": "0198c1d2-0000-7000-8000-000000000001"}
Member = Callable[[str], StaffAccount]


class Carried:
    """A carrier that counts, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.fails = 0

    def __call__(self, act: Act) -> dict[str, str]:
        self.acts.append(act)
        if self.fails:
            self.fails -= 1
            raise Conflict
        return {"hold": act.payload["hold"]}


@pytest.fixture
def carried() -> Carried:
    return Carried()


@pytest.fixture
def approvals(database: Database, carried: Carried) -> Approvals:
    made = Approvals(database, Ledger())
    made.carriers["release_hold"] = carried
    return made


@pytest.fixture
def member(database: Database) -> Member:
    accounts = StaffAccounts(database)
    return lambda name: accounts.add(name, roles=["privacy_officer"], os_user=None, now=NOW)


def wait(approvals: Approvals, asker: StaffAccount) -> Approval:
    answer = approvals.act(asker, "release_hold", HOLD, "the matter is over", NOW)
    assert isinstance(answer, Waiting)
    return approvals.get(answer.approval_id)


def events(database: Database) -> list[tuple[str, bool]]:
    from omonat.kernel.codec import from_json
    from omonat.ledger import store

    with database.read() as tx:
        found = [store.find_event(tx, each) for each in store.pending_ids(tx, 100)]
    return [(one.kind, from_json(one.body, dict)["facts"]["alone"]) for one in found if one is not None]


def test_a_second_person_approves_and_it_is_done_once(
    approvals: Approvals, carried: Carried, member: Member, database: Database
) -> None:
    asker, second, third = member("A"), member("B"), member("C")
    waiting = wait(approvals, asker)
    assert carried.acts == []
    done = approvals.decide(second, waiting.approval_id, yes=True, reason="", now=NOW)
    assert (done.state, done.result, done.decided_by) == ("done", HOLD, "staff:B")
    (act,) = carried.acts
    assert (act.asker.actor, act.approved_by, dict(act.payload)) == ("staff:A", "staff:B", HOLD)
    for yes in (True, False):
        with pytest.raises(ApprovalOver):
            approvals.decide(third, waiting.approval_id, yes=yes, reason="again", now=NOW)
    with pytest.raises(ApprovalOver):
        approvals.repeat(second, waiting.approval_id, NOW)
    assert len(carried.acts) == 1
    kinds = ["approval_asked", "approval_given", "approval_carried_out"]
    assert events(database) == [(kind, False) for kind in kinds]


def test_nobody_is_his_own_second_person(approvals: Approvals, carried: Carried, member: Member) -> None:
    asker = member("A")
    member("B")
    waiting = wait(approvals, asker)
    with pytest.raises(OwnAct):
        approvals.decide(asker, waiting.approval_id, yes=True, reason="", now=NOW)
    assert carried.acts == []


def test_the_key_of_a_person_is_not_a_second_person(approvals: Approvals, carried: Carried, member: Member) -> None:
    maker, other = member("A"), member("B")

    class Key:
        staff_id, rights, purposes, actor = maker.staff_id, maker.rights, maker.purposes, "key:crm"

    answer = approvals.act(Key(), "release_hold", HOLD, "by program", NOW)
    assert isinstance(answer, Waiting)
    with pytest.raises(OwnAct):
        approvals.decide(maker, answer.approval_id, yes=True, reason="", now=NOW)
    with pytest.raises(NotAllowed):
        approvals.decide(Key(), answer.approval_id, yes=True, reason="", now=NOW)
    ended = approvals.decide(other, answer.approval_id, yes=True, reason="", now=NOW)
    assert (ended.state, ended.failed) == ("failed", "not_allowed")  # nobody has said here who key:crm is
    assert carried.acts == []


def test_the_right_is_needed_by_both(approvals: Approvals, member: Member, database: Database) -> None:
    asker = member("A")
    member("B")
    auditor = StaffAccounts(database).add("auditor", roles=["auditor"], os_user=None, now=NOW)
    with pytest.raises(NotAllowed):
        approvals.act(auditor, "release_hold", HOLD, "why not", NOW)
    with pytest.raises(NotAllowed):
        approvals.decide(auditor, wait(approvals, asker).approval_id, yes=True, reason="", now=NOW)


def test_a_refusal_has_a_reason_and_ends_it(approvals: Approvals, carried: Carried, member: Member) -> None:
    asker, second = member("A"), member("B")
    waiting = wait(approvals, asker)
    with pytest.raises(InvalidInput):
        approvals.decide(second, waiting.approval_id, yes=False, reason=" ", now=NOW)
    refused = approvals.decide(second, waiting.approval_id, yes=False, reason="the court has not ended", now=NOW)
    assert (refused.state, refused.decision_reason) == ("refused", "the court has not ended")
    assert carried.acts == []
    assert wait(approvals, asker).approval_id != waiting.approval_id  # it may be asked for anew


def test_after_seven_days_it_is_over(approvals: Approvals, carried: Carried, member: Member) -> None:
    asker, second = member("A"), member("B")
    waiting = wait(approvals, asker)
    late = NOW + timedelta(days=7)
    with pytest.raises(ApprovalOver):
        approvals.decide(second, waiting.approval_id, yes=True, reason="", now=late)
    assert carried.acts == []
    assert approvals.list(open_at=late) == []
    assert approvals.expire(late) == 1
    assert approvals.get(waiting.approval_id).state == "expired"


def test_asking_twice_is_asking_once(approvals: Approvals, member: Member) -> None:
    asker, second = member("A"), member("B")
    assert wait(approvals, asker) == wait(approvals, asker)
    assert wait(approvals, second) != wait(approvals, asker)
    assert len(approvals.list(rights=asker.rights, open_at=NOW)) == 2
    assert approvals.list(rights=frozenset({"case.read"}), open_at=NOW) == []


def test_without_a_second_person_one_acts_and_the_ledger_says_so(
    approvals: Approvals, carried: Carried, member: Member, database: Database
) -> None:
    only = member("A")
    answer = approvals.act(only, "release_hold", HOLD, "nobody else", NOW)
    assert isinstance(answer, Done)
    assert answer.result == HOLD
    assert [act.approved_by for act in carried.acts] == [""]
    assert events(database) == [("approval_carried_out", True)]


def test_who_left_is_no_second_person(approvals: Approvals, member: Member, database: Database) -> None:
    only = member("A")
    member("B")
    assert approvals.needs_second(only, "release_hold")
    StaffAccounts(database).deactivate("B")
    assert not approvals.needs_second(only, "release_hold")


def test_four_eyes_always(database: Database, carried: Carried, member: Member) -> None:
    approvals = Approvals(database, Ledger(), four_eyes="always")
    approvals.carriers["release_hold"] = carried
    only = member("A")
    with pytest.raises(SecondPersonMissing):
        approvals.act(only, "release_hold", HOLD, "nobody else", NOW)
    assert carried.acts == []
    assert approvals.list() == []


def test_an_act_without_a_reason_is_not_asked_for(approvals: Approvals, member: Member) -> None:
    only = member("A")
    with pytest.raises(InvalidInput):
        approvals.act(only, "release_hold", HOLD, "  ", NOW)
    member("B")
    with pytest.raises(InvalidInput):
        approvals.act(only, "release_hold", HOLD, "  ", NOW)


def test_what_failed_is_kept_and_repeated(approvals: Approvals, carried: Carried, member: Member) -> None:
    asker, second = member("A"), member("B")
    carried.fails = 2
    failed = approvals.decide(second, wait(approvals, asker).approval_id, yes=True, reason="", now=NOW)
    assert (failed.state, failed.failed) == ("failed", "conflict")
    assert approvals.repeat(asker, failed.approval_id, NOW + timedelta(minutes=1)).state == "failed"
    assert approvals.repeat(asker, failed.approval_id, NOW + timedelta(minutes=2)).state == "done"
    assert {act.approval_id for act in carried.acts} == {failed.approval_id}
    with pytest.raises(ApprovalOver):
        approvals.repeat(asker, failed.approval_id, NOW + timedelta(minutes=3))


def test_the_error_of_one_who_acts_alone_is_his(approvals: Approvals, carried: Carried, member: Member) -> None:
    carried.fails = 1
    with pytest.raises(Conflict):
        approvals.act(member("A"), "release_hold", HOLD, "nobody else", NOW)
    (kept,) = approvals.list()
    assert (kept.state, kept.failed, kept.alone) == ("failed", "conflict", True)


def test_an_asker_who_left_meanwhile_gets_nothing_done(
    approvals: Approvals, carried: Carried, member: Member, database: Database
) -> None:
    asker, second = member("A"), member("B")
    waiting = wait(approvals, asker)
    StaffAccounts(database).deactivate("A")
    ended = approvals.decide(second, waiting.approval_id, yes=True, reason="", now=NOW)
    assert (ended.state, ended.failed) == ("failed", "not_allowed")
    assert carried.acts == []


def test_a_carrier_that_died_is_taken_over_after_a_while(
    approvals: Approvals, carried: Carried, member: Member
) -> None:
    asker, second = member("A"), member("B")

    def dies(_act: Act) -> dict[str, str]:
        raise KeyboardInterrupt  # neither done nor failed is ever written, as after a kill

    approvals.carriers["release_hold"] = dies
    waiting = wait(approvals, asker)
    with pytest.raises(KeyboardInterrupt):
        approvals.decide(second, waiting.approval_id, yes=True, reason="", now=NOW)
    approvals.carriers["release_hold"] = carried
    with pytest.raises(ApprovalOver):
        approvals.repeat(second, waiting.approval_id, NOW + timedelta(minutes=9))
    assert approvals.repeat(second, waiting.approval_id, NOW + timedelta(minutes=11)).state == "done"


def test_a_file_of_the_command_line_is_taken_up_once_by_the_one_who_asked(approvals: Approvals, member: Member) -> None:
    asker, second = member("A"), member("B")
    payload = {"purpose": "news", "channel": "email"}
    answer = approvals.act(asker, "export_file", payload, "May news", NOW)
    assert isinstance(answer, Waiting)
    take = approvals.take_up
    with pytest.raises(ApprovalOver):
        take(asker, answer.approval_id, "export_file", payload, NOW)
    assert approvals.decide(second, answer.approval_id, yes=True, reason="", now=NOW).state == "approved"
    for other, its in ((second, payload), (asker, payload | {"channel": "sms"})):
        with pytest.raises(NotFound):
            take(other, answer.approval_id, "export_file", its, NOW)
    with pytest.raises(ApprovalOver):
        take(asker, answer.approval_id, "export_file", payload, NOW + timedelta(days=7))
    assert take(asker, answer.approval_id, "export_file", payload, NOW).state == "done"
    with pytest.raises(ApprovalOver):
        take(asker, answer.approval_id, "export_file", payload, NOW)


@given(
    acts=st.lists(st.sampled_from(["approve", "refuse", "carry", "done", "fail"]), max_size=8), days=st.integers(0, 9)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_nothing_is_done_that_was_not_approved(acts: list[str], days: int) -> None:
    now = NOW + timedelta(days=days)
    approval = Approval(
        approval_id=None, kind="release_hold", payload={}, reason="r", asked_by="staff:A", asked_id=None,  # type: ignore[arg-type]
        asked_at=NOW, expires_at=NOW + timedelta(days=7), state="waiting",
    )  # fmt: skip
    import msgspec

    taken: list[str] = []
    for act in acts:
        try:
            approval = msgspec.structs.replace(approval, state=state_after(approval, act, now))
        except ApprovalOver:
            continue
        taken.append(act)
    assert taken.count("done") <= 1
    if "carry" in taken:
        assert taken[0] == "approve"
        assert days < 7
    if "refuse" in taken:
        assert taken == ["refuse"]
