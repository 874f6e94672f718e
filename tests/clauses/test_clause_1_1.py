"""1.1 the law: terms, articles and day counts come from a versioned rule pack, each with its mark."""

import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from harness.installation import Installation, run_omonat
from harness.people import Visitor, case_of, invent
from harness.places import REPOSITORY
from harness.policy_folder import Folder
from harness.server import Server

PACK = tomllib.loads((REPOSITORY / "src/omonat/law/packs/uz.toml").read_text("utf-8"))
TASHKENT = ZoneInfo("Asia/Tashkent")


def test_the_term_of_a_case_is_the_rule_packs(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    thanks = visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Savol"})
    case = shared_server.installation.json("case", "show", case_of(thanks))
    opened, due = (datetime.fromisoformat(case[name]).astimezone(TASHKENT) for name in ("opened_at", "due_at"))
    assert due.date() - opened.date() == timedelta(days=PACK["terms"][case["term"]]["days"])
    assert due.date().isoformat() in thanks.text


def test_the_published_text_names_the_law_and_its_terms_in_every_language(shared_server: Server) -> None:
    for language, name in PACK["law"]["name"].items():
        shown = Visitor(shared_server, language).get("/policy").text
        assert name.partition("№")[0].strip() in shown.replace("&#34;", '"'), language
        assert PACK["authority"]["name"][language] in shown
        assert PACK["authority"]["site"] in shown


def test_what_is_not_verified_is_marked_in_the_published_text(shared_server: Server) -> None:
    shown = Visitor(shared_server, "en").get("/policy").text
    assert "badge-open" in shown
    assert PACK["holds"]["accounting"]["mark"] == "secondary"
    assert PACK["holds"]["accounting"]["law"]["en"] in shown


def test_another_jurisdiction_is_another_pack(tmp_path: Path) -> None:
    folder = Folder(tmp_path).change('law = "uz"', 'law = "xx"')
    done = run_omonat(["policy", "check", folder.path], home=tmp_path)
    assert done.returncode == 1
    assert "unknown_reference" in done.stdout


def test_a_hold_ends_on_the_day_that_the_law_gives(installation: Installation, server: Server) -> None:
    visitor, person = Visitor(server), invent()
    visitor.send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"})
    words = ("hold", "place", "--phone", person.phone, "--law", "accounting", "--from", "2026-01-15")
    hold = installation.json(*words, "--reason", "invoice")
    years = PACK["holds"]["accounting"]["amount"]
    assert hold["until_on"].startswith(str(2026 + years))
