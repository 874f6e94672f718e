"""Pages of administration: staff, roles, approvals, measures, incidents, the first run."""

from collections.abc import Iterable

from omonat.kernel.language import translate
from omonat.web.console.administration.words import (
    ACTS,
    APPROVAL_STATES,
    DOMAIN,
    FACTORS,
    MEMBER_STATES,
    PAYLOAD,
    RIGHTS,
    ROLE_NAMES,
    STATE_BADGES,
)
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit
from omonat.web.forms import FieldView

DONE = {
    "roles": "The roles are changed.",
    "role": "The role is changed.",
    "role_reset": "The role is as Omonat brings it.",
    "role_deleted": "The role is deleted.",
    "blocked": "The member is blocked, everywhere, from this moment on.",
    "revoked": "The link does not work any more.",
    "waiting": "A second person is asked. It is carried out when somebody with the same right approves it.",
    "approved": "Approved and carried out.",
    "approved_later": "Approved. The person who asked can carry it out now.",
    "approved_failed": "Approved, but it could not be carried out. See why below.",
    "refused": "Refused. Nothing was carried out.",
    "measure": "The measure is kept.",
    "incident": "The incident is opened; its clocks run from the moment of detection.",
    "step": "The step is kept.",
    "frozen": "Those whom it concerns are kept with the incident.",
    "letters": "The letters are on their way.",
    "duty": "Kept.",
    "confirmed": "Confirmed.",
    "mailed": "The test letter was sent. Look into the mailbox, then confirm that it arrived.",
}


PART = Part(DOMAIN, DONE, lambda visit: {"word": Words(visit), "badges": STATE_BADGES})
said, page = PART.said, PART.page


def error_text(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of an error in the reader's language."""
    return translate(visit.language, "errors", text, **places)


class Words:
    """What a template calls things by: `word.role(name)`, `word.right(right)`."""

    def __init__(self, visit: ConsoleVisit) -> None:
        self._visit = visit

    def role(self, name: str) -> str:
        """A built-in role in words; one's own by its name."""
        return said(self._visit, ROLE_NAMES[name]) if name in ROLE_NAMES else name

    def right(self, right: str) -> str:
        """What a right lets one do."""
        return said(self._visit, RIGHTS[right]) if right in RIGHTS else right

    def purpose(self, purpose: str) -> str:
        """The label of a purpose of the policy."""
        return self._visit.names.purpose(purpose)

    def member_state(self, state: str) -> str:
        """active, invited, blocked."""
        return said(self._visit, MEMBER_STATES[state])

    def factor(self, factor: str) -> str:
        """A second factor."""
        return said(self._visit, FACTORS[factor])

    def act(self, kind: str) -> str:
        """What two people answer for."""
        return said(self._visit, ACTS[kind])

    def approval_state(self, state: str) -> str:
        """How an approval stands."""
        return said(self._visit, APPROVAL_STATES[state])

    def payload(self, name: str) -> str:
        """The name of a fact of an act."""
        return said(self._visit, PAYLOAD[name]) if name in PAYLOAD else name

    def who(self, actor: str) -> str:
        """Who acted, as colleagues read it: a member of the staff by name alone."""
        if actor == "subject":
            return said(self._visit, "the person")
        return actor.removeprefix("staff:") if actor.startswith("staff:") else self._visit.names.actor(actor)

    def listed(self, texts: Iterable[str]) -> str:
        """One after the other, or a dash."""
        return ", ".join(texts) or "–"


def field(
    visit: ConsoleVisit, name: str, label: str, *, value: str = "", hint: str = "", problem: str = "",
    longest: int = 200, required: bool = True, kind: str = "text",
) -> FieldView:  # fmt: skip
    """A field; `label` and `hint` are msgids, `problem` a msgid of the domain `errors`."""
    return FieldView(
        name, said(visit, label), kind, required, longest, value, error_text(visit, problem) if problem else "",
        said(visit, hint) if hint else "",
    )  # fmt: skip


def reason_field(visit: ConsoleVisit, problems: dict[str, str], value: str = "") -> FieldView:
    """Why something is done: kept, so it names nobody's data."""
    return field(
        visit, "reason", "Reason", value=value, problem=problems.get("reason", ""), longest=500,
        hint="It is kept and shown to colleagues and auditors. Name no person and no personal value.",
    )  # fmt: skip


def ticked(posted: dict[str, str], prefix: str) -> list[str]:
    """The boxes that were ticked among those whose names begin with `prefix`."""
    return [name.removeprefix(prefix) for name, value in posted.items() if name.startswith(prefix) and value == "on"]
