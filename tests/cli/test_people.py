"""`omonat person`, `case`, `disclose`, `mailing`, `retention` and `hold` as transcripts."""

import csv
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from harness.people import invent
from harness.shop import Shop
from omonat.app import Omonat
from omonat.kernel.errors import NotFound
from omonat.storage import schema

WHY = ("--purpose", "contract", "--reason", "call of 3 May")


def test_a_reading_needs_a_purpose_and_a_reason(shop: Shop) -> None:
    person = invent()
    shop.sends(person)
    for words in (("--purpose", "contract"), ("--reason", "r")):
        assert shop.refused("person", "show", "--email", person.email, *words).code == 2
    shown = shop.run("person", "show", "--email", person.email, *WHY)
    assert person.name in shown and person.phone in shown
    assert "Nothing is held" in shop.run(
        "person", "show", "--email", person.email, "--purpose", "news", "--reason", "r"
    )


def test_the_person_sees_the_reading(shop: Shop) -> None:
    person = invent()
    subject_id = shop.sends(person)
    values = shop.json("person", "show", "--phone", person.shown_phone, *WHY)["values"]
    assert {one["field"]: one["value"] for one in values}["email"] == person.email
    (line,) = shop.use(lambda omonat: omonat.rights.person_file(subject_id, omonat.clock.now())).journal
    assert (line.operation, line.actor, line.purpose, line.reason) == (
        "read", "staff:Officer", "contract", "call of 3 May",
    )  # fmt: skip


def test_a_value_may_come_from_the_input_instead_of_the_command_line(shop: Shop) -> None:
    person = invent()
    shop.sends(person)
    assert person.name in shop.run("person", "show", "--email", "-", *WHY, stdin=f"{person.email}\n")


def test_several_people_of_one_phone_are_told_apart_by_id(shop: Shop) -> None:
    person, other = invent(), invent()
    shop.sends(person)
    shop.sends(other._replace(phone=person.phone))
    said = shop.refused("person", "show", "--phone", person.phone, *WHY)
    assert said.code == 2 and said.err.count("--subject ") == 2
    assert person.name not in said.err and person.phone not in said.err


def test_errors_name_no_value(shop: Shop) -> None:
    person = invent()
    unknown = shop.refused("person", "show", "--email", person.email, *WHY)
    assert unknown.code == 1 and person.email not in unknown.err + unknown.out
    wrong = shop.refused("person", "show", "--email", "no address", *WHY)
    assert wrong.code == 1 and "no address" not in wrong.err
    assert shop.refused("person", "show", *WHY).code == 2
    assert shop.refused("person", "show", "--subject", "7", *WHY).code == 2


@pytest.mark.parametrize("file_format", ["json", "csv", "pdf"])
def test_export_writes_a_private_file_once(shop: Shop, file_format: str) -> None:
    person = invent()
    subject_id = shop.sends(person)
    shop.proves(subject_id)
    out = shop.home / f"file.{file_format}"
    words = ("person", "export", "--subject", str(subject_id), "--format", file_format, "--reason", "letter of 3 May")
    said = shop.run(*words, "--out", out)
    assert person.name not in said and out.stat().st_mode & 0o777 == 0o600
    content = out.read_bytes()
    assert content.startswith(b"%PDF") if file_format == "pdf" else person.email.encode() in content
    assert shop.refused(*words, "--out", out).code == 2
    journal = shop.use(lambda omonat: omonat.rights.person_file(subject_id, omonat.clock.now())).journal
    assert {(line.operation, line.actor) for line in journal} == {("export", "staff:Officer")}


def test_a_value_is_corrected_and_the_case_shows_it(shop: Shop) -> None:
    person = invent()
    subject_id = shop.sends(person)
    values = shop.json("person", "show", "--subject", str(subject_id), *WHY)["values"]
    record = next(one["record_id"] for one in values if one["field"] == "name")
    said = shop.run(
        "person", "correct", "--subject", str(subject_id), "--record", record, "--value", "-", stdin="Yangi Ism\n"
    )
    assert "correct, done" in said and "Yangi Ism" not in said
    assert "Yangi Ism" in shop.run("person", "show", "--subject", str(subject_id), *WHY)


def test_erasing_asks_first_and_cannot_be_undone(shop: Shop) -> None:
    person = invent()
    subject_id = shop.sends(person)
    words = ("person", "erase", "--email", person.email)
    assert shop.refused(*words, stdin="n\n").code == 1
    assert shop.run("person", "show", "--email", person.email, *WHY)
    said = shop.run(*words, "--yes")
    assert "Certificate " in said and "1 name" in said
    assert shop.refused("person", "show", "--subject", str(subject_id), *WHY).code == 1
    with pytest.raises(NotFound):
        shop.use(lambda omonat: omonat.keystore.open_subject(subject_id))


