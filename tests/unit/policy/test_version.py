"""Canonical bytes: equal folders are equal bytes, and a version is shown from its bytes alone."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.places import POLICY
from harness.policy_folder import NOW, Folder, issued_text, real_policy, real_version
from omonat.kernel.errors import Damaged
from omonat.kernel.language import LANGUAGES
from omonat.law import read_rule_pack
from omonat.policy import PolicyNotReady, draft, to_public_json
from omonat.policy.version import adopted_bytes, hash_of, published_bytes, read_canonical

PROSE = {name: (POLICY / "text" / f"{name}.md").read_text("utf-8") for name in LANGUAGES}


def test_equal_folders_give_equal_bytes(tmp_path: Path) -> None:
    again = draft(Folder(tmp_path).path, NOW)
    assert again.canonical == real_version().canonical
    assert again.hash == real_version().hash == hash_of(real_version().canonical)


def test_one_changed_word_gives_another_hash(tmp_path: Path) -> None:
    changed = Folder(tmp_path).change("Cookies let", "The cookies let", "text/en.md")
    assert draft(changed.path, NOW).hash != real_version().hash


def test_comments_and_layout_change_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path).change("[operator]\n", "# nothing\n\n[operator]\n\n")
    assert draft(folder.path, NOW).hash == real_version().hash


def test_a_version_is_read_back_whole_and_in_its_order() -> None:
    read = read_canonical(real_version().canonical)
    assert read.facts == real_policy()
    assert read.facts is not None
    assert list(read.facts.purposes) == ["services", "contract", "support", "improve", "news", "legal"]
    assert list(read.facts.forms["order"].fields) == ["name", "phone", "email", "company", "service", "comment"]
    assert read.documents == real_version().documents
    assert set(read.prose) == set(LANGUAGES)


def test_damaged_bytes_are_refused() -> None:
    with pytest.raises(Damaged):
        read_canonical(real_version().canonical[:-1])
    with pytest.raises(Damaged):
        read_canonical(b'{"format":"something-else"}')


def test_a_folder_with_findings_becomes_no_version(tmp_path: Path) -> None:
    folder = Folder(tmp_path).change("{{cookies}}", "", "text/en.md")
    with pytest.raises(PolicyNotReady) as refused:
        draft(folder.path, NOW)
    assert [it.code for it in refused.value.findings] == ["missing_place"]


@settings(deadline=None, max_examples=30)
@given(st.permutations(list(PROSE)))
def test_bytes_do_not_depend_on_the_order_of_reading(names: list[str]) -> None:
    prose = {name: PROSE[name] for name in names}
    assert published_bytes(real_policy(), read_rule_pack("uz"), prose) == real_version().canonical


@settings(deadline=None)
@given(st.text())
def test_an_adopted_text_is_kept_byte_for_byte(text: str) -> None:
    canonical = adopted_bytes(text, number="3.1", issued_on=date(2025, 9, 4), language="uz-Latn")
    read = read_canonical(canonical)
    assert read.prose["uz-Latn"] == text
    assert canonical == adopted_bytes(text, number="3.1", issued_on=date(2025, 9, 4), language="uz-Latn")


def test_the_issued_text_is_read_clause_by_clause() -> None:
    text = issued_text().decode()
    read = read_canonical(adopted_bytes(text, number="3.1", issued_on=date(2025, 9, 4), language="uz-Latn"))
    document = read.documents["uz-Latn"]
    assert list(document.clauses()) == list(real_version().document("uz-Latn").clauses())
    assert document.title == "MAXFIYLIK SIYOSATI"
    assert "3.1" in document.subtitle
    assert [section.number for section in document.sections] == [str(number) for number in range(1, 11)]


def test_public_json_names_terms_of_the_vocabulary() -> None:
    public = to_public_json(real_version())
    assert public["purposes"]["news"]["@type"] == "dpv:DirectMarketing"
    assert public["purposes"]["news"]["dpv:hasLegalBasis"] == ["dpv:Consent"]
    assert public["purposes"]["support"]["kept"]["device"] == "180 days after collection"
    assert public["hash"] == f"sha256:{real_version().hash}"
    assert public["cookies"]["omonat_visit"]["necessary"] is False
