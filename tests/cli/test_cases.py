"""`omonat case reply`, `comment` and `assign` as transcripts: the same services as the console."""

from harness.people import invent, random_word
from harness.shop import Shop


def _case(shop: Shop) -> str:
    shop.sends(invent())
    return str(max(shop.json("case", "list"), key=lambda one: one["opened_at"])["case_id"])


def test_a_case_is_answered_and_closed_with_it(shop: Shop) -> None:
    case_id, text = _case(shop), random_word()
    said = shop.run("case", "reply", case_id, "--text", "-", "--close", stdin=f"Salom\n{text}\n")
    assert text not in said  # a terminal keeps what it prints
    case = shop.json("case", "show", case_id)
    assert (case["state"], case["outcome"]) == ("done", "answered")
    assert [step["kind"] for step in case["steps"]] == ["opened", "replied", "closed"]
    values = shop.json("person", "show", "--subject", case["subject_id"], "--purpose", "contract", "--reason", "r")
    reply = next(one for one in values["values"] if one["field"] == "reply")
    assert reply["value"] == f"Salom\n{text}" and reply["source"] == "staff"
    assert shop.refused("case", "reply", case_id, "--text", "x").code == 1


def test_a_note_is_left_and_a_case_given(shop: Shop) -> None:
    case_id = _case(shop)
    shop.run("case", "comment", case_id, "--text", "eslatma")
    shop.run("staff", "add", "Malika", "--role", "support")
    shop.run("case", "assign", case_id, "--to", "Malika")
    shop.run("case", "assign", case_id)
    shop.run("case", "assign", case_id, "--nobody")
    steps = [(step["kind"], step["details"].get("to")) for step in shop.json("case", "show", case_id)["steps"]]
    assert steps[1][0] == "commented" and steps[2:] == [
        ("assigned", "staff:Malika"), ("assigned", "staff:Officer"), ("unassigned", None),
    ]  # fmt: skip


def test_what_cannot_be_done_is_said(shop: Shop) -> None:
    case_id = _case(shop)
    assert shop.refused("case", "assign", case_id, "--to", "Nobody There").code == 1
    assert shop.refused("case", "assign", case_id, "--to", "Officer", "--nobody").code == 2
    assert shop.refused("case", "reply", case_id, "--text", " ").code == 1
    assert shop.refused("case", "comment", "01a20511-0000-7000-8000-000000000000", "--text", "x").code == 1
