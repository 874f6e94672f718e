"""Floor 6: letters to people. Turns what the rights want said into a letter, and hands it to a channel.

Ids and words come in, labels of the policy in force go out; no value of a person but the address ever passes here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from omonat.consent import unsubscribe_url
from omonat.documents import Names
from omonat.incidents import Incident
from omonat.kernel.clock import local_date
from omonat.kernel.ids import new_id
from omonat.kernel.language import long_date, long_moment
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Settings
from omonat.law import read_rule_pack
from omonat.notify import Attachment, Channel, Letter, Message, letters
from omonat.notify.letters import CaseLine, DisclosureFacts, Letterhead
from omonat.people.regrouping_model import UNDO_FOR
from omonat.policy import Policies
from omonat.receipts import MailedFile
from omonat.rights import Addressed, Delivered, Wanted, case_number
from omonat.support import StaffLetter

CHANNEL_FOR = {"email": "email", "phone": "sms"}
TELEGRAM = "telegram"
OPERATORS_LANGUAGE = "uz-Latn"
UNDO_DAYS = UNDO_FOR.days


class Post:
    """The `Post` of omonat.rights, over the channels of this installation."""

    def __init__(self, channels: Mapping[str, Channel], policies: Policies, settings: Settings) -> None:
        self._channels = channels
        self._policies = policies
        self._settings = settings
        self.told_of_incident: Callable[[UUID, str], tuple[Incident, str]] | None = None

    def send(self, to: Addressed, wanted: Wanted) -> Delivered:
        """Write and deliver. Raises DeliveryFailed, Misconfigured."""
        token, facts = wanted.facts.get("unsubscribe", ""), wanted.facts
        one_click = unsubscribe_url(self._settings.base_url, facts["purpose"], facts["channel"], token) if token else ""
        letter = self._write(to.language, wanted)
        return self._deliver(to, letter, wanted.message_id, unsubscribe=one_click, channel=facts.get("channel", ""))

    def send_reply(self, to: Addressed, *, case_id: str, text: Sealed[str], message_id: str) -> None:
        """What a member of the staff typed, and nothing else of the case. Raises DeliveryFailed, Misconfigured."""
        letter = letters.case_reply(self._head(to.language), number=case_number(case_id), text=text.reveal())
        self._deliver(to, letter, message_id)

    def send_receipt(self, to: Addressed, files: tuple[MailedFile, ...], message_id: str) -> None:
        """A receipt that the person asked for, as files. Raises DeliveryFailed, Misconfigured."""
        attached = tuple(Attachment(name=one.name, media=one.media, content=one.content) for one in files)
        self._deliver(to, letters.receipt(self._head(to.language)), message_id, attachments=attached)

    def send_to_staff(self, to: Sealed[str] | None, letter: StaffLetter) -> None:
        """Numbers, kinds, days and a link only: the operator's mailbox may be abroad (Art. 15)."""
        facts = self._policies.in_force().facts
        addressed = Addressed("email", to or Sealed(facts.operator.email), OPERATORS_LANGUAGE)
        names = Names(OPERATORS_LANGUAGE, facts, read_rule_pack(facts.law))
        lines = [
            CaseLine(case_number(each.case_id), names.word("case", each.kind), local_date(each.due_at), each.overdue)
            for each in letter.lines
        ]
        cases = f"{self._settings.base_url}/{OPERATORS_LANGUAGE}/console/cases"
        if letter.why != "due" and len(lines) == 1:
            link = f"{cases}/{letter.lines[0].case_id}"
            written = letters.staff_case(OPERATORS_LANGUAGE, letter.why, lines[0], link=link)
        else:
            link = f"{cases}?tab=mine" if letter.why == "assigned" else cases
            written = letters.staff_cases(OPERATORS_LANGUAGE, letter.why, lines, count=letter.count, link=link)
        self._deliver(addressed, written, letter.message_id)

    def tell_of_webhook(self, endpoint_id: str, event_id: str) -> None:
        """A webhook was switched off because nobody answered; the mail says where to look, and nothing else."""
        to = Addressed("email", Sealed(self._policies.in_force().facts.operator.email), OPERATORS_LANGUAGE)
        link = f"{self._settings.base_url}/{OPERATORS_LANGUAGE}/console/webhooks/{endpoint_id}"
        letter = letters.webhook_switched_off(OPERATORS_LANGUAGE, link=link)
        self._deliver(to, letter, f"webhook:{event_id}")

    def invite_member(self, to: Sealed[str], language: str, token: Sealed[str], until: datetime) -> None:
        """The link of a new member of the staff, to the address that the inviter gave."""
        link = f"{self._settings.base_url}/{language}/console/invitation/{token.reveal()}"
        letter = letters.staff_invited(language, link=link, until=long_moment(until, language))
        self._deliver(Addressed("email", to, language), letter, f"invitation:{new_id()}")

    def send_test(self, to: Sealed[str], language: str) -> None:
        """Shows whether mail works. Raises DeliveryFailed, Misconfigured."""
        letter = letters.test_letter(language, site=urlsplit(self._settings.base_url).netloc)
        self._deliver(Addressed("email", to, language), letter, f"test:{new_id()}")

    def _deliver(
        self, to: Addressed, letter: Letter, message_id: str,
        *, unsubscribe: str = "", attachments: tuple[Attachment, ...] = (), channel: str = "",
    ) -> Delivered:  # fmt: skip
        """`channel`: what the letter is about; a phone is asked there, where it is set up, and else by SMS."""
        kind = CHANNEL_FOR[to.kind]
        if (to.kind, channel) == ("phone", TELEGRAM) and TELEGRAM in self._channels:
            kind = TELEGRAM
        subject, text = letter.for_channel(kind)
        message = Message(
            to=to.to, subject=subject, text=text, message_id=message_id, unsubscribe=unsubscribe,
            attachments=attachments,
        )  # fmt: skip
        return Delivered(kind, self._channels[kind].send(message) or message_id)

    def find_recipient(self, recipient: str) -> Addressed | None:
        """Recipients are written to through the operator's own office, which keeps their agreements (clause 5.1)."""
        facts = self._policies.in_force().facts
        if recipient not in facts.recipients:
            return None
        return Addressed("email", Sealed(facts.operator.email), OPERATORS_LANGUAGE)

    def _write(self, language: str, wanted: Wanted) -> Letter:
        facts = self._policies.in_force().facts
        names = Names(language, facts, read_rule_pack(facts.law))
        head = self._head(language)
        if wanted.letter == "confirm_consent" and wanted.code is not None:
            link = f"{self._settings.base_url}/{language}/confirm/{wanted.code.reveal()}"
            purpose = f"{names.purpose(wanted.facts['purpose'])} ({names.channel(wanted.facts['channel'])})"
            return letters.confirm_consent(head, purpose=purpose, link=link, days=int(wanted.facts["days"]))
        if wanted.code is not None:
            return _code_letter(head, wanted, wanted.code)
        if wanted.letter == "incident":
            return self._incident(head, names, wanted.facts)
        return _LETTERS[wanted.letter](head, names, wanted.facts)

    def _incident(self, head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
        assert self.told_of_incident is not None  # wired by app.py
        told, what = self.told_of_incident(UUID(facts["incident"]), head.language)
        days = [long_date(day, head.language) for day in (told.happened_from, told.happened_until) if day is not None]
        return letters.incident(
            head, number=case_number(facts["case"]), what=what, happened=" – ".join(dict.fromkeys(days)) or "?",
            categories=tuple(names.category(each) for each in told.categories) or ("?",),
        )  # fmt: skip

    def _head(self, language: str) -> Letterhead:
        site = self._settings.base_url
        return Letterhead(
            language=language, operator=self._policies.in_force().facts.operator.name[language],
            site=urlsplit(site).netloc, portal=f"{site}/{language}/my",
        )  # fmt: skip


def _code_letter(head: Letterhead, wanted: Wanted, code: Sealed[str]) -> Letter:
    write = letters.sign_in_code if wanted.letter == "sign_in_code" else letters.confirm_identifier
    return write(head, code=code.reveal(), minutes=int(wanted.facts["minutes"]))


def _opened(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    due_on = local_date(datetime.fromisoformat(facts["due_at"]))
    return letters.case_opened(
        head, number=case_number(facts["case"]), kind=names.word("case", facts["kind"]), due_on=due_on
    )


def _closed(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.case_closed(
        head, number=case_number(facts["case"]), kind=names.word("case", facts["kind"]),
        outcome=names.word("outcome", facts["outcome"]),
    )  # fmt: skip


def _reopened(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.case_reopened(head, number=case_number(facts["case"]), kind=names.word("case", facts["kind"]))


def _corrected(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.corrected(head, number=case_number(facts["case"]), category=names.category(facts["category"]))


def _suspended(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.suspended(head, number=case_number(facts["case"]), purposes=(names.purpose(None),))


def _destroyed(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.destroyed(
        head, certificate=facts["certificate"], records=int(facts["records"]), kept=int(facts["kept"])
    )


def _disclosed(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    told = DisclosureFacts(
        recipient=names.recipient(facts["recipient"]), purpose=names.purpose(facts["purpose"]),
        categories=tuple(names.category(each) for each in facts["categories"].split()),
        on=local_date(datetime.fromisoformat(facts["at"])), ground=names.word("ground", facts["ground"]),
    )  # fmt: skip
    return letters.disclosed(head, told)


def _joined(head: Letterhead, _names: Names, _facts: Mapping[str, str]) -> Letter:
    return letters.joined(head, days=UNDO_DAYS)


def _separated(head: Letterhead, _names: Names, _facts: Mapping[str, str]) -> Letter:
    return letters.separated(head, days=UNDO_DAYS)


def _recipient_corrected(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.recipient_corrected(
        head.language, recipient=names.recipient(facts["recipient"]), disclosures=facts["disclosures"],
        category=names.category(facts["category"]),
    )  # fmt: skip


def _recipient_destroyed(head: Letterhead, names: Names, facts: Mapping[str, str]) -> Letter:
    return letters.recipient_destroyed(
        head.language, recipient=names.recipient(facts["recipient"]), disclosures=facts["disclosures"]
    )


_LETTERS: dict[str, Callable[[Letterhead, Names, Mapping[str, str]], Letter]] = {
    "case_opened": _opened, "case_closed": _closed, "corrected": _corrected, "suspended": _suspended,
    "joined": _joined, "separated": _separated, "case_reopened": _reopened, "destroyed": _destroyed,
    "disclosed": _disclosed,
    "recipient_destroyed": _recipient_destroyed, "recipient_corrected": _recipient_corrected,
}  # fmt: skip
