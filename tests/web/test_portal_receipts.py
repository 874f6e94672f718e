"""Receipts in the portal: mine to take along, nobody else's; after a deletion the page gives the proven certificate."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from web.portal_world import CONTACT, ORDER, Browser, World

from omonat.kernel.language import LANGUAGES
from omonat.receipts import verify_receipt


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.submit("order", ORDER, "email")
    yield made
    made.close()


@pytest.fixture
def me(world: World) -> Browser:
    browser = world.browser()
    browser.sign_in(ORDER["phone"])
    return browser


def integrate(world: World) -> None:
    world.omonat.sequencer().integrate_once(world.omonat.clock.now())


def lines(text: str) -> list[tuple[str, str]]:
    return re.findall(r'name="kind" value="(\w+)"><input type="hidden" name="id" value="([0-9a-f-]+)"', text)


def holds(world: World, content: bytes) -> bool:
    return verify_receipt(content, world.omonat.verifier_key()).ok


@pytest.mark.parametrize("language", LANGUAGES)
def test_my_receipts_are_led_to_from_my_data(me: Browser, language: str) -> None:
    me.language = language
    assert me.path("/receipts") in me.get().text
    shown = me.get("/receipts")
    assert shown.status_code == 200 and shown.headers["cache-control"] == "no-store"
    assert lines(shown.text) and me.world.omonat.verifier_key().text() in shown.text


def test_a_receipt_of_a_consent_as_json_kantara_and_pdf(world: World, me: Browser) -> None:
    integrate(world)
    given = next(form for form in me.get("/receipts").text.split("</form>") if "receipt-kantara" in form)
    ((kind, number),) = lines(given)
    done = me.post("/receipts/file", kind=kind, id=number, format="receipt")
    assert holds(world, done.content) and done.headers["cache-control"] == "no-store"
    assert re.search(r'filename="receipt-consent-[\d-]+\.json"', done.headers["content-disposition"])
    assert ORDER["email"] not in done.text and ORDER["phone"] not in done.text
    kantara = me.post("/receipts/file", kind=kind, id=number, format="receipt-kantara")
    assert holds(world, kantara.content) and kantara.content != done.content
    pdf = me.post("/receipts/file", kind=kind, id=number, format="receipt-pdf")
    assert pdf.content.startswith(b"%PDF-") and b"receipt.json" in pdf.content


def test_a_receipt_before_its_proof_is_named_so(me: Browser) -> None:
    kind, number = lines(me.get("/receipts").text)[0]
    done = me.post("/receipts/file", kind=kind, id=number, format="receipt")
    assert "without-proof.json" in done.headers["content-disposition"]
    assert json.loads(done.content)["evidence"]["proof"] is None


def test_another_persons_receipt_is_not_there(world: World, me: Browser) -> None:
    world.submit("contact", CONTACT, "email")
    other = world.browser()
    other.sign_in(CONTACT["email"])
    kind, number = lines(other.get("/receipts").text)[0]
    me.get("/receipts")
    assert me.post("/receipts/file", kind=kind, id=number, format="receipt").status_code == 404


@pytest.mark.parametrize(
    "fields", [{"kind": "other", "format": "receipt"}, {"kind": "consent", "format": "xml"}, {"kind": "consent"}]
)
def test_what_is_no_receipt_is_refused(me: Browser, fields: dict[str, str]) -> None:
    _kind, number = lines(me.get("/receipts").text)[0]
    assert me.post("/receipts/file", id=number, **fields).status_code == 400


def test_a_stranger_is_led_to_the_sign_in(world: World) -> None:
    stranger = world.browser()
    assert stranger.get("/receipts").url.path.endswith("/my/sign-in")
    assert stranger.get("/receipts/file").url.path.endswith("/my/sign-in")


def test_after_a_deletion_the_page_gives_the_certificate_with_its_proof(world: World, me: Browser) -> None:
    me.get("/delete")
    done = me.post("/delete", sure="on")
    integrate(world)
    found = re.search(r'name="receipt" value="([^"]+)"', done.text)
    assert found
    receipt = me.post("/certificate", receipt=found[1], format="receipt")
    assert holds(world, receipt.content)
    assert me.post("/certificate", receipt=found[1], format="receipt-pdf").content.startswith(b"%PDF-")
    for forged in ("", "x.y", found[1][:-2] + "AA"):
        assert me.post("/certificate", receipt=forged, format="receipt").status_code == 400
    assert me.post("/certificate", receipt=found[1], format="receipt-kantara").status_code == 400
