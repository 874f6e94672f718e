"""Double opt-in (a fact of the policy): a consent by a channel waits until its address has answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from omonat.consent.links import CONFIRM_FOR
from omonat.consent.model import ANY_PROVABLE, ConsentLetter, Evidence
from omonat.jobs import Outbox
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.policy import Policy

CHANNEL_KINDS = {"email": "email", "sms": "phone", "telegram": "phone"}
"""Channel to the kind of identifier that it writes to."""

PENDING, CONFIRMED = "pending", "confirmation"
LONGEST_REFERENCE = 120


def must_confirm(policy: Policy, purpose: str, channel: str, proven: frozenset[str]) -> bool:
    """Whether consent has to wait: the policy asks for it here, and no address of that kind (`proven`) was shown."""
    declared = policy.purposes.get(purpose)
    asked = declared is not None and channel in declared.double_opt_in
    return asked and CHANNEL_KINDS[channel] not in proven


def still_waits(policy: Policy, line: dict[str, Any], now: datetime) -> bool:
    """Whether the last word on a purpose and channel can still be answered under the version in force.

    No longer than its link lives: an address that is proven later, for another reason, must not give what its reader
    has forgotten. And not when this version goes beyond what was asked (9.2): nobody agrees to what he was not told.
    """
    if line["action"] != PENDING or now >= line["at"] + CONFIRM_FOR:
        return False
    return (line["policy_number"], line["purpose"], line["channel"]) not in policy.lapsed


def word_now(policy: Policy, line: dict[str, Any], now: datetime, *, is_last: bool) -> str:
    """What a line of the history is called now. Nobody is told that a consent waits for him which he cannot give.

    `pending` only while its link can be answered; `was_pending` where a later word followed, `unconfirmed` where the
    link is dead: it ran out, or a new version went beyond what was asked.
    """
    if line["action"] != PENDING:
        return str(line["action"])
    if not is_last:
        return "was_pending"
    return PENDING if still_waits(policy, line, now) else "unconfirmed"


def evidence_of_answer(letter: ConsentLetter | None, now: datetime) -> Evidence | None:
    """What proves an answer by the link of a letter: the message that carried it, and when it was answered (Art. 31).

    None where no letter is known: a code was typed, or the letter went out before letters were kept.
    """
    if letter is None:
        return None
    return Evidence(
        form=ANY_PROVABLE, method=letter.channel, given_at=now, actor="subject",
        reference=letter.message_id[:LONGEST_REFERENCE],
    )  # fmt: skip


def ask_to_confirm(
    outbox: Outbox, tx: Connection, subject_id: SubjectId, consent_id: ConsentId, *, language: str, now: datetime
) -> None:
    """Want the letter that asks at the address, with the act that it belongs to."""
    payload = {"subject": str(subject_id), "consent": str(consent_id), "language": language}
    outbox.add(tx, kind="consent_confirm", business_key=f"confirm:{consent_id}", payload=payload, now=now)
