"""The policy of iptelefoniya.uz: facts as issued in 3.1, four texts that say the same, defaults with a visible mark."""

import re

import pytest

from harness.places import POLICY
from harness.policy_folder import real_policy, real_version
from omonat.kernel.cyrillic import to_cyrillic
from omonat.kernel.language import LANGUAGES
from omonat.policy import GROUNDS, to_plain_text
from omonat.policy.text.markdown import clause_numbers

CLAUSES = "1.1 1.2 1.3 2.1 3.1 4.1 5.1 6.1 6.2 6.3 7.1 8.1 8.2 9.1 9.2 10.1".split()
CONFIRM = {
    "uz-Latn": "[operator tasdiqlashi kerak]",
    "uz-Cyrl": "[оператор тасдиқлаши керак]",
    "ru": "[подлежит подтверждению оператором]",
    "en": "[operator to confirm]",
}


def prose(language: str) -> str:
    return (POLICY / "text" / f"{language}.md").read_text("utf-8")


def test_the_facts_of_the_issued_policy() -> None:
    policy = real_policy()
    assert policy.operator.stir == "309519699"
    assert list(policy.categories) == ["name", "email", "phone", "device", "cookies", "visits", "other"]
    assert list(policy.purposes) == ["services", "contract", "support", "improve", "news", "legal"]
    assert {ground for purpose in policy.purposes.values() for ground in purpose.grounds} == set(GROUNDS)
    assert policy.purposes["news"].grounds == ("consent",)
    assert policy.purposes["news"].channels == ("email", "sms", "telegram")
    assert list(policy.forms) == ["callback", "order", "contact"]
    assert [policy.forms[key].ground for key in policy.forms] == ["consent", "contract", "consent"]
    assert policy.forms["order"].categories() == ("name", "phone", "email", "other", "device")


def test_cookies_that_wait_for_consent() -> None:
    cookies = real_policy().cookies
    assert [name for name, cookie in cookies.items() if not cookie.necessary] == ["omonat_visit"]
    assert all(name.startswith("__Host-") for name, cookie in cookies.items() if cookie.necessary)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_clauses_and_places(language: str) -> None:
    places = re.findall(r"\{\{[^}]+\}\}", prose("uz-Latn"))
    assert list(clause_numbers(prose(language))) == CLAUSES
    assert sorted(re.findall(r"\{\{[^}]+\}\}", prose(language))) == sorted(places)


def test_cyrillic_says_what_latin_says() -> None:
    assert prose("uz-Cyrl") == to_cyrillic(prose("uz-Latn"))


def test_uzbek_is_written_with_its_own_letters() -> None:
    facts = (POLICY / "policy.toml").read_text("utf-8").splitlines()
    text = prose("uz-Latn") + "".join(line for line in facts if line.startswith("uz-Latn"))
    assert not re.search(r"[A-Za-z]['’‘`][A-Za-z]", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_text_is_whole(language: str) -> None:
    document = real_version().document(language)
    text = to_plain_text(document)
    assert list(document.clauses()) == CLAUSES
    assert "{{" not in text
    for labels in [item.labels for item in (*real_policy().categories.values(), *real_policy().cookies.values())]:
        assert labels[language] in text
    for purpose in real_policy().purposes.values():
        assert purpose.labels[language] in text
    for name in real_policy().cookies:
        assert name in text
    assert "309519699" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_defaults_bear_a_visible_mark(language: str) -> None:
    shown = {number: clause for number, clause in real_version().document(language).clauses().items()}
    text = to_plain_text(real_version().document(language))
    assert text.count(CONFIRM[language]) >= 15
    assert CONFIRM[language] in str(shown["6.3"])
    assert "mark='confirm'" in str(shown["6.3"])


def test_the_law_is_told_from_our_own_numbers() -> None:
    rights = to_plain_text(real_version().document("en"))
    assert "3 days)" in rights.split("corrected")[1].splitlines()[0]
    assert "the law names no number" in rights.split("destroyed (")[1].splitlines()[0]
    assert "[from a secondary source]" in rights


def test_every_place_to_confirm_is_shown() -> None:
    """A mark that no text shows would be a promise that nobody sees."""
    policy, text = real_policy(), to_plain_text(real_version().document("en"))
    for key in policy.forms:
        if policy.is_to_confirm(f"form.{key}.ground"):
            line = next(it for it in text.splitlines() if it.startswith(f"{policy.forms[key].labels['en']} |"))
            assert CONFIRM["en"] in line
    for key, recipient in policy.recipients.items():
        if policy.is_to_confirm(f"recipient.{key}"):
            assert f"{recipient.labels['en']} {CONFIRM['en']}" in text
