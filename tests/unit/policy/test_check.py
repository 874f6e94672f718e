"""`check` names everything that is wrong, at once, with the right line (issue: the policy)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.places import POLICY
from harness.policy_folder import Folder
from omonat.kernel.errors import Misconfigured
from omonat.policy import check
from omonat.policy.folder.load import to_policy
from omonat.policy.folder.rules import rule_findings
from omonat.policy.folder.shape import shape_findings
from omonat.policy.folder.source import Source


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_real_policy_has_nothing_wrong() -> None:
    assert check(POLICY) == []


CASES = {
    "missing ground": ('grounds = ["law"]\n', "", "missing_ground", "[purpose.legal]"),
    "empty ground": ('grounds = ["law"]', "grounds = []", "missing_ground", "grounds = []"),
    "ground of the form": ('ground = "contract"     ', 'ground = "consent" ', "missing_ground", 'ground = "consent"'),
    "missing term": ('keep = "until withdrawal"\n', "", "missing_term", "[purpose.news]"),
    "unreadable term": ('keep = "until withdrawal"', 'keep = "a while"', "wrong_term", 'keep = "a while"'),
    "missing label": ('en = "Company"\n', "", "missing_language", "[field.company.labels]"),
    "unknown language": ('"ru", "en"]', '"ru", "en", "kk"]', "unknown_language", "languages ="),
    "unknown purpose": ('purpose = "improve"', 'purpose = "improv"', "unknown_reference", 'purpose = "improv"'),
    "unknown category": ('categories = ["phone"]', 'categories = ["fax"]', "unknown_reference", 'categories = ["fax"]'),
    "unknown field": ('message = "required" }', 'massage = "required" }', "unknown_reference", "massage"),
    "unknown term of law": ('term = "correction"', 'term = "corection"', "unknown_reference", "corection"),
    "unknown article": ('articles = ["11", "30"]', 'articles = ["11", "300"]', "unknown_reference", '"300"'),
    "unknown place to confirm": ('"recipient.state",', '"recipient.stat",', "unknown_reference", '"recipient.stat",'),
    "unknown rule pack": ('law = "uz"', 'law = "xx"', "unknown_reference", 'law = "xx"'),
    "unknown hold": ('holds = ["accounting"', 'holds = ["counting"', "unknown_reference", "counting"),
    "unknown channel": ('["email", "sms", "telegram"]', '["email", "sms", "fax"]', "unknown_reference", '"fax"'),
    "twice the same key": ('keep_days = 1\n', 'keep_days = 1\nkeep_days = 2\n', "duplicate", "keep_days = 2"),
    "twice the same table": ("[right.erase]", "[right.access]", "duplicate", "[right.access]"),
    "promotion without consent": (
        'grounds = ["consent"]\noptional = true\nchannels', 'grounds = ["contract"]\noptional = true\nchannels',
        "promotion_without_consent", 'grounds = ["contract"]',
    ),
    "promotion that is not optional": (
        "optional = true\nchannels", "optional = false\nchannels", "promotion_without_consent", "[purpose.news]",
    ),
    "recipient without agreement": (
        'agreement = { number = "2/M", signed_on = 2025-09-04, confidentiality = true }\n', "",
        "recipient_without_agreement", "[recipient.hosting]",
    ),
    "recipient that is not bound": (
        "confidentiality = true", "confidentiality = false", "recipient_without_agreement", "[recipient.contractor]",
    ),
    "cookie without purpose": (
        'purpose = "improve"\nnecessary', "necessary", "cookie_without_purpose", "[cookie.omonat_visit]",
    ),
    "cookie that does not wait": (
        'purpose = "improve"\nnecessary', 'purpose = "support"\nnecessary', "cookie_without_consent",
        'purpose = "support"',
    ),
    "cookie that a button cannot allow": (
        "[category.visits]", '[category.visits]\nnature = "special"', "cookie_in_writing", 'purpose = "improve"',
    ),
    "category never used": (
        "[category.other]",
        '[category.fax]\nkind = "phone"\nidentifies = false\n[category.fax.labels]\nuz-Latn = "faks"\n'
        'uz-Cyrl = "факс"\nru = "факс"\nen = "fax"\n[category.other]', "unused", "[category.fax]",
    ),
    "category that the purpose does not need": (
        'categories = ["name", "email", "phone", "device", "other"]\nkeep = "1 year',
        'categories = ["name", "email", "phone", "device"]\nkeep = "1 year', "undeclared_category", "[form.contact]",
    ),
    "unknown key": ("necessary = true", "neccessary = true", "unknown_key", "neccessary = true"),
    "unknown table": ("[category.name]", "[categories.x]\na = 1\n[category.name]", "unknown_key", "[categories.x]"),
    "value of the wrong kind": ("keep_days = 30", 'keep_days = "30"', "wrong_kind", 'keep_days = "30"'),
    "not TOML": ("keep_days = 30", "keep_days = 30 days", "syntax", "keep_days = 30 days"),
    "open bracket": ('stir = "309519699"', 'stir = "309519699', "syntax", 'stir = "309519699'),
    "clause that is not there": ('clause = "3.1"', 'clause = "3.7"', "missing_clause", 'clause = "3.7"'),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_is_named_with_its_line(name: str, folder: Folder) -> None:
    old, new, code, line = CASES[name]
    found = folder.change(old, new).found()
    assert code in [it for it, _ in found]
    assert line is None or any(it == code and line in text for it, text in found), found


PROSE = {
    "missing clause": ("8.2. До выбора", "До выбора", "missing_clause", "## 8. "),
    "gap": ("6.2. Компания", "Компания", "missing_clause", "## 6. "),
    "missing place": ("{{retention_table}}", "", "missing_place", "# Политика"),
    "unknown place": ("{{holds}}", "{{hold}}", "unknown_place", "{{hold}}"),
    "table inside a sentence": ("{{holds}}", "так: {{holds}}", "unknown_place", "так: {{holds}}"),
    "no heading": ("## 4. Правовые", "Правовые", "missing_clause", "4.1. "),
    "the same clause twice": ("9.2. Новая", "9.1. Новая", "duplicate", "9.1. Новая"),
    "no title": ("# Политика конфиденциальности", "", "missing_title", ""),
}


@pytest.mark.parametrize("name", PROSE)
def test_prose_is_checked_in_every_language(name: str, folder: Folder) -> None:
    old, new, code, line = PROSE[name]
    found = folder.change(old, new, "text/ru.md").found()
    assert any(it == code and line in text for it, text in found), found


def test_a_missing_text_is_a_missing_language(folder: Folder) -> None:
    (folder.path / "text" / "en.md").unlink()
    assert [it.code for it in check(folder.path)] == ["missing_language"]
    (folder.path / "text" / "en.md").write_bytes(b"\xff\xfe")
    assert [it.code for it in check(folder.path)] == ["missing_language"]


def test_all_errors_come_at_once_and_each_says_what_to_do(folder: Folder) -> None:
    for old, new, _code, _line in (CASES["missing ground"], CASES["twice the same key"], CASES["not TOML"]):
        folder.change(old, new)
    folder.change("{{cookies}}", "", "text/en.md")
    found = check(folder.path)
    assert {it.code for it in found} >= {"missing_ground", "duplicate", "syntax", "missing_place"}
    assert all(it.what_to_do and it.message and it.line > 0 for it in found)
    assert found == sorted(found)


HOSTILE = (
    "",
    "policy = 3",
    "[policy]\nlanguages = 3",
    "[policy]\nlanguages = [[1]]",
    '[policy]\nlanguages = ["../../etc/passwd"]',
    "[form]\nx = 1\n[purpose.a]\nkeep = [1]",
    "[[policy]]",
    "a.b = 1\na = 2\n[form.x]\nfields = [1]\nevidence = 2\n[right]\n[recipient.y]\npurposes = {}",
    "[purpose.p]\nkeep_by_category = 3\nchannels = 1",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_files_are_findings_and_not_crashes(text: str, folder: Folder) -> None:
    (folder.path / "policy.toml").write_text(text)
    assert check(folder.path)


LINES = (POLICY / "policy.toml").read_text("utf-8").splitlines()


@settings(deadline=None)
@given(st.integers(0, len(LINES) - 1), st.sampled_from(["", "3", "[]", "{}", '"x"', "[3]", "{ a = 1 }", '[["x"]]']))
def test_any_line_may_be_wrong(number: int, value: str) -> None:
    line = LINES[number]
    changed = f"{line.split('=')[0]} = {value}" if "=" in line and value else ""
    text = "\n".join([*LINES[:number], changed, *LINES[number + 1 :]])
    source = Source(POLICY / "policy.toml", text)
    found = [*source.findings, *shape_findings(source), *rule_findings(source)]
    if not found:
        to_policy(source.tree)  # what has no finding can be loaded


def test_a_folder_without_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        check(tmp_path)
