"""The texts of every letter, in four languages. Pure: words, numbers and dates in, `Letter` out.

No letter holds a value of a person but the answer that the staff typed to him; those to the staff hold numbers, kinds
of cases, days and links. Labels (of a purpose, a
category, a recipient, the kind of a case) come from the caller in the language of the letter.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from omonat.kernel.language import long_date, translate

DOMAIN = "letters"


class Letter(NamedTuple):
    """A subject and a text for mail; `sms` is the same in one line, for a phone."""

    subject: str
    text: str
    sms: str

    def for_channel(self, kind: str) -> tuple[str, str]:
        """Subject and text for a channel of the kind: an SMS has neither subject nor room, Telegram no subject."""
        return ("" if kind in ("sms", "telegram") else self.subject, self.sms if kind == "sms" else self.text)


class Letterhead(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, and in which language: operator's name, host of the site, link to the person's own page."""

    language: str
    operator: str
    site: str
    portal: str


class DisclosureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the notice of Art. 23 tells of a disclosure; labels in the language of the letter."""

    recipient: str
    purpose: str
    categories: tuple[str, ...]
    on: date
    ground: str


def sign_in_code(head: Letterhead, *, code: str, minutes: int) -> Letter:
    """The one-time code that opens a person's own page."""
    places = {"code": code, "minutes": minutes}
    return _letter(
        head, "Your sign-in code",
        "Your sign-in code: {code}",
        "It works once, within {minutes} minutes, in the browser that asked for it.",
        "Tell it to nobody: our staff never ask for it. If you did not try to sign in, do nothing.",
        sms="{site}: sign-in code {code}, {minutes} min. Tell it to nobody.", **places,
    )  # fmt: skip


def confirm_identifier(head: Letterhead, *, code: str, minutes: int) -> Letter:
    """The code by which a person shows that an address or phone is his own; until then no news go there."""
    places = {"code": code, "minutes": minutes}
    return _letter(
        head, "Confirm your contact details",
        "Your confirmation code: {code}",
        "Enter it within {minutes} minutes to confirm that this address or number is yours.",
        "If you did not give it to us, do nothing: without confirmation we send no news here.",
        sms="{site}: confirmation code {code}, {minutes} min. Tell it to nobody.", **places,
    )  # fmt: skip


def confirm_consent(head: Letterhead, *, purpose: str, link: str, days: int) -> Letter:
    """Asks whoever reads at an address whether he really wants a mailing; until then nothing else is sent there."""
    places = {"purpose": purpose, "link": link, "days": days}
    return _letter(
        head, "Please confirm your consent",
        "Somebody gave us this address and agreed to: {purpose}.",
        "If it was you, confirm it within {days} days: {link}",
        "If it was not you, do nothing: without confirmation we send nothing here.",
        sms="{site}: confirm your consent ({purpose}): {link}", **places,
    )  # fmt: skip


def disclosed(head: Letterhead, facts: DisclosureFacts) -> Letter:
    """The notice to the subject, owed within three days of handing data to a third party (Art. 23; clause 5.1)."""
    places = {
        "recipient": facts.recipient, "purpose": facts.purpose, "categories": ", ".join(facts.categories),
        "ground": facts.ground, "date": long_date(facts.on, head.language),
    }  # fmt: skip
    return _letter(
        head, "Your personal data were given to a third party",
        "We tell you this under Article 23 of the Law on Personal Data.",
        "Date: {date}\nRecipient: {recipient}\nPurpose: {purpose}\nData: {categories}\nGround: {ground}",
        "If you do not agree, open a case on your page.",
        sms="{site}: on {date} we gave your data to a third party. Details: {portal}", **places,
    )  # fmt: skip


def case_opened(head: Letterhead, *, number: str, kind: str, due_on: date) -> Letter:
    """A person's demand has become a case with a term (clause 7.1)."""
    places = {"number": number, "kind": kind, "due": long_date(due_on, head.language)}
    return _letter(
        head, "Case {number} is open",
        "We have received what you asked for: {kind}.",
        "Case number: {number}\nAnswer due by: {due}",
        "If it was not you, sign in and tell us.",
        sms="{site}: case {number} is open, answer by {due}.", **places,
    )  # fmt: skip


