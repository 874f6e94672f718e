"""Registers, runs, mailing lists and uploaded policies on both engines (3.1, 5.1, 6.2, 6.3, 9.1)."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from harness.people import Invented, invent
from harness.registers import account, archive, fill, order, prove
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.disclosure import packing
from omonat.jobs import Outcome, RunCancelled
from omonat.kernel.codec import to_json
from omonat.kernel.errors import Denied, InvalidInput, NotAllowed, NotFound
from omonat.policy import PolicyNotReady
from omonat.registers import Asked, cursor
from omonat.staff import Done, Waiting
from omonat.storage import Database, schema
from omonat.works import carry_out, sweep


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


def officer(omonat: Omonat):  # type: ignore[no-untyped-def]
    return omonat.staff.get_by_name("Officer")


def count(omonat: Omonat, table: Any, **where: Any) -> int:
    query = select(func.count()).select_from(table).where(*[table.c[name] == value for name, value in where.items()])
    with omonat.database.read() as tx:
        return int(tx.scalar(query) or 0)


def personal(people: list[Invented]) -> list[str]:
    return [value for one in people for value in (*one.name.split()[:1], one.phone, one.email)]


# --- registers ------------------------------------------------------------------------------------------------------


def test_every_register_says_what_happened_and_no_value(omonat: Omonat) -> None:
    people = fill(omonat)
    by, now, asked = officer(omonat), omonat.clock.now(), Asked()
    registers = omonat.registers
    shown = [
        registers.overview(by, now), registers.journal(by, asked), registers.disclosures(by, asked),
        registers.holds(by, asked), registers.certificates(by, asked), registers.due(by, now),
        registers.consents(by, now), registers.disclosed(by, now), registers.entries_by_day(by, now),
    ]  # fmt: skip
    written = to_json(shown).decode()
    assert not [value for value in personal(people) if value in written]
    overview = shown[0]
    assert overview.cases.open == 3 and overview.cases.late == 0
    granted = {one.key: one.total for one in overview.consents}
    assert granted["news", "granted"] == 2
    assert [(one.key, one.total) for one in overview.disclosures] == [(("contractor", "contract"), 1)]
    (line,) = registers.disclosures(by, asked)
    assert line.recipient == "contractor" and line.notified_at is None
    assert [one.operation for one in registers.journal(by, asked)] == ["use"]
    (hold,) = registers.holds(by, asked)
    assert hold.law == "accounting" and registers.hold(by, hold.hold_id) == hold
    (certificate,) = registers.certificates(by, asked)
    assert certificate.trigger == "demand" and certificate.records > 0
    assert registers.certificate(by, certificate.event_id) == certificate
    assert registers.owed_notices(by, now) == (1, 0)
    assert registers.owed_notices(by, now + timedelta(days=10)) == (1, 1)


def test_the_overview_shows_only_what_one_may_see(omonat: Omonat) -> None:
    fill(omonat)
    seller = account(omonat, "sales")
    seen = omonat.registers.overview(seller, omonat.clock.now())
    assert seen.disclosures is not None and seen.cases is not None
    assert seen.consents is None and seen.due is None and seen.work is None
    for name in ("journal", "certificates"):
        with pytest.raises(NotAllowed):
            getattr(omonat.registers, name)(seller, Asked())


def test_a_list_goes_on_where_the_page_before_ended(omonat: Omonat) -> None:
    people = [Invented(f"Kishi {word}", f"+99890111000{n}", f"k{n}@example.uz") for n, word in enumerate("abcdefg")]
    ids = [order(omonat, one, "email") for one in people]
    for one in ids:
        prove(omonat, one)
    now = omonat.clock.now()
    assert len(list(omonat.disclosures.mailing("news", "email", actor="staff:M", reason="t", now=now))) == 7
    by, found, after = officer(omonat), [], ""
    while page := omonat.registers.journal(by, Asked(operation="use", limit=3, after=after)):
        found += [one.journal_id for one in page]
        after = cursor(page[-1].at, page[-1].journal_id)
    assert len(found) == len(set(found)) == 7
    assert omonat.registers.journal(by, Asked(operation="read")) == []
    assert omonat.registers.journal(by, Asked(actor="staff:M", purpose="news", to_at=now)) == []
    assert len(omonat.registers.journal(by, Asked(actor="staff:M", from_at=now))) == 7


def test_what_is_due_stands_in_its_month(omonat: Omonat) -> None:
    fill(omonat)
    now = omonat.clock.now()
    months, due = omonat.registers.due(officer(omonat), now)
    assert len(months) == 12
    assert all(len(one.counts) == 13 for one in due)
    assert sum(one.counts[0] for one in due) == 0
    later = now + timedelta(days=200)  # what was kept for 180 days is late
    _months, late = omonat.registers.due(officer(omonat), later)
    assert sum(one.counts[0] for one in late) > 0


# --- runs -----------------------------------------------------------------------------------------------------------


def start(omonat: Omonat, kind: str = "sweep"):  # type: ignore[no-untyped-def]
    return omonat.runs.start(kind, {}, actor="staff:Officer", now=omonat.clock.now())


def test_a_run_goes_from_waiting_to_done_and_says_how_far_it_is(omonat: Omonat) -> None:
    run = start(omonat)
    assert run.state == "waiting" and count(omonat, schema.outbox, business_key=f"run:{run.run_id}") == 1
    seen = []

    def work(_run, progress):  # type: ignore[no-untyped-def]
        progress(1, 4)
        seen.append(omonat.runs.get(run.run_id))
        return Outcome(counts={"records": 4})

    omonat.runs.carry_out(run.run_id, {"sweep": work}, omonat.clock.now)
    assert seen[0].state == "running" and seen[0].share == 25
    done = omonat.runs.get(run.run_id)
    assert done.state == "done" and done.result == {"records": 4}
    omonat.runs.carry_out(run.run_id, {}, omonat.clock.now)  # again after a crash: nothing is left to do
    assert omonat.runs.get(run.run_id) == done


def test_a_run_is_cancelled_while_it_waits_and_while_it_runs(omonat: Omonat) -> None:
    waiting, running = start(omonat), start(omonat)
    assert omonat.runs.cancel(waiting.run_id, omonat.clock.now())
    omonat.runs.carry_out(waiting.run_id, {}, omonat.clock.now)
    assert omonat.runs.get(waiting.run_id).state == "cancelled"

    def work(_run, progress):  # type: ignore[no-untyped-def]
        omonat.runs.cancel(running.run_id, omonat.clock.now())
        with pytest.raises(RunCancelled):
            progress(1, 2)
        raise RunCancelled

    omonat.runs.carry_out(running.run_id, {"sweep": work}, omonat.clock.now)
    assert omonat.runs.get(running.run_id).state == "cancelled"
    assert not omonat.runs.cancel(running.run_id, omonat.clock.now())


def test_a_run_that_cannot_succeed_says_its_code(omonat: Omonat) -> None:
    def work(_run, _progress):  # type: ignore[no-untyped-def]
        raise Denied(reasons="channel_undeclared")

    run = start(omonat)
    omonat.runs.carry_out(run.run_id, {"sweep": work}, omonat.clock.now)
    assert (omonat.runs.get(run.run_id).state, omonat.runs.get(run.run_id).failed) == ("failed", "denied")
    given_up = start(omonat)
    o = schema.outbox
    omonat.database.write(
        lambda tx: tx.execute(
            o.update()
            .where(o.c.business_key == f"run:{given_up.run_id}")
            .values(done_at=omonat.clock.now(), failed="internal")
        )
    )
    assert omonat.runs.get(given_up.run_id).state == "failed"


def test_sweep_and_verification_are_runs_with_counts(omonat: Omonat) -> None:
    fill(omonat)
    omonat.sequencer().integrate_once(omonat.clock.now())
    for kind in ("verify", "sweep"):
        run = start(omonat, kind)
        carry_out(omonat, str(run.run_id))
        assert omonat.runs.get(run.run_id).state == "done"
    sweep(omonat)
    by = officer(omonat)
    last = {one.kind: one.result for one in omonat.registers.last_runs(by, "sweep", "verify")}
    assert last["verify"]["ok"] is True and last["verify"]["checked"] > 3
    assert last["sweep"]["records"] == 0
    assert len(omonat.runs.newest(("sweep",))) == 2
    entries = omonat.registers.entries(by)
    assert {one.kind for one in entries} >= {"disclosed", "mailing"} and len(entries[0].hash) == 64
    assert omonat.registers.entries(by, before=entries[-2].position) == [entries[-1]]
    assert [one.kind for one in omonat.registers.entries(by, kind="mailing")] == ["mailing"]


# --- mailing lists --------------------------------------------------------------------------------------------------


def counted(omonat: Omonat, by):  # type: ignore[no-untyped-def]
    run = omonat.mailing_lists.ask_count("news", "email", "New tariffs", by=by, now=omonat.clock.now())
    carry_out(omonat, str(run.run_id))
    return run.run_id


def test_the_count_says_who_may_be_written_to_and_why_the_others_not(omonat: Omonat) -> None:
    people = fill(omonat)
    by = account(omonat, "marketing")
    run, census = omonat.mailing_lists.get_count(counted(omonat, by))
    assert (census.asked, census.may, census.left_out) == (2, 1, {"unproven": 1})
    assert not [value for value in personal(people) if value in to_json(run).decode()]
    assert count(omonat, schema.journal, operation="use") == 1  # of `fill`: counting journals nobody


def test_a_list_is_fetched_once_by_whoever_drew_it_and_its_key_is_gone(omonat: Omonat) -> None:
    people = fill(omonat)
    by, other = account(omonat, "marketing"), account(omonat, "marketing", name="Other")
    list_id = omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=omonat.clock.now())
    assert not isinstance(list_id, Waiting)  # one person: no second pair of eyes
    carry_out(omonat, str(list_id))
    run = omonat.runs.get(list_id)
    assert run.result == {"people": 1} and run.result_until is not None
    with omonat.database.read() as tx:
        sealed = tx.scalar(select(schema.job_run.c.sealed_result).where(schema.job_run.c.run_id == list_id))
    assert people[0].email.encode() not in bytes(sealed)
    with pytest.raises(NotFound):
        omonat.mailing_lists.fetch(list_id, by=other, now=omonat.clock.now())
    fetched = b"".join(omonat.mailing_lists.fetch(list_id, by=by, now=omonat.clock.now())).decode()
    rows = list(csv.DictReader(io.StringIO(fetched)))
    assert [row["address"] for row in rows] == [people[0].email] and rows[0]["language"] == "uz-Latn"
    with pytest.raises(NotFound):
        omonat.mailing_lists.fetch(list_id, by=by, now=omonat.clock.now())
    with pytest.raises(NotFound):
        omonat.keystore.open_passing(list_id)
    assert omonat.runs.get(list_id).fetched_at is not None
    assert count(omonat, schema.ledger_event, kind="mailing_fetched") == 1
    assert count(omonat, schema.journal, operation="use") == 2


def test_whoever_withdrew_since_the_list_was_drawn_is_not_handed_out(
    omonat: Omonat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even on the page after the one that has just left (clause 7.1 c)."""
    monkeypatch.setattr(packing, "_PAGE", 1)
    people, by, now = [invent() for _ in range(4)], account(omonat, "marketing"), omonat.clock.now()
    ids = {order(omonat, one, "email"): one for one in people}
    for subject_id in ids:
        prove(omonat, subject_id)
    waiting = omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=now)
    assert isinstance(waiting, Waiting)
    omonat.approvals.decide(officer(omonat), waiting.approval_id, yes=True, reason="", now=now)
    carry_out(omonat, str(waiting.approval_id))
    assert omonat.runs.get(waiting.approval_id).result == {"people": 4}
    before, first, between, last = sorted(ids)
    omonat.rights.withdraw(before, "news", "email", "ru", omonat.clock.now(), via="portal")
    pages = omonat.mailing_lists.fetch(waiting.approval_id, by=by, now=omonat.clock.now())
    assert [next(pages), next(pages)] == [packing.HEADER, b""]
    assert ids[first].email.encode() in next(pages)
    omonat.rights.withdraw(between, "news", None, "ru", omonat.clock.now(), via="portal")
    assert next(pages) == b""
    assert ids[last].email.encode() in next(pages)
    assert list(pages) == []


