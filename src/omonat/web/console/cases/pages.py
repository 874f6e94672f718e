"""Pages of the work on cases, and what their codes are called."""

from typing import Any

from omonat.kernel.errors import Denied, OmonatError
from omonat.kernel.language import translate
from omonat.support import CaseChanged
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit
from omonat.web.pages import told

DOMAIN = "console_cases"

DONE = {
    "replied": "Your answer is kept in the case and on its way to the person.",
    "closed_with_reply": "Your answer is on its way, and the case is closed.",
    "commented": "Your note is kept.",
    "assigned": "The case is given on.",
    "taken": "The case is yours.",
    "closed": "The case is closed. The letter to the person leaves in an hour; until then you can take it back.",
    "reopened": "The case is open again.",
    "repeated": "The answer is sent once more.",
    "saved": "The view is kept.",
    "deleted": "The view is deleted.",
    "undone": "The act is taken back where nobody had acted since.",
}

REASONS = {
    "case_closed": "the case is closed",
    "case_open": "the case is open",
    "erased": "the data are deleted",
    "too_late_to_reopen": "it is too late to take this end back",
    "too_late_to_undo": "it is too late to take this act back",
    "changed_since": "somebody has given the case to another since",
    "letter_is_out": "the person has been told already",
    "purpose_not_of_your_role": "your role may not state the purpose of this case",
    "not_found": "there is no such case",
    "case_changed": "somebody else has acted on the case",
    "conflict": "somebody else has acted on the case",
}
"""What stands in the way, by the code of a door or of an error."""


STEPS = {
    "notice_sent": "the person was told in writing",
    "notice_failed": "the letter to the person could not be delivered",
    "notice_not_possible": "no letter: the person has no confirmed address",
    "commented": "note between the staff",
    "wrote": "the person wrote further",
    "replied": "answered",
    "reply_sent": "the answer was sent by e-mail",
    "reply_failed": "the answer could not be delivered by e-mail",
    "reply_no_address": "the answer is on the person's page; the case names no e-mail address",
    "reply_repeated": "the answer is sent once more",
    "assigned": "given to",
    "unassigned": "given to nobody any more",
}
"""Steps as the staff read them; the others have one name for everybody."""

GROUNDS = {"consent": "the person's consent", "contract": "a contract with the person", "law": "a duty by law"}


PART = Part(DOMAIN, DONE, lambda visit: {"wrong": "", **_options(visit)})
said, page = PART.said, PART.page


def _options(visit: ConsoleVisit) -> dict[str, Any]:
    """Choices as pairs for the macro `select`, and texts of problems."""
    names = visit.names
    nobody, none = said(visit, "Nobody"), said(visit, "No refusal")
    return {
        "member_options": lambda members: [("", nobody), *((str(each.staff_id), each.name) for each in members)],
        "outcome_options": lambda words: [(word, names.word("outcome", word)) for word in words],
        "reason_options": lambda words: [("", none), *((word, names.word("refusal", word)) for word in words)],
        "step_name": lambda kind: step_name(visit, kind),
        "ground_name": lambda ground: ground_name(visit, ground),
        "errors_t": lambda msgid: translate(visit.language, "errors", msgid),
    }


def reason(visit: ConsoleVisit, code: str) -> str:
    """What a code means: one of ours, or of the decision about data."""
    text = REASONS.get(code)
    return said(visit, text) if text else visit.names.word("reason", code)


def step_name(visit: ConsoleVisit, kind: str) -> str:
    """What a step is called among the staff."""
    text = STEPS.get(kind)
    return said(visit, text) if text else visit.names.word("step", kind)


def ground_name(visit: ConsoleVisit, ground: str) -> str:
    """What a ground is called among the staff."""
    text = GROUNDS.get(ground)
    return said(visit, text) if text else ground


def explained(visit: ConsoleVisit, error: OmonatError) -> str:
    """An error in one line, with its advice."""
    if isinstance(error, Denied):
        codes = str(error.details.get("reasons", "")).split(", ")
        return said(visit, "This cannot be done: {reasons}.", reasons=", ".join(reason(visit, code) for code in codes))
    if isinstance(error, CaseChanged) and error.details["who"] == "subject":
        error = CaseChanged(who=said(visit, "the person"))
    title, advice = told(visit.language, error)
    return f"{title} {advice}"
