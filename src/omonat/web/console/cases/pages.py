"""Pages of the work on cases, and what their codes are called."""

from typing import Any

from litestar import Response

from omonat.kernel.errors import Denied, OmonatError
from omonat.kernel.language import translate
from omonat.web.console.pages import console_page
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


def said(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of this part in the reader's language."""
    return translate(visit.language, DOMAIN, text, **places)


def page(visit: ConsoleVisit, template: str, *, title: str, status: int = 200, **context: Any) -> Response[str]:
    """One page; `title` is an English msgid of the domain `console_cases`."""
    done = DONE.get(visit.request.query_params.get("done", ""), "")
    return console_page(
        visit, f"console_cases/{template}.html", title=said(visit, title), status=status,
        **{"said_done": said(visit, done) if done else "", "wrong": "", **_options(visit), **context},
    )  # fmt: skip


def _options(visit: ConsoleVisit) -> dict[str, Any]:
    """Choices as pairs for the macro `select`, and texts of problems."""
    names = visit.names
    nobody, none = said(visit, "Nobody"), said(visit, "No refusal")
    return {
        "member_options": lambda members: [("", nobody), *((str(each.staff_id), each.name) for each in members)],
        "outcome_options": lambda words: [(word, names.word("outcome", word)) for word in words],
        "reason_options": lambda words: [("", none), *((word, names.word("refusal", word)) for word in words)],
        "errors_t": lambda text: translate(visit.language, "errors", text),
    }


def reason(visit: ConsoleVisit, code: str) -> str:
    """What a code means: one of ours, or of the decision about data."""
    text = REASONS.get(code)
    return said(visit, text) if text else visit.names.word("reason", code)


def explained(visit: ConsoleVisit, error: OmonatError) -> str:
    """An error in one line, with its advice."""
    if isinstance(error, Denied):
        codes = str(error.details.get("reasons", "")).split(", ")
        return said(visit, "This cannot be done: {reasons}.", reasons=", ".join(reason(visit, code) for code in codes))
    title, advice = told(visit.language, error)
    return f"{title} {advice}"
