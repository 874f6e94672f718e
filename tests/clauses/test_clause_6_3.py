"""6.3 retention: terms run out by purpose and category, the sweep destroys and certifies, a hold stops it."""

from datetime import UTC, datetime

import pytest

from harness.installation import Installation, in_days
from harness.people import Invented, Visitor, case_of, invent
from harness.server import Server


@pytest.fixture
def held(installation: Installation, server: Server) -> Invented:
    """Somebody who asked for a call; the server is stopped again."""
    person = invent()
    Visitor(server).send_form("callback", {"name": person.name, "phone": person.phone})
    server.stop()
    return person


def _fields(installation: Installation) -> set[str]:
    return {field for (field,) in installation.rows("SELECT field FROM record")}


def _sweep(installation: Installation, days: float) -> dict[str, object]:
    report: dict[str, object] = installation.json("retention", "sweep", env=in_days(days))
    return report


def test_each_category_goes_when_its_own_term_has_run_out(installation: Installation, held: Invented) -> None:
    assert _sweep(installation, 170)["records"] == 0
    assert _fields(installation) == {"name", "phone", "ip_address", "browser"}
    assert _sweep(installation, 190)["records"] == 2
    assert _fields(installation) == {"name", "phone"}
    read = ("person", "show", "--phone", held.phone, "--purpose", "support", "--reason", "x")
    assert held.phone in installation.run(*read, env=in_days(300)).stdout
    assert held.phone not in installation.run(*read, env=in_days(370)).stdout  # due, though not yet swept
    report = _sweep(installation, 370)
    assert len(report["certificates"]) == 1  # type: ignore[arg-type]
    assert _fields(installation) == set()
    installation.run("verify")
    kinds = {kind for (kind,) in installation.rows("SELECT kind FROM ledger_event")}
    assert {"destruction_started", "destruction_certified"} <= kinds


def test_a_dry_run_says_it_and_destroys_nothing(installation: Installation, held: Invented) -> None:
    assert installation.json("retention", "sweep", "--dry-run", env=in_days(400))["records"] == 4
    assert len(_fields(installation)) == 4
    assert held.phone in installation.run(
        "person", "show", "--phone", held.phone, "--purpose", "support", "--reason", "x"
    ).stdout  # fmt: skip


def test_a_hold_by_law_stops_it_until_its_day(installation: Installation, server: Server, held: Invented) -> None:
    today = datetime.now(UTC).date().isoformat()
    words = ("--phone", held.phone, "--law", "accounting", "--from", today, "--reason", "invoice 17")
    installation.run("hold", "place", *words)
    report = _sweep(installation, 400)
    assert report["records"] == 0
    assert report["held"]
    assert len(_fields(installation)) == 4
    server.start()
    visitor = Visitor(server, "en")
    visitor.sign_in(held.phone)
    shown = visitor.get("/my").text
    assert "Law “On Accounting”" in shown
    assert str(datetime.now(UTC).year + 5) in shown
    assert "Law “On Accounting”" in visitor.get("/my/delete").text
    server.stop()
    _sweep(installation, 365 * 5 + 10)
    assert _fields(installation) == set()


def test_a_released_hold_lets_go(installation: Installation, held: Invented) -> None:
    words = ("--phone", held.phone, "--law", "accounting", "--from", "2026-01-01", "--reason", "a mistake")
    placed = installation.json("hold", "place", *words)
    installation.run("hold", "release", placed["hold_id"], "--reason", "the audit is over")
    assert _sweep(installation, 400)["records"] == 4


def test_a_term_that_counts_from_the_end_of_a_case_waits_for_it(installation: Installation, server: Server) -> None:
    person = invent()
    thanks = Visitor(server).send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"})
    server.stop()
    _sweep(installation, 4000)
    assert {"name", "phone", "service"} <= _fields(installation)
    installation.run("case", "close", case_of(thanks), "--outcome", "answered")
    _sweep(installation, 3 * 365 - 5)
    assert {"name", "phone", "service"} <= _fields(installation)
    _sweep(installation, 3 * 365 + 5)
    assert _fields(installation) == set()


def test_a_consent_that_runs_out_ends_what_rests_on_it(installation: Installation, server: Server) -> None:
    visitor, person = Visitor(server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone}, news=["sms"])
    visitor.sign_in(person.phone)
    server.stop()
    mailing = ("mailing", "list", "--purpose", "news", "--channel", "sms", "--reason", "tariff")
    assert person.phone in installation.run(*mailing, env=in_days(3 * 365 - 5)).stdout
    assert person.phone not in installation.run(*mailing, env=in_days(3 * 365 + 5)).stdout
    assert _sweep(installation, 3 * 365 + 5)["consents_expired"]
    _sweep(installation, 3 * 365 + 30)
    assert _fields(installation) == set()


def test_the_server_sweeps_by_itself_at_night(installation: Installation, server: Server, held: Invented) -> None:
    assert held.phone
    server.env = in_days(400)
    server.start()
    end = 240
    while _fields(installation) and end:
        end -= 1
        server.answers()
    assert _fields(installation) == set()
