"""Many at once comes to the same as one by one: collecting, taking forms, destroying; and asks the database no more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from harness.domain import Domain, email, name, new_domain, phone
from omonat.kernel.errors import Conflict, Denied, NotFound
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.storage import Database, schema
from omonat.vault import Brought, Certificate, Destruction, Origin, Told, Value, store
from omonat.vault.levels import with_scrubbing
from omonat.vault.sealing import open_value

ORIGIN = Origin(purpose="contract", ground="contract", source="import")
VALUES = st.lists(
    st.sampled_from([name("Ali"), name("Vali"), phone("+998901234567"), phone("+998907654321"), email("a@b.uz")]),
    max_size=4,
)


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def collect_many(domain: Domain, people: list[list[Value]]) -> list[SubjectKeys]:
    now = domain.now()
    parts = [{Compartment(ORIGIN.purpose, value.category) for value in values} for values in people]
    keys = domain.vault.create_keys_of_many(parts, now)
    brought = [Brought(each, tuple(values), ORIGIN) for each, values in zip(keys, people, strict=True)]
    told = [Told(keys=each, kind="collected", at=now, facts={}) for each in keys]

    def unit(tx: Any) -> None:
        domain.vault.collect_many(tx, brought, now=now, new="person")
        domain.vault.events.append_many(tx, told)

    domain.database.write(unit)
    return keys


def collect_one(domain: Domain, values: list[Value]) -> SubjectKeys:
    now = domain.now()
    keys = domain.vault.create_keys({Compartment(ORIGIN.purpose, value.category) for value in values}, now)

    def unit(tx: Any) -> None:
        domain.vault.insert_subject(tx, keys, "person", now)
        domain.vault.collect(tx, keys, values, ORIGIN, now=now)
        domain.vault.events.append(tx, keys, "collected", at=now, facts={})

    domain.database.write(unit)
    return keys


def held(domain: Domain, subject_id: SubjectId) -> Any:
    """Everything that is stored of somebody, without what differs by chance or by the clock."""
    keys = domain.keystore.open_subject(subject_id)
    with domain.database.read() as tx:
        found = store.find_subject(tx, subject_id)
        records = [
            (one.purpose, one.category, one.field, one.ground, one.source, one.tag, open_value(keys, one),
             one.keep_until is None)
            for one in store.records_of(tx, subject_id)
        ]  # fmt: skip
        identifiers = sorted((one.kind, one.tag, one.state) for one in store.identifiers_of(tx, subject_id))
        lookups = {kind for kind, tag, _state in identifiers if subject_id in _naming(tx, kind, tag)}
        openings = len(store.openings_of(tx, subject_id))
    return found and (found.kind, found.state), records, identifiers, lookups, openings


def _naming(tx: Any, kind: str, tag: bytes) -> set[SubjectId]:
    return {subject_id for subject_id, _state in store.subjects_naming(tx, kind, tag)}


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(people=st.lists(VALUES, min_size=1, max_size=3))
def test_collecting_many_stores_what_collecting_one_by_one_stores(domain: Domain, people: list[list[Value]]) -> None:
    together = [held(domain, keys.subject_id) for keys in collect_many(domain, people)]
    assert together == [held(domain, collect_one(domain, values).subject_id) for values in people]


def test_one_refusal_refuses_all(domain: Domain) -> None:
    with pytest.raises(Denied, match="category_undeclared"):
        collect_many(domain, [[name("Ali")], [Value("passport", "passport", "text", Sealed("AA1234567"))]])
    with domain.database.read() as tx:
        assert tx.scalars(select(schema.subject.c.subject_id)).all() == []
        assert tx.scalars(select(schema.record.c.record_id)).all() == []


def test_who_is_not_new_is_looked_at_first(domain: Domain) -> None:
    """Whose keys were destroyed takes in nothing, also among others; a value that he names already is named once."""
    first, second = domain.person(phone("+998901234567")), domain.person(phone("+998907654321"))
    brought = [Brought(keys, (phone("+998901234567"),), ORIGIN) for keys in (first, second)]
    now = domain.now()
    domain.database.write(lambda tx: domain.vault.collect_many(tx, brought, now=now))
    with domain.database.read() as tx:
        assert [len(store.identifiers_of(tx, keys.subject_id)) for keys in (first, second)] == [1, 2]
    domain.erase(second)
    with pytest.raises(Conflict):
        domain.database.write(lambda tx: domain.vault.collect_many(tx, brought, now=now))


def statements(database: Database, act: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    act()
    event.remove(database.engine, "before_cursor_execute", note)
    return len(seen)


def test_many_new_people_cost_as_many_statements_as_one(domain: Domain) -> None:
    card = [name("Ali"), phone("+998901234567"), email("ali@example.uz")]
    collect_many(domain, [card])  # from now on the policy is in memory
    one = statements(domain.database, lambda: collect_many(domain, [card]))
    assert one == statements(domain.database, lambda: collect_many(domain, [card] * 20)) <= 8


# --- destroying -------------------------------------------------------------------------------------------------------


def begin(domain: Domain, keys: SubjectKeys, *parts: Compartment) -> Destruction:
    return domain.database.write(
        lambda tx: domain.erasure.begin(
            tx, keys.subject_id, parts or None, trigger="term", actor="system", now=domain.now()
        )
    )


def seen(certificate: Certificate | None) -> Any:
    assert certificate is not None
    return (
        certificate.trigger, certificate.whole, certificate.records_by_category, certificate.rows, certificate.keys,
        certificate.stores, certificate.windows, certificate.searched,
    )  # fmt: skip


def stored(domain: Domain, intent: Destruction) -> Certificate:
    """The certificate as a plain statement finds it."""
    c = schema.destruction.c
    plain = select(c.certificate, c.scrubbed_at).where(c.subject_id == intent.subject_id, c.event_id == intent.event_id)
    with domain.database.read() as tx:
        row = tx.execute(plain).one()
    return with_scrubbing(msgspec.convert(row.certificate, Certificate), row.scrubbed_at)


def test_destroying_many_certifies_what_destroying_one_by_one_certifies(domain: Domain) -> None:
    people = [[name("Ali"), phone(f"+9989012345{n:02d}"), email(f"a{n}@b.uz")] for n in range(3)]
    alone, together = collect_many(domain, people), collect_many(domain, people)
    part = Compartment("contract", "phone")
    one_by_one = [
        domain.erasure.carry_out(begin(domain, keys, *([part] if n == 1 else []))) for n, keys in enumerate(alone)
    ]
    intents = [begin(domain, keys, *([part] if n == 1 else [])) for n, keys in enumerate(together)]
    certificates = domain.erasure.carry_out_many(intents)
    assert certificates == [stored(domain, intent) for intent in intents], "each hears of his own, as it lies there"
    for one, other in zip(one_by_one, certificates, strict=True):
        expected = seen(one)
        # those who went alone went first, so the other one of each pair was still there, and is said
        assert expected[:-1] == seen(other)[:-1]
        assert (expected[-1].others, seen(other)[-1].others) == (1, 0)
    assert domain.erasure.carry_out_many(intents) == [None, None, None], "a repeat changes nothing"
    for n, keys in enumerate(together):
        if n != 1:
            with pytest.raises(NotFound):
                domain.keystore.open_subject(keys.subject_id)
    assert held(domain, together[1].subject_id)[2] == [("email", domain.vault.tag("email", "a1@b.uz"), "claimed")]


def test_a_batch_that_a_crash_cut_short_is_finished(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = collect_many(domain, [[name("Ali")], [name("Vali")], [name("Soli")]])
    intents = [begin(domain, each) for each in keys]

    class Crash(Exception):
        pass

    def crash(*_given: Any) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(domain.erasure, "_finish", crash)
        with pytest.raises(Crash):
            domain.erasure.carry_out_many(intents)
    assert domain.erasure.resume() == 3
    with domain.database.read() as tx:
        assert {row.state for row in tx.execute(select(schema.subject.c.state))} == {"erased"}
        assert tx.scalars(select(schema.record.c.record_id)).all() == []
