"""Visits on both engines: raw rows, closed days, withdrawal, terms, and what it costs (clauses 6.3, 7.1 c, 8.1)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from harness.cases import counted
from harness.choices import notice_hash
from harness.office import Office, new_office, view
from omonat.kernel.clock import local_date
from omonat.keystore import SubjectKeys
from omonat.statistics import Event, Summary
from omonat.statistics.rules import may_count
from omonat.storage import Database, schema
from omonat.vault import moving


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return new_office(database, key_database, tmp_path)


def walk(office: Office, keys: SubjectKeys, *pages: str, source: str = "none") -> None:
    """One visitor from page to page; the first is reached from `source`."""
    for number, page in enumerate(pages):
        came = source if number == 0 else "own"
        assert office.statistics.count(keys.subject_id, view(page, source=came), office.now())


def shown(office: Office, days: int = 30) -> Summary:
    today = local_date(office.now())
    return office.statistics.summary(today - timedelta(days=days - 1), today)


def test_a_consenting_visitor_is_counted_once_a_day_and_each_view(office: Office) -> None:
    one, other = office.visitor(), office.visitor()
    today = local_date(office.now())
    for page, device in (("/{language}", "phone"), ("/{language}", "phone"), ("/{language}/policy", "desktop")):
        assert office.statistics.count(one.subject_id, view(page, device=device), office.now())
    assert office.statistics.count(other.subject_id, view("/{language}", "en", device="desktop"), office.now())
    summary = shown(office, 1)
    assert [(day.day, day.visitors, day.views) for day in summary.days] == [(today, 2, 4)]
    assert [(share.name, share.views) for share in summary.pages] == [("/{language}", 3), ("/{language}/policy", 1)]
    assert [(share.name, share.views) for share in summary.languages] == [("ru", 3), ("en", 1)]
    assert [(share.name, share.views) for share in summary.devices] == [("desktop", 2), ("phone", 2)]


def test_nobody_is_counted_without_a_standing_consent(office: Office) -> None:
    refused, withdrawn, erased = office.visitor("refused"), office.visitor(), office.visitor()
    office.says(withdrawn, "withdrawn", "improve", "web")
    office.domain.erase(erased)
    for keys in (refused, withdrawn, erased):
        assert not office.statistics.count(keys.subject_id, view("/"), office.now())
    assert not office.count(schema.visit_day) and not office.count(schema.visit_event)


def test_views_at_once_are_all_kept_and_numbered(office: Office) -> None:
    keys, now = office.visitor(), office.now()
    with ThreadPoolExecutor(3) as threads:
        assert all(threads.map(lambda _n: office.statistics.count(keys.subject_id, view("/"), now), range(12)))
    assert sorted(row.number for row in office.rows(schema.visit_event)) == list(range(1, 13))
    assert [row.events for row in office.rows(schema.visit_day)] == [12]


def test_a_view_costs_four_statements_in_one_unit(office: Office) -> None:
    keys = office.visitor()
    with counted(office.database) as asked:
        assert office.statistics.count(keys.subject_id, view("/"), office.now())
    assert len([one for one in asked if one.split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")]) == 4, asked


def test_a_summary_costs_few_statements_however_long_the_period(office: Office) -> None:
    walk(office, office.visitor(), "/", "/order")
    for days in (7, 365):
        with counted(office.database) as asked:
            shown(office, days)
        assert len([one for one in asked if one.split()[0] in ("SELECT", "WITH")]) <= 5, asked


def test_neither_address_nor_browser_nor_moment_is_kept() -> None:
    assert set(schema.visit_event.c.keys()) == {
        "subject_id", "day", "number", "kind", "page", "form", "language", "device", "source",
    }  # fmt: skip
    assert set(schema.visit_count.c.keys()) == {"day", "fact", "name", "next_name", "total", "visitors"}


def test_sources_and_paths_are_shown_from_three_visits_on(office: Office) -> None:
    for _ in range(3):
        walk(office, office.visitor(), "/{language}", "/{language}/order", source="search")
    for _ in range(2):
        walk(office, office.visitor(), "/{language}", "/{language}/contact", source="social")
    again = office.visitor()
    for _ in range(5):  # one person who comes back all day is no group
        walk(office, again, "/{language}/policy", "/{language}/contact", source="other")
    summary = shown(office)
    assert [(one.name, one.views) for one in summary.sources] == [("search", 3)]
    assert [(one.page, one.next_page, one.views) for one in summary.paths] == [("/{language}", "/{language}/order", 3)]
    assert summary.hidden and summary.smallest_group == 3


def test_a_path_does_not_lead_over_another_way_in_nor_over_a_reload(office: Office) -> None:
    for _ in range(3):
        keys = office.visitor()
        walk(office, keys, "/{language}")
        walk(office, keys, "/{language}/order", "/{language}/order", source="search")
    assert shown(office).paths == ()


def test_a_funnel_counts_visitors(office: Office) -> None:
    order = "/{language}/order"
    for steps in (("view", "view", "started", "finished"), ("view", "started", "started"), ("view",)):
        keys = office.visitor()
        for kind in steps:
            event = Event(kind=kind, page=order, language="ru", device="phone", source="own", form="order")
            assert office.statistics.count(keys.subject_id, event, office.now())
    (funnel,) = shown(office).forms
    assert (funnel.form, funnel.seen, funnel.started, funnel.finished) == ("order", 3, 2, 1)


def test_the_answers_are_counted_by_day(office: Office) -> None:
    for word in ("granted", "granted", "refused", "withdrawn"):
        office.visitor(word)
    office.says(office.visitor("refused"), "renewed", "improve", "web")  # asked again, and yes again
    office.says(office.customer(), "granted")  # news: another question
    (answers,) = shown(office).consents
    assert (answers.granted, answers.refused, answers.withdrawn) == (3, 2, 1)


def test_a_closed_day_shows_what_it_showed_when_it_was_open(office: Office) -> None:
    for _ in range(3):
        walk(office, office.visitor(), "/{language}", "/{language}/order", source="search")
    office.visitor("refused")
    before = shown(office)
    office.pass_days(1.2)
    assert shown(office).days == before.days
    assert office.statistics.close_days(office.now()) > 0
    assert office.statistics.close_days(office.now()) == 0  # once
    walk(office, office.visitor(), "/{language}", source="search")  # a day that is open beside it
    after = shown(office)
    assert after.days[0] == before.days[0] and len(after.days) == 2
    assert [(one.name, one.views) for one in after.sources] == [("search", 4)]
    assert (after.paths, after.forms) == (before.paths, before.forms)
    assert after.consents[0] == before.consents[0]
    assert after.different_visitors == 4


def test_withdrawing_deletes_every_row_at_once_and_no_count_of_days_that_are_over(office: Office) -> None:
    notice = notice_hash(office.consents)
    cookie = office.consents.choose(None, {"improve": True}, "ru", "banner", shown=notice, gpc=False, now=office.now())
    choice = office.consents.read_choice(cookie)
    assert choice is not None
    for _ in range(2):
        assert office.statistics.count(choice.visitor_id, view("/"), office.now())
        office.pass_days(1.2)
        office.statistics.close_days(office.now())
    assert office.statistics.count(choice.visitor_id, view("/"), office.now())
    assert office.statistics.kept(choice.visitor_id).events == 3
    office.consents.choose(cookie, {"improve": False}, "ru", "settings", shown="", gpc=False, now=office.now())
    assert office.count(schema.visit_event) == office.count(schema.visit_day) == 0
    assert [day.views for day in shown(office).days] == [1, 1]
    assert office.statistics.kept(choice.visitor_id).events == 0


def test_withdrawing_something_else_leaves_them(office: Office) -> None:
    """Withdrawing stops exactly what rests on it (4.1): another purpose of cookies is not that of the visits."""
    keys = office.visitor()
    walk(office, keys, "/")
    office.says(keys, "granted", "news", "web")
    office.database.write(
        lambda tx: office.consents.withdraw(
            tx, keys, "news", None, language="ru", text_hash="0" * 64, via="portal", now=office.now()
        )
    )
    assert office.count(schema.visit_event) == office.count(schema.visit_day) == 1


def test_withdrawing_in_the_portal_deletes_them_too(office: Office) -> None:
    keys = office.visitor()
    walk(office, keys, "/")
    office.database.write(
        lambda tx: office.consents.withdraw(
            tx, keys, "improve", None, language="ru", text_hash="0" * 64, via="portal", now=office.now()
        )
    )
    assert office.count(schema.visit_event) == office.count(schema.visit_day) == 0


def test_rows_go_with_the_term_and_the_counts_stay(office: Office) -> None:
    walk(office, office.visitor(), "/{language}", "/{language}/policy")
    first = local_date(office.now())
    office.pass_days(180)
    assert office.retention.sweep(office.now()).visit_events == 0  # the last day
    kept = office.visitor()
    walk(office, kept, "/{language}")
    office.pass_days(1)
    assert office.retention.sweep(office.now(), dry_run=True).visit_events == 2
    assert office.count(schema.visit_event) == 3
    report = office.retention.sweep(office.now())
    assert (report.visit_days, report.visit_events) == (1, 2)
    assert [row.subject_id for row in office.rows(schema.visit_event)] == [kept.subject_id]
    summary = office.statistics.summary(first, local_date(office.now()))
    assert [(day.visitors, day.views) for day in summary.days] == [(1, 2), (1, 1)]
    assert summary.different_visitors is None  # the period reaches further back than visits are kept


def test_nothing_is_kept_where_the_policy_does_not_declare_it(office: Office) -> None:
    keys = office.visitor()
    with office.database.read() as tx:
        facts = office.domain.policies.in_force(tx).facts
        person = office.domain.vault.state(tx, keys.subject_id, office.now())
    assert may_count(facts, person, now=office.now())
    improve = msgspec.structs.replace(facts.purposes["improve"], categories=("cookies",))
    undeclared = msgspec.structs.replace(facts, purposes={**facts.purposes, "improve": improve})
    assert not may_count(undeclared, person, now=office.now())


def test_a_trail_follows_nobody_into_another_person(office: Office) -> None:
    visitor, person = office.visitor(), office.customer()
    walk(office, visitor, "/", "/order")
    office.database.write(lambda tx: moving.move_days(tx, visitor.subject_id, person.subject_id))
    assert office.count(schema.visit_event) == 0
    assert office.count(schema.visit_day, subject_id=person.subject_id) == 1
