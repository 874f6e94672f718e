"""API keys and kept answers, on both engines: who may make what, rotation, revoking, idempotency under races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest

from harness.programs import api_key, maker
from harness.whole import whole_omonat
from omonat.access import Claim, KeyAsked, MadeKey
from omonat.access.answers import AnsweredOnce, InProgress, Kept, OutcomeUnknown, Repeated
from omonat.app import Omonat
from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed
from omonat.kernel.ids import ApiKeyId, new_id
from omonat.kernel.secret import Sealed
from omonat.staff import StaffAccount, Waiting
from omonat.storage import Database


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


def administrator(omonat: Omonat, name: str = "Anvar") -> StaffAccount:
    return omonat.staff.add(name, roles=["administrator"], os_user=None, now=omonat.clock.now())


def routine(omonat: Omonat, by: StaffAccount, *, days: int = 30) -> MadeKey:
    asked = KeyAsked(name="site-forms", rights=("collect",), days=days)
    made = omonat.api_keys.ask(by, asked, "", omonat.clock.now())
    assert isinstance(made, MadeKey)
    return made


def test_a_routine_key_works_at_once_and_lies_in_the_database_as_a_tag(omonat: Omonat) -> None:
    made = routine(omonat, administrator(omonat))
    now = omonat.clock.now()
    found = omonat.api_keys.find(made.secret, now)
    assert found is not None
    assert (found.actor, found.rights, found.purposes) == ("key:site-forms", {"collect"}, frozenset())
    assert omonat.api_keys.get(found.key_id).last_used_on is not None
    hidden = made.secret.reveal().rpartition("_")[2]
    with omonat.database.read() as tx:
        for table in ("api_key", "api_key_secret", "ledger_event", "api_answer"):
            rows = tx.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert hidden not in repr(rows)


def test_one_changed_character_opens_nothing(omonat: Omonat) -> None:
    secret = routine(omonat, administrator(omonat)).secret.reveal()
    now = omonat.clock.now()
    for place in (4, 13, 20, len(secret) - 1):
        other = "A" if secret[place] != "A" else "B"
        assert omonat.api_keys.find(Sealed(secret[:place] + other + secret[place + 1 :]), now) is None
    assert omonat.api_keys.find(Sealed(""), now) is None


def test_a_key_that_reaches_far_waits_for_a_second_person_and_its_secret_is_told_once(omonat: Omonat) -> None:
    first, second = administrator(omonat), administrator(omonat, "Botir")
    asked = KeyAsked(name="crm", rights=("person.read", "person.find"), purposes=("support",))
    now = omonat.clock.now()
    waits = omonat.api_keys.ask(first, asked, "The CRM shows who calls.", now)
    assert isinstance(waits, Waiting)
    assert omonat.api_keys.page() == []
    done = omonat.approvals.decide(second, waits.approval_id, yes=True, reason="", now=now)
    key_id = ApiKeyId(UUID(done.result["key"]))
    made = omonat.api_keys.issue(first, key_id, now)
    found = omonat.api_keys.find(made.secret, now)
    assert found is not None
    assert found.purposes == {"support"}
    with pytest.raises(Conflict):
        omonat.api_keys.issue(first, key_id, now)


def test_a_second_person_may_say_no(omonat: Omonat) -> None:
    first, second = administrator(omonat), administrator(omonat, "Botir")
    asked = KeyAsked(name="crm", rights=("person.erase",))
    now = omonat.clock.now()
    waits = omonat.api_keys.ask(first, asked, "Clean up.", now)
    assert isinstance(waits, Waiting)
    omonat.approvals.decide(second, waits.approval_id, yes=False, reason="Not by a program.", now=now)
    assert omonat.api_keys.page() == []


def test_only_who_administers_keys_makes_them(omonat: Omonat) -> None:
    officer = omonat.staff.get_by_name("Officer")
    asked = KeyAsked(name="site-forms", rights=("collect",))
    with pytest.raises(NotAllowed):
        omonat.api_keys.ask(officer, asked, "", omonat.clock.now())


WRONG = (
    (KeyAsked(name="X", rights=("collect",)), "name"),
    (KeyAsked(name="with space", rights=("collect",)), "name"),
    (KeyAsked(name="abc", rights=()), "rights"),
    (KeyAsked(name="abc", rights=("everything",)), "rights"),
    (KeyAsked(name="abc", rights=("collect",), purposes=("nothing",)), "purposes"),
    (KeyAsked(name="abc", rights=("collect",), days=366), "days"),
    (KeyAsked(name="abc", rights=("collect",), days=0), "days"),
    (KeyAsked(name="abc", rights=("collect",), origins=("https://a.uz/path",)), "origins"),
    (KeyAsked(name="abc", rights=("collect",), origins=("http://a.uz",)), "origins"),
    (KeyAsked(name="abc", rights=("collect",), origins=("*",)), "origins"),
)


def test_what_cannot_be_a_key_is_refused_by_field(omonat: Omonat) -> None:
    by = administrator(omonat)
    for asked, field in WRONG:
        with pytest.raises(InvalidInput) as refused:
            omonat.api_keys.ask(by, asked, "", omonat.clock.now())
        assert field in refused.value.problems


def test_after_a_rotation_both_secrets_work_for_the_overlap_and_then_the_new_one_only(omonat: Omonat) -> None:
    by = administrator(omonat)
    old = routine(omonat, by)
    now = omonat.clock.now()
    new = omonat.api_keys.ask_rotation(by, old.key.key_id, 2, "", now)
    assert isinstance(new, MadeKey)
    in_a_day, in_three = now + timedelta(days=1), now + timedelta(days=3)
    assert omonat.api_keys.find(old.secret, in_a_day) is not None
    assert omonat.api_keys.find(new.secret, in_a_day) is not None
    assert omonat.api_keys.find(old.secret, in_three) is None
    assert omonat.api_keys.find(new.secret, in_three) is not None
    for overlap in (-1, 8):
        with pytest.raises(InvalidInput):
            omonat.api_keys.ask_rotation(by, old.key.key_id, overlap, "", now)


def test_a_rotation_without_overlap_ends_the_old_secret(omonat: Omonat) -> None:
    by = administrator(omonat)
    old = routine(omonat, by)
    now = omonat.clock.now()
    omonat.api_keys.ask_rotation(by, old.key.key_id, 0, "", now)
    assert omonat.api_keys.find(old.secret, now + timedelta(seconds=1)) is None


def test_a_revoked_key_is_nothing_and_stays_so(omonat: Omonat) -> None:
    by = administrator(omonat)
    made = routine(omonat, by)
    now = omonat.clock.now()
    omonat.api_keys.revoke(by, made.key.key_id, now)
    omonat.api_keys.revoke(by, made.key.key_id, now)
    assert omonat.api_keys.find(made.secret, now) is None
    assert omonat.api_keys.get(made.key.key_id).rights == frozenset()
    with pytest.raises(Conflict):
        omonat.api_keys.ask_rotation(by, made.key.key_id, 1, "", now)
    with pytest.raises(InvalidInput):  # the journals name it: no other key is ever called so
        routine(omonat, by)


def test_a_key_ends_by_itself(omonat: Omonat) -> None:
    made = routine(omonat, administrator(omonat), days=30)
    now = omonat.clock.now()
    assert omonat.api_keys.find(made.secret, now + timedelta(days=29)) is not None
    assert omonat.api_keys.find(made.secret, now + timedelta(days=31)) is None


# --- idempotency ----------------------------------------------------------------------------------------------------


def holder(omonat: Omonat) -> ApiKeyId:
    found = omonat.api_keys.find(Sealed(api_key(omonat)), omonat.clock.now())
    assert found is not None
    return found.key_id


def test_of_many_calls_at_once_one_gets_to_act(omonat: Omonat) -> None:
    key_id, now, together = holder(omonat), omonat.clock.now(), Barrier(8)

    def call(_n: int) -> object:
        together.wait()
        try:
            return omonat.answers.claim(key_id, "one", b"h" * 32, now)
        except InProgress as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(call, range(8)))
    assert sum(isinstance(each, Claim) for each in outcomes) == 1
    assert sum(isinstance(each, InProgress) for each in outcomes) == 7


def test_a_repeat_gets_the_first_answer_for_a_day(omonat: Omonat) -> None:
    key_id, now = holder(omonat), omonat.clock.now()
    claim = omonat.answers.claim(key_id, "one", b"h" * 32, now)
    assert isinstance(claim, Claim)
    omonat.answers.keep(claim, Kept(201, b"{}", '"e"'))
    assert omonat.answers.claim(key_id, "one", b"h" * 32, now) == Kept(201, b"{}", '"e"')
    with pytest.raises(Repeated):
        omonat.answers.claim(key_id, "one", b"x" * 32, now)
    assert isinstance(omonat.answers.claim(ApiKeyId(new_id()), "one", b"h" * 32, now), Claim), "another key’s own"
    assert isinstance(omonat.answers.claim(key_id, "one", b"h" * 32, now + timedelta(hours=25)), Claim)


def test_a_refusal_leaves_the_key_free_and_a_crash_leaves_it_in_doubt(omonat: Omonat) -> None:
    key_id, now = holder(omonat), omonat.clock.now()
    claim = omonat.answers.claim(key_id, "one", b"h" * 32, now)
    assert isinstance(claim, Claim)
    omonat.answers.let_go(claim)
    assert isinstance(omonat.answers.claim(key_id, "one", b"h" * 32, now), Claim)
    with pytest.raises(OutcomeUnknown):
        omonat.answers.claim(key_id, "one", b"h" * 32, now + timedelta(minutes=3))
    assert isinstance(omonat.answers.claim(key_id, "one", b"h" * 32, now, exact=True), Claim)


def test_what_is_told_once_is_not_kept(omonat: Omonat) -> None:
    key_id, now = holder(omonat), omonat.clock.now()
    claim = omonat.answers.claim(key_id, "one", b"h" * 32, now)
    assert isinstance(claim, Claim)
    omonat.answers.keep(claim, Kept(201, None, ""))
    with pytest.raises(AnsweredOnce):
        omonat.answers.claim(key_id, "one", b"h" * 32, now)


def test_a_thing_is_changed_by_one_at_a_time(omonat: Omonat) -> None:
    now = omonat.clock.now()
    with omonat.answers.locked("case:1", now):
        with pytest.raises(Conflict), omonat.answers.locked("case:1", now):
            raise AssertionError("locked twice")
        with omonat.answers.locked("case:2", now):
            pass
    with omonat.answers.locked("case:1", now):
        pass


def test_the_maker_of_a_key_is_no_second_person_beside_it(omonat: Omonat) -> None:
    by = administrator(omonat)
    made = routine(omonat, by)
    assert made.key.staff_id == by.staff_id
    assert omonat.approvals.find_actor("key:site-forms") == omonat.api_keys.get(made.key.key_id)
    assert maker(omonat).rights >= {"collect"}
