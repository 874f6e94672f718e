"""A consent that waits for its address while a new version of the policy comes (3.1, 9.2; Art. 31)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from web.test_consent_links import Linked, link_in

from harness.policy_folder import Folder, printing_house
from omonat.kernel.ids import SubjectId
from omonat.notify import Message

DOUBLE = ('channels = ["email", "sms", "telegram"]\ncat',
          'channels = ["email", "sms", "telegram"]\ndouble_opt_in = ["email", "sms"]\ncat')  # fmt: skip
WORDING = ("yangi mahsulotlar, xizmatlar va aksiyalar haqida xabar berish", "kompaniya yangiliklari")
RECIPIENT = printing_house("name", "email")
GONE = {
    "en": "what it asks about has changed since",
    "ru": "изменилось то, о чём она спрашивает",
    "uz-Latn": "u soʻragan narsa oʻzgargan",
    "uz-Cyrl": "у сўраган нарса ўзгарган",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Linked]:
    made = Linked(tmp_path)
    yield made
    made.close()


def publish(world: Linked, folder: Path, *change: str) -> None:
    """Version 3.4: the one that asks for a double opt-in, with one change."""
    made = Folder(folder / "new").change('number = "3.2"', 'number = "3.4"').change(*DOUBLE).change(*change)
    omonat = world.omonat
    omonat.policies.publish(made.path, author=omonat.actor(), reason="a change", now=omonat.clock.now())


def letter_to(world: Linked, address: str) -> Message:
    (letter,) = [one for one in world.work() if one.to.reveal() == address]
    return letter


def texts(world: Linked, subject_id: SubjectId) -> list[str]:
    """The texts behind the words about news, oldest first."""
    with world.omonat.database.read() as tx:
        lines = [line for line in world.omonat.consents.history(tx, subject_id) if line["purpose"] == "news"]
    return [world.omonat.consents.get_text(str(line["text_hash"])) for line in lines]


def test_clause_9_2_neither_link_nor_code_gives_what_a_new_version_goes_beyond(world: Linked, tmp_path: Path) -> None:
    by_link, by_code = (world.person(f"{way}@example.uz", "email") for way in ("link", "code"))
    path = link_in(letter_to(world, "link@example.uz"))
    unasked = world.person("unasked@example.uz", "email")
    publish(world, tmp_path, "# --- recipients (5.1)", RECIPIENT)
    assert world.work() == [], "nobody is asked for what the new version goes beyond"
    browser, token = world.browser(), path.rpartition("/")[2]
    for language, why in GONE.items():
        page = browser.send("GET", f"/{language}/confirm/{token}")
        assert page.status_code == 404 and why in page.text, language
    for answer in ("yes", "no"):
        assert browser.send("POST", path, data={"answer": answer}).status_code == 404
    mine = browser.sign_in("code@example.uz")
    assert "asked again" in mine.text and "a printing house" in mine.text
    assert "was not confirmed; the link works no more" in mine.text and "waits for your confirmation" not in mine.text
    assert [world.words(who) for who in (by_link, by_code, unasked)] == [[("email", "pending")]] * 3
    assert world.mailed() == []


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_other_words_for_the_same_are_answered_by_the_text_that_was_shown(
    world: Linked, tmp_path: Path, answer: str
) -> None:
    subject_id = world.person("worded@example.uz", "email")
    path = link_in(letter_to(world, "worded@example.uz"))
    publish(world, tmp_path, *WORDING)
    page = world.browser().send("GET", path.replace("/uz-Latn/", "/en/"))
    (shown,) = texts(world, subject_id)
    assert WORDING[0] in shown and shown in page.text and WORDING[1] not in page.text
    assert '<blockquote class="card" lang="uz-Latn">' in page.text
    world.browser().send("POST", path, data={"answer": answer})
    word = {"yes": "granted", "no": "refused"}[answer]
    assert world.words(subject_id) == [("email", "pending"), ("email", word)]
    assert texts(world, subject_id) == [shown, shown]
    assert world.mailed() == ["worded@example.uz"][: answer == "yes"]
