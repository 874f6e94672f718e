"""Pages about people and contracts, and what their words are called."""

from typing import TYPE_CHECKING, Any

from omonat.kernel.errors import Denied, InvalidInput, OmonatError
from omonat.kernel.ids import SubjectId, to_id
from omonat.kernel.language import translate
from omonat.web.console.pages import moved
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit
from omonat.web.forms import FieldView
from omonat.web.pages import told

if TYPE_CHECKING:
    from litestar.response import Redirect

DOMAIN = "console_people"

DONE = {
    "opened": "The card is open for a quarter of an hour. The person sees that you opened it, when and why.",
    "closed": "The card is closed.",
    "corrected": "Corrected. Everyone who had received the old value is being told.",
    "suspended": "Processing is suspended. Nobody uses this person's data until it is lifted.",
    "lifted": "Processing goes on.",
    "objected": "The data are no longer used for this purpose.",
    "allowed": "The objection is taken back.",
    "withdrawn": "The consent is withdrawn, from this moment on.",
    "recorded": "The consent is recorded with its proof. The person sees both.",
    "joined": "The two are one person now. This can be undone for seven days.",
    "separated": "They are two people now. This can be undone for seven days.",
    "undone": "It is undone.",
    "drafted": "The contract is drafted. Start it when both sides have signed.",
    "started": "The contract runs: from now on it is a ground.",
    "ended": "The contract has ended: the terms of what rested on it have begun.",
    "annulled": "The contract is annulled.",
    "added": "The document is kept.",
}

KINDS = {
    "phone": "Phone number",
    "email": "E-mail address",
    "contract": "Number of a contract",
    "case": "Number of a case",
    "subject": "Id of the person",
}
FOUND = {
    "proven": "confirmed: a code was answered",
    "claimed": "only typed into a form",
    "contract": "has this contract",
    "case": "opened this case",
    "subject": "has this id",
}
HOW = {"phone": "by phone", "paper": "on paper", "visit": "in person", "mail": "by post or e-mail"}
EVIDENCE = {
    "code_answered": "A code was answered at an address that both name",
    "called_back": "I called back on a confirmed number that both name",
    "document_seen": "I have seen an identity document",
}
STATES = {"draft": "draft", "running": "running", "ended": "ended", "annulled": "annulled"}
PROOF = {"proven": "confirmed", "claimed": "only typed"}
SIGNS = {
    "phone_both_proven": "both have confirmed the same phone number",
    "phone_one_proven": "the same phone number, confirmed by one and typed by the other",
    "phone_both_claimed": "both typed the same phone number",
    "email_both_proven": "both have confirmed the same e-mail address",
    "email_one_proven": "the same e-mail address, confirmed by one and typed by the other",
    "email_both_claimed": "both typed the same e-mail address",
    "other_phone_proven": "each has confirmed another phone number",
    "other_email_proven": "each has confirmed another e-mail address",
    "nothing_proven": "nothing that they share is confirmed: anybody can type a number",
}
CONFLICTS = {
    "both_proven": "Both have confirmed addresses. Those of the one that goes are only typed addresses afterwards, until the person confirms them again: so nobody gets in by mistake.",  # noqa: E501 - one sentence of the page
    "consents_differ": "Their consents differ: the later word counts.",
    "restrictions_spread": "A suspension or objection of one holds for both.",
    "holds_come_along": "Holds by law come along.",
    "earlier_not_undone": "Earlier joinings of the one that goes can no longer be undone.",
    "journal_stays": "The journal of readings and disclosures stays here.",
    "shared_becomes_claimed": "An address that forms of both name stays confirmed here and is only typed there.",
    "restrictions_copied": "Suspensions and objections hold on both sides.",
}
COUNTS = {
    "forms": "sent forms", "consents": "consents", "cases": "cases", "contracts": "contracts",
    "disclosures": "disclosures", "restrictions": "restrictions", "holds": "holds by law", "journal": "journal lines",
}  # fmt: skip
GROUNDS = {"consent": "the person's consent", "contract": "a contract with the person", "law": "a duty by law"}
REGROUPINGS = {"merged": "joined", "split": "separated"}


PART = Part(DOMAIN, DONE, lambda visit: {"problems": {}, "wrong": "", **_names(visit)})
said, page = PART.said, PART.page


