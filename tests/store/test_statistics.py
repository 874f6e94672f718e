"""Counting visits on both engines (clause 8.1)."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.office import Office, new_office
from omonat.kernel.clock import local_date
from omonat.storage import Database, schema

PHONE = "Mozilla/5.0 (Linux; Android 14; K) Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return new_office(database, key_database, tmp_path)


def test_a_consenting_visitor_is_counted_once_a_day_and_each_view(office: Office) -> None:
    one, other = office.visitor(), office.visitor()
    now, today = office.now(), local_date(office.now())
    for page, agent in (("/{language}", PHONE), ("/{language}", PHONE), ("/{language}/policy", DESKTOP)):
        assert office.statistics.count(one.subject_id, page, "ru", agent, now)
    assert office.statistics.count(other.subject_id, "/{language}", "en", DESKTOP, now)
    summary = office.statistics.summary(today, today)
    assert [(day.day, day.visitors, day.views) for day in summary.days] == [(today, 2, 4)]
    assert [(share.name, share.views) for share in summary.pages] == [("/{language}", 3), ("/{language}/policy", 1)]
    assert [(share.name, share.views) for share in summary.languages] == [("ru", 3), ("en", 1)]
    assert [(share.name, share.views) for share in summary.devices] == [("desktop", 2), ("phone", 2)]


def test_nobody_is_counted_without_a_standing_consent(office: Office) -> None:
    refused, withdrawn, erased = office.visitor("refused"), office.visitor(), office.visitor()
    office.says(withdrawn, "withdrawn", "improve", "web")
    office.domain.erase(erased)
    for keys in (refused, withdrawn, erased):
        assert not office.statistics.count(keys.subject_id, "/", "ru", PHONE, office.now())
    assert not office.count(schema.visit_day) and not office.count(schema.page_count)


def test_views_at_once_are_all_counted(office: Office) -> None:
    keys, now = office.visitor(), office.now()
    with ThreadPoolExecutor(3) as threads:
        counted = list(
            threads.map(lambda _n: office.statistics.count(keys.subject_id, "/", "ru", PHONE, now), range(12))
        )
    assert all(counted)
    assert office.rows(schema.page_count)[0].views == 12 and office.count(schema.visit_day) == 1


def test_neither_address_nor_browser_is_kept(office: Office) -> None:
    keys = office.visitor()
    office.statistics.count(keys.subject_id, "/", "ru", "Secret-Browser/1.0", office.now())
    (row,) = office.rows(schema.page_count)
    assert row.device == "other" and "Secret" not in str(row)
