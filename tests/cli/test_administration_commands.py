"""The command line keeps to four eyes, too; members are invited, let back in and blocked from it (6.2)."""

import re
import shutil
from pathlib import Path
from uuid import UUID

import pytest

from harness.people import invent
from harness.places import POLICY
from harness.shop import Shop
from omonat.app import Omonat
from omonat.kernel.secret import Sealed
from omonat.staff import LinkSpent


def colleague(shop: Shop) -> None:
    """A second active account with every right of the privacy officer and the administrator."""
    roles = ["administrator", "privacy_officer"]

    def act(omonat: Omonat) -> None:
        omonat.staff.add("Colleague", roles=roles, os_user=None, now=omonat.clock.now())

    shop.use(act)


def approved(shop: Shop, approval_id: str) -> str:
    """The colleague says yes, in the console; the state of the approval."""

    def act(omonat: Omonat) -> str:
        second = omonat.staff.get_by_name("Colleague")
        return omonat.approvals.decide(
            second, UUID(approval_id), yes=True, reason="", now=omonat.clock.now()
        ).state  # fmt: skip

    return shop.use(act)


def waiting(said: str) -> str:
    found = re.search(r"omonat approval approve ([0-9a-f-]{36})", said)
    assert found, said
    return found[1]


def test_a_hold_is_released_by_two(shop: Shop) -> None:
    colleague(shop)
    subject_id = shop.sends(invent())
    placed = shop.json(
        "hold", "place", "--subject", str(subject_id), "--law", "accounting", "--from", "2026-11-01", "--reason", "17"
    )
    asked = shop.refused("hold", "release", placed["hold_id"], "--reason", "the audit is over")
    assert asked.code == 4
    assert len(shop.json("hold", "list")) == 1
    assert "release_hold" in shop.run("approval", "list")
    own = shop.refused("approval", "approve", waiting(asked.err))
    assert "You asked for this yourself" in own.err
    assert approved(shop, waiting(asked.err)) == "done"
    assert shop.json("hold", "list") == []
    assert "Nothing waits." in shop.run("approval", "list")


def test_a_mailing_list_is_drawn_once_it_is_approved(shop: Shop, tmp_path: Path) -> None:
    person = invent()
    shop.proves(shop.sends(person, "order", "email"))
    colleague(shop)
    words = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "autumn tariffs")
    asked = shop.refused(*words)
    assert asked.code == 4
    assert person.email not in asked.out
    again = shop.refused(*words, "--approval", waiting(asked.err))
    assert again.code == 1
    assert approved(shop, waiting(asked.err)) == "approved"
    there = tmp_path / "list.csv"
    there.write_text("something else")
    taken = shop.refused(*words, "--approval", waiting(asked.err), "--out", there)
    assert "is there already" in taken.err, "and the approval is not used up"
    assert person.email in shop.run(*words, "--approval", waiting(asked.err))
    assert shop.refused(*words, "--approval", waiting(asked.err)).code == 1


def test_all_consents_leave_by_a_command_once_two_said_so(shop: Shop, tmp_path: Path) -> None:
    person, out = invent(), tmp_path / "consents.jsonl"
    shop.proves(shop.sends(person, "order", "email"))
    colleague(shop)
    words = ("consent", "export", "--reason", "inspection", "--out", str(out))
    asked = shop.refused(*words)
    assert asked.code == 4 and not out.exists()
    assert shop.refused(*words, "--approval", waiting(asked.err)).code == 1
    assert approved(shop, waiting(asked.err)) == "approved"
    out.write_text("something else")
    assert "is there already" in shop.refused(*words, "--approval", waiting(asked.err)).err
    out.unlink()
    shop.run(*words, "--approval", waiting(asked.err))
    assert '"kind":"consent"' in out.read_text("utf-8") and person.email not in out.read_text("utf-8")
    out.unlink()
    assert shop.refused(*words, "--approval", waiting(asked.err)).code == 1, "once"


def test_the_key_encryption_key_is_changed_by_two(shop: Shop) -> None:
    colleague(shop)
    asked = shop.refused("keys", "rotate", "--reason", "a disk was lost")
    assert asked.code == 4
    assert len(shop.json("keys", "status")["epochs"]) == 1
    assert shop.refused("keys", "rotate", "--approval", waiting(asked.err)).code == 1
    assert approved(shop, waiting(asked.err)) == "approved"
    assert "Epoch 2" in shop.run("keys", "rotate", "--approval", waiting(asked.err))
    assert shop.refused("keys", "rotate", "--approval", waiting(asked.err)).code == 1
    assert len(shop.json("keys", "status")["epochs"]) == 2


def test_a_policy_is_published_by_two(shop: Shop, tmp_path: Path) -> None:
    colleague(shop)
    folder = tmp_path / "next"
    shutil.copytree(POLICY, folder)
    facts = (folder / "policy.toml").read_text("utf-8")
    (folder / "policy.toml").write_text(re.sub(r'number = "3\.2"', 'number = "3.3"', facts, count=1), "utf-8")
    before = shop.use(lambda one: one.policies.in_force().number)
    asked = shop.refused("policy", "publish", folder, "--reason", "corrections")
    assert asked.code == 4
    assert shop.use(lambda one: one.policies.in_force().number) == before
    assert approved(shop, waiting(asked.err)) == "done"
    assert shop.use(lambda one: one.policies.in_force().number) == "3.3"


def test_a_refusal_carries_nothing_out(shop: Shop) -> None:
    colleague(shop)
    subject_id = shop.sends(invent())
    placed = shop.json(
        "hold", "place", "--subject", str(subject_id), "--law", "accounting", "--from", "2026-11-01", "--reason", "17"
    )

    def ask(omonat: Omonat) -> str:
        second = omonat.staff.get_by_name("Colleague")
        payload = {"hold": placed["hold_id"]}
        done = omonat.approvals.act(second, "release_hold", payload, "too early?", omonat.clock.now())
        return str(done.approval_id)

    asked = shop.use(ask)
    assert "Refused" in shop.run("approval", "refuse", asked, "--reason", "the audit goes on")
    assert len(shop.json("hold", "list")) == 1
    assert shop.refused("approval", "approve", asked).code == 1


def test_members_are_invited_let_back_in_and_blocked(shop: Shop) -> None:
    link = shop.run("staff", "invite", "Dilnoza", "--role", "support").strip()
    token = Sealed(link.rpartition("/")[2])

    def whose(omonat: Omonat) -> str:
        return omonat.members.find(token, omonat.clock.now())[1].name

    assert shop.use(whose) == "Dilnoza"
    fresh = shop.run("staff", "sign-in-link", "Dilnoza")
    with pytest.raises(LinkSpent):
        shop.use(whose)
    token = Sealed(fresh.strip().rpartition("/")[2])
    assert shop.use(whose) == "Dilnoza"
    assert "blocked" in shop.run("staff", "block", "Dilnoza")
    with pytest.raises(LinkSpent):
        shop.use(whose)
    assert "nobody could administer" in shop.refused("staff", "block", "Officer").err


def test_the_first_link_is_printed_while_nobody_has_a_second_factor(shop: Shop) -> None:
    said = shop.run("init", "--data", shop.data, "--keys", shop.keys)
    assert "/console/invitation/" in said