def _names(visit: ConsoleVisit) -> dict[str, Any]:
    """What words are called, and choices as pairs for the macro `select`."""
    return {
        "kind_name": lambda word: kind_name(visit, word),
        "found_name": lambda word: found_name(visit, word),
        "state_name": lambda word: state_name(visit, word),
        "proof_name": lambda word: proof_name(visit, word),
        "sign_name": lambda word: sign_name(visit, word),
        "conflict_name": lambda word: conflict_name(visit, word),
        "count_name": lambda word: count_name(visit, word),
        "ground_name": lambda word: ground_name(visit, word),
        "evidence_name": lambda word: evidence_name(visit, word),
        "regrouping_name": lambda word: regrouping_name(visit, word),
        "reasons": lambda codes: ", ".join(visit.names.word("reason", code) for code in codes),
        "how_options": [(word, how_name(visit, word)) for word in HOW],
        "evidence_options": [(word, evidence_name(visit, word)) for word in EVIDENCE],
        "purpose_options": [(word, visit.names.purpose(word)) for word in own_purposes(visit)],
        "errors_t": lambda text: translate(visit.language, "errors", text),
        "short": lambda found: str(found)[-12:],
    }


def own_purposes(visit: ConsoleVisit) -> list[str]:
    """The purposes that this member may state, in the order of the policy."""
    return [purpose for purpose in visit.policy.purposes if purpose in visit.account.purposes]


def kind_name(visit: ConsoleVisit, word: str) -> str:
    """What a person is searched by."""
    return said(visit, KINDS[word]) if word in KINDS else word


def found_name(visit: ConsoleVisit, word: str) -> str:
    """Why somebody was found."""
    return said(visit, FOUND[word]) if word in FOUND else word


def state_name(visit: ConsoleVisit, word: str) -> str:
    """The state of a contract."""
    return said(visit, STATES[word]) if word in STATES else word


def proof_name(visit: ConsoleVisit, word: str) -> str:
    """Whether an address is confirmed."""
    return said(visit, PROOF[word]) if word in PROOF else word


def sign_name(visit: ConsoleVisit, word: str) -> str:
    """What speaks for or against one person."""
    return said(visit, SIGNS[word]) if word in SIGNS else word


def conflict_name(visit: ConsoleVisit, word: str) -> str:
    """What to know before joining or separating."""
    return said(visit, CONFLICTS[word]) if word in CONFLICTS else word


def count_name(visit: ConsoleVisit, word: str) -> str:
    """What is counted in a preview."""
    return said(visit, COUNTS[word]) if word in COUNTS else word


def ground_name(visit: ConsoleVisit, word: str) -> str:
    """What a ground is called among the staff."""
    return said(visit, GROUNDS[word]) if word in GROUNDS else word


def evidence_name(visit: ConsoleVisit, word: str) -> str:
    """How it is known that two are one."""
    return said(visit, EVIDENCE[word]) if word in EVIDENCE else word


def how_name(visit: ConsoleVisit, word: str) -> str:
    """How a person asked."""
    return said(visit, HOW[word]) if word in HOW else word


def regrouping_name(visit: ConsoleVisit, word: str) -> str:
    """Joined or separated."""
    return said(visit, REGROUPINGS[word]) if word in REGROUPINGS else word


def explained(visit: ConsoleVisit, error: OmonatError) -> str:
    """An error in one line, with its advice."""
    if isinstance(error, Denied):
        codes = str(error.details.get("reasons", "")).split(", ")
        reasons = ", ".join(visit.names.word("reason", code) for code in codes)
        return said(visit, "This cannot be done: {reasons}.", reasons=reasons)
    if isinstance(error, InvalidInput):
        return " ".join(translate(visit.language, "errors", text) for text in error.problems.values())
    title, advice = told(visit.language, error)
    return f"{title} {advice}"


def reason_field(visit: ConsoleVisit, label: str) -> FieldView:
    """Why somebody is looked for or opened; `label` is translated already."""
    hint = said(visit, "Short, without personal data: the person reads it. Such as: calls about the order.")
    return FieldView("reason", label, "search", True, 200, hint=hint)


def to_subject(text: str) -> SubjectId:
    """An id from an address. Raises NotFound for what is none."""
    return SubjectId(to_id(text))


def to_card(visit: ConsoleVisit, subject_id: str, **query: str) -> "Redirect":
    """Back to the person."""
    return moved(visit, f"/people/{to_id(subject_id)}", **query)
