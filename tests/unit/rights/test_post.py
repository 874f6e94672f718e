"""Letters: every letter that the rights want is written, in four languages, for mail and for a phone."""

from pathlib import Path

import pytest

from harness.rights import Mailbox, People, new_people
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Settings
from omonat.post import Post
from omonat.rights import Addressed, Wanted
from omonat.storage import Database, data_tables, key_tables

CASE = "01930000-0000-7000-8000-00000000abcd"
FACTS = {
    "case": CASE, "kind": "complain", "outcome": "refused", "due_at": "2026-11-25T18:59:59+00:00", "category": "phone",
    "certificate": CASE, "records": "7", "kept": "2", "recipient": "contractor", "purpose": "contract",
    "categories": "name phone", "at": "2026-11-22T10:00:00+00:00", "ground": "contract",
    "disclosures": f"{CASE} {CASE}",
}  # fmt: skip
LETTERS = (
    "case_opened", "case_closed", "case_reopened", "corrected", "suspended", "destroyed", "disclosed", "recipient_destroyed",
    "recipient_corrected",
)  # fmt: skip


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    folder: Path = tmp_path_factory.mktemp("post")
    databases = [
        Database(f"sqlite:///{folder / name}.db", tables) for name, tables in (("a", data_tables), ("k", key_tables))
    ]
    for database in databases:
        database.create_tables()
    return new_people(databases[0], databases[1], folder)


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru", "en"])
def test_every_letter_is_written(people: People, letter: str, language: str) -> None:
    mail, sms = Mailbox("email"), Mailbox("sms")
    settings = Settings(data=Path("/"), keys=Path("/"), base_url="https://iptelefoniya.uz")
    post = Post({"email": mail, "sms": sms}, people.domain.policies, settings)
    wanted = Wanted(letter=letter, message_id=f"{letter}:1", facts={**FACTS, "letter": letter})
    for kind, to in (("email", "a@example.uz"), ("phone", "+998901234567")):
        post.send(Addressed(kind, Sealed(to), language), wanted)
    for message in (*mail.messages, *sms.messages):
        assert "{" not in message.text + message.subject and len(message.text) > 20
    assert mail.messages[0].subject and not sms.messages[0].subject and "\n" not in sms.messages[0].text


def test_word_for_a_recipient_goes_to_the_office_that_keeps_its_agreement(people: People) -> None:
    post = Post({}, people.domain.policies, Settings(data=Path("/"), keys=Path("/")))
    to = post.find_recipient("contractor")
    assert to is not None and to.to.reveal() == people.domain.policies.in_force().facts.operator.email
    assert post.find_recipient("nobody") is None