def test_a_list_lives_a_day(omonat: Omonat) -> None:
    fill(omonat)
    by = account(omonat, "marketing")
    list_id = omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=omonat.clock.now())
    carry_out(omonat, str(list_id))
    omonat.mailing_lists.forget_old(omonat.clock.now() + timedelta(hours=23))
    assert omonat.keystore.open_passing(list_id)
    tomorrow = omonat.clock.now() + timedelta(hours=25)
    with pytest.raises(NotFound):
        omonat.mailing_lists.fetch(list_id, by=by, now=tomorrow)
    assert omonat.mailing_lists.forget_old(tomorrow) == 1
    with pytest.raises(NotFound):
        omonat.keystore.open_passing(list_id)
    assert omonat.runs.get(list_id).fetched_at is None


def test_a_list_of_several_people_needs_a_second_person_and_is_drawn_once(omonat: Omonat) -> None:
    people = fill(omonat)
    prove(omonat, omonat.rights.find_person("phone", people[1].phone)[-1][0])
    by, now = account(omonat, "marketing"), omonat.clock.now()
    waiting = omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=now)
    assert isinstance(waiting, Waiting)
    decided = omonat.approvals.decide(officer(omonat), waiting.approval_id, yes=True, reason="", now=now)
    assert decided.state == "done"
    assert decided.result["list"] == str(waiting.approval_id)
    carry_out(omonat, decided.result["list"])
    assert omonat.runs.get(waiting.approval_id).result == {"people": 2}


