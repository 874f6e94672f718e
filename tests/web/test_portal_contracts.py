"""Contracts on one's own page: what was agreed, for how long, and its papers (clauses 3.1, 4.1, 7.1 a)."""

import json
from collections.abc import Iterator

import pytest
from web.portal_world import CONTACT, ORDER, World

from harness.registers import account
from omonat.contracts import Given
from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId

PDF = b"%PDF-1.7\nwhat was agreed\n%%EOF"


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("contracts"))
    yield made
    made.close()


def customer(world: World) -> SubjectId:
    """Whoever sent the order."""
    return world.omonat.rights.find_person("phone", ORDER["phone"])[-1][0]


def test_a_contract_and_its_papers_are_on_ones_own_page(world: World) -> None:
    omonat = world.omonat
    world.submit("order", ORDER)
    world.submit("contact", CONTACT)
    now, sales = omonat.clock.now(), account(omonat, "sales", name="Madina")
    today = local_date(now).isoformat()
    contract = omonat.contracts.draft(
        sales, customer(world), Given(number="IP-77/2026", about="Toʻqqiz ish oʻrni", starts_on=today), now
    )
    paper = omonat.contracts.add_document(sales, contract.contract_id, "Ogiloy.pdf", PDF, now)
    omonat.contracts.start(sales, contract.contract_id, now)

    person = world.browser()
    page = person.sign_in(ORDER["phone"])
    assert "My contracts" in page.text
    for shown in ("IP-77/2026", "Toʻqqiz ish oʻrni", "runs", "no last day was agreed"):
        assert shown in page.text
    out = person.post("/contracts/document", record=str(paper.record_id))
    assert (out.content, out.headers["content-type"]) == (PDF, "application/pdf")
    assert "giloy" not in out.headers["content-disposition"], "file names say nothing of anybody (6.1)"
    assert "download: a document of the contract" in person.get("").text

    file = json.loads(person.post("/download", format="json").content)
    (held,) = file["contracts"]
    assert (held["number"], held["state"], held["starts_on"]) == ("IP-77/2026", "running", today)
    assert len(held["documents"]) == 1

    stranger = world.browser()
    assert "My contracts" not in stranger.sign_in(CONTACT["email"]).text
    assert stranger.post("/contracts/document", record=str(paper.record_id)).status_code == 404
    assert stranger.post("/contracts/document", record="x").status_code == 404

    omonat.contracts.end(sales, contract.contract_id, today, omonat.clock.now())
    assert "ended" in person.get("").text
