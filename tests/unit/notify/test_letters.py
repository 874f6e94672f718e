"""Every letter in every language: nothing unfilled, nothing untranslated, nothing too much."""

import ast
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from omonat.kernel.language import LANGUAGES, catalogue
from omonat.notify import Letter, letters
from omonat.notify.letters import DisclosureFacts, Letterhead

DAY = date(2026, 11, 22)
LINE = letters.CaseLine("7-1", "K7", DAY)
FACTS = DisclosureFacts(recipient="R7", purpose="P7", categories=("C7", "C8"), on=DAY, ground="G7")

LETTERS: dict[str, tuple[Callable[[Letterhead], Letter], list[str]]] = {
    "sign-in": (lambda head: letters.sign_in_code(head, code="482913", minutes=10), ["482913", "10"]),
    "confirm": (lambda head: letters.confirm_identifier(head, code="482913", minutes=10), ["482913", "10"]),
    "consent": (
        lambda head: letters.confirm_consent(head, purpose="P7", link="https://x.uz/l", days=7),
        ["P7", "https://x.uz/l", "7"],
    ),
    "disclosed": (lambda head: letters.disclosed(head, FACTS), ["R7", "P7", "C7, C8", "G7", "23", "2026"]),
    "opened": (lambda head: letters.case_opened(head, number="7-1", kind="K7", due_on=DAY), ["7-1", "K7", "2026"]),
    "closed": (lambda head: letters.case_closed(head, number="7-1", kind="K7", outcome="O7"), ["7-1", "K7", "O7"]),
    "corrected": (lambda head: letters.corrected(head, number="7-1", category="C7"), ["7-1", "C7"]),
    "destroyed": (lambda head: letters.destroyed(head, certificate="S-9", records=31, kept=42), ["S-9", "31", "42"]),
    "suspended": (lambda head: letters.suspended(head, number="7-1", purposes=("P7", "P8")), ["7-1", "P7, P8"]),
    "version": (
        lambda head: letters.new_version(head, number="3.3", in_force_on=DAY, link="https://x.uz/v"),
        ["3.3", "2026", "https://x.uz/v"],
    ),
    "received": (lambda head: letters.contact_received(head, number="7-1"), ["7-1"]),
    "staff": (
        lambda head: letters.staff_case(head.language, "new", LINE, link="https://x.uz/c"),
        ["7-1", "K7", "2026", "https://x.uz/c"],
    ),
    "given": (lambda head: letters.staff_case(head.language, "assigned", LINE, link="https://x.uz/c"), ["7-1", "K7"]),
    "further": (lambda head: letters.staff_case(head.language, "message", LINE, link="https://x.uz/c"), ["7-1", "K7"]),
    "several": (
        lambda head: letters.staff_cases(head.language, "assigned", [LINE, LINE], count=2, link="https://x.uz/c"),
        ["7-1", "K7", "2"],
    ),
    "due": (
        lambda head: letters.staff_cases(
            head.language, "due", [LINE, LINE._replace(number="8-2", overdue=True)], count=77, link="https://x.uz/c"
        ),
        ["7-1", "8-2", "K7", "77", "2026", "https://x.uz/c"],
    ),
    "reply": (lambda head: letters.case_reply(head, number="7-1", text="T7 {T8}"), ["7-1", "T7 {T8}"]),
    "reopened": (lambda head: letters.case_reopened(head, number="7-1", kind="K7"), ["7-1", "K7"]),
    "receipt": (letters.receipt, []),
}  # fmt: skip


def head(language: str) -> Letterhead:
    return Letterhead(language=language, operator="Q7", site="x.uz", portal="https://x.uz/p")


def words(letter: Letter) -> set[str]:
    """Latin words of three letters or more, addresses left out."""
    text = re.sub(r"https?://\S+|x\.uz", " ", "\n".join(letter))
    return {word.lower() for word in re.findall(r"[A-Za-z]{3,}", text)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_every_place_is_filled_and_every_fact_is_told(name: str, language: str) -> None:
    make, facts = LETTERS[name]
    letter = make(head(language))
    assert all(letter)
    assert not re.search(r"[{}]", "".join(letter).replace("{T8}", ""))  # typed by the staff
    assert [fact for fact in facts if fact not in letter.subject + letter.text] == []
    assert "\n" not in letter.subject + letter.sms


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru"])
@pytest.mark.parametrize("name", LETTERS)
def test_no_english_is_left(name: str, language: str) -> None:
    make, _facts = LETTERS[name]
    letter, english = make(head(language)), make(head("en"))
    assert all(ours != theirs for ours, theirs in zip(letter, english, strict=True))
    assert words(letter) & words(english) == set()
    if language != "uz-Latn":
        assert words(letter) == set()


@pytest.mark.parametrize("language", ["uz-Latn", "ru"])
def test_the_catalogue_has_no_text_that_the_module_does_not_use(language: str) -> None:
    source = ast.parse(Path(letters.__file__).read_text("utf-8"))
    strings = {node.value for node in ast.walk(source) if isinstance(node, ast.Constant)}
    texts = set(catalogue(language, "letters"))
    assert texts - strings == set()
    assert texts == set(catalogue("uz-Cyrl", "letters"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["sign-in", "confirm"])
def test_a_code_fits_into_one_part_of_an_sms(name: str, language: str) -> None:
    make, _facts = LETTERS[name]
    real = Letterhead(language=language, operator="Q7", site="iptelefoniya.uz", portal="https://iptelefoniya.uz/p")
    assert len(make(real).sms) <= 70


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sms_that_asks_for_a_consent_names_its_purpose(language: str) -> None:
    make, _facts = LETTERS["consent"]
    assert "P7" in make(head(language)).sms and "https://x.uz/l" in make(head(language)).sms


@pytest.mark.parametrize("name", LETTERS)
def test_an_sms_in_latin_letters_needs_no_unicode(name: str) -> None:
    make, _facts = LETTERS[name]
    for language in ("uz-Latn", "en"):
        assert make(head(language)).sms.isascii()


def test_for_a_channel() -> None:
    letter = Letter("subject", "text", "short")
    assert letter.for_channel("sms") == ("", "short")
    assert letter.for_channel("email") == ("subject", "text")


def test_what_nothing_is_kept_of_is_not_excused() -> None:
    kept, nothing = (letters.destroyed(head("en"), certificate="S", records=1, kept=n).text for n in (1, 0))
    assert "obliges us to keep" in kept
    assert "obliges us to keep" not in nothing


def test_the_staff_learn_number_kind_day_and_link_only() -> None:
    letter = letters.staff_case("en", "new", LINE, link="https://x.uz/c")
    assert letter == Letter(
        "New case 7-1",
        "7-1: K7, answer due by 22 November 2026\n\nOpen it after signing in: https://x.uz/c\n",
        "New case 7-1: https://x.uz/c",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_about_a_webhook_holds_a_link_and_no_address(language: str) -> None:
    link = "https://iptelefoniya.uz/uz-Latn/console/webhooks/1"
    letter = letters.webhook_switched_off(language, link=link)
    assert link in letter.text and link in letter.sms and link not in letter.subject and "{" not in letter.text