def test_nobody_draws_without_the_right_a_reason_or_people(omonat: Omonat) -> None:
    by, now = account(omonat, "marketing"), omonat.clock.now()
    with pytest.raises(NotAllowed):
        omonat.mailing_lists.ask_count("news", "email", "x", by=account(omonat, "support"), now=now)
    with pytest.raises(InvalidInput):
        omonat.mailing_lists.ask_count("news", "email", " ", by=by, now=now)
    with pytest.raises(Denied, match="channel_undeclared"):
        omonat.mailing_lists.ask_count("news", "post", "x", by=by, now=now)
    with pytest.raises(InvalidInput):
        omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=now)


def test_a_cancelled_list_leaves_no_key(omonat: Omonat) -> None:
    fill(omonat)
    by = account(omonat, "marketing")
    list_id = omonat.mailing_lists.ask_list(counted(omonat, by), by=by, now=omonat.clock.now())
    assert not isinstance(list_id, Waiting)
    assert omonat.mailing_lists.cancel(list_id, by=by, now=omonat.clock.now())
    carry_out(omonat, str(list_id))
    assert omonat.runs.get(list_id).state == "cancelled"
    assert count(omonat, schema.journal, operation="use") == 1


# --- uploaded policies ----------------------------------------------------------------------------------------------

