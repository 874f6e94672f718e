"""The small Markdown, the difference of two texts and of two sets of facts, and the notices."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy_folder import NOW, Folder, real_policy, real_version
from omonat.kernel.language import LANGUAGES
from omonat.policy import (
    Document,
    Term,
    banner_notice,
    diff,
    draft,
    facts_diff,
    is_cross_border,
    news_categories,
    news_notice,
    notice,
    policy_link_words,
    term_words,
    third_parties,
    to_markdown,
)
from omonat.policy.text.diff import word_pieces
from omonat.policy.text.document import clause_text
from omonat.policy.text.markdown import inline, parse_markdown
from omonat.policy.text.notices import BannerParts

WORDS = st.lists(st.sampled_from(["oʻz", "o'z", "maʼlumot", "va", "3.1", "—", ".", ",", " ", "\n", "a1"])).map("".join)


def text_of(*clauses: str) -> Document:
    return parse_markdown("# T\n\n## 1. S\n\n" + "\n\n".join(clauses), "en")


@settings(deadline=None)
@given(st.one_of(WORDS, st.text(max_size=40)), st.one_of(WORDS, st.text(max_size=40)))
def test_applying_a_difference_gives_the_new_text(old: str, new: str) -> None:
    pieces = list(word_pieces(old, new))
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new


@settings(deadline=None)
@given(WORDS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(piece.kind == "same" for piece in word_pieces(text, text))


@settings(deadline=None)
@given(WORDS, WORDS)
def test_a_difference_says_what_the_old_text_said(old: str, new: str) -> None:
    before = "".join(piece.text for piece in word_pieces(old, new) if piece.kind != "added")
    assert letters(before) == letters(old)


def letters(text: str) -> str:
    """Without spaces, and with one apostrophe for all."""
    return "".join(text.split()).translate({ord("'"): "ʻ", ord("ʼ"): "ʻ"})


def test_changes_clause_by_clause() -> None:
    old = text_of("1.1. Stays as it is.", "1.2. We keep your data for one year.", "1.3. Goes away.")
    new = text_of("1.1. Stays as it is.", "1.2. We keep your data for two years.", "1.4. Comes.")
    kinds = {change.number: change.kind for change in diff(old, new)}
    assert kinds == {"": "same", "1.1": "same", "1.2": "changed", "1.3": "removed", "1.4": "added"}
    changed = next(change for change in diff(old, new) if change.number == "1.2")
    assert [(piece.kind, piece.text.strip()) for piece in changed.pieces] == [
        ("same", "We keep your data for"), ("removed", "one year"), ("added", "two years"), ("same", "."),
    ]  # fmt: skip
    assert [change.number for change in diff(old, new)] == ["", "1.1", "1.2", "1.3", "1.4"]


def test_another_shape_of_an_apostrophe_is_no_change() -> None:
    (_, clause) = diff(text_of("1.1. Shaxsga doir ma'lumotlar"), text_of("1.1. Shaxsga doir maʼlumotlar"))
    assert clause.kind == "same"


def test_a_rewritten_clause_is_shown_whole() -> None:
    (_, clause) = diff(text_of("1.1. Alpha beta gamma delta."), text_of("1.1. Something else in every way."))
    assert [piece.kind for piece in clause.pieces] == ["removed", "added"]


def test_facts_that_differ(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.change('keep = "1 year after collection"', 'keep = "2 years after collection"')
    folder.change("[recipient.state]", "[recipient.ministry]").change(
        "[recipient.state.labels]", "[recipient.ministry.labels]"
    )
    folder.change('"recipient.state",', '"recipient.ministry",')
    found = facts_diff(real_policy(), draft(folder.path, NOW).facts)
    assert {(it.what, it.change, it.id) for it in found} == {
        ("recipient", "added", "ministry"),
        ("recipient", "removed", "state"),
        *{("term", "changed", f"support.{category}") for category in ("name", "email", "phone", "other")},
    }
    term = next(it for it in found if it.id == "support.phone")
    assert term.old is not None
    assert term.new is not None
    assert (term.old["en"], term.new["ru"]) == ("1 year after collection", "2 года со дня сбора")
    assert facts_diff(None, real_policy()) == facts_diff(real_policy(), real_policy()) == ()


def test_inline_words_and_links() -> None:
    spans = inline("**STIR:** 1, [bizga](mailto:a@b.uz), <https://x.uz/>, [yomon](javascript:alert), [bosh](#)")
    assert [(span.text, span.strong, span.href) for span in spans] == [
        ("STIR:", True, None), (" 1, ", False, None), ("bizga", False, "mailto:a@b.uz"), (", ", False, None),
        ("https://x.uz/", False, "https://x.uz/"), (", ", False, None), ("yomon", False, None), (", ", False, None),
        ("bosh", False, None),
    ]  # fmt: skip


@settings(deadline=None)
@given(st.text(st.sampled_from("#-1. \nab*[]()<>"), max_size=60))
def test_any_text_is_a_document(text: str) -> None:
    document = parse_markdown(text, "en")
    for clause in document.clauses().values():
        clause_text(clause)


@pytest.mark.parametrize("language", LANGUAGES)
def test_markdown_is_read_back(language: str) -> None:
    document = real_version().document(language)
    again = parse_markdown(to_markdown(document), language)
    assert list(again.clauses()) == list(document.clauses())
    assert again.title == document.title


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["callback", "order", "contact"])
def test_the_notice_of_a_form_names_what_the_law_asks_for(form: str, language: str) -> None:
    policy = real_policy()
    text, declared = notice(policy, form, language), policy.forms[form]
    assert policy.operator.name[language] in text
    assert policy.purposes[declared.purpose].labels[language] in text
    assert term_words(policy.purposes[declared.purpose].keep, language) in text
    assert policy_link_words(policy, language) in text
    for category in declared.categories():
        assert policy.categories[category].labels[language] in text
    assert text == notice(policy, form, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_and_banner(language: str) -> None:
    policy = real_policy()
    texts = {news_notice(policy, channel, language) for channel in ("email", "sms", "telegram")}
    assert len(texts) == 3
    for text in texts:
        assert policy.purposes["news"].labels[language] in text
        assert policy_link_words(policy, language) in text
    assert policy.cookies["omonat_visit"].labels[language] in banner_notice(policy, language)
    assert news_categories(policy, "sms") == ("name", "phone")


def test_the_banner_says_who_gets_what_once_or_behind_each_purpose() -> None:
    one, other = ("to count visits, 180 days", "Third parties: A."), ("to measure, 30 days", "Third parties: A.")
    alike = BannerParts("Others wait:", {"improve": one, "news": other}, "Policy.")
    assert alike.whole(["improve"]) == "Others wait: to count visits, 180 days. Third parties: A. Policy."
    assert alike.whole(["improve", "news"]) == (
        "Others wait: to count visits, 180 days; to measure, 30 days. Third parties: A. Policy."
    )
    apart = BannerParts("Others wait:", {"improve": one, "news": (other[0], "Third parties: B.")}, "Policy.")
    assert apart.whole(["improve", "news"]) == (
        "Others wait: to count visits, 180 days (Third parties: A); to measure, 30 days (Third parties: B). Policy."
    )
    assert alike.whole([]) == "Others wait: Policy."


def test_third_parties_and_transfer_abroad() -> None:
    policy = real_policy()
    assert third_parties(policy, "contract") == ("contractor", "hosting")
    assert third_parties(policy, "support", ("device",)) == ("hosting",)
    assert not is_cross_border(policy, "news")
    abroad = msgspec.structs.replace(policy.recipients["hosting"], country="DE")
    moved = msgspec.structs.replace(policy, recipients={**policy.recipients, "hosting": abroad})
    assert is_cross_border(moved, "news")
    assert "Sent abroad: Germany." in notice(moved, "order", "en")
    assert "Передаются за рубеж: Германия." in notice(moved, "order", "ru")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1, "1 день"),
        (2, "2 дня"),
        (5, "5 дней"),
        (11, "11 дней"),
        (21, "21 день"),
        (112, "112 дней"),
        (180, "180 дней"),
    ],
)
def test_russian_plurals(amount: int, words: str) -> None:
    assert term_words(Term(amount, "day", "collection"), "ru") == f"{words} со дня сбора"