def test_what_a_law_keeps_is_said(shop: Shop) -> None:
    person = invent()
    subject_id = shop.sends(person)
    placed = shop.json(
        "hold", "place", "--subject", str(subject_id), "--law", "accounting", "--from", "2026-11-01",
        "--category", "name", "--reason", "invoice 17",
    )  # fmt: skip
    assert placed["until_on"] == "2031-11-01"
    assert "until 2031-11-01" in shop.run("person", "erase", "--email", person.email, "--yes")
    assert "invoice 17" in shop.run("hold", "list")
    shop.run("hold", "release", placed["hold_id"], "--reason", "the audit is over")
    assert shop.json("hold", "list") == [] and len(shop.json("hold", "list", "--all")) == 1
    law = shop.refused(
        "hold", "place", "--subject", str(subject_id), "--law", "whim", "--from", "2026-11-01", "--reason", "r"
    )
    assert law.code == 1 and "whim" in law.err


def test_cases_are_listed_shown_and_closed(shop: Shop) -> None:
    shop.sends(invent(), "callback")
    (case,) = shop.json("case", "list")
    assert case["kind"] == "contact" and case["case_id"] in shop.run("case", "list")
    assert "opened" in shop.run("case", "show", case["case_id"])
    assert shop.refused("case", "close", case["case_id"], "--outcome", "refused").code == 1
    assert "done (answered)" in shop.run("case", "close", case["case_id"], "--outcome", "answered")
    assert shop.refused("case", "close", case["case_id"], "--outcome", "answered").code == 1
    assert shop.json("case", "list") == [] and len(shop.json("case", "list", "--state", "done")) == 1
    assert shop.refused("case", "show", "0" * 32).code == 1


def count_disclosures(omonat: Omonat) -> int:
    with omonat.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(schema.disclosure)) or 0


def test_a_disclosure_passes_the_gate(shop: Shop, tmp_path: Path) -> None:
    person = invent()
    subject_id = shop.sends(person)
    out = tmp_path / "package.json"
    words = ("disclose", "--subject", str(subject_id), "--purpose", "contract", "--reason", "installation")
    facts = shop.json(*words, "--to", "contractor", "--category", "name", "--category", "phone", "--out", out)
    package = json.loads(out.read_text())
    assert {one["value"] for one in package["values"]} == {person.name, person.phone}
    assert package["disclosure"] == facts["disclosure_id"] and out.stat().st_mode & 0o777 == 0o600
    assert "is there already" in shop.refused(*words, "--to", "contractor", "--out", out).err
    assert shop.use(count_disclosures) == 1, "what cannot be written is not disclosed"
    denied = shop.refused(*words, "--to", "nobody", "--out", tmp_path / "other.json")
    assert denied.code == 1 and "recipient_unknown" in denied.err and not (tmp_path / "other.json").exists()


def test_a_mailing_lists_only_those_who_agreed_and_proved(shop: Shop, tmp_path: Path) -> None:
    proven, claimed, silent = invent(), invent(), invent()
    shop.proves(shop.sends(proven, "order", "email"))
    shop.sends(claimed, "order", "email")
    shop.proves(shop.sends(silent))
    words = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "autumn tariffs")
    rows = list(csv.DictReader(io.StringIO(shop.run(*words))))
    assert [(row["address"], row["language"]) for row in rows] == [(proven.email, "uz-Latn")]
    assert [row["address"] for row in shop.json(*words)] == [proven.email]
    out = tmp_path / "list.csv"
    assert shop.run(*words, "--out", out) == "" and proven.email in out.read_text()
    assert shop.refused("mailing", "list", "--purpose", "contract", "--channel", "email", "--reason", "r").code == 1


def test_the_sweep_destroys_what_ran_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    person = invent()
    shop.sends(person, "callback")
    (case,) = shop.json("case", "list")
    shop.run("case", "close", case["case_id"], "--outcome", "answered")
    assert shop.json("retention", "sweep")["records"] == 0
    monkeypatch.setenv("OMONAT_CLOCK_SHIFT_DAYS", "400")
    assert shop.json("retention", "sweep")["records"] == 0, "the clock moves in development only"
    monkeypatch.setenv("OMONAT_DEV", "1")
    assert shop.json("retention", "sweep", "--dry-run")["records"] == 4
    said = shop.run("retention", "sweep")
    assert "4 records of 1 people; 1 people wholly" in said and "Certificate " in said
    assert shop.refused("person", "show", "--phone", person.phone, *WHY).code == 1


@pytest.mark.parametrize(
    ("roles", "allowed", "refused"),
    [
        (
            ("support",),
            ("case", "list"),
            ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "r"),
        ),
        (("marketing",), ("stats",), ("person", "show", "--email", "a@example.uz", *WHY)),
        (("auditor",), ("verify",), ("retention", "sweep")),
        (("administrator",), ("retention", "sweep"), ("person", "show", "--email", "a@example.uz", *WHY)),
        (("privacy_officer",), ("case", "list"), ("staff", "add", "X", "--role", "support")),
    ],
)
def test_each_role_may_do_its_own_work_only(
    shop: Shop, roles: tuple[str, ...], allowed: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    shop.become(*roles)
    shop.run(*allowed)
    said = shop.refused(*refused)
    assert said.code == 1 and "not allowed" in said.err


def test_a_stranger_on_the_machine_may_do_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.become()
    monkeypatch.setenv("LOGNAME", "Officer")
    monkeypatch.setenv("USER", "Officer")
    for words in (("case", "list"), ("staff", "list"), ("stats",)):
        assert "not allowed" in shop.refused(*words).err