def case_closed(head: Letterhead, *, number: str, kind: str, outcome: str) -> Letter:
    """A case has its answer; `outcome` is a label such as "carried out" or "refused"."""
    return _letter(
        head, "Case {number} is closed",
        "Case {number} ({kind}) is closed.",
        "Outcome: {outcome}",
        "The whole answer is on your page. If you do not agree with it, you may complain to the authorised state body.",
        sms="{site}: case {number} is closed. Answer: {portal}", number=number, kind=kind, outcome=outcome,
    )  # fmt: skip


def corrected(head: Letterhead, *, number: str, category: str) -> Letter:
    """A correction was carried out (Art. 11). Neither the old value nor the new one is in the letter."""
    return _letter(
        head, "Your data were corrected",
        "We have corrected your data as you asked: {category}.",
        "Case number: {number}",
        "If it was not you who asked for this, sign in and tell us.",
        sms="{site}: your data were corrected, case {number}.", number=number, category=category,
    )  # fmt: skip


def destroyed(head: Letterhead, *, certificate: str, records: int, kept: int) -> Letter:
    """A destruction was carried out (Art. 17): how many records went, how many the law keeps."""
    lines = [
        "Certificate of destruction: {certificate}\nRecords destroyed: {records}\nRecords that the law keeps: {kept}"
    ]
    if kept:
        lines.append("What the law obliges us to keep is used for nothing else and is destroyed when its term ends.")
    return _letter(
        head, "Your data were destroyed", "We have destroyed your personal data. They cannot be restored.", *lines,
        sms="{site}: your data were destroyed. Certificate {certificate}.",
        certificate=certificate, records=records, kept=kept,
    )  # fmt: skip


def suspended(head: Letterhead, *, number: str, purposes: tuple[str, ...]) -> Letter:
    """Processing was suspended at the person's demand (Art. 30)."""
    return _letter(
        head, "Processing of your data is suspended",
        "We have temporarily suspended the processing of your personal data.",
        "Purposes: {purposes}\nCase number: {number}",
        "You can resume it on your page at any time.",
        sms="{site}: processing of your data is suspended, case {number}.",
        number=number, purposes=", ".join(purposes),
    )  # fmt: skip


def new_version(head: Letterhead, *, number: str, in_force_on: date, link: str) -> Letter:
    """A new version of the policy is in force (clause 9.2); `link` shows what has changed."""
    return _letter(
        head, "Our privacy policy has changed",
        "Version {number} of our privacy policy is in force from {date}.",
        "What has changed, clause by clause: {link}",
        "If you do not agree, you can withdraw your consents or ask us to delete your data.",
        sms="{site}: new privacy policy, version {number}. Changes: {link}",
        number=number, date=long_date(in_force_on, head.language), link=link,
    )  # fmt: skip


def contact_received(head: Letterhead, *, number: str) -> Letter:
    """A message from the contact form has arrived (clause 10.1)."""
    return _letter(
        head, "We have received your message",
        "Thank you for your message. Its number is {number}.",
        "We will answer you at the contact details that you gave.",
        sms="{site}: we have received your message, number {number}.", number=number,
    )  # fmt: skip


def joined(head: Letterhead, *, days: int) -> Letter:
    """Two records of the operator turned out to be one person's: said to everybody who had proven an address."""
    return _letter(
        head, "We have joined two records about you",
        "We held data about you under two numbers, and have joined them into one record.",
        "Sign in to see everything that we hold about you.",
        "If this is wrong, tell us within {days} days: we will separate them again.",
        sms="{site}: we have joined two records about you. Is this wrong? Tell us: {portal}", days=days,
    )  # fmt: skip