LONGER = ('purposes = ["services", "support", "news"]', 'purposes = ["services", "support"]')


def test_an_upload_is_checked_planned_and_published_as_it_was(omonat: Omonat) -> None:
    people = fill(omonat)
    order(omonat, Invented("Yana Biri", "+998901110099", "yana@example.uz"), "sms")
    by, now = officer(omonat), omonat.clock.now()
    draft = omonat.drafts.keep(archive("3.3", LONGER, folder="policy/"), by=by, now=now)
    _draft, version = omonat.drafts.get(draft.draft_id)
    effect = omonat.registers.plan(omonat.policies.in_force(), version, now)
    assert [(one.recipient, one.change) for one in effect.recipients] == [("sms_gateway", "changed")]
    assert not effect.consents and not effect.blocked and people
    outcome = omonat.drafts.want_published(draft.draft_id, "No more SMS", by=by, now=now)
    assert isinstance(outcome, Done)  # nobody else may publish here
    assert omonat.policies.in_force().number == "3.3" and omonat.policies.in_force().hash == draft.hash
    assert omonat.drafts.newest()[0].state == "published"
    with pytest.raises(NotFound):
        omonat.drafts.want_published(draft.draft_id, "again", by=by, now=now)


def test_the_plan_counts_the_values_whose_term_changes(omonat: Omonat) -> None:
    fill(omonat)
    order(omonat, Invented("Yana Biri", "+998901110099", "yana@example.uz"), "sms")
    by, now = officer(omonat), omonat.clock.now()
    longer = ('keep = "3 years after contract end"', 'keep = "4 years after contract end"')
    _draft, version = omonat.drafts.get(omonat.drafts.keep(archive("3.3", longer), by=by, now=now).draft_id)
    effect = omonat.registers.plan(omonat.policies.in_force(), version, now)
    assert {(one.purpose, one.category) for one in effect.terms} >= {("contract", "name"), ("contract", "phone")}
    assert all(one.old.amount == 3 and one.new.amount == 4 for one in effect.terms)


