"""Pure rules of the work on cases."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from omonat.kernel.errors import InvalidInput
from omonat.policy import Policy
from omonat.rights import Case, CaseStep
from omonat.rights.model import KINDS
from omonat.support.model import SORTS, TABS, CaseFilter, Message

CATEGORY = "other"
TEXT_LENGTH = 4000
VIEW_NAME_LENGTH = 60
VIEWS = 20

REPLY, COMMENT, FOLLOW_UP = "reply", "staff_comment", "follow_up"
"""Fields of the records of a thread; the first message is the form's own record."""
NOT_NEEDED = ("ip_address", "browser")
"""Evidence of a form: nobody needs it to answer, so it stays shut."""
FIRST = ("message", "comment", "complaint")

DIRECTIONS = {"replied": "out", "wrote": "in", "commented": "note"}
"""Steps that name a record of the thread."""

LETTER_WAITS = timedelta(hours=1)
UNDO_WITHIN = timedelta(hours=1)
REOPEN_WITHIN = timedelta(days=1)
SOON = timedelta(days=3)
DIGEST_AHEAD = timedelta(days=2)

_NUMBER = re.compile(r"[0-9a-f]{12}")
_MAIN_OUTCOME = {"correct": "corrected", "withdraw": "withdrawn", "erase": "kept_by_law"}


def purpose_of(policy: Policy, case: Case) -> tuple[str, str]:
    """(purpose, ground) that the messages of a case are held under: those of its form; else the duty to answer."""
    form = policy.forms.get(case.details.get("form", ""))
    if form is not None:
        return form.purpose, form.ground
    purpose = "legal" if CATEGORY in policy.purposes["legal"].categories else "support"
    return purpose, policy.purposes[purpose].grounds[0]


def outcomes_for(kind: str) -> tuple[str, ...]:
    """What a member may close a case of the kind with, the usual one first."""
    first = _MAIN_OUTCOME.get(kind)
    return tuple(filter(None, (first, "answered", "carried_out", "refused")))


def revision(steps: Iterable[CaseStep]) -> int:
    """Grows with every act of a person; what the system notes by itself is no reason to stop anybody."""
    return sum(not step.actor.startswith("system") for step in steps)


def last_actor(steps: Sequence[CaseStep]) -> str:
    """Who acted last."""
    return next((step.actor for step in reversed(steps) if not step.actor.startswith("system")), "")


def is_letter_out(case: Case) -> bool:
    """Whether the person was told of the end that stands."""
    for step in reversed(case.steps):
        if step.kind == "reopened":
            return False
        if step.kind == "notice_sent" and step.details.get("letter") == "case_closed":
            return True
    return False


def may_reopen(case: Case, now: datetime) -> bool:
    """A wrong end may be taken back for a day, and only where a member of the staff had put it."""
    if case.state == "open" or case.closed_at is None or now > case.closed_at + REOPEN_WITHIN:
        return False
    closing = next((step for step in reversed(case.steps) if step.kind in ("closed", "refused")), None)
    return closing is not None and closing.actor not in ("system", "subject")


def thread(case: Case) -> tuple[Message, ...]:
    """The messages that the steps of a case name, oldest first; what became of those that went out."""
    found: dict[str, Message] = {}
    for step in case.steps:
        record = step.details.get("record", "")
        if step.kind in DIRECTIONS:
            direction = DIRECTIONS[step.kind]
            found[record] = Message(
                message_id=UUID(record), direction=direction, author=step.actor, at=step.at,
                delivery="waiting" if direction == "out" else "",
            )  # fmt: skip
        elif step.kind in _DELIVERED and record in found and found[record].direction == "out":
            found[record] = _with_delivery(found[record], _DELIVERED[step.kind], step.details.get("reason", ""))
    return tuple(found.values())


_DELIVERED = {"reply_sent": "sent", "reply_failed": "failed", "reply_no_address": "no_address",
              "reply_repeated": "waiting"}  # fmt: skip


def _with_delivery(message: Message, delivery: str, reason: str) -> Message:
    named = {name: getattr(message, name) for name in message.__struct_fields__}
    return Message(**{**named, "delivery": delivery, "reason": reason})


def read_text(text: str, name: str = "text") -> str:
    """A message without spaces at its ends. Raises InvalidInput for none, or one that is too long."""
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not text:
        raise InvalidInput({name: "Please fill this in."})
    if len(text) > TEXT_LENGTH:
        raise InvalidInput({name: "This is too long."})
    return text


def read_filter(words: Mapping[str, str]) -> CaseFilter:
    """A filter from an address or a saved view; a word that is none of ours is as if it were not there."""
    tab, kind, assigned = words.get("tab", ""), words.get("kind", ""), words.get("assigned", "")
    return CaseFilter(
        tab=tab if tab in TABS else "open",
        kind=kind if kind in KINDS else "",
        form=words.get("form", "")[:40],
        assigned=assigned if assigned == "nobody" or _is_id(assigned) else "",
        since=_day(words.get("since", "")),
        number=read_number(words.get("number", "")),
        sort="opened" if words.get("sort") == SORTS[1] else "due",
    )


def read_number(typed: str) -> str:
    """The short number of a case out of what was typed: a number as read aloud, or the whole id; else empty."""
    plain = re.sub(r"[^0-9a-f]", "", typed.lower())[-12:]
    return plain if _NUMBER.fullmatch(plain) else ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def begins_with_text(policy: Policy, case: Case) -> bool:
    """Whether the case came with a message of the person's own."""
    form = policy.forms.get(case.details.get("form", ""))
    return case.kind == "complain" or (form is not None and any(name in form.fields for name in FIRST))