def separated(head: Letterhead, *, days: int) -> Letter:
    """What was held as one person's was two people's, or a joining was taken back."""
    return _letter(
        head, "We have separated records",
        "Forms of two different people were held as one person's. We have separated them.",
        "Sign in to see everything that we hold about you.",
        "If this is wrong, tell us within {days} days.",
        sms="{site}: we have separated records that were not one person's. Details: {portal}", days=days,
    )  # fmt: skip


def recipient_corrected(language: str, *, recipient: str, disclosures: str, category: str) -> Letter:
    """To a recipient of data, or to the operator who tells it (Art. 31): what to correct, by the ids of disclosures."""
    text = translate(
        language, DOMAIN,
        "Data that {recipient} received from us were corrected: {category}. Ask us for the corrected data.",
        recipient=recipient, category=category,
    )  # fmt: skip
    return _to_recipient(language, translate(language, DOMAIN, "Correct data that you received"), text, disclosures)


def recipient_destroyed(language: str, *, recipient: str, disclosures: str) -> Letter:
    """To a recipient of data, or to the operator who tells it (Arts 17, 31): what to destroy, by ids of disclosures."""
    text = translate(
        language, DOMAIN,
        "The person whose data {recipient} received from us demanded their destruction. Destroy them and confirm it.",
        recipient=recipient,
    )  # fmt: skip
    return _to_recipient(language, translate(language, DOMAIN, "Destroy data that you received"), text, disclosures)


def _to_recipient(language: str, subject: str, text: str, disclosures: str) -> Letter:
    numbers = translate(language, DOMAIN, "Numbers of the disclosures: {numbers}", numbers=disclosures)
    return Letter(subject, f"{text}\n\n{numbers}\n", _short(subject))


class CaseLine(NamedTuple):
    """A case in a letter to the staff: `kind` is a label in the language of the letter."""

    number: str
    kind: str
    due_on: date
    overdue: bool = False


_STAFF_SUBJECTS = {
    "new": "New case {number}",
    "assigned": "Case {number} is given to you",
    "message": "A further message in case {number}",
}


def staff_case(language: str, why: str, line: CaseLine, *, link: str) -> Letter:
    """To the staff about one case: number, kind, day and link only, because mail leaves the house."""
    subject = translate(language, DOMAIN, _STAFF_SUBJECTS[why], number=line.number)
    where = translate(language, DOMAIN, "Open it after signing in: {link}", link=link)
    return Letter(subject, f"{_line(language, line)}\n\n{where}\n", _short(f"{subject}: {link}"))


def staff_cases(language: str, why: str, lines: Sequence[CaseLine], *, count: int, link: str) -> Letter:
    """To the staff about several: `why` assigned, or due (overdue, or due within two days)."""
    if why == "due":
        subject = translate(language, DOMAIN, "Cases that are overdue or due soon: {count}", count=count)
    else:
        subject = translate(language, DOMAIN, "Cases that are given to you: {count}", count=count)
    where = translate(language, DOMAIN, "Open it after signing in: {link}", link=link)
    listed = "\n".join(_line(language, line) for line in lines)
    return Letter(subject, f"{listed}\n\n{where}\n", _short(f"{subject}. {link}"))


def _line(language: str, line: CaseLine) -> str:
    places = {"number": line.number, "kind": line.kind, "due": long_date(line.due_on, language)}
    if line.overdue:
        return translate(language, DOMAIN, "Overdue: {number}, {kind}, was due on {due}", **places)
    return translate(language, DOMAIN, "{number}: {kind}, answer due by {due}", **places)


def case_reply(head: Letterhead, *, number: str, text: str) -> Letter:
    """The answer to a message: what a member of the staff typed. The message itself is not repeated."""
    return _letter(
        head, "Our answer in case {number}",
        "{answer}",
        "To write back, sign in to your page and open case {number}. Answers to this letter may not reach us.",
        sms="{site}: we have answered you, case {number}. {portal}", number=number, answer=text,
    )  # fmt: skip