def test_two_people_publish_where_there_are_two(omonat: Omonat) -> None:
    by, now = officer(omonat), omonat.clock.now()
    second = account(omonat, "privacy_officer", name="Second")
    draft = omonat.drafts.keep(archive("3.3"), by=by, now=now)
    waiting = omonat.drafts.want_published(draft.draft_id, "A new number", by=by, now=now)
    assert isinstance(waiting, Waiting) and omonat.policies.in_force().number == "3.2"
    assert omonat.approvals.decide(second, waiting.approval_id, yes=True, reason="", now=now).state == "done"
    assert omonat.policies.in_force().number == "3.3" and omonat.policies.in_force().reason == "A new number"


def test_an_upload_with_findings_names_file_and_line_and_is_not_kept(omonat: Omonat) -> None:
    with pytest.raises(PolicyNotReady) as found:
        omonat.drafts.keep(
            archive("3.3", ('keep = "1 year after collection"', 'keep = "soon"')), by=officer(omonat),
            now=omonat.clock.now(),
        )  # fmt: skip
    (finding, *_rest) = found.value.findings
    assert finding.file == "policy.toml" and finding.line > 100 and "/tmp" not in json.dumps(finding.message)
    assert omonat.drafts.newest() == []


def evil(*names: str, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"no zip", b"", evil("../policy.toml"), evil("/policy.toml"), evil("policy.toml", "a/../../b"),
        evil("other.txt"), evil("..\\policy.toml"), evil("policy.toml", content=b"0" * 5_000_000),
        evil(*(f"text/{number}.md" for number in range(300))), archive("3.3")[:2000], b"0" * 1_100_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_an_archive_that_is_none_is_refused(omonat: Omonat, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        omonat.drafts.keep(content, by=officer(omonat), now=omonat.clock.now())


def test_a_number_that_is_not_the_next_is_told_before_anybody_approves(omonat: Omonat) -> None:
    by, now = officer(omonat), omonat.clock.now()
    draft = omonat.drafts.keep(archive(), by=by, now=now)
    with pytest.raises(InvalidInput):
        omonat.drafts.want_published(draft.draft_id, "the same", by=by, now=now)
    omonat.drafts.drop(draft.draft_id, by=by, now=now)
    with pytest.raises(NotFound):
        omonat.drafts.drop(draft.draft_id, by=by, now=now)
    with pytest.raises(NotAllowed):
        omonat.drafts.keep(archive("3.3"), by=account(omonat, "support"), now=now)