def case_reopened(head: Letterhead, *, number: str, kind: str) -> Letter:
    """A case that was told closed is open again: the staff saw that the end was wrong."""
    return _letter(
        head, "Case {number} is open again",
        "We have opened case {number} ({kind}) again: it was closed too early.",
        "You will be told when it is closed.",
        sms="{site}: case {number} is open again.", number=number, kind=kind,
    )  # fmt: skip


def webhook_switched_off(language: str, *, link: str) -> Letter:
    """To the administrator: a connected system has not answered for days, so nothing is sent there any more."""
    subject = translate(language, DOMAIN, "A webhook was switched off")
    text = translate(
        language, DOMAIN, "A connected system has not answered for days, so nothing is sent there any more."
    )
    where = translate(language, DOMAIN, "Open it after signing in: {link}", link=link)
    return Letter(subject, f"{text}\n\n{where}\n", _short(f"{subject}: {link}"))


def staff_invited(language: str, *, link: str, until: str) -> Letter:
    """To a new member of the staff: the link, and nothing about anybody."""
    subject = translate(language, DOMAIN, "Your access to the console")
    lines = (
        translate(
            language, DOMAIN, "An account of the console was made for you. Open this link and set up your sign-in:"
        ),
        link,
        translate(language, DOMAIN, "It works once, until {until}. Give it to nobody.", until=until),
        translate(language, DOMAIN, "If you do not know what this is about, delete this letter."),
    )
    return Letter(subject, "\n\n".join(lines) + "\n", _short(f"{subject}: {link}"))


def test_letter(language: str, *, site: str) -> Letter:
    """Shows that letters arrive."""
    subject = translate(language, DOMAIN, "A test letter of {site}", site=site)
    text = translate(
        language, DOMAIN, "This letter shows that {site} can send letters. Nothing needs to be done.", site=site
    )
    return Letter(subject, f"{text}\n", _short(subject))


def incident(head: Letterhead, *, number: str, what: str, categories: tuple[str, ...], happened: str) -> Letter:
    """To somebody whose data an incident concerns. `what`: as the officer wrote it, about the processing only."""
    return _letter(
        head, "An incident that concerns your data",
        "Something happened that concerns personal data which we hold about you.",
        "What happened: {what}",
        "When: {happened}\nWhich data: {categories}\nCase number: {number}",
        "On your page you see what we hold about you and who has read it. You can write to us there.",
        sms="{site}: an incident concerns your data, case {number}. Details: {portal}",
        number=number, what=what, categories=", ".join(categories), happened=happened,
    )  # fmt: skip


def receipt(head: Letterhead) -> Letter:
    """Around the files of a receipt that the person asked for on the own page."""
    return _letter(
        head, "Your receipt",
        "You asked for this receipt on your page of {site}. It is attached twice: once to read, and once as a "
        "file that anyone can check.",
        "Keep it: it proves, without our database, what was recorded. How to check it stands on your page.",
        "If you did not ask for it, sign in and see under “Who read or used my data” what happened.",
        sms="{site}: your receipt is on its way by mail.",
    )  # fmt: skip


def _letter(head: Letterhead, subject: str, *paragraphs: str, sms: str, **places: object) -> Letter:
    """Greeting, paragraphs, sender and link. Every place is filled, with `{site}` and `{portal}` from the head."""
    filled = {**places, "site": head.site, "portal": head.portal}

    def say(text: str) -> str:
        return translate(head.language, DOMAIN, text, **filled)

    body = [say("Hello,"), *(say(paragraph) for paragraph in paragraphs)]
    body.append(f"{head.operator}\n{say('Your data and your rights: {portal}')}")
    return Letter(say(subject), "\n\n".join(body) + "\n", _short(say(sms)))


def _short(text: str) -> str:
    """One line. A plain apostrophe for ʻ and ʼ keeps Uzbek Latin in the 160 letters of GSM 03.38, not in 70."""
    return " ".join(text.replace("ʻ", "'").replace("ʼ", "'").split())
